# epoll_wait(2): epoll_pwait and its signal mask, and epoll_pwait2 with its finer timeout.
import os
import signal
from errno import EBADF, EINTR, EINVAL
from functools import partial
from signal import SIGUSR1, SIGUSR2

import pytest

from clause import clause
from libc import libc, raw
from masks import EPOLLIN, EPOLLOUT
from memory import Events, Timespec
from outcome import Fails, Returns
from waiting import settled, until

pwait = partial(clause, page="epoll_wait(2)", section="epoll_pwait()")
pwait2 = partial(clause, page="epoll_wait(2)", section="epoll_pwait2()", since="5.11")
MASKS = {"nothing": set(), "the same": {SIGUSR1}, "another": {SIGUSR2}, "NULL": None}


def wait(route, call, epfd, events, seconds, sigmask):
    """epoll_pwait or epoll_pwait2 with a timeout in seconds; None waits without limit."""
    if call == "epoll_pwait":
        timeout = -1 if seconds is None else round(seconds * 1000)
    else:
        timeout = None if seconds is None else Timespec(int(seconds), round(seconds % 1 * 10**9))
    return getattr(route, call)(epfd, events, 1, timeout, sigmask)


def not_interrupted(route, call, epoll, pipe, signals, waiting):
    signals.catch(SIGUSR1)
    epoll.add(pipe.read_end, EPOLLIN, data=1)
    events = Events(1)
    waiter = waiting(wait, route, call, epoll, events, None, {SIGUSR1})
    waiter.signal(SIGUSR1)
    assert settled([waiter]) == 0
    os.write(pipe.write_end, b"x")
    assert waiter.result() == Returns(1)
    assert events == [(EPOLLIN, 1)]
    until(lambda: signals.caught == [SIGUSR1], "the signal has come after the call")


def interrupted(route, call, epoll, pipe, signals, waiting):
    signals.catch(SIGUSR1)
    signals.block(SIGUSR1)
    waiter = waiting(wait, route, call, epoll, Events(1), None, {SIGUSR2})
    waiter.signal(SIGUSR1)
    assert waiter.result() == Fails(EINTR)
    until(lambda: signals.caught == [SIGUSR1], "the handler has run")


def already_pending(route, call, epoll, pipe, signals, waiting):
    signals.catch(SIGUSR1)
    signals.block(SIGUSR1)
    signal.raise_signal(SIGUSR1)
    result = wait(route, call, epoll, Events(1), 10, set())
    assert signals.caught == [SIGUSR1]
    assert result == Fails(EINTR)
    assert result.seconds < 5


# epoll_pwait

@pwait("EPPW-MASK-BLOCKS", "a signal in the mask does not end the call")
def test_mask_blocks(route, epoll, pipe, signals, waiting):
    not_interrupted(route, "epoll_pwait", epoll, pipe, signals, waiting)


@pwait("EPPW-MASK-ADMITS", "a signal that only the mask lets through ends the call with EINTR")
def test_mask_admits(route, epoll, pipe, signals, waiting):
    interrupted(route, "epoll_pwait", epoll, pipe, signals, waiting)


@pwait("EPPW-ATOMIC", "no signal gets lost between setting the mask and waiting")
def test_atomic(route, epoll, pipe, signals, waiting):
    already_pending(route, "epoll_pwait", epoll, pipe, signals, waiting)


@pwait("EPPW-MASK-RESTORED", "afterwards the mask is what it was, however the call ended")
@pytest.mark.parametrize("mask", MASKS.values(), ids=MASKS)
@pytest.mark.parametrize("end", ["event", "timeout", "EBADF", "EINTR"])
def test_mask_restored(route, epoll, pipe, signals, closed_fd, mask, end):
    signals.catch(SIGUSR2)
    signals.block(SIGUSR1)
    signals.unblock(SIGUSR2)
    before = signals.blocked()
    if end == "event":
        epoll.add(pipe.write_end, EPOLLOUT, data=1)
    if end == "EINTR":
        signals.catch(signal.SIGALRM)
        signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
    target, seconds = (closed_fd if end == "EBADF" else epoll), (10 if end == "EINTR" else 0.001)
    expected = {"event": Returns(1), "timeout": Returns(0), "EBADF": Fails(EBADF), "EINTR": Fails(EINTR)}
    assert wait(route, "epoll_pwait", target, Events(1), seconds, mask) == expected[end]
    assert signals.blocked() == before


