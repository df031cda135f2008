// What is under the pointer, or under the keyboard's cursor, in words.
import {firstFrom, nearest} from "./decode.js";
import {element} from "./element.js";
import {lists} from "./lanes.js";
import {count, duration, moment} from "./words.js";

const REACH = 5; // pixels

function state(list, i) {
	if (list.blocked[i] > 99)
		return "blocked";
	if (list.spinning[i] > 99)
		return "spinning";
	if (list.blocked[i] < 1 && list.spinning[i] < 1)
		return "busy";
	return `blocked ${list.blocked[i]} %, spinning ${list.spinning[i]} %`;
}

// ["fd 7", "epoll_wait(…) = 1", "1.2 ms at 3.401 s"]
function words(timeline, lane, list, i, what) {
	const [from, to] = timeline.window, text = timeline.data.texts[list.text[i] - 1];
	const lines = [lane.about ? `${lane.name} · ${lane.about}` : lane.name];
	if (list.blocked)
		lines.push(state(list, i) + (list.n[i] > 1 ? `, ${count(list.n[i], what)}` : ""));
	else if (list.n[i] > 1)
		lines.push(count(list.n[i], what));
	if (text)
		lines.push(text);
	lines.push(`${list.length[i] ? duration(list.length[i]) + " " : ""}at ${moment(list.start[i], to - from)}`);
	return lines;
}

export function found(timeline, lane, time) {
	const [from, to] = timeline.window, [low, high] = timeline.x.range();
	const reach = REACH * (to - from) / (high - low);
	for (const [list, what] of lane ? lists(lane) : []) {
		const i = nearest(list, time, list.blocked ? 0 : reach);
		if (i >= 0)
			return {list, i, lines: words(timeline, lane, list, i, what)};
	}
	return undefined;
}

function inLane(timeline, lane) {
	const watched = (lane.watched ?? []).map((span) => span.how).filter((how, i, all) => all.indexOf(how) === i);
	return {lines: [lane.about ? `${lane.name} · ${lane.about}` : lane.name, watched.length ? `registered for ${watched.join(", ")}` : ""]};
}

// the next (or, step -1, the last) event of the lane beside a moment
export function beside(lane, time, step) {
	const starts = lists(lane).map(([list]) => {
		const i = firstFrom(list, time);
		const near = [i - 2, i - 1, i, i + 1, i + 2].filter((j) => j >= 0 && j < list.size).map((j) => list.start[j]);
		return near.filter((start) => step > 0 ? start > time : start < time);
	}).flat();
	return starts.length ? (step > 0 ? Math.min(...starts) : Math.max(...starts)) : undefined;
}

export function tip(box, at, lines) {
	box.replaceChildren(...lines.filter(Boolean).map((line, i) => element(i ? "div" : "strong", {}, line)));
	box.hidden = !lines.length;
	const room = box.parentElement.clientWidth, width = box.offsetWidth;
	box.style.left = `${Math.max(4, Math.min(at.x + 14, room - width - 4))}px`;
	box.style.top = `${at.y + 18}px`;
}

export function follow(timeline, box) {
	timeline.canvas.addEventListener("pointermove", (event) => {
		const lane = timeline.laneAt(event.offsetY), time = timeline.x.invert(event.offsetX);
		const hit = !lane || lane.kind === "head" || event.buttons ? undefined
			: event.offsetX < timeline.left ? inLane(timeline, lane) : found(timeline, lane, time);
		tip(box, {x: event.offsetX, y: event.offsetY + timeline.canvas.offsetTop - timeline.scroller.scrollTop + timeline.scroller.offsetTop},
			hit ? hit.lines : []);
	});
	timeline.canvas.addEventListener("pointerleave", () => tip(box, {x: 0, y: 0}, []));
}
