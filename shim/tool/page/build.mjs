// Makes template.html, which the command carries: page.html with style and script in their places.
import {build} from "esbuild";
import {readFile, writeFile} from "node:fs/promises";

const here = new URL(".", import.meta.url).pathname;

async function bundled(entry) {
	const made = await build({
		entryPoints: [here + entry], bundle: true, minify: true, write: false, target: "es2020",
		format: "iife", charset: "utf8",
	});
	return made.outputFiles[0].text.trim();
}

const page = await readFile(here + "page.html", "utf8");
const style = await bundled("style.css"), script = await bundled("main.js");
// a replacement function: "$&" in the script is no pattern
await writeFile(here + "template.html", page.replace("/*STYLE*/", () => style)
	.replace("/*SCRIPT*/", () => script.replaceAll("</script", "<\\/script")));
