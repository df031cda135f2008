# epoll_wait(2): events, maxevents, timeouts, errors, and its NOTES and BUGS.
import os
import re
import signal
import struct
import time
from errno import EBADF, EFAULT, EINTR, EINVAL, ENOSYS, EPERM
from functools import partial
from pathlib import Path

import pytest

from clause import clause
from descriptors import new
from libc import libc, raw
from masks import EPOLLERR, EPOLLET, EPOLLHUP, EPOLLIN, EPOLLOUT, EPOLLPRI, EPOLLRDHUP, POLLIN
from memory import PROT_NONE, PROT_READ, WILD, Buffer, Events
from outcome import Fails, Returns
from readiness import polled
from surroundings import may_disturb
from waiting import settled, until

clause = partial(clause, page="epoll_wait(2)")
INT_MAX, INT_MIN = 2**31 - 1, -2**31
TIMER_LIST = Path("/proc/timer_list")
ADJ_SETOFFSET, CLOCK_REALTIME, TFD_TIMER_ABSTIME = 0x100, 0, 1
READ_ONLY, UNREADABLE = Buffer(bytes(16)).protect(PROT_READ), Buffer(bytes(16)).protect(PROT_NONE)
BROKEN = EPOLLERR | EPOLLHUP


@pytest.fixture
def writable(epoll, new_pipe):
    """writable(3): that many writable pipes, registered for OUT with data 0, 1, 2."""
    def register(number, flags=0):
        for data in range(number):
            epoll.add(new_pipe().write_end, EPOLLOUT | flags, data=data)
    return register


def ready(*data):
    return [(EPOLLOUT, number) for number in data]


# Events

@clause("EPWT-RETURN-COUNT", "the result is the number of ready descriptors, whose events fill the buffer",
        section="RETURN VALUE")
@pytest.mark.parametrize("number", [0, 1, 2, 7])
def test_return_count(route, epoll, pipe, writable, number):
    epoll.add(pipe.read_end, EPOLLIN, data=99)
    writable(number)
    events = Events(8)
    assert route.epoll_wait(epoll, events, 8, 0) == Returns(number)
    assert events == ready(*range(number))


@clause("EPWT-MAXEVENTS", "at most maxevents events are returned, the others by the calls that follow",
        section="DESCRIPTION")
def test_maxevents(route, epoll, writable):
    writable(13, EPOLLET)
    events, told = Events(16), []
    counts = []
    for _ in range(6):
        counts.append(route.epoll_wait(epoll, events, 3, 0).value)
        told += events
    assert counts == [3, 3, 3, 3, 1, 0]
    assert told == ready(*range(13))


@clause("EPWT-DATA-LATEST", "data is what the latest ADD or MOD for that open file gave",
        section="DESCRIPTION")
def test_latest_data(route, epoll, pipe):
    epoll.add(pipe.write_end, EPOLLOUT, data=1)
    assert epoll.wait() == [(EPOLLOUT, 1)]
    epoll.mod(pipe.write_end, EPOLLOUT, data=2)
    assert epoll.wait() == [(EPOLLOUT, 2)]
    epoll.delete(pipe.write_end)
    epoll.add(pipe.write_end, EPOLLOUT, data=3)
    assert epoll.wait() == [(EPOLLOUT, 3)]


@clause("EPWT-EVENTS-MASK", "events says which of the conditions asked for are true of that open file",
        section="DESCRIPTION")
@pytest.mark.parametrize("kind, told", [
    ("pipe.read_end", 0), ("pipe.write_end", EPOLLOUT), ("eventfd", EPOLLOUT), ("timerfd", 0),
    ("pty.master", EPOLLOUT), ("udp.ours", EPOLLOUT), ("unix_pair.ours", EPOLLOUT), ("listener", 0),
    ("fresh_tcp", EPOLLOUT | EPOLLHUP), ("tcp_connecting", 0), ("udp_refused", EPOLLOUT | EPOLLERR),
    ("tcp_half_closed.ours", EPOLLIN | EPOLLOUT | EPOLLRDHUP),
    ("tcp_reset.ours", EPOLLIN | EPOLLOUT | EPOLLRDHUP | BROKEN),
    ("tcp_refused", EPOLLIN | EPOLLOUT | EPOLLRDHUP | BROKEN)])
def test_events(route, epoll, request, kind, told):
    kind, _, part = kind.partition(".")
    target = request.getfixturevalue(kind)
    target = getattr(target, part) if part else target
    epoll.add(target, EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP, data=1)
    assert epoll.wait() == [(told, 1)] * bool(told)


@clause("EPWT-ROUND-ROBIN", "with more descriptors ready than maxevents the calls go round all of them",
        section="NOTES")
def test_round_robin(route, epoll, writable):
    writable(5)
    told = [epoll.wait(maxevents=2) for _ in range(5)]
    assert told == [ready(0, 1), ready(2, 3), ready(4, 0), ready(1, 2), ready(3, 4)]


# Blocking and the timeout

