# The matrix as Markdown: the counts, a number per page, every red cell with its cause, the divergences, all clauses.
VERDICTS = ("holds", "deviates", "varies", "skipped", "fails")
SIGN = {"holds": "✓", "deviates": "✗", "varies": "~", "skipped": "–", "fails": "FAILS", "": " "}
HEAD = """# What each system makes of the poll family's pages

`make matrix` writes this from the JSON files beside it. ✓ holds: it does what the sentence says. ✗ deviates: it
does otherwise, known and pinned with its cause. ~ varies: the pages leave it open, here is what it does.
– skipped: not tried there, which is no pass. FAILS: neither the sentence nor a pinned deviation.
"""


def page_name(page):
    return "in no page" if page == "none" else page


def _table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(word) for word in line) + " |" for line in lines) + "\n"


def _cell(word):
    return str(word).replace("|", "\\|").replace("\n", " ")


def _systems(matrix):
    return _table(["run", "system", *VERDICTS], [
        [run.name, run.system, *(run.counts()[verdict] for verdict in VERDICTS)] for run in matrix.runs])


def _pages(matrix):
    rows = [[page_name(page), total, *(counts["holds"] for counts in per_run)]
            for page, total, per_run in matrix.per_page()]
    return _table(["page", "clauses", *(run.name for run in matrix.runs)], rows)


def _red(matrix):
    return _table(["clause", "run", "verdict", "expected", "observed", "cause"], [
        [f"{slug}: {row['sentence']}", run.name, row["verdict"], f"`{row['expected']}`", f"`{row['observed']}`",
         row["reason"] or "untriaged"] for slug, run, row in matrix.red()])


def _divergences(matrix):
    return _table(["no", "documented", "what Linux does", "clauses", *(run.name for run in matrix.runs)], [
        [known.number, known.documented, known.observed, ", ".join(known.clauses),
         *(" ".join(SIGN[matrix.cell(slug, run)] for slug in known.clauses) for run in matrix.runs)]
        for known in matrix.divergences])


def _clauses(matrix, page):
    return _table(["clause", "sentence", *(run.name for run in matrix.runs)], [
        [" ".join([slug, *matrix.divergence_of(slug)]), matrix.told[slug]["sentence"],
         *(SIGN[matrix.cell(slug, run)] for run in matrix.runs)] for slug in matrix.of_page(page)])


def text(matrix):
    parts = [HEAD, _systems(matrix),
             "## Clauses that hold, by page\n", _pages(matrix),
             "## The pages against Linux\n\nWhere what is documented is not what the kernel does; the signs are "
             "those of the clauses named.\n", _divergences(matrix),
             "## Every red cell\n", _red(matrix)]
    for page in matrix.pages:
        parts += [f"## {page_name(page)}\n", _clauses(matrix, page)]
    parts += ["## Claimed by no test\n", _table(["clause", "reason"], matrix.unclaimed.items())]
    return "\n".join(parts)
