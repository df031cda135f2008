# The suite's own machine: a verdict that lies would spoil every table, so each way to it is tried here.
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAD = "import os, pytest\nfrom clause import clause, observe\n"
SIMPLE = HEAD + "@clause('SEL-EINTR', 'x', page='p'{more})\ndef test_it({fixtures}):\n    {body}\n"
PIN = '[[deviation]]\nclause = "SEL-EINTR"\nsystems = ["{systems}"]\ninstead = "{instead}"\ncause = "why"\n'


@pytest.fixture
def run(tmp_path):
    """run(source, pins): the exit status, the output and the rows of a suite of that one file."""
    def run(source, pins="", *options):
        (tmp_path / "test_sample.py").write_text(source)
        (tmp_path / "pins.toml").write_text(pins)
        (tmp_path / "conftest.py").write_text((Path(__file__).parent / "conftest.py").read_text())
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--results=rows",
             "--deviations=pins.toml", *options, "."], cwd=tmp_path, capture_output=True, text=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parent), "PYTEST_ADDOPTS": ""})
        rows = tmp_path / "rows"
        return ran.returncode, ran.stdout + ran.stderr, [json.loads(line) for line in
                                            rows.read_text().splitlines()] if rows.exists() else []
    return run


def sample(body, more="", fixtures=""):
    return SIMPLE.format(body=body, more=more, fixtures=fixtures)


LINUX_2 = PIN.format(systems="linux", instead="2")


@pytest.mark.parametrize("source, pins, status, verdict, observed", [
    (sample("assert 1 == 1"), "", 0, "holds", None),
    (sample("assert 2 == 1"), "", 1, "fails", "2"),
    (sample("os.close(-1)"), "", 1, "fails", "OSError: [Errno 9] Bad file descriptor"),
    (sample("assert 2 == 1"), LINUX_2, 0, "deviates", "2"),
    (sample("assert 3 == 1"), LINUX_2, 1, "fails", "3"),
    (sample("assert 1 == 1"), LINUX_2, 1, "fails", None),
    (sample("assert 2 == 1"), PIN.format(systems="linux<2", instead="2"), 1, "fails", "2"),
    (sample("assert 23 == 1"), PIN.format(systems="linux>=2", instead="2…"), 0, "deviates", "23"),
    (sample("pytest.skip('no')"), "", 0, "skipped", None),
    (sample("pytest.skip('no')"), LINUX_2, 0, "skipped", None),
    (sample("assert 1 == 1", more=", since='99.0'"), "", 0, "skipped", None),
    (sample("assert 2 == 1", more=", level='may'"), "", 0, "varies", "2"),
    (sample("assert 2 == 1", more=", level='unsaid'"), "", 1, "fails", "2"),
    (sample("observe('so')"), "", 0, "varies", "so"),
    (sample("os.pipe()"), "", 1, "fails", None),
    (sample("os.close(pipe.read_end)", fixtures="pipe"), "", 1, "fails", None),
], ids=str)
def test_verdict(run, request, source, pins, status, verdict, observed):
    returned, output, rows = run(source, pins)
    assert (returned, [row["verdict"] for row in rows]) == (status, [verdict]), output
    if observed:
        assert rows[0]["observed"] == observed


def test_the_worst_case_decides_and_a_skipped_case_is_no_pass(run):
    source = HEAD + "@clause('SEL-EINTR', 'x', page='p')\n@pytest.mark.parametrize('n', [1, 2])\n" \
        "def test_it(n):\n    if n == 2: pytest.skip('two')\n"
    _, output, (row,) = run(source)
    assert (row["verdict"], row["reason"], row["cases"]) == ("skipped", "two", ["2"])
    assert "1 clauses: 0 holds, 0 varies, 1 skipped, 0 deviates, 0 fails" in output


@pytest.mark.parametrize("source, complaint", [
    (sample("pass").replace("SEL-EINTR", "SEL-NONE"), "has no clause SEL-NONE"),
    (sample("pass") + sample("pass").replace("test_it", "test_two"), "test_it already claims SEL-EINTR"),
    (sample("pass", more=", level='should'"), "level is one of"),
    ("def test_bare():\n    pass\n", "no @clause above it"),
    (sample("pass").replace("SEL-EINTR", "SEL-ENOMEM"), "listed in unclaimed.toml"),
])
def test_collection_refuses(run, source, complaint):
    status, output, rows = run(source)
    assert status != 0 and complaint in output and not rows


def test_workers_give_the_same_rows(run):
    pytest.importorskip("xdist")
    other = sample("pass").replace("SEL-EINTR", "SEL-EBADF-READ").replace("_it", "_other")
    source = sample("assert 2 == 1") + other
    assert run(source, LINUX_2)[2] == run(source, LINUX_2, "-n", "2")[2]


def test_a_blocked_test_is_torn_out_of_its_call(run, monkeypatch):
    monkeypatch.setenv("POLLCHECK_DEADLINE", "0.2")
    status, _, (row,) = run("from libc import libc\n" + sample("libc.poll(None, 0, -1)"))
    assert (status, row["verdict"], row["observed"]) == (1, "fails", "Overdue: still waiting after 0.2 s")


def test_a_set_is_shown_in_one_order(run):
    """Rows are committed: they must differ only where systems do."""
    rows = run(sample("assert set('a') == set('edcb')"))[2]
    assert (rows[0]["observed"], rows[0]["expected"]) == ("{a}", "{b, c, d, e}")
