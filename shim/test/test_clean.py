"""What well-kept programs do that looks like misuse: shim/test/clean. Each must work, and get no finding at the
level that its first comment names."""
import re

import pytest

from conftest import TEST

PROGRAMS = sorted((TEST / "clean").glob("*.c"))


def level(program):
    return re.match(r"/\* level: (note|warning)\.", program.read_text())[1]


def test_the_patterns_are_there():
    assert len(PROGRAMS) >= 16


@pytest.mark.parametrize("turn", range(3))
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.stem)
def test_nothing_is_said(program, turn, build, run):
    ran = run([build(f"clean/{program.stem}")], {"level": level(program)}, timeout=60)
    assert (ran.status, ran.stderr) == (0, b"")
    assert [finding["message"] for finding in ran.findings] == []


@pytest.mark.parametrize("program", [p for p in PROGRAMS if level(p) == "warning"], ids=lambda p: p.stem)
def test_a_note_is_due(program, build, run):
    """A level above a note is no refuge for a program that would get none."""
    findings = run([build(f"clean/{program.stem}")], {"level": "note"}, timeout=60).findings
    assert findings and {finding["severity"] for finding in findings} == {"note"}
