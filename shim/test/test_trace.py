"""The trace: what babeltrace2 reads of it, however the program ended."""
import itertools
import json
import os
import resource
import shutil
import signal
import subprocess
import time
from collections import Counter

import pytest

from traces import WAITS, complaints, events, numbers

CALLS = WAITS | {"poll", "ppoll", "select", "pselect", "epoll_create", "epoll_create1", "epoll_ctl"}
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="mount needs root")


@pytest.fixture
def traced(run, build, tmp_path):
    """traced(program, ...): its trace, which babeltrace2 reads without a word, and how it ended."""
    def run_traced(program, *arguments, options=None, warnings="", **more):
        folder = tmp_path / f"{program.replace('/', '-')}{'-'.join(map(str, arguments))}.trace"
        ended = run([build(program), *arguments], {"trace": folder, **(options or {})}, **more)
        assert complaints(folder) == warnings
        return list(events(folder)), ended, folder
    return run_traced


def named(mask):
    """The bits of a mask of the log; those without a name are in there as a number."""
    return sum(int(bit, 0) if bit[0].isdigit() else BITS[bit.removeprefix("EPOLL").removeprefix("POLL")]
               for bit in mask.split("|"))


BITS = {"IN": 1, "PRI": 2, "OUT": 4, "ERR": 8, "HUP": 16, "NVAL": 32, "RDNORM": 64, "RDBAND": 128,
        "WRNORM": 256, "WRBAND": 512, "MSG": 1024, "RDHUP": 0x2000}


def as_logged(event):
    """What the log's object has of a call, from its event."""
    fields = event.fields
    entry = {"call": event.name, "result": fields["result"]}
    for key in ("epfd", "op", "fd", "maxevents", "nfds"):
        if key in fields:
            entry[key] = fields[key]
    if "argument" in fields:
        entry["flags" if event.name == "epoll_create1" else "size"] = fields["argument"]
    if fields.get("timeout_is") == "milliseconds":
        entry["timeout"] = fields["timeout_fraction"]
    elif "timeout" in fields:
        entry["timeout"] = fields["timeout"]
    if fields["result"] < 0:
        entry["errno"] = fields["error"]
    if fields["result"] > 0 and "ready" in fields and "select" not in event.name:
        entry["ready"] = [{"fd": one["fd"], "events": one["events"]} for one in fields["ready"][:12]]
    return entry


def logged(line):
    entry = json.loads(line)
    for key in ("pid", "tid", "time", "duration", "notation"):
        del entry[key]
    for one in entry.get("ready", []):
        one["events"] = named(one["events"])
    if entry.get("op", "").isdigit():
        entry["op"] = int(entry["op"])
    return entry


@pytest.mark.parametrize("program", ["programs/family", "programs/long_lists", "rules/eof-not-handled",
                                     "rules/fd-reuse-stale-event"])
def test_events_are_what_the_log_has(program, traced, tmp_path):
    log = tmp_path / "log"
    found, _, _ = traced(program, options={"log": "json", "log_path": log})
    assert [as_logged(event) for event in found if event.name in CALLS] == \
        list(map(logged, log.read_text().splitlines()))


def test_times_are_those_of_the_log(traced, tmp_path):
    log = tmp_path / "log"
    found, _, _ = traced("programs/family", options={"log": "json", "log_path": log})
    calls = [event for event in found if event.name in CALLS]
    for event, entry in zip(calls, map(json.loads, log.read_text().splitlines())):
        assert event.fields["duration"] <= entry["duration"] * 1e9 + 1000
        assert event.time - 1000 <= entry["time"] * 1e9
    assert all(one.time <= other.time for one, other in zip(calls, calls[1:]))


WAYS = {"return": 0, "_exit": 0, "exec": 0, "kill": -signal.SIGKILL, "segv": -signal.SIGSEGV,
        "abort": -signal.SIGABRT}


