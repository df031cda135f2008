// A histogram of powers of two, as bars with their counts: one value per bucket, drawn as SVG.
import {scaleBand, scaleSqrt} from "d3-scale";
import {axisBottom} from "d3-axis";
import {create} from "d3-selection";
import {max, sum} from "d3-array";
import {element} from "./element.js";
import {count, percent} from "./words.js";

const LEAST = 6; // one bar alone would be as wide as the chart
const width = 360, height = 150, edge = {top: 18, right: 8, bottom: 34, left: 8};

// buckets: [{label, n}]; empty ones at both ends are left out
function trimmed(buckets) {
	const used = buckets.map((bucket, i) => bucket.n ? i : -1).filter((i) => i >= 0);
	if (!used.length)
		return [];
	const last = Math.max(used[used.length - 1], used[0] + LEAST - 1);
	return buckets.slice(used[0], last + 1);
}

function bars(shown, total) {
	const x = scaleBand(shown.map((bucket) => bucket.label), [edge.left, width - edge.right]).padding(0.12);
	// square root: what is rare must still be seen, for it is what one looks for
	const y = scaleSqrt([0, max(shown, (bucket) => bucket.n)], [height - edge.bottom, edge.top]);
	const svg = create("svg").attr("viewBox", [0, 0, width, height]).attr("aria-hidden", "true");
	const bar = svg.selectAll("g").data(shown).join("g");
	bar.append("rect").attr("x", (d) => x(d.label)).attr("width", x.bandwidth())
		.attr("y", (d) => d.n ? Math.min(y(d.n), height - edge.bottom - 1.5) : y(0))
		.attr("height", (d) => d.n ? Math.max(1.5, y(0) - y(d.n)) : 0).attr("rx", 1.5);
	bar.append("title").text((d) => `${d.label}: ${d.n.toLocaleString("en")} (${percent(d.n, total)})`);
	bar.filter((d) => d.n > 0).append("text").attr("class", "count").attr("x", (d) => x(d.label) + x.bandwidth() / 2)
		.attr("y", (d) => Math.min(y(d.n), height - edge.bottom - 1.5) - 4)
		.text((d) => x.bandwidth() < 26 ? "" : percent(d.n, total));
	const every = Math.ceil(shown.length / 8);
	svg.append("g").attr("transform", `translate(0,${height - edge.bottom})`).attr("class", "axis")
		.call(axisBottom(x).tickSizeOuter(0).tickValues(x.domain().filter((_, i) => i % every === 0)));
	return svg.node();
}

export function histogram(title, buckets, what) {
	const shown = trimmed(buckets), total = sum(shown, (bucket) => bucket.n);
	if (!total)
		return element("figure", {}, element("figcaption", {}, title), element("p", {class: "none"}, "none"));
	const spoken = shown.filter((bucket) => bucket.n).map((bucket) => `${bucket.label}: ${bucket.n}`).join(", ");
	return element("figure", {role: "img", "aria-label": `${title}. ${spoken}`},
		element("figcaption", {}, title, " ", element("small", {}, count(total, what))), bars(shown, total));
}
