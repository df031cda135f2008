"""make flood: 8 GiB of events through a ring of 64 MiB."""
import re
import subprocess
import time

from command import clean_environment, command  # noqa: F401
from traces import complaints, shown

MADE, KEPT = 8 << 30, 64 << 20  # bytes
PLACES = 2 * (16 << 10)  # of the two threads, apart from the ring
THREADS, ENTRIES = 2, 64
EVENT = 9 + 28 + 16 * 8 + (ENTRIES - 1) * 8  # its head, its fields, what was asked, what came back
TIMES = -(-MADE // (EVENT * THREADS))  # for each thread


def on_disk(folder):
    """Sizes and blocks of the packets, as they are while the program runs."""
    status = [path.stat() for path in folder.glob("*/[0-9]*")]
    return sum(one.st_size for one in status), sum(one.st_blocks * 512 for one in status)


def flood(program, library, folder):
    """The most that was on the disk at any moment we looked, and how long it took."""
    options = f"trace={folder}:trace_size=64"
    began, most = time.monotonic(), (0, 0)
    with subprocess.Popen([program, str(TIMES), str(THREADS), "0", str(ENTRIES)],
                          env=clean_environment(LD_PRELOAD=str(library), POLLCHECK_OPTIONS=options)) as child:
        while child.poll() is None:
            most = max(most, on_disk(folder))
            time.sleep(0.02)
    assert child.returncode == 0
    return max(most, on_disk(folder)), time.monotonic() - began


def test_eight_gibibytes_in_a_ring_of_64_mebibytes(command, build, library, tmp_path):
    folder = tmp_path / "trace"
    (size, blocks), took = flood(build("trace/polls"), library, folder)
    assert KEPT * 7 / 8 < size <= KEPT + PLACES and blocks <= KEPT + PLACES + (64 << 10)
    by_thread, told = shown(command, folder)
    events = sum(map(len, by_thread.values()))
    gone = int(re.fullmatch(r".*: (\d+) older events were overwritten; see trace_size\n", told)[1])
    assert events + gone == THREADS * TIMES and events > KEPT * 7 / 8 / EVENT
    for numbers in by_thread.values():
        assert numbers == list(range(TIMES - len(numbers) + 1, TIMES + 1))
    assert complaints(folder) == ""
    print(f"{THREADS * TIMES} events, {MADE >> 30} GiB, in {took:.0f} s; at most {size} bytes on the disk; "
          f"{events} kept, {gone} overwritten")