@pwait("EPPW-MASK-NULL", "with a NULL mask the call is epoll_wait: the thread's own mask stays in force")
def test_mask_null(route, epoll, signals, waiting):
    result = route.epoll_pwait(epoll, Events(1), 1, 10, None)
    assert result == Returns(0) and result.seconds >= 0.01
    signals.catch(SIGUSR1, SIGUSR2)
    signals.block(SIGUSR1)
    waiter = waiting(wait, route, "epoll_pwait", epoll, Events(1), None, None)
    waiter.signal(SIGUSR1)
    assert settled([waiter]) == 0
    waiter.signal(SIGUSR2)
    assert waiter.result() == Fails(EINTR)
    until(lambda: signals.caught == [SIGUSR2], "the handler has run")


@pwait("EPPW-EQUIV", "the call is sigmask, epoll_wait, sigmask: what the mask admits is caught")
def test_equivalence(route, epoll, pipe, signals):
    epoll.add(pipe.write_end, EPOLLOUT, data=1)
    signals.catch(SIGUSR1)
    signals.block(SIGUSR1)
    signal.raise_signal(SIGUSR1)
    events = Events(1)
    assert route.epoll_pwait(epoll, events, 1, 10_000, set()) == Returns(1)
    assert events == [(EPOLLOUT, 1)]
    assert signals.caught == [SIGUSR1]


@pwait("EPPW-RAW-SIGSETSIZE", "the system call wants the size of the mask too, which the C library adds",
       section="C library/kernel differences")
@pytest.mark.parametrize("size, ended", [(8, Returns(1)), (0, Fails(EINVAL)), (4, Fails(EINVAL)),
                                         (16, Fails(EINVAL)), (128, Fails(EINVAL))])
def test_mask_size(epoll, pipe, size, ended):
    epoll.add(pipe.write_end, EPOLLOUT, data=1)
    assert libc.epoll_pwait(epoll, Events(1), 1, 0, {SIGUSR1}) == Returns(1)
    assert raw.epoll_pwait(epoll, Events(1), 1, 0, {SIGUSR1}, size) == ended


# epoll_pwait2

@pwait2("EPPW2-EQUIV", "but for the type of its timeout the call is epoll_pwait")
@pytest.mark.parametrize("target, maxevents, ended", [
    ("epoll", 2, Returns(2)), ("epoll", 1, Returns(1)),
    ("epoll", 0, Fails(EINVAL)), ("epoll", -1, Fails(EINVAL)),
    ("pipe", 2, Fails(EINVAL)), ("closed_fd", 2, Fails(EBADF))])
def test_pwait2_equivalence(route, epoll, new_pipe, pipe, closed_fd, target, maxevents, ended):
    for data in range(2):
        epoll.add(new_pipe().write_end, EPOLLOUT, data=data)
    epoll.add(pipe.read_end, EPOLLIN, data=9)
    epfd = {"epoll": epoll, "pipe": pipe.read_end, "closed_fd": closed_fd}[target]
    events = Events(2)
    assert route.epoll_pwait2(epfd, events, maxevents, None, {SIGUSR1}) == ended
    assert events == [(EPOLLOUT, 0), (EPOLLOUT, 1)][:maxevents if isinstance(ended, Returns) else 0]


@pwait2("EPPW2-RESOLUTION", "a timeout below a millisecond is not made one")
def test_resolution(route, epoll):
    def brief():
        result = route.epoll_pwait2(epoll, Events(1), 1, Timespec(0, 200_000), None)
        assert result == Returns(0) and result.seconds >= 0.0002
        return result.seconds < 0.001
    until(brief, "a wait of 0.2 ms that ends within 1 ms")


