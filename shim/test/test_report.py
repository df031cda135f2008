"""Reports: text and JSON say the same, each finding once, the rest counted; where to, how coloured."""
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import time

import pytest

from command import LIMIT, clean_environment, command, pollcheck  # noqa: F401
from test_docs import FINDING_KEYS

MISUSES = "programs/misuses"
ERROR, NOTE = "maxevents-invalid", "epoll-unsupported-file"
TEXT = {"report_path": None, "report_format": None}


@pytest.fixture
def misuse(run, build):
    """A run of test/programs/misuses.c, with the names of its functions in its dynamic symbols."""
    program = build(MISUSES, "-rdynamic")
    return lambda way, options=None, **more: run([program, way], options, **more)


@pytest.fixture
def said(misuse):
    """What is written as text to standard error."""
    return lambda way, **options: misuse(way, {**TEXT, **options}).stderr.decode()


def counts(run):
    assert len(run.summaries) == 1
    return run.summaries[0]["summary"]["counts"]


# --- forms ---

def settled(text):
    return re.sub(r"0x[0-9a-f]+", "ADDRESS", text)


def frame_line(frame):
    return f"        {frame['function']} ({os.path.basename(frame['module'])}+0x{frame['offset']:x})"


def test_text_and_json_say_the_same(misuse, said):
    text = settled(said("several", level="note"))
    found = misuse("several", {"level": "note"}).findings
    assert len(found) == 3
    for finding in found:
        for line in [f": {finding['message']} [{finding['rule']}]", f"    {finding['call']}",
                     f"    confirmed by {finding['confirmed_by']}",
                     f"    help: {finding['help']} ({finding['page']})",
                     f"    called from:\n{frame_line(finding['stack'][0])}"]:
            assert f"{settled(line)}\n" in text


def test_a_text_stack_ends_at_main(said):
    stack = re.search(r"called from:\n((?:        .*\n)+)", said("once"))[1].splitlines()
    assert stack[-1].startswith("        main (") and "libc" not in "".join(stack)


def test_json_has_the_known_keys_in_order_and_none_without_a_value(misuse):
    for finding in misuse("several", {"level": "note"}).findings:
        assert list(finding) == [key for key in FINDING_KEYS if key in finding]
        assert all(value not in ("", None, []) for value in finding.values())
        assert ("errno" in finding) == (finding["result"] == -1)
        for frame in finding["stack"]:
            assert set(frame) <= {"module", "offset", "build_id", "function", "file", "line"}


def test_json_says_what_happened(misuse):
    found, = misuse("once").findings
    assert (found["rule"], found["severity"], found["epfd"]) == (ERROR, "error", 3) and "fd" not in found
    assert (found["result"], found["errno"]) == (-1, "EINVAL")
    assert found["stack"][0]["function"] == "waits_for_no_events"


def test_a_deep_build_folder_is_named_whole(build, run, tmp_path):
    program = tmp_path.joinpath(*["a-folder-of-a-build"] * 5, "misuses")
    program.parent.mkdir(parents=True)
    shutil.copy(build(MISUSES), program)
    assert 112 < len(str(program)) < 256
    assert run([program, "once"]).findings[0]["stack"][0]["module"] == str(program)


# --- once each, and counted ---

def test_what_repeats_is_said_once_and_counted(misuse):
    watched = misuse("often")
    assert [finding["rule"] for finding in watched.findings] == [ERROR] and counts(watched) == {ERROR: 6}


def test_threads_say_it_once_and_count_it_together(misuse):
    watched = misuse("threads")
    assert len(watched.findings) == 1
    assert counts(watched)[ERROR] + watched.summaries[0]["summary"]["lost"] == 8000


def test_a_summary_only_where_there_was_a_finding(run, said):
    assert run(["/bin/true"], TEXT).stderr == b""
    text = said("once")
    assert text.count("in all: ") == 1 and text.count("coverage: ") == 1


@pytest.mark.parametrize("level, rules", [("note", 3), ("warning", 2), ("error", 2)])
def test_level(level, rules, misuse):
    watched = misuse("several", {"level": level})
    assert len(watched.findings) == rules == len(counts(watched))
    assert any(finding["rule"] == NOTE for finding in watched.findings) == (level == "note")


# --- suppressions ---

@pytest.mark.parametrize("line", [f"{ERROR}:waits_for_*", f"{ERROR}:*/misuses*", f"{ERROR}:misuses*",
                                  "*:waits_for_no_events", "max*:*", "# why\n\n*:nobody\n*:*"])
def test_suppressed(line, misuse, tmp_path):
    file = tmp_path / "known"
    file.write_text(line + "\n")
    watched = misuse("often", {"suppressions": file})
    assert (watched.findings, watched.summaries, watched.stderr) == ([], [], b"")


def test_suppressed_ones_are_counted_apart(misuse, tmp_path):
    file = tmp_path / "known"
    file.write_text("*:waits_for_no_events\n")
    watched = misuse("several", {"suppressions": file})
    assert [finding["rule"] for finding in watched.findings] == ["negative-fd-in-set"]
    assert counts(watched) == {"negative-fd-in-set": 1}
    assert watched.summaries[0]["summary"]["suppressed"] == 1


@pytest.mark.parametrize("line, said", [("no colon", "line 1: no ':'"),
                                        ("no-such-rule:*", "line 1: no such rule"),
                                        ("*:fine\n*:", "line 2: rule or glob is empty")])
