# epoll_ctl(2): EPOLLEXCLUSIVE, whom it wakes and with what it goes together.
import os
from errno import EINVAL, ENOENT
from functools import partial

import pytest

from clause import clause
from libc import libc
from masks import (EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD, EPOLLERR, EPOLLET, EPOLLEXCLUSIVE, EPOLLHUP,
                   EPOLLIN, EPOLLMSG, EPOLLONESHOT, EPOLLOUT, EPOLLPRI, EPOLLRDBAND, EPOLLRDHUP, EPOLLRDNORM,
                   EPOLLWAKEUP, EPOLLWRBAND, EPOLLWRNORM)
from memory import Events
from outcome import Fails, Returns
from waiting import settled

clause = partial(clause, page="epoll_ctl(2)", section="DESCRIPTION", since="4.5")
COMPATIBLE = [EPOLLIN, EPOLLOUT, EPOLLWAKEUP, EPOLLET, EPOLLERR, EPOLLHUP]


@pytest.fixture
def watch(new_epoll, waiting, pipe):
    """watch(flags): an instance that watches the pipe for IN, and a thread that waits on it."""
    def start(flags):
        epoll = new_epoll()
        epoll.add(pipe.read_end, EPOLLIN | flags, data=1)
        return waiting(libc.epoll_wait, epoll, Events(1), 1, -1)
    return start


@clause("EPCTL-EXCL-SOME", "where all instances watch with EPOLLEXCLUSIVE an event wakes some, not all")
@pytest.mark.parametrize("flags", [0, EPOLLET], ids=["level", "edge"])
def test_exclusive(watch, pipe, flags):
    waiters = [watch(EPOLLEXCLUSIVE | flags) for _ in range(4)]
    os.write(pipe.write_end, b"x")
    woken = settled(waiters)
    assert 1 <= woken
    assert woken < 4
    assert [waiter.result() for waiter in waiters if waiter.returned()] == [Returns(1)] * woken


@clause("EPCTL-NOEXCL-ALL", "without EPOLLEXCLUSIVE an event goes to every instance that watches")
def test_plain(watch, pipe):
    waiters = [watch(0) for _ in range(4)]
    os.write(pipe.write_end, b"x")
    assert settled(waiters) == 4
    assert [waiter.result() for waiter in waiters] == [Returns(1)] * 4


@clause("EPCTL-EXCL-MIXED", "an event goes to all instances that watch without the flag, and to some with it")
@pytest.mark.parametrize("plain_first", [True, False], ids=["plain first", "exclusive first"])
def test_mixed(watch, pipe, plain_first):
    order = [0, 0] + [EPOLLEXCLUSIVE] * 3
    waiters = {watch(flags): flags for flags in (order if plain_first else order[::-1])}
    os.write(pipe.write_end, b"x")
    settled(waiters)
    woken = [flags for waiter, flags in waiters.items() if waiter.returned()]
    assert woken.count(0) == 2
    assert 1 <= woken.count(EPOLLEXCLUSIVE)
    assert woken.count(EPOLLEXCLUSIVE) < 3


@clause("EPCTL-EXCL-ALLOWED", "IN, OUT, ERR, HUP, WAKEUP and ET go together with EPOLLEXCLUSIVE")
@pytest.mark.parametrize("others", COMPATIBLE + [sum(COMPATIBLE)], ids=[*map(str, COMPATIBLE), "all"])
def test_compatible(route, epoll, pipe, close, others):
    assert epoll.ctl(EPOLL_CTL_ADD, pipe.write_end, others | EPOLLEXCLUSIVE, data=1) == Returns(0)
    close(pipe.read_end)
    assert epoll.wait() == [(EPOLLERR | EPOLLOUT & others, 1)]


@clause("EPCTL-EXCL-EINVAL-BITS", "any other bit beside EPOLLEXCLUSIVE fails with EINVAL", section="ERRORS")
@pytest.mark.parametrize("other", [EPOLLONESHOT, EPOLLPRI, EPOLLRDHUP, EPOLLRDNORM, EPOLLRDBAND, EPOLLWRNORM,
                                   EPOLLWRBAND, EPOLLMSG, 0x20, 0x800, 1 << 20], ids=str)
def test_incompatible(route, epoll, pipe, other):
    assert epoll.ctl(EPOLL_CTL_ADD, pipe.read_end, EPOLLIN | EPOLLEXCLUSIVE | other) == Fails(EINVAL)
    assert epoll.ctl(EPOLL_CTL_DEL, pipe.read_end, 0) == Fails(ENOENT)


@clause("EPCTL-EXCL-EINVAL-MOD", "MOD with EPOLLEXCLUSIVE fails with EINVAL, the entry stays as it was",
        section="ERRORS")
def test_mod_to_exclusive(route, epoll, pipe):
    epoll.add(pipe.write_end, EPOLLOUT, data=1)
    assert epoll.ctl(EPOLL_CTL_MOD, pipe.write_end, EPOLLEXCLUSIVE, data=2) == Fails(EINVAL)
    assert epoll.wait() == [(EPOLLOUT, 1)]


@clause("EPCTL-EXCL-EINVAL-MOD-OF", "MOD of an entry that was added with EPOLLEXCLUSIVE fails with EINVAL",
        section="ERRORS")
@pytest.mark.parametrize("flags", [0, EPOLLEXCLUSIVE], ids=["without", "with"])
def test_mod_of_exclusive(route, epoll, pipe, flags):
    epoll.add(pipe.write_end, EPOLLOUT | EPOLLEXCLUSIVE, data=1)
    assert epoll.ctl(EPOLL_CTL_MOD, pipe.write_end, EPOLLIN | flags, data=2) == Fails(EINVAL)
    assert epoll.wait() == [(EPOLLOUT, 1)]


@clause("EPCTL-EXCL-EINVAL-EPOLL", "an epoll instance cannot be watched with EPOLLEXCLUSIVE: EINVAL",
        section="ERRORS")
def test_exclusive_instance(route, epoll, new_epoll):
    inner = new_epoll()
    assert epoll.ctl(EPOLL_CTL_ADD, inner, EPOLLIN | EPOLLEXCLUSIVE) == Fails(EINVAL)
    assert epoll.ctl(EPOLL_CTL_DEL, inner, 0) == Fails(ENOENT)
