"""What becomes of findings: symbolised, written in time, suppressed, counted, summed up.
tool/records.c plays the library, as no well-behaved program writes most of these records; it takes pairs."""
import json
import os
import pty
import signal
import subprocess

import pytest

from command import LIMIT, clean_environment, command, pollcheck, run_plainly  # noqa: F401
from conftest import TEST


def marked_line(program, mark):
    lines = (TEST / f"{program}.c").read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if mark in line)


CALL_LINE = marked_line("tool/records", "LINE OF THE CALL")


@pytest.fixture
def records(pollcheck, build):
    """records("error", "text", options=[...]) runs tool/records.c with those words."""
    program = build("tool/records")
    return lambda *words, options=(), **popen: pollcheck(*options, program, *words, **popen)


@pytest.fixture
def found(records):
    """The JSON lines of a run: findings and the summary."""
    def run(*words, options=()):
        ended = records(*words, options=["--json", *options])
        entries = [json.loads(line) for line in ended.stderr.splitlines()]
        summaries = [entry["summary"] for entry in entries if "summary" in entry]
        return [entry for entry in entries if "rule" in entry], summaries[0] if summaries else None
    return run


def test_a_frame_gets_function_file_and_line(found):
    (finding,), _ = found("error", "text")
    frame = finding["stack"][0]
    assert frame["function"] == "misuse" and frame["line"] == CALL_LINE
    assert frame["file"].endswith("shim/test/tool/records.c")


def test_text_names_the_line_too(records):
    ended = records("error", "something is wrong")
    assert "something is wrong" in ended.stderr and f"records.c:{CALL_LINE}" in ended.stderr


def test_inlined_functions_get_frames_of_their_own(pollcheck, build):
    ended = pollcheck("--level=note", "--json", build("tool/inlined"))
    frames = json.loads(ended.stderr.splitlines()[0])["stack"]
    assert [(frame["function"], frame["line"]) for frame in frames[:3]] == [
        ("innermost", marked_line("tool/inlined", "LINE OF THE WAIT")),
        ("between", marked_line("tool/inlined", "LINE OF INNERMOST")),
        ("main", marked_line("tool/inlined", "LINE OF BETWEEN"))]
    assert all(frame["file"].endswith("tool/inlined.c") for frame in frames[:3])


def test_a_module_that_changed_since_is_not_symbolised(found):
    (finding,), _ = found("stale", "text")
    assert not {"file", "line"} & set(finding["stack"][0])


