# select(2): the macros over fd_set, each exercised by a small C program.
from functools import partial

import pytest

from clause import clause, observe

clause = partial(clause, page="select(2)", section="File descriptor sets")

# Prints the members of `set` by FD_ISSET; `guard` behind it tells a write beyond it.
PROGRAM = """
#include <stdio.h>
#include <string.h>
#include <sys/select.h>

static struct { fd_set set; unsigned char guard[128]; } memory;

int main(void)
{
	volatile int fd = -1;
	unsigned changed = 0;
	memset(&memory, 0, sizeof(memory));
	%s
	for (fd = 0; fd < FD_SETSIZE; fd++)
		if (FD_ISSET(fd, &memory.set))
			printf("%%d ", fd);
	for (fd = 0; fd < (int)sizeof(memory.guard); fd++)
		changed += memory.guard[fd] != 0;
	printf("/ %%u", changed);
	return 0;
}
"""


@pytest.fixture
def members(compiler):
    """members(statements): the members of memory.set afterwards; a write behind the set fails the test."""
    def run(statements):
        found, _, changed = compiler.runs(PROGRAM % statements).partition("/ ")
        assert changed == "0"
        return [int(fd) for fd in found.split()]
    return run


@clause("FD-ZERO-EMPTIES", "FD_ZERO leaves no member")
def test_zero(members):
    assert members("memset(&memory.set, 0xff, sizeof(fd_set));") == list(range(1024))
    assert members("memset(&memory.set, 0xff, sizeof(fd_set)); FD_ZERO(&memory.set);") == []


@clause("FD-SET-ADDS", "FD_SET adds a member and nothing else")
@pytest.mark.parametrize("fd", [0, 1, 31, 32, 63, 64, 1023])
def test_set(members, fd):
    assert members(f"fd = {fd}; FD_SET(fd, &memory.set);") == [fd]


@clause("FD-SET-TWICE", "adding a member again is harmless: one FD_CLR takes it out")
def test_set_twice(members):
    twice = "fd = 77; FD_SET(fd, &memory.set); FD_SET(fd, &memory.set);"
    assert members(twice) == [77]
    assert members(twice + "FD_CLR(fd, &memory.set);") == []


@clause("FD-CLR-REMOVES", "FD_CLR removes a member and nothing else")
@pytest.mark.parametrize("fd", [0, 63, 64, 1023])
def test_clr(members, fd):
    left = members(f"memset(&memory.set, 0xff, sizeof(fd_set)); fd = {fd}; FD_CLR(fd, &memory.set);")
    assert left == [other for other in range(1024) if other != fd]


@clause("FD-CLR-ABSENT", "removing what is no member is harmless")
def test_clr_absent(members):
    assert members("fd = 5; FD_CLR(fd, &memory.set);") == []
    assert members("fd = 4; FD_SET(fd, &memory.set); fd = 5; FD_CLR(fd, &memory.set);") == [4]


@clause("FD-ISSET-VALUE", "FD_ISSET is non-zero for a member, zero for another, and changes nothing")
def test_isset(members):
    ask = "fd = 9; FD_SET(fd, &memory.set); {} fd = 20; FD_SET(fd, &memory.set);"
    assert members(ask.format("if (FD_ISSET(fd, &memory.set)) FD_SET(30, &memory.set);")) == [9, 20, 30]
    assert members(ask.format("fd = 8; if (FD_ISSET(fd, &memory.set)) FD_SET(30, &memory.set);")) == [9, 20]


@clause("FD-RANGE-UNDEFINED", "only 0 to FD_SETSIZE - 1 may be given; beyond, the behaviour is undefined",
        section="fd_set", level="may")
@pytest.mark.parametrize("number", ["FD_SETSIZE", "-1"])
def test_range(compiler, members, number):
    assert members("FD_SET(0, &memory.set); FD_SET(FD_SETSIZE - 1, &memory.set);") == [0, 1023]
    # without fortify, which would turn it into an abort
    result = compiler.runs(PROGRAM % f"fd = {number}; FD_SET(fd, &memory.set);", "-U_FORTIFY_SOURCE")
    observe(f"{number}: members / bytes changed behind the set: {result}")
