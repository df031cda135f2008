"""trace_size: a ring that keeps the newest, counts what is gone, and needs no system call."""
import re
import shutil
import subprocess
import tempfile
from collections import Counter

import pytest

from conftest import needs_root, straced
from traces import accounted, complaints, numbers, traced  # noqa: F401

EVENT_OF_POLL = 9 + 28 + 8  # bytes: its head, its fields, one entry


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


def system_calls(argv, environ, folder):
    """How often strace saw each system call of a run."""
    subprocess.run(straced(argv, environ, folder / "calls", "-f", "-c", "-U", "name,calls"),
                   check=True, capture_output=True)
    counted = Counter()
    for line in (folder / "calls").read_text().splitlines():
        words = line.split()
        if len(words) == 2 and words[1].isdigit() and words[0] != "total":
            counted[words[0]] = int(words[1])
    return counted


def more_calls(library, folder, few, many):
    """What the second run makes beyond the first, both with a small ring."""
    assert shutil.which("strace"), "install strace, as ci/setup check does"
    environ = {"LD_PRELOAD": library, "POLLCHECK_OPTIONS": f"trace={folder}/trace:trace_size=1"}
    first, second = (system_calls(argv, environ, folder) for argv in (few, many))
    assert first["renameat2"] > 10
    return second - first


def test_a_ring_that_is_full_needs_no_system_call(build, library, tmp_path):
    program = build("trace/polls")
    assert more_calls(library, tmp_path, [program, 25000], [program, 50000]) == Counter(poll=25000)


@pytest.fixture(params=["disk", "memory"])
def place(request, tmp_path):
    """A folder of what may be a disk's file system, and of what hardly ever is."""
    if request.param == "disk":
        yield str(tmp_path)
        return
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield folder


def advised(argv, environ, log):
    """Where strace saw advice being given on packets of the largest size, and which."""
    subprocess.run(straced(argv, environ, log, "-f", "-e", "trace=madvise"), check=True)
    return [(int(address, 16), advice)
            for address, advice in re.findall(r"madvise\((0x\w+), 1048576, (\w+)", log.read_text())]


def test_a_packet_gets_its_pages_as_its_file_system_gives_them_fastest(place, build, library, tmp_path):
    environ = {"LD_PRELOAD": library, "POLLCHECK_OPTIONS": f"trace={place}/trace"}
    seen = advised([build("trace/polls"), 60000, 1, 0, 16], environ, tmp_path / "calls")
    kind = subprocess.check_output(["stat", "-f", "-c", "%T", place])
    expected = "MADV_POPULATE_READ" if kind == b"tmpfs\n" else "MADV_POPULATE_WRITE"
    assert len(seen) > 8 and {advice for _, advice in seen} == {expected}
    page_table = 2 << 20
    split = [address for address, _ in seen if address % page_table > page_table // 2]
    assert len(split) <= len(seen) // 4, "a hole between libraries may force one or two; chance splits half"
    assert complaints(f"{place}/trace") == ""


@pytest.mark.parametrize("where, looks", [("local", 0), ("static", 1)])
def test_sets_elsewhere_than_in_the_caller_are_looked_at_by_the_kernel(where, looks, build, library, tmp_path):
    """Between two powers of two, where no call is looked at closely."""
    program = build("trace/selects")
    more = more_calls(library, tmp_path, [program, 34000, where], [program, 44000, where])
    waits = more.pop("select", 0) or more.pop("pselect6")
    assert waits == 10000 and more == Counter(getpid=looks * waits, process_vm_readv=looks * waits)


@pytest.mark.parametrize("where", ["local", "static"])
def test_wherever_sets_are_they_are_recorded(where, traced):
    found, _, _ = traced("trace/selects", 100, where)
    asked = [event.fields["asked"] for event in found if event.name == "select"]
    assert len(asked) == 100 and all(one == [{"fd": 3, "events": 1}] for one in asked)


@needs_root
def test_a_thread_without_room_looks_for_it_now_and_then(build, library, tmp_path):
    """It may make no file, as the program gave up its privileges: its events are counted, and cheap."""
    environ = {"LD_PRELOAD": library, "POLLCHECK_OPTIONS": f"trace={tmp_path}/trace"}
    program = build("trace/dropped")
    more = system_calls([program, 20100], environ, tmp_path) - system_calls([program, 100], environ, tmp_path)
    assert more.pop("poll") == 20000
    assert sum(more.values()) < 20000 / 50, more