def test_a_finding_is_written_while_the_program_runs(command, build):
    words = ["error", "early", "wait", "for us", "exit", "3"]
    child = subprocess.Popen([command, build("tool/records"), *words], env=clean_environment(), text=True,
                             stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    with child:
        assert "early" in child.stderr.readline()
        assert child.poll() is None
        _, rest = child.communicate("go on\n", timeout=LIMIT)
    assert child.returncode == 3 and "early" not in rest and "in all:" in rest


@pytest.mark.parametrize("words, status", [
    (["error", "x", "exit", "0"], 9),
    (["error", "x", "exit", "3"], 9),
    (["note", "x", "exit", "3"], 3),
    (["summary", "x", "exit", "3"], 3),
    (["exit", "0"], 0),
])
def test_error_exitcode(records, words, status):
    assert records(*words, options=["--error-exitcode=9"]).status == status


def test_without_error_exitcode_the_status_is_the_programs(records):
    assert records("error", "x", "exit", "3").status == 3
    assert records("error", "x", "exit", "3", options=["--error-exitcode=0"]).status == 3


def test_error_exitcode_does_not_hide_a_death(records):
    ended = records("error", "x", "kill", "11", options=["--error-exitcode=9"])
    assert ended.status == -signal.SIGSEGV and "[" in ended.stderr


def test_a_hole_hides_nothing_behind_it(found):
    findings, _ = found("hole", "", "error", "one", "hole", "", "error", "two", "exit", "0")
    assert [finding["message"] for finding in findings] == ["one", "two"]


def test_garbage_in_the_channel_does_no_harm(records):
    words = ["garbage", "1", "garbage", "2", "garbage", "3", "error", "sound", "exit", "3"]
    for options in [], ["--json"]:
        ended = records(*words, options=options)
        assert ended.status == 3 and "sound" in ended.stderr


def test_a_message_cannot_drive_the_terminal(records):
    ended = records("error", "red \033[31m bell \a line\nfeed")
    assert "red ?[31m bell ? line?feed" in ended.stderr


def test_what_does_not_fit_is_counted(found):
    findings, summary = found("errors", "1100")
    assert len(findings) == 1024 and summary["lost"] == 1100 - 1024


def test_summaries_of_all_processes_become_one(found):
    (finding,), summary = found("error", "x", "summary", "first", "summary", "second", "summary", "first")
    assert summary["counts"] == {finding["rule"]: 3 * 7} and summary["suppressed"] == 3 * 2
    assert summary["coverage"] == "first; second"


def test_a_killed_process_is_summed_up_from_what_it_sent(found):
    findings, summary = found("error", "x", "error", "y", "kill", "9")
    assert summary["counts"] == {findings[0]["rule"]: 2} and summary["pid"] == findings[0]["pid"]


@pytest.mark.parametrize("line", [
    "*:*", "*:misuse", "{rule}:*", "{rule}:records", "*:*/tool/records", "*:records.c",
    "*:*tool/rec?rd[a-s].c", "# why\n\n  {rule} : mis*  \r"])
def test_suppressed(found, tmp_path, line):
    (finding,), _ = found("error", "x")
    (tmp_path / "known").write_text(line.format(rule=finding["rule"]) + "\n")
    options = [f"--suppressions={tmp_path}/known", "--error-exitcode=9"]
    assert found("error", "x", "summary", "all", options=options) == ([], None)


@pytest.mark.parametrize("line", ["*:main", "*:record", "*:misus", "*:records.h", "{other}:*", "*:[!/mr]*s"])
def test_not_suppressed(found, pollcheck, tmp_path, line):
    (finding,), _ = found("error", "x")
    slugs = [json.loads(row)["rule"] for row in pollcheck("rules", "--json").stdout.splitlines()]
    other = next(slug for slug in slugs if slug != finding["rule"])
    (tmp_path / "known").write_text(line.format(other=other))
    assert len(found("error", "x", options=[f"--suppressions={tmp_path}/known"])[0]) == 1


def test_only_what_is_suppressed_is_left_out(found, tmp_path):
    (tmp_path / "known").write_text("*:records.c")
    findings, summary = found("error", "hidden", "stale", "shown", "summary", "x",
                              options=[f"--suppressions={tmp_path}/known"])
    assert [finding["message"] for finding in findings] == ["shown"]
    assert summary["suppressed"] == 2 + 1 and summary["counts"] == {findings[0]["rule"]: 7 - 1}


def test_outputs(records, tmp_path):
    text, lines = tmp_path / "text", tmp_path / "lines"
    ended = records("error", "x", options=[f"--report={text}", f"--json={lines}"])
    assert ended.stderr == "" and "help:" in text.read_text()
    assert json.loads(lines.read_text().splitlines()[0])["message"] == "x"

    ended = records("error", "x", options=[f"--json={lines}"])
    assert "help:" in ended.stderr and len(lines.read_text().splitlines()) == 2

    ended = records("error", "x", options=["--json", f"--report={text}"])
    assert json.loads(ended.stderr.splitlines()[0])["message"] == "x" and "help:" in text.read_text()


def screen_of(*words, **variables):
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(words[0], [str(word) for word in words], clean_environment(**variables))
    seen = b""
    try:
        while more := os.read(terminal, 4096):
            seen += more
    except OSError:  # EIO: the last process closed the terminal
        os.waitpid(pid, 0)
    os.close(terminal)
    return seen


@pytest.mark.parametrize("options, variables, colored", [
    ([], {"TERM": "xterm"}, True),
    ([], {"TERM": "dumb"}, False),
    ([], {"TERM": "xterm", "NO_COLOR": "1"}, False),
    ([], {"TERM": "xterm", "POLLCHECK_OPTIONS": "color=never"}, False),
    (["--color=always"], {"TERM": "dumb", "POLLCHECK_OPTIONS": "color=never"}, True),
    (["--color=never"], {"TERM": "xterm"}, False),
])
def test_colour_on_a_terminal(command, build, options, variables, colored):
    seen = screen_of(command, *options, build("tool/records"), "error", "x", **variables)
    assert b"help:" in seen and (b"\033[" in seen) == colored


def test_no_colour_elsewhere_unless_asked_for(records):
    assert "\033[" not in records("error", "x").stderr
    assert "\033[" in records("error", "x", options=["--color=always"]).stderr


def test_a_closed_standard_error_loses_no_status(records):
    ended = records("error", "x", "exit", "3", options=["--error-exitcode=9"], preexec_fn=lambda: os.close(2))
    assert (ended.status, ended.stdout, ended.stderr) == (9, "", "")


def test_a_standard_error_nobody_reads_loses_no_status(command, build):
    reading, writing = os.pipe()
    os.close(reading)
    child = subprocess.run([command, "--error-exitcode=9", build("tool/records"), "errors", "100"],
                           stderr=writing, env=clean_environment(), timeout=LIMIT)
    os.close(writing)
    assert child.returncode == 9


def test_a_non_blocking_standard_error_gets_everything(command, build):
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    child = subprocess.Popen([command, "--json", build("tool/records"), "errors", "1000"], stderr=writing,
                             env=clean_environment())
    os.close(writing)
    with os.fdopen(reading) as lines:
        assert sum("rule" in json.loads(line) for line in lines) == 1000
    assert child.wait(LIMIT) == 0


def test_the_channel_is_removed(records, pollcheck, tmp_path):
    for words in ["error", "x"], ["kill", "9"]:
        records(*words, env={"TMPDIR": str(tmp_path)})
        assert os.listdir(tmp_path) == []
    foreign = tmp_path / "foreign"
    foreign.write_bytes(b"\x7fELF" + bytes(100))
    foreign.chmod(0o755)
    assert pollcheck(foreign, env={"TMPDIR": str(tmp_path)}).status == 126
    assert os.listdir(tmp_path) == ["foreign"]


def test_no_place_for_the_channel(pollcheck, tmp_path):
    ended = pollcheck("true", env={"TMPDIR": str(tmp_path / "absent")})
    assert ended.status == 125 and "set TMPDIR" in ended.stderr and str(tmp_path) in ended.stderr