@pytest.mark.parametrize("way", WAYS)
def test_all_is_there_up_to_the_last_call(way, traced):
    found, ended, folder = traced("trace/dies", way, preexec_fn=lambda: resource.setrlimit(
        resource.RLIMIT_CORE, (0, 0)))
    assert ended.status == WAYS[way]
    programs = 2 if way == "exec" else 1
    assert numbers(found) == list(range(1, 1001)) * programs
    assert len(list(folder.iterdir())) == programs


def test_a_hundred_children_have_traces_of_their_own(traced):
    found, ended, folder = traced("trace/polls", 50, 1, 100)
    assert ended.status == 0
    children = [event.fields["child"] for event in found if event.name == "forked"]
    assert len(children) == 100 and len({event.pid for event in found}) == 101
    for pid in {event.pid for event in found}:
        assert numbers(event for event in found if event.pid == pid) == list(range(1, 51))
    assert {path.name for path in folder.iterdir()} >= {f"{pid}.0" for pid in children}


def test_a_child_that_makes_no_call_leaves_nothing(traced):
    _, _, folder = traced("trace/children", "silent")
    assert len(list(folder.iterdir())) == 1


def test_a_child_nobody_saw_born_does_not_write_into_its_parents_trace(traced):
    found, _, folder = traced("trace/children", "clone")
    by_pid = Counter(event.pid for event in found if event.name == "poll")
    assert sorted(by_pid.values()) == [10, 20] and len(list(folder.iterdir())) == 2


def test_a_child_in_the_parents_memory_writes_nothing(traced):
    found, _, folder = traced("trace/children", "vfork")
    assert numbers(found) == list(range(1, 11)) and len(list(folder.iterdir())) == 1


def test_256_threads(traced):
    found, ended, _ = traced("trace/polls", 200, 256, timeout=300)
    assert ended.status == 0
    by_thread = {}
    for event in found:
        if event.name == "poll":
            by_thread.setdefault(event.context["tid"], []).append(numbers([event])[0] & 0xffffff)
    assert len(by_thread) == 256
    assert all(seen == list(range(1, 201)) for seen in by_thread.values())


def test_signal_handlers_record_too(traced):
    found, ended, _ = traced("trace/interrupted", timeout=300)
    mine, handlers = map(int, ended.stdout.split())
    seen = numbers(found)
    assert [n for n in seen if n < 0x1000000] == list(range(1, mine + 1))
    assert [n - 0x1000000 for n in seen if n >= 0x1000000] == list(range(handlers))


def newest_packet(folder):
    """The first 96 bytes of each packet there is, the last begun first."""
    heads = [path.read_bytes()[:96] for path in folder.glob("*/[0-9]*")]
    return sorted((head[32:40][::-1] for head in heads if len(head) == 96), reverse=True)


@pytest.mark.parametrize("size", [0, 1])
def test_killed_at_any_moment(size, build, library, tmp_path):
    """Three times, each a little later than some packet was begun."""
    for turn in range(3):
        folder = tmp_path / str(turn)
        child = subprocess.Popen([build("trace/polls"), str(1 << 23), "2"], env={
            "LD_PRELOAD": str(library), "POLLCHECK_OPTIONS": f"trace={folder}:trace_size={size}"})
        deadline, seen = time.monotonic() + 60, set()
        while len(seen) < 3 + turn:
            assert child.poll() is None and time.monotonic() < deadline
            seen |= set(newest_packet(folder)[:1])
        child.kill()
        child.wait()
        assert complaints(folder) == ""
        by_thread = {}
        for event in itertools.islice(events(folder), 30000):
            if event.name == "poll":
                by_thread.setdefault(event.context["tid"], []).append(numbers([event])[0] & 0xffffff)
        assert all(thread == list(range(thread[0], thread[0] + len(thread))) for thread in by_thread.values())
        assert max(map(len, by_thread.values())) > 100


# --- the ring ---

EVENT_OF_POLL = 9 + 28 + 8  # bytes: its head, its fields, one entry

