# Instances that watch instances: how deep, how many, and what passes through them. No page says it.
import os
from errno import EINVAL, ELOOP, ENOENT
from functools import partial

import pytest

from clause import clause
from descriptors import drain
from interest import interest_list
from masks import (EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD, EPOLLET, EPOLLIN, EPOLLOUT, EPOLLRDNORM,
                   EPOLLWRBAND, EPOLLWRNORM, EVERY_ANSWER)
from outcome import Fails
from readiness import polled, selected
from wakeups import poll_and_wait, reached, wait

clause = partial(clause, page="none", level="unsaid")
WATCHERS = 500  # of a file through one instance in between; 100, 50 and 10 through more
LEVEL_OR_EDGE = pytest.mark.parametrize("flags", [0, EPOLLET], ids=["level", "edge"])


@pytest.fixture
def chain(new_epoll):
    """chain(3): instances of which each but the first watches, with data 1, the one before."""
    def build(length):
        instances = [new_epoll() for _ in range(length)]
        for inner, outer in zip(instances, instances[1:]):
            outer.add(inner, EPOLLIN, data=1)
        return instances
    return build


# Limits

@clause("GRAPH-DEPTH-5", "five instances in a row work, and each of them tells what the innermost has")
def test_five_deep(route, chain, pipe):
    instances = chain(5)
    instances[0].add(pipe.read_end, EPOLLIN, data=1)
    assert [epoll.wait() for epoll in instances] == [[]] * 5
    os.write(pipe.write_end, b"x")
    assert [epoll.wait() for epoll in instances] == [[(EPOLLIN, 1)]] * 5
    drain(pipe.read_end)
    assert [epoll.wait() for epoll in instances] == [[]] * 5


@clause("GRAPH-DEPTH-6-UP", "a sixth instance on top of five fails with ELOOP")
@pytest.mark.parametrize("over_a_file", [True, False], ids=["over a pipe", "over nothing"])
def test_six_upward(route, chain, new_epoll, pipe, over_a_file):
    instances, sixth = chain(5), new_epoll()
    if over_a_file:
        instances[0].add(pipe.read_end, EPOLLIN, data=1)
    assert sixth.ctl(EPOLL_CTL_ADD, instances[-1], EPOLLIN) == Fails(ELOOP)
    sixth.add(instances[-2], EPOLLIN, data=1)


@clause("GRAPH-DEPTH-DOWN", "a sixth instance below five fails with ELOOP")
def test_six_downward(route, chain, new_epoll):
    instances, sixth = chain(5), new_epoll()
    assert instances[0].ctl(EPOLL_CTL_ADD, sixth, EPOLLIN) == Fails(ELOOP)
    instances[1].add(sixth, EPOLLIN, data=1)


@clause("GRAPH-CYCLE-DUP", "an instance cannot watch a duplicate of its own descriptor: EINVAL")
def test_own_duplicate(route, epoll, keep):
    duplicate = keep(os.dup(epoll.fd))
    assert epoll.ctl(EPOLL_CTL_ADD, duplicate, EPOLLIN) == Fails(EINVAL)
    assert route.epoll_ctl(duplicate, EPOLL_CTL_DEL, epoll, None) == Fails(EINVAL)
    assert interest_list(epoll) == []


@clause("GRAPH-WIDE-500", "500 instances may watch one that watches a file; one more fails with EINVAL")
def test_wide(route, nofile, new_epoll, pipe):
    nofile(WATCHERS + 400)
    inner = new_epoll()
    inner.add(pipe.read_end, EPOLLIN, data=1)
    outers = [new_epoll() for _ in range(WATCHERS)]
    for outer in outers:
        outer.add(inner, EPOLLIN, data=1)
    beyond = new_epoll()
    assert beyond.ctl(EPOLL_CTL_ADD, inner, EPOLLIN) == Fails(EINVAL)
    assert beyond.ctl(EPOLL_CTL_MOD, inner, EPOLLIN) == Fails(ENOENT)
    outers[0].delete(inner)
    beyond.add(inner, EPOLLIN, data=1)
    os.write(pipe.write_end, b"x")
    assert [epoll.wait() for epoll in (outers[0], outers[-1], beyond)] == [[], [(EPOLLIN, 1)], [(EPOLLIN, 1)]]


