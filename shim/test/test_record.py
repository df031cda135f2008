"""pollcheck record and pollcheck snapshot."""
import os
import re
import subprocess
import time

import pytest

from command import clean_environment, command, pollcheck, run_plainly  # noqa: F401
from traces import complaints, events, numbers, shown


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "trace"


def test_record_makes_a_trace_and_says_so(pollcheck, build, folder):
    ended = pollcheck("record", "-o", folder, build("trace/polls"), 10, 1, 2)
    assert (ended.status, ended.stdout) == (0, "")
    assert ended.stderr == f"pollcheck: 3 processes recorded in {folder}; babeltrace2 {folder} shows it\n"
    assert complaints(folder) == ""
    assert sorted(numbers(events(folder))) == sorted(list(range(1, 11)) * 3)


def test_the_program_ends_as_it_does(pollcheck, folder):
    assert pollcheck("record", "-o", folder, "sh", "-c", "exit 7").status == 7


@pytest.mark.parametrize("words", [["record", "--trace={}"], ["run", "-o", "{}"], ["--trace={}"]])
def test_other_ways_to_say_it(words, pollcheck, build, folder):
    words = [word.format(folder) for word in words]
    assert pollcheck(*words, "--trace-size=1", build("trace/polls"), 10).status == 0
    assert numbers(events(folder)) == list(range(1, 11))


def test_a_relative_folder_is_meant_from_here(pollcheck, build, tmp_path):
    program = build("trace/polls")
    pollcheck("record", "-o", "here", "sh", "-c", f"cd / && exec {program} 10", cwd=tmp_path)
    assert numbers(events(tmp_path / "here")) == list(range(1, 11))


@pytest.mark.parametrize("words, said", [
    (["record", "true"], "no folder given"),
    (["record", "-o"], "--trace needs a value"),
    (["record", "-o", "{full}", "true"], "is there and not empty; name a new folder"),
    (["record", "-o", "{full}/file/x", "true"], "cannot be made: Not a directory; name another folder"),
    (["record", "-o", "a:b", "true"], "expected a path without ':'"),
    (["record", "-o", "new", "--trace-size=much", "true"], "expected a number"),
    (["snapshot"], "usage: pollcheck snapshot"),
    (["snapshot", "{full}", "-o", "{full}"], "is there and not empty"),
    (["snapshot", "{full}", "-o", "copy"], "no trace of any process is in there"),
    (["snapshot", "nothing", "-o", "copy"], "No such file or directory; name the folder given to"),
])
def test_what_is_wrong_is_said_in_one_line(words, said, pollcheck, tmp_path):
    full = tmp_path / "full"
    full.mkdir()
    (full / "file").write_text("")
    ended = pollcheck(*[word.format(full=full) for word in words], cwd=tmp_path)
    assert ended.status in (2, 125) and ended.stderr.count("\n") == 1 and said in ended.stderr


def test_a_program_out_of_reach_leaves_nothing_to_record(pollcheck, folder, tmp_path):
    source, program = tmp_path / "static.c", tmp_path / "static"
    source.write_text("int main(void) { return 0; }")
    subprocess.run(["cc", "-static", "-o", program, source], check=True)
    ended = pollcheck("record", "-o", folder, program)
    assert "statically linked" in ended.stderr and f"{folder}: nothing was recorded\n" in ended.stderr


@pytest.fixture
def running(build, library, folder, tmp_path):
    """A program that polls until it is killed, in a ring that has come round and takes a while to do so again."""
    options = f"trace={folder}:trace_size=16:report_path=/dev/null"
    child = subprocess.Popen([build("trace/polls"), str(1 << 23), "2"], stdin=subprocess.DEVNULL,
                             env=clean_environment(LD_PRELOAD=str(library), POLLCHECK_OPTIONS=options))
    deadline = time.monotonic() + 60
    while not overwritten(folder):
        assert child.poll() is None and time.monotonic() < deadline
        time.sleep(0.01)
    yield child
    child.kill()
    child.wait()


def overwritten(folder):
    """Whether a packet tells of events that are gone: the ring has come round."""
    for path in folder.glob("*/[0-9]*"):
        head = path.read_bytes()[:96]
        if len(head) == 96 and int.from_bytes(head[88:96], "little"):
            return True
    return False


def test_snapshots_are_whole_while_the_program_runs(running, command, pollcheck, folder, tmp_path):
    copies = [tmp_path / f"copy{number}" for number in range(3)]
    for copy in copies:
        ended = pollcheck("snapshot", folder, "-o", copy)
        assert ended.status == 0 and re.match(r"pollcheck: \d+ packets of 1 processes in ", ended.stderr)
    assert running.poll() is None
    for copy in copies:
        assert complaints(copy) == ""
        by_thread, _ = shown(command, copy)
        for seen in by_thread.values():
            assert seen == list(range(seen[0], seen[0] + len(seen)))
        assert sum(map(len, by_thread.values())) > 3000


def test_a_snapshot_is_its_owners(running, pollcheck, folder, tmp_path):
    copy = tmp_path / "copy"
    pollcheck("snapshot", folder, "-o", copy)
    modes = {os.stat(path).st_mode & 0o777 for path in [copy, *copy.rglob("*")]}
    assert modes == {0o700, 0o600}