@clause("EPWT-BLOCKS", "the call waits until an event is there", section="DESCRIPTION")
@pytest.mark.parametrize("timeout", [300_000, -1])
def test_blocks(route, epoll, pipe, waiting, timeout):
    epoll.add(pipe.read_end, EPOLLIN, data=1)
    events = Events(4)
    waiter = waiting(route.epoll_wait, epoll, events, 4, timeout)
    os.write(pipe.write_end, b"x")
    assert waiter.result() == Returns(1)
    assert events == [(EPOLLIN, 1)]


@clause("EPWT-TIMEOUT-MS", "with no event the call returns 0 after timeout milliseconds",
        section="DESCRIPTION")
@pytest.mark.parametrize("timeout", [1, 10, 100])
def test_timeout(route, epoll, pipe, timeout):
    epoll.add(pipe.read_end, EPOLLIN, data=1)
    result = route.epoll_wait(epoll, Events(4), 4, timeout)
    assert result == Returns(0)
    assert result.seconds >= timeout / 1000


@clause("EPWT-NOT-EARLY", "the timeout is rounded up, so the call never returns before it is over",
        section="DESCRIPTION")
def test_not_early(route, epoll):
    early = [timeout for timeout in [1, 2, 3, 4] * 10
             if route.epoll_wait(epoll, Events(1), 1, timeout).seconds < timeout / 1000]
    assert early == []


@clause("EPWT-TIMEOUT-ZERO", "with timeout 0 the call returns at once, with or without events",
        section="DESCRIPTION")
def test_timeout_zero(route, epoll, pipe):
    epoll.add(pipe.read_end, EPOLLIN, data=1)

    def brief():
        result = route.epoll_wait(epoll, Events(4), 4, 0)
        assert result == Returns(0)
        return result.seconds < 0.0005
    until(brief, "a wait shorter than half a millisecond")
    os.write(pipe.write_end, b"x")
    assert epoll.wait(timeout=0) == [(EPOLLIN, 1)]


@clause("EPWT-TIMEOUT-INF", "with timeout -1 the call waits without limit", section="DESCRIPTION")
def test_timeout_infinite(route, epoll, pipe, signals, waiting):
    signals.catch(signal.SIGUSR1)
    epoll.add(pipe.read_end, EPOLLIN, data=1)
    first, second = Events(1), Events(1)
    waiter = waiting(route.epoll_wait, epoll, first, 1, -1)
    waiter.signal(signal.SIGUSR1)
    assert waiter.result() == Fails(EINTR)
    waiter = waiting(route.epoll_wait, epoll, second, 1, -1)
    assert libc.poll(None, 0, 300) == Returns(0)  # a hidden limit below this would be seen
    assert settled([waiter]) == 0
    os.write(pipe.write_end, b"x")
    assert waiter.result() == Returns(1)
    assert second == [(EPOLLIN, 1)]


def expiries():
    """When the kernel's timers will expire, in nanoseconds of CLOCK_MONOTONIC."""
    return [int(at) for at in re.findall(r"expires at (\d+)-", TIMER_LIST.read_text())]


