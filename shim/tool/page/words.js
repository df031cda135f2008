// Times and counts in words.
const units = [[1e9, "s"], [1e6, "ms"], [1e3, "µs"], [1, "ns"]];

// "1.25 ms": three digits are what an eye takes in
export function duration(ns) {
	if (ns >= 3600e9)
		return `${Math.floor(ns / 3600e9)} h ${Math.round(ns % 3600e9 / 60e9)} min`;
	if (ns >= 120e9)
		return `${Math.floor(ns / 60e9)} min ${Math.round(ns % 60e9 / 1e9)} s`;
	const [size, unit] = units.find(([size]) => Math.abs(ns) >= size) ?? units[3];
	return `${Number((ns / size).toPrecision(3))} ${unit}`;
}

// a moment since the start, with the digits that a window of this width can tell apart
export function moment(ns, width) {
	const [size, unit] = units.find(([size]) => width >= size) ?? units[3];
	const digits = Math.max(0, Math.min(6, 3 - Math.floor(Math.log10(Math.max(width / size, 1e-9)))));
	return `${(ns / size).toLocaleString("en", {minimumFractionDigits: digits, maximumFractionDigits: digits})} ${unit}`;
}

export function count(number, what, many = what + "s") {
	return `${number.toLocaleString("en")} ${number === 1 ? what : many}`;
}

export function percent(part, whole) {
	return whole ? `${Number((100 * part / whole).toPrecision(2))} %` : "–";
}
