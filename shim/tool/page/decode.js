// Unpacks the flat number lists of the page's data: starts are kept as distances, which are short.
function unpacked(flat, stride) {
	const n = flat.length / stride, columns = [...Array(stride)].map(() => new Float64Array(n));
	let start = 0;
	for (let i = 0; i < n; i++) {
		start += flat[i * stride];
		columns[0][i] = start;
		for (let c = 1; c < stride; c++)
			columns[c][i] = flat[i * stride + c];
	}
	return columns;
}

// what a thread did: how long, in how many calls, which share of it blocked and spinning
export function spans(flat) {
	const [start, length, n, blocked, spinning, text] = unpacked(flat, 6);
	return {size: start.length, start, length, n, blocked, spinning, text};
}

// what happened to a descriptor: n things from start on, within length
export function marks(flat) {
	const [start, length, n, text] = unpacked(flat, 4);
	return {size: start.length, start, length, n, text};
}

// the first whose end is not before time
export function firstFrom(list, time) {
	let low = 0, high = list.size;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (list.start[middle] + list.length[middle] < time)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

// the one at time, or the nearest within reach; -1: none
export function nearest(list, time, reach) {
	let best = -1, distance = reach;
	for (let i = firstFrom(list, time - reach); i < list.size && list.start[i] <= time + reach; i++) {
		const away = Math.max(list.start[i] - time, time - list.start[i] - list.length[i], 0);
		if (away <= distance && (away < distance || best < 0)) {
			best = i;
			distance = away;
		}
	}
	return best;
}
