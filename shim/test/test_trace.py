"""The trace: what babeltrace2 reads of it, however the program ended, and where it is written."""
import itertools
import resource
import signal
import subprocess
import time
from collections import Counter

import pytest

from conftest import needs_root
from traces import accounted, complaints, events, is_of_family, numbers, traced  # noqa: F401

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
    waits = [event for event in found if is_of_family(event)]
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
            call = next(after for after in found[index:] if is_of_family(after))
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
