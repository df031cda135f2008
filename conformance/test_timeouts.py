# What no page says about timeouts, of all the calls: huge and tiny ones, negative ones, what a stop does
# to them, what is written back.
import math
import os
import time
from errno import EINTR
from functools import partial
from signal import SIGCONT, SIGSTOP, SIGUSR1

import pytest

from clause import clause, observe
from every_call import EVERY_CALL, each
from libc import libc, raw
from masks import EPOLLIN
from memory import Events, FdSet, Timespec, Timeval, nfds
from outcome import Fails, Returns
from waiting import in_child, settled, state, until

clause = partial(clause, page="none", level="unsaid")
LONG_MAX, INT_MIN = 2**63 - 1, -2**31


@clause("TMO-POLL-STOP-CONT-EXACT", "after a stop poll keeps its end, select and ppoll add the time stopped")
@pytest.mark.parametrize("route", [libc], ids=repr)
@pytest.mark.parametrize("call, seconds, added",
                         [("poll", 1.0, False), ("select", 0.5, True), ("ppoll", 0.5, True)])
def test_stopped(asked, signals, waiting_child, call, seconds, added):
    signals.default(SIGCONT)
    child = waiting_child(*asked(seconds))
    child.signal(SIGSTOP)
    until(lambda: state(child.pid, child.pid) == "T", "the child stops")
    began = time.monotonic()
    until(lambda: time.monotonic() - began >= seconds, "the interval is over")
    stopped = time.monotonic() - began
    child.signal(SIGCONT)
    result = child.result()
    assert result == Returns(0)
    assert result.seconds >= seconds
    assert (result.seconds >= seconds + stopped) is added


@clause("TMO-WAIT-NEG-ANY", "any negative timeout of epoll_wait and epoll_pwait waits without limit")
@each("epoll_wait", "epoll_pwait")
@pytest.mark.parametrize("timeout", [-2, -77, INT_MIN])
def test_negative_timeout(ask, call, pipe, epoll, waiting, timeout):
    epoll.add(pipe.read_end, EPOLLIN, data=1)
    events = Events(1)
    waiter = waiting(ask, epoll, events, 1, timeout, *([None] * (call == "epoll_pwait")))
    assert raw.ppoll(None, 0, Timespec(0, 100_000_000), None) == Returns(0)
    assert settled([waiter]) == 0
    os.write(pipe.write_end, b"x")
    assert waiter.result() == Returns(1)
    assert events == [(EPOLLIN, 1)]


@clause("TMO-PWAIT2-KEEPS-TS", "epoll_pwait2 never writes its timespec, even as a system call", since="5.11")
@each("epoll_pwait2")
@pytest.mark.parametrize("how, expected", [("success", Returns(1)), ("EINTR", Fails(EINTR)),
                                           ("expiry", Returns(0))], ids=["success", "EINTR", "expiry"])
def test_timespec_kept(ask, pipe, epoll, signals, waiting, how, expected):
    signals.catch(SIGUSR1)
    given = (0, 5_000_001) if how == "expiry" else (300, 123_456_789)
    timeout = Timespec(*given)
    epoll.add(pipe.read_end, EPOLLIN, data=1)
    if how == "expiry":
        result = ask(epoll, Events(1), 1, timeout, None)
    else:
        waiter = waiting(ask, epoll, Events(1), 1, timeout, None)
        waiter.signal(SIGUSR1) if how == "EINTR" else os.write(pipe.write_end, b"x")
        result = waiter.result()
    assert result == expected
    assert timeout == given


@clause("TMO-STICKY-ALWAYS", "under STICKY_TIMEOUTS the timeout is not written on expiry or success either")
@pytest.mark.parametrize("persona, kept", [(0x4000000, True), (0, False)], ids=["sticky", "plain"])
@pytest.mark.parametrize("ready", [True, False], ids=["success", "expiry"])
def test_sticky_timeouts(route, pipe, persona, kept, ready):
    os.write(pipe.write_end, b"x" * ready)
    given = (30, 999_999) if ready else (0, 5000)
    timeout = Timeval(*given)

    def select():
        raw.personality(persona)
        return route.select(nfds(pipe.read_end), FdSet(pipe.read_end), None, None, timeout)
    assert in_child(select) == Returns(int(ready))
    assert (timeout == given) is kept


@clause("TMO-HUGE", "LONG_MAX seconds are accepted and wait without limit")
@each("select", "pselect", "ppoll", "epoll_pwait2")
@pytest.mark.parametrize("seconds", [LONG_MAX, LONG_MAX // 1000, 2**32])
def test_huge(asked, pipe, signals, waiting, seconds):
    signals.catch(SIGUSR1)
    waiter = waiting(*asked(seconds))
    waiter.signal(SIGUSR1)
    assert waiter.result() == Fails(EINTR)
    waiter = waiting(*asked(seconds))
    os.write(pipe.write_end, b"x")
    assert waiter.result() == Returns(1)


KINDS = {
    "pipe": lambda pipe: pipe.read_end, "unix_pair": lambda pair: pair.ours, "tcp": lambda pair: pair.ours,
    "udp": lambda pair: pair.ours, "pty": lambda pty: pty.master, "eventfd": lambda fd: fd,
    "timerfd": lambda fd: fd, "inotify": lambda fd: fd,
}


@clause("TMO-SMALL-NOT-INFINITE", "a tiny timeout on any kind of descriptor is never taken for infinity")
@EVERY_CALL
@pytest.mark.parametrize("kind", KINDS)
def test_small(asked, request, epoll, kind):
    fd = KINDS[kind](request.getfixturevalue(kind))
    if kind != "pipe":
        epoll.add(fd, EPOLLIN)
    for seconds in (0.01, 0.001, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 0):
        ask, *given = asked(seconds, None, fd)
        result = ask(*given)
        assert result == Returns(0)
        assert result.seconds >= seconds or seconds < 0.001  # some count in milliseconds


@clause("TMO-SLACK", "a wake-up is never early, but late by the timer slack and the scheduler's delay")
@each("pselect", "ppoll", "epoll_pwait2")
@pytest.mark.parametrize("slack", [1, 50_000, 20_000_000])
def test_slack(asked, slack):
    set_slack, get_slack = 29, 30

    def latest():
        assert libc.prctl(set_slack, slack, None, 0, 0) == Returns(0)
        assert libc.prctl(get_slack, 0, None, 0, 0) == Returns(slack)
        late = []
        for _ in range(10):
            ask, *given = asked(0.001)
            result = ask(*given)
            assert result == Returns(0)
            late.append(result.seconds - 0.001)
        assert min(late) >= 0
        return max(late)
    observe(f"with a slack of {slack} ns late by less than 10^{math.ceil(math.log10(in_child(latest)))} s")
