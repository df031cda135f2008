"""Each rule's program under shim/test/rules: its right half is silent, its wrong half gets exactly its finding."""
import json
import re
import subprocess

import pytest

from conftest import BUILD, ROOT

PROGRAMS = sorted((ROOT / "shim/test/rules").glob("*.c"))
ROWS = re.findall(r'^RULE\(\w+,\s*"([\w-]+)"', (ROOT / "shim/rules.def").read_text(), re.M)
# the seed's own limit is lower, so that a run counts as one even where a loaded machine is slow
OPTIONS = {"level": "note"}


def expected(program):
    """A hint never speaks alone: its program names the finding it is added to."""
    named = re.search(r"finding: ([\w-]+)", program.read_text())
    return named[1] if named else program.stem


def test_every_rule_has_a_program_and_every_program_a_rule():
    assert {p.stem for p in PROGRAMS} == set(ROWS)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.stem)
def test_the_right_use_is_silent(program, build, run):
    ran = run([build(f"rules/{program.stem}"), "right"], options=OPTIONS)
    assert (ran.status, ran.findings, ran.summaries) == (0, [], [])


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.stem)
def test_the_misuse_gets_its_finding_and_no_other(program, build, run):
    ran = run([build(f"rules/{program.stem}")], options=OPTIONS)
    assert ran.status == 0
    assert {f["rule"] for f in ran.findings} == {expected(program)}
    assert program.stem in json.dumps(ran.findings)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.stem)
def test_a_finding_says_what_a_reader_needs(program, build, run):
    for finding in run([build(f"rules/{program.stem}")], options=OPTIONS).findings:
        assert {"rule", "severity", "message", "help", "call", "result", "pid", "tid", "time", "count", "stack",
                "page"} <= set(finding)
        assert "{" not in finding["message"] and finding["message"][-1] not in " :,"
        assert any(frame.get("module", "").endswith(program.stem) for frame in finding["stack"])
        if finding["severity"] != "note":
            assert finding.get("confirmed_by"), "nothing above a note without proof"
