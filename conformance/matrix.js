"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const VERDICTS = ["holds", "deviates", "varies", "skipped", "fails"];
const names = data.runs.map(run => run.name);
const field = name => document.getElementById(name);
const pageName = page => page === "none" ? "in no page" : page;

function element(tag, content = [], kind = "") {
    const made = document.createElement(tag);
    if (kind) made.className = kind;
    made.append(...[content].flat().map(part => typeof part === "number" ? String(part) : part));
    return made;
}

function fill(table, head, rows) {
    field(table).replaceChildren(
        element("thead", element("tr", head.map(word => element("th", word)))),
        element("tbody", rows.map(row => element("tr", row.map(
            part => part instanceof HTMLTableCellElement ? part : element("td", part))))));
}

function details(cell) {
    const list = ["expected", "observed", "reason"].filter(key => cell[key]).flatMap(key =>
        [element("dt", key), element("dd", element(key === "reason" ? "span" : "code", cell[key]))]);
    if (cell.cases) list.push(element("dt", "cases"), element("dd", cell.cases.join(", ")));
    return element("details", [element("summary", cell.verdict), element("dl", list)]);
}

function verdictCell(cell) {
    if (!cell) return element("td", "");
    return element("td", cell.verdict === "holds" ? "holds" : details(cell), cell.verdict);
}

function wanted(clause) {
    const [page, verdict, text] = ["page", "verdict", "text"].map(name => field(name).value);
    return (!page || clause.page === page)
        && (!verdict || clause.cells.some(cell => cell && cell.verdict === verdict))
        && `${clause.clause} ${clause.sentence} ${clause.divergences}`.toLowerCase().includes(text.toLowerCase());
}

function showClauses() {
    const clauses = data.clauses.filter(wanted);
    field("shown").value = `${clauses.length} of ${data.clauses.length} clauses`;
    fill("clauses", ["clause", "sentence", ...names], clauses.map(clause => [
        [element("code", clause.clause), " ", element("small", clause.divergences.join(" "))],
        [clause.sentence, " ", element("small", [pageName(clause.page), clause.section].filter(Boolean).join(", "))],
        ...clause.cells.map(verdictCell)]));
}

function divergenceCell(known, run) {
    const cells = data.clauses.filter(clause => known.clauses.includes(clause.clause))
        .map(clause => clause.cells[run]).filter(Boolean);
    return element("td", cells.map(cell => element("span", cell.verdict + " ", cell.verdict)));
}

for (const [page] of data.pages) field("page").add(new Option(pageName(page), page));
for (const verdict of VERDICTS) field("verdict").add(new Option(verdict));
for (const name of ["page", "verdict", "text"]) field(name).addEventListener("input", showClauses);
fill("systems", ["run", "system", ...VERDICTS], data.runs.map(
    run => [run.name, run.system, ...VERDICTS.map(verdict => run.counts[verdict] || 0)]));
fill("pages", ["page", "clauses", ...names], data.pages.map(
    ([page, total, holds]) => [pageName(page), total, ...holds]));
fill("divergences", ["no", "documented", "what Linux does", ...names], data.divergences.map(known => [
    known.number, known.documented, known.observed, ...names.map((_, run) => divergenceCell(known, run))]));
showClauses();
