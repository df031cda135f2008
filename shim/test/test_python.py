"""A Python program's own lines stand in the finding, above the interpreter's frames."""
import re

import pytest

from command import command, pollcheck  # noqa: F401

PYTHON = "/usr/bin/python3"
SPIN = '''
import os, select, threading, time
def spin(poller):
    since = time.monotonic()
    while time.monotonic() - since < 0.3:
        poller.poll()
def made():
    reading, writing = os.pipe()
    os.close(writing)
    poller = select.poll()
    poller.register(reading, select.POLLIN)
    return poller
def main():
    spin(made())
'''
DEEP = "x = 'down' * 40\n" + SPIN + '''
def down(n):
    return down(n - 1) if n else main()
down(200)
'''


@pytest.fixture
def found(run, tmp_path):
    """The finding of a Python program, and the lines of its stack that are Python's."""
    def run_python(text, name="spin.py", options=None):
        path = tmp_path / name
        path.write_text(text)
        ran = run([PYTHON, path], options)
        assert ran.status == 0, ran.stderr
        lines = [frame for finding in ran.findings for frame in finding["stack"] if "offset" not in frame]
        return path, ran, lines
    return run_python


def line_of(text, words):
    return 1 + next(i for i, line in enumerate(text.splitlines()) if words in line)


def test_the_innermost_line_comes_first(found):
    text = SPIN + "main()\n"
    path, ran, lines = found(text)
    assert [finding["rule"] for finding in ran.findings] == ["hup-err-not-handled"]
    assert [(f["function"], f["file"], f["line"]) for f in lines] == [
        ("spin", str(path), line_of(text, "poller.poll()")), ("main", str(path), line_of(text, "spin(made())")),
        ("<module>", str(path), len(text.splitlines()))]
    native = ran.findings[0]["stack"][len(lines):]
    assert native and all("offset" in frame for frame in native)


def test_only_the_thread_that_waits_is_shown(found):
    _, _, lines = found(SPIN + "thread = threading.Thread(target=main)\nthread.start()\nthread.join()\n")
    assert [line["function"] for line in lines] == ["spin", "main", "run", "_bootstrap_inner", "_bootstrap"]


def test_a_deep_stack_is_cut_and_the_interpreter_is_still_there(found):
    _, ran, lines = found(DEEP)
    assert [line["function"] for line in lines] == ["spin", "main", "down", "down", "down"]
    assert len(ran.findings[0]["stack"]) > len(lines)


def test_a_long_path_keeps_its_end(found):
    _, _, lines = found(SPIN + "main()\n", name="a" * 248 + "spin.py")
    assert re.fullmatch(r"a{50,}spin\.py", lines[0]["file"])


def test_text_shows_lines_and_one_frame_of_the_interpreter(found):
    path, ran, _ = found(SPIN + "main()\n", options={"report_path": None, "report_format": None})
    said = re.search(r"called from:\n((?:        .*\n)+)", ran.stderr.decode())[1].splitlines()
    assert said[0] == f"        spin at {path}:{line_of(SPIN, 'poller.poll()')}"
    assert len(said) == 5 and re.search(r"\(\S+\+0x[0-9a-f]+\)$", said[3]) and said[4].endswith(" more")


@pytest.mark.parametrize("glob", ["spin", "*/spin.py"])
def test_a_suppression_may_name_a_python_function_or_file(found, tmp_path, glob):
    (tmp_path / "known").write_text(f"hup-err-not-handled:{glob}\n")
    _, ran, _ = found(SPIN + "main()\n", options={"suppressions": tmp_path / "known"})
    assert not ran.findings


def test_a_program_that_is_not_python_has_none(run, build):
    for finding in run([build("rules/hup-err-not-handled")]).findings:
        assert all(frame["offset"] for frame in finding["stack"])


def test_a_recording_keeps_the_lines(pollcheck, tmp_path):
    script, folder, page = tmp_path / "spin.py", tmp_path / "trace", tmp_path / "page.html"
    script.write_text(SPIN + "main()\n")
    assert pollcheck("record", "-o", folder, "--", PYTHON, script).status == 0
    assert pollcheck("report", "-o", page, folder).status == 0
    assert f'"file":"{script}","line":{line_of(SPIN, "poller.poll()")}' in page.read_text()
