"""Stacks of what went before: through a function that many call, the caller whose descriptor it was; with and
without frame pointers. programs/wrappers.c names its functions so that the right caller's begin with second."""
import subprocess

import pytest

from conftest import TEST

PROGRAM = "programs/wrappers"
OPTIMISED = {"plain": ["-O0"], "optimised": ["-O2"], "frame pointers": ["-O2", "-fno-omit-frame-pointer"],
             "size": ["-Os"], "stack protector": ["-O2", "-fstack-protector-all", "-fstack-clash-protection"]}
EXPECTED = {"registered": "adds", "created": "opens", "closed": "drops"}


@pytest.fixture
def chains(run, build):
    """The functions of each stack of the only finding of a way: {"called": [...], "registered": [...], …}."""
    def of_way(way, *flags, compiler="gcc"):
        watched = run([build(PROGRAM, "-rdynamic", *flags, compiler=compiler), way], {"level": "note"})
        finding, = watched.findings
        assert watched.status == 0
        stacks = {"called": finding["stack"]} | {entry["what"].split()[0]: entry["stack"]
                                                 for entry in finding.get("related", [])}
        return {what: [frame.get("function", "?") for frame in stack] for what, stack in stacks.items()}
    return of_way


def assert_second(chain, innermost):
    assert chain[0] == innermost and chain[1].startswith("second_caller"), chain


@pytest.mark.parametrize("way", ["spins", "threads"])
@pytest.mark.parametrize("flags", OPTIMISED.values(), ids=OPTIMISED)
@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_registration_and_creation_by_the_second_caller(way, compiler, flags, chains):
    found = chains(way, *flags, compiler=compiler)
    assert_second(found["registered"], "adds")
    assert_second(found["created"], "opens")


@pytest.mark.parametrize("flags", OPTIMISED.values(), ids=OPTIMISED)
def test_a_frame_that_changes_its_size(flags, chains):
    assert_second(chains("room", *flags)["registered"], "adds_with_room")


@pytest.mark.parametrize("flags", OPTIMISED.values(), ids=OPTIMISED)
def test_a_close_by_the_second_caller(flags, chains):
    assert_second(chains("twice", *flags)["closed"], "drops")


@pytest.mark.parametrize("flags", OPTIMISED.values(), ids=OPTIMISED)
def test_a_refused_registration_by_the_second_caller(flags, chains):
    assert_second(chains("refused", *flags)["called"], "adds")


@pytest.mark.parametrize("flags", OPTIMISED.values(), ids=OPTIMISED)
def test_more_callers_than_there_is_room_for(flags, chains):
    """Then the first caller stands in; nothing else goes wrong."""
    found = chains("many", *flags)
    assert found["registered"][0] == "adds" and found["created"][0] == "opens"


def test_without_unwind_tables_the_call_site_alone_is_shown(chains):
    found = chains("spins", "-O2", "-fno-asynchronous-unwind-tables", "-fno-exceptions")
    assert found["registered"][0] == "adds" and found["created"][0] == "opens"


def test_without_symbols_there_is_module_offset_and_build_id(run, build, tmp_path):
    program = tmp_path / "stripped"
    subprocess.run(["strip", "-o", program, build(PROGRAM)], check=True)
    finding, = run([program, "spins"]).findings
    notes = subprocess.run(["readelf", "-n", program], capture_output=True, text=True, check=True).stdout
    for stack in [finding["stack"], *(entry["stack"] for entry in finding["related"])]:
        frame = stack[0]
        assert frame["module"] == str(program) and frame["build_id"] in notes and "function" not in frame
    # what its user does with the symbols kept elsewhere
    registered, = [entry["stack"] for entry in finding["related"] if entry["what"].startswith("registered")]
    named = subprocess.run(["addr2line", "-fse", build(PROGRAM), *(hex(frame["offset"] - 1) for frame in registered[:2])],
                           capture_output=True, text=True, check=True).stdout.splitlines()
    source = (TEST / "programs/wrappers.c").read_text().splitlines()
    assert named[::2] == ["adds", "second_caller"]
    assert [source[int(place.split(":")[1].split()[0]) - 1].strip() for place in named[1::2]] == [
        "int result = epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event);", "adds(fd, EPOLLIN);"]
