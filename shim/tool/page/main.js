// Puts the page together from the data that pollcheck wrote into it.
import {element, fill} from "./element.js";
import {drawFindings} from "./findings.js";
import {histogram} from "./histogram.js";
import {follow, tip} from "./hover.js";
import {listen, moves} from "./keys.js";
import {drawOverview, overview} from "./overview.js";
import {table} from "./tables.js";
import {Timeline} from "./timeline.js";
import {count, duration, moment, percent} from "./words.js";

const data = JSON.parse(document.getElementById("data").textContent);
data.duration = Math.max(1, data.duration); // a trace of one moment has an axis too

function drawHead() {
	const facts = [`${duration(data.duration)} from ${data.begun}`, count(data.events, "event"),
		count(data.processes, "process", "processes"), data.discarded && `${count(data.discarded, "event")} discarded`,
		data.overwritten && `${count(data.overwritten, "older event")} overwritten`];
	document.title = `pollcheck: ${data.program || data.trace}`;
	fill("head", element("p", {class: "brand"}, "pollcheck report"), element("h1", {}, data.program || data.trace),
		element("p", {class: "facts"}, facts.filter(Boolean).join(" · ")),
		data.damage.length > 0 && element("ul", {class: "damage"}, ...data.damage.map((line) => element("li", {}, line))));
}

function legend() {
	const names = [["blocked", "blocked in a wait"], ["busy", "busy"], ["spinning", "spinning: waits return, nothing is served"],
		["registered", "registered"], ["ready", "reported ready"], ["read", "read, accept"], ["write", "write"],
		["close", "born, closed"]];
	return element("ul", {class: "legend"}, ...names.map(([name, text]) =>
		element("li", {}, element("i", {style: `background:var(--${name})`}), text)));
}

const buttons = [["+", "Zoom in", "+"], ["−", "Zoom out", "-"], ["←", "Earlier", "ArrowLeft"], ["→", "Later", "ArrowRight"],
	["All", "Show the whole trace", "0"]];

function drawTimeline() {
	const spacer = element("div", {class: "spacer"}), canvas = element("canvas", {class: "lanes"});
	const strip = element("canvas", {class: "overview", "aria-hidden": "true"});
	const scroller = element("div", {class: "scroller", tabindex: 0, role: "application",
		"aria-label": "Timeline. Arrow keys move through time and lanes, plus and minus zoom, n and p step through the "
			+ "events of a lane, 0 shows everything."}, canvas, spacer);
	const box = element("div", {class: "tip", role: "status", hidden: true});
	const where = element("span", {class: "where"});
	const bar = element("div", {class: "bar", role: "group", "aria-label": "Zoom and pan"}, ...buttons.map(([sign, title, key]) =>
		element("button", {type: "button", title: `${title} (${key})`, "aria-label": title,
			onclick: () => moves[key](timeline, box)}, sign)), where);
	fill("timeline", element("h2", {id: "timeline-title"}, "Timeline"), bar, strip,
		element("div", {class: "frame"}, scroller, box), legend(),
		element("p", {class: "hint"}, "Drag to pan; Ctrl and wheel, or pinch, to zoom; keys: arrows, + and −, n and p for the next "
			+ "and previous event of a lane, 0 for all. What is too dense for the page is merged and says of how many calls."));
	const timeline = new Timeline(data, canvas, scroller, spacer, (t) => {
		const [from, to] = t.window;
		where.textContent = `${moment(from, to - from)} – ${moment(to, to - from)}`;
		drawOverview(strip, t);
	});
	overview(strip, timeline);
	follow(timeline, box);
	listen(timeline, scroller, box);
	scroller.addEventListener("scroll", () => tip(box, {x: 0, y: 0}, []));
	return timeline;
}

// the data ends with the last that is not 0; a histogram has room for more
const bucketed = (counts, label) => [...counts, ...Array(8).fill(0)].map((n, i) => ({label: label(i), n}));
const time = (i) => i ? `≥${duration(2 ** (i - 1)).replace(/(\d+)\.\d+/, "$1")}` : "0";
const size = (i) => i < 2 ? `${i}` : `${2 ** (i - 1)}–${2 ** i - 1}`;

function loop(instance) {
	const facts = [count(instance.waits, "wait"), `${percent(instance.ready, instance.waits)} ready`,
		`${percent(instance.empty, instance.waits)} empty wake-ups`, `${percent(instance.timeouts, instance.waits)} timeouts`,
		instance.failed && count(instance.failed, "failure")];
	return element("article", {}, element("h3", {}, instance.name), element("p", {class: "facts"}, facts.filter(Boolean).join(" · ")),
		element("div", {class: "figures"},
			histogram("Loop lag: from a wait's return to the next wait", bucketed(instance.lag, time), "turn"),
			histogram("Events per wait", bucketed(instance.events, size), "wait"),
			histogram("Time spent waiting", bucketed(instance.wait, time), "wait")));
}

const whenClosed = (fd) => fd.closed === undefined ? "open" : duration(fd.closed);
const columns = {
	handlers: [
		{title: "took", number: true, value: (h) => duration(h.took)}, {title: "at", number: true, value: (h) => duration(h.at)},
		{title: "descriptor", value: (h) => h.fd < 0 ? undefined : `${h.fd} ${h.is ?? ""}`}, {title: "thread", number: true, value: (h) => h.tid},
		{title: "event", code: true, value: (h) => h.events}, {title: "call site", code: true, value: (h) => h.site},
	],
	descriptors: [
		{title: "fd", number: true, value: (d) => d.fd}, {title: "is", value: (d) => d.is},
		{title: "reported", number: true, value: (d) => d.reported.toLocaleString("en")},
		{title: "served", number: true, value: (d) => d.served.toLocaleString("en")},
		{title: "unserved", number: true, value: (d) => (d.reported - d.served).toLocaleString("en")},
		{title: "reads", number: true, value: (d) => d.reads.toLocaleString("en")},
		{title: "writes", number: true, value: (d) => d.writes.toLocaleString("en")},
		{title: "longest handler", number: true, value: (d) => d.longest_handler ? duration(d.longest_handler) : undefined},
		{title: "closed", number: true, value: whenClosed},
	],
};

function drawNumbers(timeline) {
	fill("loops", element("h2", {id: "loops-title"}, "Loops"), ...data.instances.map(loop),
		data.instances.length === 0 && element("p", {class: "none"}, "No wait ended in this trace."));
	fill("handlers", element("h2", {id: "handlers-title"}, "Slowest handlers"),
		table("Longest times between a report and the next report or wait", columns.handlers, data.handlers));
	fill("descriptors", element("h2", {id: "descriptors-title"}, "Descriptors"),
		table("Descriptors by how often they were reported", columns.descriptors, data.descriptors));
	fill("foot", element("p", {}, `Made by pollcheck ${data.version} from ${data.trace}. This file is complete: it loads nothing.`));
}

// the window around a finding: close enough that its calls can be told apart
const CLOSE = 400;
function show(index) {
	const finding = data.findings[index];
	const lane = timeline.lanes.filter((l) => l.kind === "descriptor")[finding.lane]
		?? timeline.lanes.filter((l) => l.kind === "thread")[finding.thread];
	timeline.show(finding.at, Math.max(finding.near ?? 0, data.duration / CLOSE), lane);
	document.getElementById("timeline").scrollIntoView({block: "start"});
	timeline.scroller.focus({preventScroll: true});
}

drawHead();
drawFindings(data, show);
const timeline = drawTimeline();
drawNumbers(timeline);
window.pollcheck = timeline; // for the console, and for tests
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((more) => { more.open = true; }));
