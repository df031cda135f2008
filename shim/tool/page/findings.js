// The findings: what is wrong first, evidence and history when asked.
import {element, fill} from "./element.js";
import {count, duration} from "./words.js";

function place(frame) {
	const module = frame.module ? frame.module.split("/").pop() : "?";
	const offset = `${module}+0x${frame.offset.toString(16)}`;
	return frame.file ? `${frame.file}:${frame.line ?? "?"} (${offset})` : `(${offset})`;
}

// what lies under main is the same in every program
function toMain(frames) {
	const start = frames.findIndex((frame) => frame.function?.startsWith("__libc_start"));
	return start > 0 ? frames.slice(0, start) : frames;
}

function stack(title, frames) {
	return element("div", {class: "stack"}, element("h4", {}, title),
		element("ol", {}, ...toMain(frames).map((frame) => element("li", {},
			element("b", {}, frame.function ?? "??"), " ", element("span", {class: "place"}, place(frame))))));
}

function evidence(finding) {
	const facts = [
		["descriptor", finding.fd_is && `${finding.fd} ${finding.fd_is}`],
		["thread", `${finding.tid} of process ${finding.pid}`],
		["confirmed by", finding.confirmed_by],
		["hint", finding.hint],
	].filter(([, value]) => value);
	return element("dl", {}, ...facts.flatMap(([name, value]) =>
		[element("dt", {}, name), element("dd", {}, value)]));
}

function repair(rule) {
	return element("div", {class: "repair"}, element("p", {}, element("b", {}, "What to do: "), rule.help, " ",
		element("span", {class: "page"}, `(${rule.page})`)), rule.fixed && element("pre", {}, rule.fixed));
}

function card(finding, rule, index, show) {
	const button = element("button", {class: "show", type: "button", onclick: () => show(index)},
		`Show at ${duration(finding.at)}`);
	const more = element("details", {open: index === 0},
		element("summary", {}, "Evidence and history"), evidence(finding),
		finding.stack?.length && stack("called from", finding.stack),
		...(finding.related ?? []).map((part) => stack(part.what, part.stack)), repair(rule));
	return element("li", {class: `finding ${finding.severity}`, id: `finding-${index}`},
		element("div", {class: "sentence"}, element("span", {class: "severity"}, finding.severity),
			element("h3", {}, finding.message)),
		element("p", {class: "call"}, element("code", {}, finding.call)),
		element("div", {class: "links"}, element("span", {class: "rule"}, finding.rule), button), more);
}

export function drawFindings(data, show) {
	const {findings, rules} = data;
	const hidden = data.findings_left_out;
	fill("findings", element("h2", {id: "findings-title"}, findings.length ? count(findings.length, "finding") : "No findings"),
		findings.length === 0 && element("p", {class: "none"},
			"Nothing was found in what this trace holds. That is no proof: most rules need the bug to happen."),
		element("ol", {class: "findings"}, ...findings.map((finding, i) =>
			card(finding, rules[finding.rule] ?? {help: "", page: ""}, i, show))),
		hidden > 0 && element("p", {class: "none"}, `${count(hidden, "more finding")} are in the trace; pollcheck show --rule lists them.`));
}