@pwait2("EPPW2-TIMEOUT-EXPIRES", "with no event the call returns 0 after the interval, never before")
@pytest.mark.parametrize("nanoseconds", [1, 50_000, 999_999, 10_000_001, 100_000_000])
def test_pwait2_timeout(route, epoll, pipe, nanoseconds):
    epoll.add(pipe.read_end, EPOLLIN, data=1)
    timeout = Timespec(0, nanoseconds)
    result = route.epoll_pwait2(epoll, Events(1), 1, timeout, None)
    assert result == Returns(0)
    assert result.seconds >= nanoseconds / 1e9
    assert timeout == (0, nanoseconds)


@pwait2("EPPW2-NULL-TIMEOUT", "with a NULL timeout the call waits without limit")
def test_pwait2_null_timeout(route, epoll, pipe, signals, waiting):
    signals.catch(SIGUSR1)
    epoll.add(pipe.read_end, EPOLLIN, data=1)
    waiter = waiting(route.epoll_pwait2, epoll, Events(1), 1, None, None)
    waiter.signal(SIGUSR1)
    assert waiter.result() == Fails(EINTR)
    events = Events(1)
    waiter = waiting(route.epoll_pwait2, epoll, events, 1, None, None)
    assert libc.poll(None, 0, 300) == Returns(0)  # a hidden limit below this would be seen
    assert settled([waiter]) == 0
    os.write(pipe.write_end, b"x")
    assert waiter.result() == Returns(1)
    assert events == [(EPOLLIN, 1)]


@pwait2("EPPW2-ZERO", "with a zero timeout the call returns at once, with or without events")
def test_pwait2_zero(route, epoll, pipe):
    epoll.add(pipe.read_end, EPOLLIN, data=1)
    events = Events(1)

    def brief():
        result = route.epoll_pwait2(epoll, events, 1, Timespec(0), None)
        assert result == Returns(0)
        return result.seconds < 0.0005
    until(brief, "a wait shorter than half a millisecond")
    os.write(pipe.write_end, b"x")
    assert route.epoll_pwait2(epoll, events, 1, Timespec(0), None) == Returns(1)
    assert events == [(EPOLLIN, 1)]


@pwait2("EPPW2-EINVAL-TS", "a timeout that is negative or not normalised fails with EINVAL")
@pytest.mark.parametrize("timeout", [(-1, 0), (0, -1), (1, -1), (-1, 500), (0, 10**9), (0, 2**62)], ids=str)
def test_pwait2_bad_timeout(route, epoll, pipe, timeout):
    epoll.add(pipe.write_end, EPOLLOUT, data=1)
    given = Timespec(*timeout)
    assert route.epoll_pwait2(epoll, Events(1), 1, given, None) == Fails(EINVAL)
    assert given == timeout


@pwait2("EPPW2-MASK", "the signal mask works as that of epoll_pwait")
@pytest.mark.parametrize("how", [not_interrupted, interrupted, already_pending])
def test_pwait2_mask(route, epoll, pipe, signals, waiting, how):
    how(route, "epoll_pwait2", epoll, pipe, signals, waiting)


@pwait2("EPPW2-RAW-SIGSETSIZE", "the system call wants the size of the mask too, which the C library adds",
        section="C library/kernel differences")
@pytest.mark.parametrize("size, ended", [(8, Returns(1)), (0, Fails(EINVAL)), (4, Fails(EINVAL)),
                                         (16, Fails(EINVAL)), (128, Fails(EINVAL))])
def test_pwait2_mask_size(epoll, pipe, size, ended):
    epoll.add(pipe.write_end, EPOLLOUT, data=1)
    assert libc.epoll_pwait2(epoll, Events(1), 1, Timespec(0), {SIGUSR1}) == Returns(1)
    assert raw.epoll_pwait2(epoll, Events(1), 1, Timespec(0), {SIGUSR1}, size) == ended