def test_a_line_that_cannot_be_understood_is_named(line, said, misuse, tmp_path):
    file = tmp_path / "known"
    file.write_text(line + "\n")
    watched = misuse("once", {"suppressions": file})
    assert len(watched.findings) == 1
    assert watched.stderr.decode().count("\n") == 1 and said in watched.stderr.decode()


# --- processes ---

def test_forked_children_report_beside_under_their_own_number(misuse, tmp_path):
    report = tmp_path / "found"
    watched = misuse("forks", {"report_path": report})
    parent, child = map(int, watched.stdout.split())
    by_file = {file.name: [json.loads(line) for line in file.read_text().splitlines()]
               for file in tmp_path.glob("found*")}
    assert set(by_file) == {"found", f"found.{child}"}
    assert by_file["found"][0]["pid"] == parent and by_file[f"found.{child}"][0]["pid"] == child
    assert [entry["summary"]["counts"] for entry in (by_file["found"][1], by_file[f"found.{child}"][1])] == \
        [{ERROR: 1}, {"negative-fd-in-set": 1}]


@pytest.mark.parametrize("follow, processes", [("1", 2), ("0", 1)])
def test_follow(follow, processes, misuse):
    assert len({finding["pid"] for finding in misuse("executes", {"follow": follow}).findings}) == processes


def test_abort_comes_after_the_report_of_an_error(misuse, tmp_path):
    watched = misuse("several", {"abort_on": "error", "level": "note"})
    assert watched.status == -signal.SIGABRT and [finding["rule"] for finding in watched.findings] == [ERROR]
    file = tmp_path / "known"
    file.write_text(f"{ERROR}:*\nnegative*:*\n")
    assert misuse("several", {"abort_on": "error", "suppressions": file}).status == 0


def test_what_outlives_the_command_reports_by_itself(command, build, tmp_path):
    report, reader_end = tmp_path / "found", os.pipe()
    options = f"report_path={report}:report_format=json"
    with open(tmp_path / "stderr", "w") as stderr:
        ended = subprocess.run([command, build(MISUSES), "stays"], stdin=reader_end[0], stderr=stderr,
                               stdout=subprocess.DEVNULL, timeout=LIMIT,
                               env=clean_environment(POLLCHECK_OPTIONS=options))
    assert ended.returncode == 0 and (tmp_path / "stderr").read_text() == ""
    os.close(reader_end[1])
    deadline = time.monotonic() + LIMIT
    while not (files := [file for file in tmp_path.glob("found.*") if file.read_text().count("\n") == 2]):
        assert time.monotonic() < deadline, "the daemon reported nothing"
        time.sleep(0.01)
    os.close(reader_end[0])
    assert json.loads(files[0].read_text().splitlines()[0])["rule"] == "negative-fd-in-set"


# --- where it cannot go ---

@pytest.mark.parametrize("path, why", [("/nonexistent/report", "No such file or directory"),
                                       ("/dev/full", "No space left on device"), ("/", "Is a directory")])
def test_a_report_that_cannot_be_written_goes_to_standard_error(path, why, misuse):
    watched = misuse("several", {"report_path": path, "report_format": "text"})
    text = watched.stderr.decode()
    said = f"pollcheck: report_path={path} cannot be written: {why}; findings go to standard error\n"
    assert watched.status == 0 and text.startswith(said) and text.count("cannot be written") == 1
    assert text.count("help: ") == 2 and "in all: " in text


def test_a_relative_path_is_meant_from_the_start(run, tmp_path, build):
    script = "import ctypes, os, sys; library = ctypes.CDLL(None); epfd = library.epoll_create1(0); " \
             "os.chdir('/'); library.epoll_wait(epfd, None, 0, 0)"
    run(["/usr/bin/python3", "-c", script], {"report_path": "here"}, cwd=tmp_path)
    assert "maxevents-invalid" in (tmp_path / "here").read_text()


@pytest.mark.parametrize("content", [b"", b"x", bytes(40_000_000)], ids=["empty", "short", "not a channel"])
def test_a_channel_of_another_version_is_not_used(content, misuse, tmp_path):
    channel = tmp_path / "channel"
    channel.write_bytes(content)
    text = misuse("once", {**TEXT, "channel": channel}).stderr.decode()
    assert f"channel={channel} was made by another version of pollcheck: findings go to standard" in text
    assert f"[{ERROR}]" in text


# --- colour ---

def on_terminal(program, library, **variables):
    """What a program run directly under the library writes to a terminal."""
    environment = clean_environment(LD_PRELOAD=str(library), **{"TERM": "xterm", **variables})
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(program, ["misuses", "once"], environment)
    seen = b""
    try:
        while more := os.read(terminal, 4096):
            seen += more
    except OSError:  # EIO: the last process closed the terminal
        os.waitpid(pid, 0)
    os.close(terminal)
    return seen


@pytest.mark.parametrize("variables, colored", [
    ({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False),
    ({"POLLCHECK_OPTIONS": "color=auto"}, True), ({"POLLCHECK_OPTIONS": "color=never"}, False),
    ({"POLLCHECK_OPTIONS": "color=always", "TERM": "dumb"}, True),
])
def test_colour_on_a_terminal(variables, colored, build, library):
    seen = on_terminal(build(MISUSES), library, **variables)
    assert b"help: " in seen and (b"\033[" in seen) == colored


@pytest.mark.parametrize("color, colored", [("auto", False), ("always", True), ("never", False)])
def test_colour_elsewhere(color, colored, said):
    assert ("\033[" in said("once", color=color)) == colored
