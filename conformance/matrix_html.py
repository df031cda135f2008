# The matrix as one HTML file that needs nothing else: data as JSON, matrix.js to show and filter it.
import json
from html import escape

from clause import FOLDER

TEMPLATE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>pollcheck: clause by system</title>
<style>
{style}</style>
<h1>What each system makes of the poll family's pages</h1>
<p>A cell is the verdict of one clause on one system: <b class="holds">holds</b>, <b class="deviates">deviates</b>
(does otherwise, pinned with its cause), <b class="varies">varies</b> (the pages leave it open),
<b class="skipped">skipped</b> (not tried there, no pass), <b class="fails">fails</b>. Choose a cell that is not
“holds” to see what was expected and observed.</p>
<h2>Systems</h2>
<table id="systems"></table>
<h2>Clauses that hold, by page</h2>
<table id="pages"></table>
<h2>The pages against Linux</h2>
<table id="divergences"></table>
<h2>Clauses</h2>
<form>
<label>Page <select id="page"><option value="">all</option></select></label>
<label>Verdict <select id="verdict"><option value="">all</option></select></label>
<label>Text <input id="text" type="search"></label>
<output id="shown"></output>
</form>
<table id="clauses"></table>
<h2>Claimed by no test</h2>
<ul>{unclaimed}</ul>
<script type="application/json" id="data">{data}</script>
<script>
{script}</script>
</html>
"""
CELL = ("verdict", "expected", "observed", "reason", "cases")


def _clause(matrix, slug):
    told = matrix.told[slug]
    return {**{key: told[key] for key in ("clause", "page", "section", "level", "sentence")},
            "divergences": matrix.divergence_of(slug),
            "cells": [row and {key: row[key] for key in CELL if row.get(key)} for _, row in matrix.cells(slug)]}


def _data(matrix):
    data = {"runs": [{"name": run.name, "system": run.system, "counts": run.counts()} for run in matrix.runs],
            "pages": [[page, total, [counts["holds"] for counts in per_run]]
                      for page, total, per_run in matrix.per_page()],
            "divergences": [vars(known) for known in matrix.divergences],
            "clauses": [_clause(matrix, slug) for slug in matrix.clauses]}
    return json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")  # no "</script>" inside


def text(matrix):
    unclaimed = "".join(f"<li>{escape(slug)}: {escape(reason)}</li>" for slug, reason in matrix.unclaimed.items())
    return TEMPLATE.format(style=(FOLDER / "matrix.css").read_text(), script=(FOLDER / "matrix.js").read_text(),
                           unclaimed=unclaimed, data=_data(matrix))
