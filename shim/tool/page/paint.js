// What stands around the lanes: their names, the axis of time, the findings' moments.
import {duration, moment} from "./words.js";

const FONT = "system-ui, sans-serif";

// cut in the middle: the kind of a descriptor comes first, what tells it from others last
function shortened(context, text, room) {
	if (context.measureText(text).width <= room)
		return text;
	let kept = text.length - 1;
	const cut = () => text.slice(0, Math.ceil(kept / 3)) + "…" + text.slice(text.length - Math.floor(kept * 2 / 3));
	while (kept > 2 && context.measureText(cut()).width > room)
		kept--;
	return cut();
}

export function drawLabel(context, lane, top, left, width, colors) {
	const head = lane.kind === "head", about = !head && lane.about;
	if (head) {
		context.fillStyle = colors.paper;
		context.fillRect(0, top, width, lane.height);
	}
	context.textBaseline = "middle";
	context.fillStyle = head ? colors.faint : colors.text;
	context.font = `${head ? "600 11px" : "12px"} ${FONT}`;
	const middle = top + lane.height / 2, room = (head ? width : left) - 16;
	context.fillText(shortened(context, lane.name, room), 8, about ? middle - 6 : middle);
	if (about) {
		context.fillStyle = colors.faint;
		context.font = `10px ${FONT}`;
		context.fillText(shortened(context, about, room), 8, middle + 7);
	}
	context.fillStyle = colors.line;
	context.fillRect(0, top + lane.height - 0.5, width, 0.5);
}

function ticksOf(x, width) {
	return x.ticks(Math.max(2, Math.floor((width - x.range()[0]) / 110)));
}

export function drawGrid(context, x, width, height, colors) {
	context.fillStyle = colors.line;
	for (const tick of ticksOf(x, width))
		context.fillRect(x(tick), 0, 1, height);
}

export function drawAxis(context, x, width, height, axis, colors) {
	const [from, to] = x.domain(), left = x.range()[0];
	context.fillStyle = colors.paper;
	context.fillRect(0, 0, width, axis);
	context.font = `11px ${FONT}`;
	context.textBaseline = "middle";
	for (const tick of ticksOf(x, width)) {
		const text = moment(tick, to - from), room = context.measureText(text).width;
		context.fillStyle = colors.line;
		context.fillRect(x(tick), axis - 6, 1, 6);
		context.fillStyle = colors.faint;
		if (x(tick) + room + 6 < width)
			context.fillText(text, x(tick) + 4, axis / 2);
	}
	context.fillStyle = colors.paper;
	context.fillRect(0, 0, left - 1, axis);
	context.fillStyle = colors.faint;
	context.fillText(shortened(context, `${duration(to - from)} in view`, left - 16), 8, axis / 2);
	context.fillStyle = colors.line;
	context.fillRect(0, axis - 1, width, 1);
	context.fillRect(left - 1, 0, 1, height);
}

function drawMoment(context, at, axis, height, color, pointed) {
	context.fillStyle = color;
	if (pointed)
		context.fillRect(at - 0.75, axis - 4, 1.5, height);
	context.beginPath();
	context.moveTo(at - 5, axis - 10);
	context.lineTo(at + 5, axis - 10);
	context.lineTo(at, axis - 1);
	context.fill();
}

export function drawMoments(context, timeline, axis, colors) {
	const {x, shown} = timeline, [low, high] = x.range();
	const inside = (at) => at >= low - 1 && at <= high + 1;
	for (const finding of timeline.data.findings)
		if (inside(x(finding.at)))
			drawMoment(context, x(finding.at), axis, shown, colors[finding.severity], finding.at === timeline.moment);
	if (timeline.moment !== undefined && inside(x(timeline.moment))) {
		context.fillStyle = colors.text;
		context.globalAlpha = 0.35;
		context.fillRect(x(timeline.moment) - 0.5, axis, 1, shown);
		context.globalAlpha = 1;
	}
}