# What passes through

@clause("GRAPH-INNER-CLOSED", "a closed instance leaves the interest list of the one that watched it")
def test_inner_closed(chain, pipe, close):
    inner, outer = chain(2)
    inner.add(pipe.read_end, EPOLLIN)
    os.write(pipe.write_end, b"x")
    assert outer.wait() == [(EPOLLIN, 1)]
    close(inner.fd)
    assert outer.wait() == []
    assert interest_list(outer) == []


@clause("GRAPH-NEST-LT", "level-triggered, an instance is told of as long as it has events")
def test_nested_level(chain, pipe):
    inner, outer = chain(2)
    inner.add(pipe.read_end, EPOLLIN, data=2)
    os.write(pipe.write_end, b"x")
    assert [outer.wait() for _ in range(3)] == [[(EPOLLIN, 1)]] * 3
    assert inner.wait() == [(EPOLLIN, 2)]
    assert outer.wait() == [(EPOLLIN, 1)]
    drain(pipe.read_end)
    assert outer.wait() == []


@clause("GRAPH-NEST-ET", "edge-triggered, an instance is told of once for each change it sees")
@LEVEL_OR_EDGE
def test_nested_edge(chain, pipe, flags):
    inner, outer = chain(2)
    inner.add(pipe.read_end, EPOLLIN | flags, data=2)
    outer.mod(inner, EPOLLIN | EPOLLET, data=1)
    for _ in range(2):
        os.write(pipe.write_end, b"x")
        assert [outer.wait() for _ in range(2)] == [[(EPOLLIN, 1)], []]
    assert inner.wait() == [(EPOLLIN, 2)]
    assert outer.wait() == []


@clause("GRAPH-NEST-RDNORM", "of an instance with events RDNORM is true besides IN")
@pytest.mark.parametrize("asked, told", [(EPOLLIN, EPOLLIN), (EPOLLRDNORM, EPOLLRDNORM),
                                         (EVERY_ANSWER, EPOLLIN | EPOLLRDNORM)], ids=str)
def test_nested_rdnorm(chain, pipe, asked, told):
    inner, outer = chain(2)
    inner.add(pipe.write_end, EPOLLOUT)
    outer.mod(inner, asked, data=1)
    assert outer.wait() == [(told, 1)]


@clause("GRAPH-NEST-NEVER-OUT", "an instance is never writable")
@pytest.mark.parametrize("registered", [False, True], ids=["idle", "with events"])
def test_never_writable(route, chain, pipe, registered):
    inner, outer = chain(2)
    if registered:
        inner.add(pipe.write_end, EPOLLOUT)
    writable = EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND
    outer.mod(inner, writable, data=1)
    assert polled(inner, writable, route) == 0
    assert "write" not in selected(inner, route)
    assert outer.wait() == []


@clause("GRAPH-NEST-ET-OUTER-WAKEUPS", "a nested event reaches all who wait at the outer instance, or one if "
        "that watches edge-triggered; how the inner one watches makes no difference")
@pytest.mark.parametrize("calls", [(wait, wait), (wait, poll_and_wait), (poll_and_wait, poll_and_wait)],
                         ids=["two wait", "one polls", "two poll"])
@pytest.mark.parametrize("outer_flags, number", [(0, 2), (EPOLLET, 1)], ids=["outer level", "outer edge"])
@LEVEL_OR_EDGE
def test_nested_wakeups(chain, pipe, waiting, flags, outer_flags, number, calls):
    inner, outer = chain(2)
    inner.add(pipe.read_end, EPOLLIN | flags)
    outer.mod(inner, EPOLLIN | outer_flags, data=1)
    waiters = [waiting(call, outer) for call in calls]
    os.write(pipe.write_end, b"x")
    assert reached(waiters, number) == number
