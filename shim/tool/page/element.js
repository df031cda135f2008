// Builds elements. Text always becomes a text node: nothing of a trace is ever parsed as HTML.
export function element(name, attributes = {}, ...children) {
	const made = document.createElement(name);
	for (const [key, value] of Object.entries(attributes)) {
		if (key.startsWith("on"))
			made.addEventListener(key.slice(2), value);
		else if (value !== undefined && value !== false)
			made.setAttribute(key, value === true ? "" : value);
	}
	made.append(...children.filter((child) => child !== undefined && child !== ""));
	return made;
}

export function fill(id, ...children) {
	document.getElementById(id).replaceChildren(...children.filter(Boolean));
}