@clause("EPWT-LONG-TIMEOUT", "very long timeouts are kept, not taken for infinity", section="BUGS")
@pytest.mark.parametrize("timeout", [INT_MAX, INT_MAX // 1000 + 1])
def test_long_timeout(route, epoll, signals, waiting, timeout):
    signals.catch(signal.SIGUSR1)
    began = time.monotonic_ns()
    waiter = waiting(route.epoll_wait, epoll, Events(1), 1, timeout)
    if os.access(TIMER_LIST, os.R_OK):  # nobody waits 24 days to see it
        first, last = began + timeout * 1_000_000, time.monotonic_ns() + timeout * 1_000_000
        until(lambda: any(first <= at <= last for at in expiries()), "its timer is listed")
    waiter.signal(signal.SIGUSR1)
    assert waiter.result() == Fails(EINTR)


def step(seconds):
    """Sets the wall clock, exactly that much forward or back."""
    may_disturb("moves the machine's wall clock by a second")
    result = raw.adjtimex(Buffer(struct.pack("<I68xqq", ADJ_SETOFFSET, seconds, 0).ljust(256, b"\0")))
    if result in (Fails(EPERM), Fails(ENOSYS)):
        pytest.skip("the clock cannot be set")
    assert isinstance(result, Returns), result


@clause("EPWT-MONOTONIC", "the timeout is measured by CLOCK_MONOTONIC, whatever happens to the wall clock",
        section="DESCRIPTION")
def test_monotonic(route, root, epoll, keep, waiting):
    witness = keep(new(libc.timerfd_create(CLOCK_REALTIME, os.O_NONBLOCK)))
    expiry = Buffer(struct.pack("<qqqq", 0, 0, *divmod(time.time_ns() + 300_000_000, 10**9)))
    waiter = waiting(route.epoll_wait, epoll, Events(1), 1, 300)
    assert libc.timerfd_settime(witness, TFD_TIMER_ABSTIME, expiry, None) == Returns(0)
    step(1)
    try:
        until(lambda: polled(witness, POLLIN) == POLLIN, "a timer of the wall clock has expired")
    finally:
        step(-1)
    result = waiter.result()
    assert result == Returns(0)
    assert result.seconds >= 0.3


# ERRORS

@clause("EPWT-EINVAL-MAXEVENTS", "a maxevents that is not positive fails with EINVAL", section="ERRORS")
@pytest.mark.parametrize("maxevents", [0, -1, INT_MIN])
def test_bad_maxevents(route, epoll, writable, maxevents):
    writable(1)
    assert route.epoll_wait(epoll, Events(1), maxevents, -1) == Fails(EINVAL)
    assert epoll.wait() == ready(0)


@clause("EPWT-EBADF", "an epfd that is not open fails with EBADF", section="ERRORS")
def test_bad_epfd(route, closed_fd):
    assert route.epoll_wait(closed_fd, Events(1), 1, -1) == Fails(EBADF)
    assert route.epoll_wait(-1, Events(1), 1, 0) == Fails(EBADF)


@clause("EPWT-EFAULT", "a buffer that cannot be written fails with EFAULT", section="ERRORS")
@pytest.mark.parametrize("buffer", [READ_ONLY, UNREADABLE, None, WILD],
                         ids=["read-only", "PROT_NONE", "NULL", "wild"])
@pytest.mark.parametrize("number", [1, 0], ids=["ready", "idle"])
def test_bad_buffer(route, epoll, writable, number, buffer):
    writable(number)
    assert route.epoll_wait(epoll, buffer, 1, 0) == Fails(EFAULT)


@clause("EPWT-EINTR", "a signal handler that runs before any event ends the call with EINTR",
        section="ERRORS")
@pytest.mark.parametrize("timeout", [300_000, -1])
def test_eintr(route, epoll, pipe, signals, waiting, timeout):
    signals.catch(signal.SIGUSR1)
    epoll.add(pipe.read_end, EPOLLIN, data=1)
    waiter = waiting(route.epoll_wait, epoll, Events(4), 4, timeout)
    waiter.signal(signal.SIGUSR1)
    assert waiter.result() == Fails(EINTR)
    until(lambda: signals.caught == [signal.SIGUSR1], "the handler has run")


@clause("EPWT-EINVAL-NOT-EPOLL", "an epfd that is no epoll descriptor fails with EINVAL", section="ERRORS")
@pytest.mark.parametrize("kind", ["regular_file", "eventfd", "listener"])
def test_not_epoll(route, request, kind):
    assert route.epoll_wait(request.getfixturevalue(kind), Events(1), 1, -1) == Fails(EINVAL)


# NOTES: the interest list may change during a wait

@clause("EPWT-ADD-WHILE-WAITING", "a ready descriptor added by another thread ends the wait", section="NOTES")
def test_add_while_waiting(route, epoll, pipe, idle_pipe, waiting):
    epoll.add(idle_pipe.read_end, EPOLLIN, data=1)
    events = Events(4)
    waiter = waiting(route.epoll_wait, epoll, events, 4, -1)
    epoll.add(pipe.read_end, EPOLLIN, data=2)
    assert settled([waiter]) == 0
    epoll.add(pipe.write_end, EPOLLOUT, data=3)
    assert waiter.result() == Returns(1)
    assert events == [(EPOLLOUT, 3)]


@clause("EPWT-EMPTY-LIST", "a wait on an empty interest list is allowed", section="NOTES")
@pytest.mark.parametrize("timeout", [0, 10])
def test_empty_list(route, epoll, timeout):
    result = route.epoll_wait(epoll, Events(1), 1, timeout)
    assert result == Returns(0)
    assert result.seconds >= timeout / 1000


@clause("EPWT-EMPTY-THEN-ADD", "a wait on an empty interest list ends when something ready is added",
        section="NOTES")
def test_empty_then_add(route, epoll, pipe, waiting):
    events = Events(4)
    waiter = waiting(route.epoll_wait, epoll, events, 4, -1)
    epoll.add(pipe.write_end, EPOLLOUT, data=1)
    assert waiter.result() == Returns(1)
    assert events == [(EPOLLOUT, 1)]


@clause("EPWT-LIST-EMPTIED", "a wait goes on when another thread takes the last entry away", section="NOTES")
@pytest.mark.parametrize("closed", [False, True], ids=["DEL", "close"])
def test_list_emptied(route, epoll, pipe, idle_pipe, close, waiting, closed):
    epoll.add(pipe.read_end, EPOLLIN, data=1)
    events = Events(4)
    waiter = waiting(route.epoll_wait, epoll, events, 4, -1)
    close(pipe.read_end) if closed else epoll.delete(pipe.read_end)
    assert settled([waiter]) == 0
    epoll.add(idle_pipe.write_end, EPOLLOUT, data=2)
    assert waiter.result() == Returns(1)
    assert events == [(EPOLLOUT, 2)]
