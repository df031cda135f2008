# One table of several runs, clause by system, as Markdown, HTML and JUnit.
# usage: matrix.py RESULTS.json... [--markdown FILE] [--html FILE] [--junit FILE]
import argparse
import json
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import deviations
import divergences
import matrix_html
import matrix_junit
import matrix_markdown
from clause import CATALOGUE

VERDICTS = matrix_markdown.VERDICTS
KEYS = {"clause", "page", "section", "level", "sentence", "verdict", "expected", "observed", "reason", "system"}


@dataclass(frozen=True)
class Run:
    name: str      # the file's, without .json
    system: str    # the facts the suite found out about it
    rows: dict     # slug to row

    def counts(self, page=None):
        return Counter(row["verdict"] for row in self.rows.values() if page in (None, row["page"]))


class Matrix:
    """What the three writers print: the runs, the clauses in the catalogue's order, the pages, the divergences."""

    def __init__(self, runs):
        self.runs = runs
        self.told = {slug: row for run in reversed(runs) for slug, row in run.rows.items()}
        self.clauses = [slug for slug in CATALOGUE if slug in self.told]
        self.pages = list(dict.fromkeys(self.told[slug]["page"] for slug in self.clauses))
        self.pages.sort(key=lambda page: page == "none")  # what no page says comes last
        self.divergences = list(divergences.load().values())
        self.unclaimed = deviations.unclaimed()

    def cells(self, slug):
        """(run, its row or None) for each run."""
        return [(run, run.rows.get(slug)) for run in self.runs]

    def cell(self, slug, run):
        row = run.rows.get(slug)
        return row["verdict"] if row else ""

    def of_page(self, page):
        return [slug for slug in self.clauses if self.told[slug]["page"] == page]

    def divergence_of(self, slug):
        """The numbers of the divergences that name it."""
        return [known.number for known in self.divergences if slug in known.clauses]

    def per_page(self):
        """(page, clauses of it, verdicts per run): the number a page gets is how many of its clauses hold."""
        return [(page, len(self.of_page(page)), [run.counts(page) for run in self.runs]) for page in self.pages]

    def red(self):
        """(slug, run, row) of every cell that is neither as the page says nor left open."""
        return [(slug, run, row) for slug in self.clauses for run, row in self.cells(slug)
                if row and row["verdict"] in ("fails", "deviates")]


def load(file):
    rows = {}
    for number, line in enumerate(Path(file).read_text().splitlines(), 1):
        try:
            row = json.loads(line)
        except ValueError as error:
            raise ValueError(f"{file}:{number}: no JSON object ({error}): run the suite again") from None
        if not isinstance(row, dict) or not KEYS <= set(row):
            raise ValueError(f"{file}:{number}: not a row of the suite: write it with --results=FILE")
        if row["verdict"] not in VERDICTS:
            raise ValueError(f"{file}:{number}: the verdict is one of {', '.join(VERDICTS)}")
        rows[row["clause"]] = row
    if not rows:
        raise ValueError(f"{file}: no rows: that run ended before it could write them")
    return Run(Path(file).stem, next(iter(rows.values()))["system"], rows)


WRITERS = {"markdown": matrix_markdown.text, "html": matrix_html.text, "junit": matrix_junit.text}


def main(words=None):
    parser = argparse.ArgumentParser(prog="matrix.py", description="One table of several runs, clause by system.")
    parser.add_argument("results", nargs="+", help="what --results=FILE wrote, one file per system")
    for kind in WRITERS:
        parser.add_argument(f"--{kind}", metavar="FILE")
    options = parser.parse_args(words)
    try:
        matrix = Matrix([load(file) for file in options.results])
    except (OSError, ValueError) as error:
        print(f"matrix.py: {error}", file=sys.stderr)
        return 2
    for kind, text in WRITERS.items():
        if file := getattr(options, kind):
            Path(file).write_text(text(matrix))
    for run in matrix.runs:
        print(f"{run.name:24} " + ", ".join(f"{run.counts()[verdict]} {verdict}" for verdict in VERDICTS))
    return 0


if __name__ == "__main__":
    sys.exit(main())
