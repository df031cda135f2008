// The lanes of the timeline: what each is called, holds, and looks like on a canvas.
import {firstFrom, marks, spans} from "./decode.js";

export const HEAD = 26;
const THREAD = 30, DESCRIPTOR = 34;

function threadLane(thread) {
	return {
		kind: "thread", height: THREAD, name: `thread ${thread.tid}`, about: thread.about,
		spans: spans(thread.spans), first: thread.first, last: thread.last,
	};
}

function descriptorLane(fd) {
	return {
		kind: "descriptor", height: DESCRIPTOR, name: `fd ${fd.fd}`, about: fd.is, born: fd.born, closed: fd.closed,
		watched: fd.watched, ready: marks(fd.ready_marks), reads: marks(fd.read_marks), writes: marks(fd.write_marks),
	};
}

// in drawing order, each with its place y
export function layOut(data) {
	const rest = (left, what) => left > 0 ? ` · ${left.toLocaleString("en")} more with less traffic are not drawn` : "";
	const lanes = [
		{kind: "head", height: HEAD, name: "Threads" + rest(data.threads_left_out)}, ...data.threads.map(threadLane),
		{kind: "head", height: HEAD, name: "Descriptors" + rest(data.descriptors_left_out)},
		...data.descriptors.map(descriptorLane),
	];
	let y = 0;
	for (const lane of lanes) {
		lane.y = y;
		y += lane.height;
	}
	return {lanes, height: y};
}

// The lists of a lane that events are looked up in, with what to call one.
export function lists(lane) {
	if (lane.kind === "thread")
		return [[lane.spans, "call"]];
	if (lane.kind === "descriptor")
		return [[lane.ready, "report"], [lane.reads, "read"], [lane.writes, "write"]];
	return [];
}

// Calls draw(index, left, width) for what the window shows. What is narrower than a pixel has a whole one; of
// several the first, unless a later one spins more: never hidden, and no more work than there are pixels.
function visible(list, x, draw) {
	const [from, to] = x.domain();
	let drawn = -1, spins = 0;
	for (let i = firstFrom(list, from); i < list.size && list.start[i] <= to; i++) {
		const left = Math.max(x(list.start[i]), x.range()[0] - 1);
		const right = Math.min(x(list.start[i] + list.length[i]), x.range()[1] + 1);
		const pixel = Math.floor(left), spinning = list.spinning?.[i] ?? 0;
		if (right - left >= 1) {
			draw(i, left, right - left);
		} else if (pixel !== drawn || spinning > spins) {
			draw(i, pixel, 1);
			drawn = pixel;
			spins = spinning;
		}
	}
}

// a span that stands for many is filled by their shares: blocked below, spinning on top
function drawThread(context, lane, x, top, colors) {
	const height = lane.height - 10, bottom = top + 5 + height;
	visible(lane.spans, x, (i, left, width) => {
		const blocked = height * lane.spans.blocked[i] / 100, spinning = height * lane.spans.spinning[i] / 100;
		context.fillStyle = colors.blocked;
		context.fillRect(left, bottom - blocked, width, blocked);
		context.fillStyle = colors.busy;
		context.fillRect(left, bottom - height + spinning, width, height - blocked - spinning);
		context.fillStyle = colors.spinning;
		context.fillRect(left, bottom - height, width, spinning);
	});
}

function drawMarks(context, list, x, top, height, color) {
	context.fillStyle = color;
	visible(list, x, (i, left, width) => context.fillRect(left, top, Math.max(width, 1.5), height));
}

function drawLife(context, lane, x, top, colors) {
	const [low, high] = x.range(), within = (at) => Math.min(Math.max(x(at), low), high);
	const middle = top + lane.height / 2;
	const from = within(lane.born ?? x.domain()[0]), to = within(lane.closed ?? x.domain()[1]);
	context.fillStyle = colors.life;
	context.fillRect(from, middle - 0.5, to - from, 1);
	context.fillStyle = colors.registered;
	for (const span of lane.watched) {
		const end = span.to ?? x.domain()[1];
		if (end >= x.domain()[0])
			context.fillRect(within(span.from), top + 5, within(end) - within(span.from), lane.height - 10);
	}
	context.fillStyle = colors.close;
	for (const at of [lane.born, lane.closed])
		if (at !== undefined && x(at) >= low && x(at) <= high)
			context.fillRect(x(at) - 1, top + 4, 2, lane.height - 8);
}

function drawDescriptor(context, lane, x, top, colors) {
	const third = (lane.height - 12) / 3;
	drawLife(context, lane, x, top, colors);
	drawMarks(context, lane.ready, x, top + 6, third, colors.ready);
	drawMarks(context, lane.reads, x, top + 6 + third, third, colors.read);
	drawMarks(context, lane.writes, x, top + 6 + 2 * third, third, colors.write);
}

export const drawLane = {thread: drawThread, descriptor: drawDescriptor, head: () => {}};
