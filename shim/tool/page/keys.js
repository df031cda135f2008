// The timeline by keyboard: every move a mouse can make.
import {beside, found, tip} from "./hover.js";
import {AXIS} from "./timeline.js";

function step(timeline, box, by) {
	const lane = timeline.lane, [from, to] = timeline.window;
	const time = lane && beside(lane, timeline.moment ?? (from + to) / 2, by);
	if (time !== undefined)
		timeline.show(time, to - from, lane);
	point(timeline, box);
}

function point(timeline, box) {
	const lane = timeline.lane, time = timeline.moment;
	const hit = lane && time !== undefined && found(timeline, lane, time);
	const y = lane ? lane.y + lane.height + AXIS - timeline.scroller.scrollTop + timeline.scroller.offsetTop - 14 : 0;
	tip(box, {x: time === undefined ? 0 : timeline.x(time), y}, hit ? hit.lines : lane ? [lane.name] : []);
}

function otherLane(timeline, box, by) {
	const usable = timeline.lanes.filter((lane) => lane.kind !== "head");
	const at = usable.indexOf(timeline.lane);
	const lane = usable[Math.max(0, Math.min(usable.length - 1, at < 0 ? 0 : at + by))];
	const [from, to] = timeline.window;
	if (lane)
		timeline.show(timeline.moment ?? (from + to) / 2, to - from, lane);
	point(timeline, box);
}

export const moves = {
	"+": (t) => t.zoomBy(2, t.moment), "=": (t) => t.zoomBy(2, t.moment), "-": (t) => t.zoomBy(0.5, t.moment),
	"0": (t) => t.setWindow(0, t.data.duration), Home: (t) => t.setWindow(0, t.window[1] - t.window[0]),
	End: (t) => t.setWindow(t.data.duration - (t.window[1] - t.window[0]), t.data.duration),
	ArrowLeft: (t) => t.panBy(-0.2), ArrowRight: (t) => t.panBy(0.2),
	ArrowUp: (t, box) => otherLane(t, box, -1), ArrowDown: (t, box) => otherLane(t, box, 1),
	n: (t, box) => step(t, box, 1), p: (t, box) => step(t, box, -1),
	Escape: (t, box) => { t.lane = t.moment = undefined; tip(box, {x: 0, y: 0}, []); t.draw(); },
};

export function listen(timeline, target, box) {
	target.addEventListener("keydown", (event) => {
		const move = moves[event.key];
		if (!move || event.ctrlKey || event.altKey || event.metaKey)
			return;
		event.preventDefault();
		move(timeline, box);
	});
}
