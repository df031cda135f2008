// A strip above the timeline: the whole trace, its findings, and the window, which can be dragged.
export function overview(canvas, timeline) {
	const at = (event) => event.offsetX / canvas.clientWidth * timeline.data.duration;
	const move = (event) => {
		const [from, to] = timeline.window, half = (to - from) / 2;
		timeline.setWindow(at(event) - half, at(event) + half);
	};
	canvas.addEventListener("pointerdown", (event) => { canvas.setPointerCapture(event.pointerId); move(event); });
	canvas.addEventListener("pointermove", (event) => event.buttons && move(event));
}

// the busiest thread's share of each pixel: spinning on top of busy
function shares(timeline, columns) {
	const busy = new Float64Array(columns), spinning = new Float64Array(columns), whole = timeline.data.duration;
	for (const {spans} of timeline.lanes.filter((lane) => lane.kind === "thread"))
		for (let i = 0; i < spans.size; i++) {
			const first = Math.floor(spans.start[i] / whole * columns);
			const last = Math.min(columns - 1, Math.floor((spans.start[i] + spans.length[i]) / whole * columns));
			const part = Math.min(1, spans.length[i] / whole * columns);
			for (let c = first; c <= last; c++) {
				busy[c] += part * (100 - spans.blocked[i] - spans.spinning[i]) / 100;
				spinning[c] += part * spans.spinning[i] / 100;
			}
		}
	return {busy, spinning};
}

export function drawOverview(canvas, timeline) {
	const width = canvas.clientWidth, height = canvas.clientHeight, colors = timeline.colors();
	const whole = timeline.data.duration, [from, to] = timeline.window, context = canvas.getContext("2d");
	canvas.width = width * devicePixelRatio;
	canvas.height = height * devicePixelRatio;
	context.scale(devicePixelRatio, devicePixelRatio);
	if (timeline.shares?.busy.length !== width)
		timeline.shares = shares(timeline, width);
	for (let c = 0; c < width; c++) {
		const busy = Math.min(1, timeline.shares.busy[c]) * height;
		const spinning = Math.min(1, timeline.shares.spinning[c]) * height;
		context.fillStyle = colors.busy;
		context.fillRect(c, height - busy, 1, busy);
		context.fillStyle = colors.spinning;
		context.fillRect(c, height - spinning, 1, spinning);
	}
	context.fillStyle = colors.text;
	context.globalAlpha = 0.12;
	context.fillRect(0, 0, from / whole * width, height);
	context.fillRect(to / whole * width, 0, width, height);
	context.globalAlpha = 1;
	for (const finding of timeline.data.findings) {
		context.fillStyle = colors[finding.severity];
		context.fillRect(finding.at / whole * width - 1, 0, 2, height);
	}
	context.strokeStyle = colors.text;
	context.strokeRect(from / whole * width + 0.5, 0.5, Math.max(2, (to - from) / whole * width - 1), height - 1);
}
