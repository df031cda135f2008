"""The event log: strace's notation, bounded and whole lines, one object per call, wherever it goes."""
import json
import os
import re
import shutil
import subprocess
from collections import Counter

import pytest

CALLS = "poll,ppoll,select,pselect6,epoll_create1,epoll_ctl,epoll_wait,epoll_pwait,epoll_pwait2"
LINE = re.compile(r"(\d+) +(\d+\.\d{6}) (\w+)(\(.*) <(\d+\.\d{6})>")
ROUNDS = 100


def parts(line):
    """Process, time, name, arguments and result, duration."""
    match = LINE.fullmatch(line)
    assert match, line
    return match.groups()


def as_made(name, rest):
    """What strace shows of a system call, as the program made the call: select and pselect are both pselect6,
    the C library adds the size of a signal mask and hides the time left of ppoll and pselect."""
    if name == "pselect6":
        name = "pselect" if "sigmask=" in rest else "select"
        rest = re.sub(r"\{sigmask=(.*?), sigsetsize=8\}\)", r"\1)", rest)
        if name == "select":
            rest = re.sub(r", NULL\)( = )", r")\1", rest)
            rest = re.sub(r"tv_nsec=(\d+)", lambda found: f"tv_usec={int(found[1]) // 1000}", rest)
    if name in ("ppoll", "epoll_pwait", "epoll_pwait2"):
        rest = rest.replace(", 8) = ", ") = ")
    if name in ("ppoll", "pselect"):
        rest = re.sub(r", left \{.*?\}", "", rest)
    return name + rest


def settled(call):
    """Without what differs from run to run: addresses, and the time left."""
    call = re.sub(r"0x[0-9a-f]{8,}", "ADDRESS", call)
    return re.sub(r"left \{.*?\}", "left TIME", call)


@pytest.fixture
def logged(run, build, tmp_path):
    """The lines of a run of a program of test/programs."""
    def lines(program, *arguments, form="text"):
        log = tmp_path / f"{program}.{form}"
        ended = run([build(f"programs/{program}"), *arguments], {"log": form, "log_path": log})
        assert (ended.status, ended.stderr) == (0, b"")
        return log.read_text().splitlines(), ended
    return lines


def calls_of(lines):
    return [settled(name + rest) for _, _, name, rest, _ in map(parts, lines)]


def test_text_is_what_strace_writes(logged, build, tmp_path):
    assert shutil.which("strace"), "install strace, as ci/setup check does"
    made = tmp_path / "strace"
    subprocess.run(["strace", "-f", "-ttt", "-T", "-a", "1", "-e", f"trace={CALLS}", "-o", made,
                    build("programs/family")], check=True)
    told = [parts(line) for line in made.read_text().splitlines() if LINE.fullmatch(line)]
    assert calls_of(logged("family")[0]) == [settled(as_made(name, rest)) for _, _, name, rest, _ in told]


def test_text_has_every_call_of_the_family(logged):
    lines, _ = logged("family")
    names = {name for _, _, name, _, _ in map(parts, lines)}
    assert names == set(CALLS.split(",")) - {"pselect6"} | {"pselect"}
    text = "\n".join(lines)
    for part in ["-1 EEXIST (File exists)", " = 0 (Timeout)", "-1 EINTR (Interrupted system call)", "{fd=-1}",
                 "[INT CHLD RT_3]", "~[", "tv_nsec=2000000000", "EPOLLIN|EPOLLOUT|"]:
        assert part in text


def test_json_is_one_object_per_call(logged):
    lines, _ = logged("family", form="json")
    entries = [json.loads(line) for line in lines]
    for entry in entries:
        assert {"call", "pid", "tid", "time", "duration", "result", "notation"} <= set(entry)
        assert entry["notation"].startswith(entry["call"] + "(")
        assert ("errno" in entry) == (entry["result"] < 0)
    assert [settled(entry["notation"]) for entry in entries] == calls_of(logged("family")[0])


def test_json_names_arguments_as_the_synopsis_does(logged):
    names = {}
    for entry in map(json.loads, logged("family", form="json")[0]):
        names.setdefault(entry["call"], set()).update(entry)
    assert {"epfd", "op", "fd"} <= names["epoll_ctl"] and "nfds" not in names["epoll_ctl"]
    assert {"epfd", "maxevents", "timeout", "ready"} <= names["epoll_wait"]
    assert "nfds" not in names["epoll_wait"]
    assert {"nfds", "timeout", "ready"} <= names["poll"]
    assert "flags" in names["epoll_create1"] and "nfds" in names["select"]


def test_json_tells_which_descriptors_were_ready(logged):
    entries = map(json.loads, logged("family", form="json")[0])
    waits = [entry for entry in entries if entry["call"] == "epoll_wait"]
    assert {"fd": 3, "events": "EPOLLIN|EPOLLRDNORM"} in waits[1]["ready"]


def test_a_line_is_bounded_whatever_was_passed(logged):
    lines, _ = logged("long_lists")
    assert all(len(line) < 3072 for line in lines)
    lists = [rest for _, _, name, rest, _ in map(parts, lines) if name in ("poll", "epoll_wait", "select")]
    assert len(lists) == 3 and all("..." in rest for rest in lists)


def test_an_object_is_bounded_and_whole(logged):
    entries = [json.loads(line) for line in logged("long_lists", form="json")[0]]
    assert [(entry["call"], entry["result"]) for entry in entries[-3:]] == \
        [("poll", 1024), ("epoll_wait", 100), ("select", 100)]


@pytest.mark.parametrize("form", ["text", "json"])
def test_writers_do_not_mix_and_none_is_lost(form, logged):
    lines, ended = logged("many_writers", str(ROUNDS), form=form)
    if form == "json":
        entries = map(json.loads, lines)
        seen = Counter((entry["pid"], re.search(r"fd=-(\d+)", entry["notation"])[1]) for entry in entries)
        pids = {int(pid) for pid in ended.stdout.split()}
        assert seen == Counter((pid, str(n)) for pid in pids for n in range(1, 8 * ROUNDS + 1))
    else:
        numbers = Counter(re.fullmatch(r"\(\[\{fd=-(\d+)\}\], 1, 0\) = 0 \(Timeout\)", rest)[1]
                          for _, _, _, rest, _ in map(parts, lines))
        assert numbers == Counter({str(n): 4 for n in range(1, 8 * ROUNDS + 1)})


def test_without_a_path_it_goes_to_standard_error(run, build):
    ended = run([build("programs/family")], {"log": "text"})
    assert all(map(parts, ended.stderr.decode().splitlines())) and b"epoll_create1" in ended.stderr


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_file_that_got_number_2_gets_no_line(form, run, build):
    ended = run([build("hostile/closed_stderr")], {"log": form}, preexec_fn=lambda: os.close(2))
    assert (ended.status, ended.stdout) == (0, b"database holds 7 bytes\n")


@pytest.mark.parametrize("path, why", [("/nonexistent/log", "No such file or directory"),
                                       ("/dev/full", "No space left on device")])
def test_a_path_that_cannot_be_written_is_said_once(path, why, run, build):
    ended = run([build("programs/family")], {"log": "text", "log_path": path})
    assert ended.status == 0
    said = f"pollcheck: log_path={path} cannot be written: {why}; calls are not logged\n"
    assert ended.stderr.decode() == said
