// Tables: epoll instances, descriptors, slowest handlers.
import {element} from "./element.js";

function cell(column, row) {
	const value = column.value(row);
	return element("td", {class: column.number ? "number" : column.code ? "code" : ""}, value ?? "–");
}

// columns: {title, value(row), number, code}
export function table(caption, columns, rows) {
	const head = element("thead", {}, element("tr", {}, ...columns.map((column) =>
		element("th", {scope: "col", class: column.number ? "number" : ""}, column.title))));
	const body = element("tbody", {}, ...rows.map((row) =>
		element("tr", {}, ...columns.map((column) => cell(column, row)))));
	// focusable, so that the arrow keys scroll what is wider than the window
	return element("div", {class: "scroll", tabindex: 0, role: "region", "aria-label": caption},
		element("table", {}, element("caption", {}, caption), head, body));
}
