"""What is cut or damaged is left out and said; no mutation of a trace crashes or hangs a command."""
import os
import random
import re
import shutil
import subprocess

import pytest

from command import LIMIT, clean_environment, command, pollcheck  # noqa: F401
from conftest import BUILD, make
from test_show import make_trace
from tracefile import CONTENT_SIZE, HEAD, Trace


def damaged(tmp_path, change, packet_events=4):
    folder = tmp_path / "trace"
    trace = Trace(folder / "4711.0", packet_events=packet_events)
    for i in range(12):
        trace.event("read", 1000 * i + 1000, fd=i, result=1)
    trace.close()
    change(folder / "4711.0")
    return folder


def numbers(ended):
    return [int(number) for number in re.findall(r"read\((\d+),", ended.stdout)]


def cut(path, size):
    os.truncate(path, size)


def test_a_packet_without_its_head_is_left_out_and_named(pollcheck, tmp_path):
    ended = pollcheck("show", damaged(tmp_path, lambda folder: cut(folder / "1", 60)))
    assert ended.status == 0 and numbers(ended) == [0, 1, 2, 3, 8, 9, 10, 11]
    assert "4711.0/1: damaged" in ended.stderr and ended.stderr.count("\n") == 1


def test_a_cut_packet_gives_what_is_there(pollcheck, tmp_path):
    def cut_within(folder):
        size = int.from_bytes((folder / "1").read_bytes()[CONTENT_SIZE:CONTENT_SIZE + 4], "little") // 8
        cut(folder / "1", size - (size - HEAD) // 4 - 3)  # within the third of its four events
    ended = pollcheck("show", damaged(tmp_path, cut_within))
    assert ended.status == 0 and numbers(ended)[:6] == list(range(6)) and numbers(ended)[-4:] == [8, 9, 10, 11]
    assert "4711.0/1: damaged" in ended.stderr


def test_a_packet_with_a_torn_event_gives_those_before(pollcheck, tmp_path):
    def tear(folder):
        data = bytearray((folder / "2").read_bytes())
        size = int.from_bytes(data[CONTENT_SIZE:CONTENT_SIZE + 4], "little")
        data[CONTENT_SIZE:CONTENT_SIZE + 4] = (size - 40).to_bytes(4, "little")
        (folder / "2").write_bytes(data)
    ended = pollcheck("show", damaged(tmp_path, tear))
    assert ended.status == 0 and numbers(ended)[:11] == list(range(11))
    assert "thread 1: damaged" in ended.stderr


def test_an_unreadable_metadata_file_leaves_the_other_processes(pollcheck, tmp_path):
    folder = damaged(tmp_path, lambda folder: (folder / "metadata").write_text("/* CTF 1.8 */ nonsense"))
    other = Trace(folder / "5000.0", pid=5000)
    other.event("read", 1000, fd=77, result=1)
    other.close()
    ended = pollcheck("show", folder)
    assert ended.status == 0 and numbers(ended) == [77] and "4711.0/metadata: damaged" in ended.stderr


def test_nothing_is_left_behind(pollcheck, tmp_path):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    folder = damaged(tmp_path, lambda folder: cut(folder / "1", 60))
    pollcheck("show", folder, env={"TMPDIR": str(scratch)})
    assert list(scratch.iterdir()) == []


def test_a_control_character_of_a_name_reaches_no_terminal(pollcheck, tmp_path):
    trace = Trace(tmp_path / "1.0")
    trace.event("finding", 1000, severity=1, rule="eof-not-handled", message="\x1b[31m\x07", call="x")
    assert "\x1b" not in pollcheck("show", trace.close()).stdout


# --- mutations ---

MUTATIONS = 120
FLAGS = "-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all"
COMMANDS = [["show"], ["stats"], ["stats", "--json"], ["report", "-o", "/dev/null"], ["export", "--perfetto"]]


@pytest.fixture(scope="module")
def trace(tmp_path_factory):
    return make_trace(tmp_path_factory.mktemp("damage") / "trace")


@pytest.fixture(scope="session")
def sanitized():
    folder = BUILD / "read-sanitized"
    make(folder / "pollcheck", folder=folder, flags=[f"CFLAGS={FLAGS}"])
    return folder / "pollcheck"


def mutate(path, numbers):
    """Cuts the file, or turns up to ten bits where something stands."""
    data = bytearray(path.read_bytes())
    if numbers.randrange(4) == 0:
        path.write_bytes(data[:numbers.randrange(len(data))])
        return
    used = len(data.rstrip(b"\0"))
    for _ in range(numbers.choice([1, 1, 3, 10])):
        data[numbers.randrange(min(used + 8, len(data)))] ^= 1 << numbers.randrange(8)
    path.write_bytes(data)


@pytest.mark.parametrize("part", range(4))
def test_no_mutation_crashes_or_hangs(sanitized, trace, tmp_path, part):
    for number in range(part, MUTATIONS, 4):
        numbers, folder = random.Random(number), tmp_path / f"{number}"
        shutil.copytree(trace, folder)
        mutate(numbers.choice(sorted((folder / "4711.0").iterdir())), numbers)
        words = COMMANDS[number % len(COMMANDS)]
        ended = subprocess.run([sanitized, *words, folder], capture_output=True, timeout=LIMIT,
                               env=clean_environment(ASAN_OPTIONS="detect_leaks=0", TMPDIR=str(tmp_path)))
        told = ended.stderr.decode(errors="replace")
        assert ended.returncode in (0, 2) and "Sanitizer" not in told and "runtime error" not in told, (number, told)
        shutil.rmtree(folder)