def accounted(found):
    """Events that are there, and those that were overwritten or discarded, as the packets tell."""
    calls = [event for event in found if event.name != "site"]
    return len(calls), max(event.context["overwritten"] for event in calls)


def packets_of(folder):
    """Their bytes; places are apart, 16 KiB for each thread that was the first somewhere."""
    return sum(path.stat().st_size for path in folder.glob("*/[0-9]*"))


def test_a_ring_keeps_the_newest_and_says_what_is_gone(traced):
    """128 times what it holds, and 8 GiB is 128 times 64 MiB."""
    times = 128 * (1 << 20) // EVENT_OF_POLL
    found, _, folder = traced("trace/polls", times, options={"trace_size": 1})
    seen = numbers(found)
    assert seen == list(range(times - len(seen) + 1, times + 1)) and len(seen) > 10000
    here, gone = accounted(found)
    assert here + gone == times
    assert packets_of(folder) <= (1 << 20) + (16 << 10)


def test_threads_share_a_ring(traced):
    found, _, folder = traced("trace/polls", 100000, 8, options={"trace_size": 1})
    here, gone = accounted(found)
    assert here + gone == 8 * 100000
    for event in found:
        assert event.name in ("poll", "site")
    assert packets_of(folder) <= (1 << 20) + 16 * (16 << 10)


def test_without_a_limit_all_of_it_is_there(traced):
    found, _, _ = traced("trace/polls", 40000, options={"trace_size": 0})
    assert numbers(found) == list(range(1, 40001))


def test_threads_that_ended_leave_their_room(traced):
    found, ended, folder = traced("trace/one_after_another", 600, options={"trace_size": 1})
    assert ended.status == 0
    here, gone = accounted(found)
    assert here + gone == 600 * 10
    assert packets_of(folder) <= (1 << 20) + (64 << 10)


# --- where it is written ---

def test_nobody_else_can_read_it(traced):
    _, _, folder = traced("programs/family")
    process = next(folder.iterdir())
    assert [path.stat().st_mode & 0o777 for path in (folder, process)] == [0o700, 0o700]
    files = list(process.iterdir())
    assert "metadata" in {path.name for path in files} and len(files) > 2
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in files)
    assert not [path for path in files if path.name.startswith(".")]


@pytest.mark.parametrize("folder, why", [("/proc/nothing", "No such file or directory"),
                                         ("/dev/null", "Not a directory")])
def test_a_folder_that_cannot_be_made_is_said_once(folder, why, run, build):
    ended = run([build("trace/polls"), 10, 2, 3], {"trace": folder})
    assert ended.status == 0
    assert ended.stderr.decode() == f"pollcheck: trace={folder}: {why}; nothing is recorded\n"


@needs_root
def test_a_full_disk_ends_the_growth_not_the_program(run, build, library, tmp_path):
    kept, disk = tmp_path / "kept", tmp_path / "disk"
    disk.mkdir()
    script = 'mount -t tmpfs -o size=300k none disk && LD_PRELOAD="$1" "$2" 100000; echo $?; cp -r disk/trace "$3"'
    ended = run(["unshare", "-m", "sh", "-c", script, "sh", library, build("trace/polls"), kept], preload=False,
                cwd=tmp_path, env={"POLLCHECK_OPTIONS": f"trace={disk}/trace"})
    assert ended.stdout.decode() == "0\n"
    assert ended.stderr.decode() == (f"pollcheck: trace={disk}/trace: no further file can be made there: No space "
                                     "left on device; recording goes on over the oldest events\n")
    assert complaints(kept) == ""
    seen = numbers(events(kept))
    assert seen == list(range(100001 - len(seen), 100001)) and len(seen) > 100


def test_the_limit_of_file_sizes_is_not_met(traced):
    """Nor does its signal come, which would end the program."""
    found, ended, folder = traced("trace/polls", 20000, preexec_fn=lambda: resource.setrlimit(
        resource.RLIMIT_FSIZE, (20000, 20000)))
    assert ended.status == 0
    assert ended.stderr.decode() == (f"pollcheck: trace={folder}: no further file can be made there: File too "
                                     "large; recording goes on over the oldest events\n")
    here, gone = accounted(found)
    assert here + gone == 20000


