// The timeline: a window of time over lanes. One canvas as high as what is seen of them; zoom and pan are d3's.
import {scaleLinear} from "d3-scale";
import {select} from "d3-selection";
import {zoom, zoomIdentity, zoomTransform} from "d3-zoom";
import {HEAD, drawLane, layOut} from "./lanes.js";
import {drawAxis, drawGrid, drawLabel, drawMoments} from "./paint.js";

const AXIS = 30, LEAST = 200; // ns across the whole width, when zoomed in as far as it goes

export class Timeline {
	constructor(data, canvas, scroller, spacer, changed) {
		Object.assign(this, {data, canvas, scroller, changed}, layOut(data));
		this.lane = undefined; // the one that is pointed out
		this.moment = undefined; // of the finding or event that is pointed out
		spacer.style.height = scroller.style.height = `${this.height + AXIS}px`;
		this.zoom = zoom().filter((event) => this.wants(event)).on("zoom", () => this.draw());
		this.target = select(canvas).call(this.zoom).on("dblclick.zoom", null);
		canvas.style.touchAction = "pan-y"; // a finger moving up or down scrolls
		new ResizeObserver(() => this.resize()).observe(scroller);
		scroller.addEventListener("scroll", () => this.draw());
		matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
		for (const event of ["beforeprint", "afterprint"])
			addEventListener(event, () => this.resize());
		this.resize();
	}

	// the wheel alone scrolls the page, as it does everywhere
	wants(event) {
		return event.type === "wheel" ? event.ctrlKey || event.metaKey || event.shiftKey : !event.button;
	}

	resize() {
		const window = this.x && this.x.domain();
		this.width = this.scroller.clientWidth;
		this.left = Math.min(190, Math.max(112, Math.round(this.width * 0.26)));
		this.shown = Math.min(this.height + AXIS, this.scroller.clientHeight);
		this.canvas.style.height = `${this.shown}px`;
		this.canvas.width = this.width * devicePixelRatio;
		this.canvas.height = this.shown * devicePixelRatio;
		this.base = scaleLinear([0, this.data.duration], [this.left, this.width - 1]);
		this.zoom.scaleExtent([1, Math.max(1, this.data.duration / LEAST)])
			.extent([[this.left, 0], [this.width, this.shown]])
			.translateExtent([[this.left, 0], [this.width, this.shown]]);
		this.setWindow(...(window ?? [0, this.data.duration]));
		this.paint();
	}

	setWindow(from, to) {
		const whole = this.data.duration, length = Math.min(whole, Math.max(LEAST, to - from));
		const start = Math.max(0, Math.min(from, whole - length)), k = whole / length;
		const offset = this.left - k * this.base(start);
		this.target.call(this.zoom.transform, zoomIdentity.translate(offset, 0).scale(k));
	}

	get window() {
		return this.x.domain();
	}

	// factor 2: half as much time is shown; around a moment, else around the middle
	zoomBy(factor, around) {
		const [from, to] = this.window, center = around ?? (from + to) / 2;
		this.setWindow(center - (center - from) / factor, center + (to - center) / factor);
	}

	panBy(share) {
		const [from, to] = this.window, step = (to - from) * share;
		this.setWindow(Math.max(0, from + step), Math.max(0, from + step) + to - from);
	}

	// brings a moment into the middle of a window of that width, and its lane into view
	show(time, width, lane) {
		this.moment = time;
		this.lane = lane;
		if (lane)
			this.scroller.scrollTop = Math.max(0, lane.y - (this.shown - AXIS) / 2);
		this.setWindow(time - width / 2, time + width / 2);
	}

	laneAt(y) {
		const at = y - AXIS + this.scroller.scrollTop;
		return y < AXIS ? undefined : this.lanes.find((lane) => at >= lane.y && at < lane.y + lane.height);
	}

	colors() {
		const style = getComputedStyle(this.canvas), names = ["blocked", "busy", "spinning", "ready", "read", "write",
			"registered", "life", "close", "text", "faint", "line", "paper", "error", "warning", "note", "point"];
		return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
	}

	drawLanes(context, colors) {
		const scrolled = this.scroller.scrollTop, clip = new Path2D();
		clip.rect(this.left, AXIS, this.width - this.left, this.shown - AXIS);
		for (const lane of this.lanes) {
			const top = lane.y - scrolled + AXIS;
			if (top + lane.height < AXIS || top > this.shown)
				continue;
			if (lane === this.lane) {
				context.fillStyle = colors.point;
				context.fillRect(0, top, this.width, lane.height);
			}
			context.save();
			context.clip(clip);
			drawLane[lane.kind](context, lane, this.x, top, colors);
			context.restore();
			drawLabel(context, lane, top, this.left, this.width, colors);
		}
	}

	// painted once a frame, however often the wheel turns meanwhile
	draw() {
		this.x = zoomTransform(this.canvas).rescaleX(this.base);
		this.frame ??= requestAnimationFrame(() => this.paint());
	}

	paint() {
		cancelAnimationFrame(this.frame);
		this.frame = undefined;
		const context = this.canvas.getContext("2d"), colors = this.colors();
		context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
		context.fillStyle = colors.paper;
		context.fillRect(0, 0, this.width, this.shown);
		drawGrid(context, this.x, this.width, this.shown, colors);
		this.drawLanes(context, colors);
		drawAxis(context, this.x, this.width, this.shown, AXIS, colors);
		drawMoments(context, this, AXIS, colors);
		this.changed(this);
	}
}

export {AXIS, HEAD};
