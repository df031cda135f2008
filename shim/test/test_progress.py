"""The line that tells how far a command has come: on a terminal, when it takes long, and nowhere else."""
import os
import pty
import subprocess

import pytest

from command import LIMIT, clean_environment, command  # noqa: F401
from tracefile import Trace

EVENTS, PACKET = 9000, 3000
COMMANDS = {
    "show": ["show", "TRACE"],
    "stats": ["stats", "TRACE"],
    "stats --diff": ["stats", "--diff", "TRACE", "TRACE"],
    "report": ["report", "-o", "page", "TRACE"],
    "export": ["export", "--perfetto", "-o", "page", "TRACE"],
    "snapshot": ["snapshot", "TRACE", "-o", "copy"],
}


@pytest.fixture(scope="module")
def trace(tmp_path_factory):
    """More events than are read between two looks at the clock, in three packets."""
    trace = Trace(tmp_path_factory.mktemp("progress") / "4711.0", packet_events=PACKET)
    for i in range(EVENTS):
        trace.event("read", 1000 * i + 1000, fd=5, result=1)
    return trace.close().parent


def on_terminal(argv, folder, stdout=None, **environ):
    """What a terminal gets; stdout: None for that terminal, too."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(argv, stdout=stdout or theirs, stderr=theirs, stdin=subprocess.DEVNULL, cwd=folder,
                          env=clean_environment(**environ)) as child:
        os.close(theirs)
        got = b""
        try:
            while part := os.read(ours, 65536):
                got += part
        except OSError:  # EIO: the other end is closed (pty(7))
            pass
        child.wait(LIMIT)
    os.close(ours)
    assert child.returncode == 0, got[-2000:]
    return got.decode()


@pytest.fixture
def words(command, trace):
    return lambda name: [command, *(str(trace) if word == "TRACE" else word for word in COMMANDS[name])]


@pytest.mark.parametrize("name", COMMANDS)
def test_what_takes_long_says_how_far_it_is(name, words, tmp_path):
    line = "packets copied" if name == "snapshot" else "events read"
    got = on_terminal(words(name), tmp_path, subprocess.DEVNULL, POLLCHECK_PATIENCE="0")
    shown, cleared, rest = got.rpartition("\r\x1b[K")
    assert cleared and f" {line}\x1b[K" in shown and shown.startswith("\r") and "\n" not in shown
    assert line not in rest


@pytest.mark.parametrize("name", COMMANDS)
def test_within_a_second_a_terminal_is_left_as_it_was(name, words, tmp_path):
    got = on_terminal(words(name), tmp_path, subprocess.DEVNULL, POLLCHECK_PATIENCE="100000")
    assert "\r\x1b" not in got and "events read" not in got


@pytest.mark.parametrize("name", COMMANDS)
def test_what_is_no_terminal_gets_no_line(name, words, tmp_path):
    ended = subprocess.run(words(name), capture_output=True, text=True, cwd=tmp_path, timeout=LIMIT,
                           env=clean_environment(POLLCHECK_PATIENCE="0"))
    assert ended.returncode == 0 and "\r" not in ended.stderr + ended.stdout
    assert ended.stderr == ("pollcheck: 3 packets of 1 processes in copy\n" if name == "snapshot" else "")


def test_lines_that_a_terminal_gets_are_not_mixed_with_it(words, tmp_path):
    got = on_terminal(words("show"), tmp_path, POLLCHECK_PATIENCE="0")
    assert got.count("read(5, ...)") == EVENTS and "events read" not in got