def test_recording_goes_on_in_a_sandbox(traced):
    found, ended, _ = traced("hostile/sandbox", "list", "prctl")
    assert ended.stdout == b"sandbox done\n"
    waits = [event for event in found if event.name in CALLS]
    assert len(waits) > 300 * 4


def test_findings_are_in_it(traced):
    found, ended, _ = traced("programs/family")
    in_trace = [event.fields for event in found if event.name == "finding"]
    assert len(in_trace) == len(ended.findings) > 2
    for fields, finding in zip(in_trace, ended.findings):
        for key in ("rule", "severity", "message", "call", "result"):
            assert fields[key] == finding[key]
        assert [frame["offset"] for frame in fields["stack"]] == [frame["offset"] for frame in finding["stack"]]
        assert [one["what"] for one in fields["related"]] == \
            [one["what"] for one in finding.get("related", [])]


def test_a_finding_precedes_the_call_it_is_about(traced):
    found, _, _ = traced("programs/family")
    for index, event in enumerate(found):
        if event.name == "finding":
            call = next(after for after in found[index:] if after.name in CALLS)
            assert event.fields["call"].startswith(call.name) and call.time == event.time


def test_descriptors_are_born_and_die(traced):
    found, _, _ = traced("transparency/descriptor_life")
    alive = {}
    for event in found:
        fields = event.fields
        if event.name == "descriptor_born":
            assert alive.get(fields["fd"], 0) < fields["generation"]
            alive[fields["fd"]] = fields["generation"]
        elif event.name == "descriptor_closed":
            assert alive[fields["fd"]] == fields["generation"]
    kinds = {event.fields["kind"] for event in found if event.name == "descriptor_born"}
    assert {"UDP", "TIMERFD", "EVENTFD"} <= kinds
    assert any(event.fields["from"] >= 0 for event in found if event.name == "descriptor_born")


def test_every_place_is_told(traced):
    found, _, _ = traced("programs/family")
    told = {event.fields["site"]: event.fields["stack"] for event in found if event.name == "site"}
    used = {event.fields["site"] for event in found if event.name != "site"} - {0}
    assert used <= set(told)
    assert all(stack and stack[0]["module"].endswith("/family") for stack in told.values())


def test_it_serves_who_reads_input(traced):
    """What a reader needs to tell which handler served an event."""
    found, _, _ = traced("transparency/input")
    names = {event.name for event in found}
    assert {"read", "readv", "recv", "recvfrom", "recvmsg"} <= names
    reads = [event.fields for event in found if event.name == "read"]
    assert {"fd", "result", "error", "duration", "site"} <= set(reads[0])
    assert any(fields["result"] > 0 for fields in reads) and any(fields["error"] != "none" for fields in reads)


def system_calls(program, times, environ, folder):
    """How often strace saw each system call of a run."""
    given = [word for name, value in environ.items() for word in ("-E", f"{name}={value}")]
    subprocess.run(["strace", "-f", "-c", "-U", "name,calls", "-o", folder / "calls", *given, program, str(times)],
                   check=True, capture_output=True)
    counted = Counter()
    for line in (folder / "calls").read_text().splitlines():
        words = line.split()
        if len(words) == 2 and words[1].isdigit() and words[0] != "total":
            counted[words[0]] = int(words[1])
    return counted


def test_a_ring_that_is_full_needs_no_system_call(build, library, tmp_path):
    assert shutil.which("strace"), "install strace, as ci/setup check does"
    environ = {"LD_PRELOAD": library, "POLLCHECK_OPTIONS": f"trace={tmp_path}/trace:trace_size=1"}
    few, many = (system_calls(build("trace/polls"), times, environ, tmp_path) for times in (25000, 50000))
    assert few["renameat2"] > 10 and many - few == Counter(poll=25000)
