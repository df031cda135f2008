# epoll_ctl(2): the three operations, what stays of an entry, and every error but those of scarce resources.
import os
from errno import EBADF, EEXIST, EINVAL, ELOOP, ENOENT, EPERM
from functools import partial

import pytest

from clause import clause
from masks import (EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD, EPOLLET, EPOLLHUP, EPOLLIN, EPOLLONESHOT,
                   EPOLLOUT, EPOLLRDHUP)
from memory import PROT_NONE, WILD, Event
from outcome import Fails, Returns

clause = partial(clause, page="epoll_ctl(2)")
EACH_OP = pytest.mark.parametrize("op", [EPOLL_CTL_ADD, EPOLL_CTL_MOD, EPOLL_CTL_DEL],
                                  ids=["ADD", "MOD", "DEL"])
UNTOUCHED = [(EPOLLIN, 1)]


@pytest.fixture
def ready(epoll, pipe):
    """A readable pipe registered for IN with data 1; wait() gives UNTOUCHED as long as that entry stands."""
    epoll.add(pipe.read_end, EPOLLIN, data=1)
    os.write(pipe.write_end, b"x")
    return pipe


# The operations

@clause("EPCTL-ADD-OK", "ADD puts a descriptor on the interest list and returns 0", section="DESCRIPTION")
def test_add(route, epoll, pipe, idle_pipe):
    os.write(pipe.write_end, b"x")
    os.write(idle_pipe.write_end, b"x")
    assert route.epoll_ctl(epoll, EPOLL_CTL_ADD, pipe.read_end, Event(EPOLLIN, 1)) == Returns(0)
    assert epoll.wait() == [(EPOLLIN, 1)]


@clause("EPCTL-MOD-MASK", "MOD replaces the event mask, its flags included", section="DESCRIPTION")
def test_mod_mask(route, epoll, unix_pair):
    unix_pair.theirs.send(b"x")
    epoll.add(unix_pair.ours, EPOLLIN, data=1)
    assert epoll.wait() == [(EPOLLIN, 1)]
    epoll.mod(unix_pair.ours, EPOLLOUT, data=1)
    assert epoll.wait() == [(EPOLLOUT, 1)]
    epoll.mod(unix_pair.ours, EPOLLIN | EPOLLOUT, data=1)
    assert epoll.wait() == [(EPOLLIN | EPOLLOUT, 1)]
    epoll.mod(unix_pair.ours, EPOLLRDHUP, data=1)
    assert epoll.wait() == []
    for flag in (EPOLLET, EPOLLONESHOT, 0):
        epoll.mod(unix_pair.ours, EPOLLIN | flag, data=1)
        assert epoll.wait() == [(EPOLLIN, 1)]
        assert epoll.wait() == ([] if flag else [(EPOLLIN, 1)])


@clause("EPCTL-MOD-DATA", "MOD replaces the data, also of an event that waits to be told",
        section="DESCRIPTION")
def test_mod_data(route, epoll, ready):
    epoll.mod(ready.read_end, EPOLLIN, data=2)
    assert epoll.wait() == [(EPOLLIN, 2)]
    epoll.mod(ready.read_end, EPOLLIN, data=3)
    assert epoll.wait() == [(EPOLLIN, 3)]


@clause("EPCTL-EVENTS-ZERO", "with an empty event mask only ERR and HUP are told, until MOD asks for more",
        section="DESCRIPTION")
@pytest.mark.parametrize("by_mod", [False, True], ids=["ADD", "MOD"])
def test_events_zero(route, epoll, pipe, close, by_mod):
    epoll.add(pipe.read_end, EPOLLIN if by_mod else 0, data=1)
    if by_mod:
        epoll.mod(pipe.read_end, 0, data=1)
    os.write(pipe.write_end, b"x")
    assert epoll.wait() == []
    epoll.mod(pipe.read_end, EPOLLIN, data=1)
    assert epoll.wait() == [(EPOLLIN, 1)]
    epoll.mod(pipe.read_end, 0, data=1)
    close(pipe.write_end)
    assert epoll.wait() == [(EPOLLHUP, 1)]


@clause("EPCTL-DEL-OK", "DEL takes the entry off the interest list: its events are told no more",
        section="DESCRIPTION")
def test_del(route, epoll, ready, idle_pipe):
    epoll.add(idle_pipe.write_end, EPOLLOUT, data=2)
    assert epoll.wait() == [(EPOLLIN, 1), (EPOLLOUT, 2)]
    assert route.epoll_ctl(epoll, EPOLL_CTL_DEL, ready.read_end, Event(EPOLLIN, 1)) == Returns(0)
    assert epoll.wait() == [(EPOLLOUT, 2)]
    os.write(ready.write_end, b"x")
    assert epoll.wait() == [(EPOLLOUT, 2)]


@clause("EPCTL-DEL-NULL-EVENT", "DEL takes a NULL event", section="BUGS")
def test_del_null(route, epoll, ready):
    assert route.epoll_ctl(epoll, EPOLL_CTL_DEL, ready.read_end, None) == Returns(0)
    assert epoll.wait() == []


@clause("EPCTL-DEL-EVENT-IGNORED", "DEL does not look at the event", section="DESCRIPTION")
@pytest.mark.parametrize("event", [WILD, -4096, Event(EPOLLOUT | EPOLLONESHOT, 7), Event(0xFFFFFFFF, -1),
                                   Event(0).protect(PROT_NONE)],
                         ids=["wild", "kernel", "other", "ones", "unreadable"])
def test_del_event_ignored(route, epoll, ready, event):
    assert route.epoll_ctl(epoll, EPOLL_CTL_DEL, ready.read_end, event) == Returns(0)
    assert epoll.wait() == []


@clause("EPCTL-DATA-ECHO", "the 64 bits of data come back as they were given", section="DESCRIPTION")
@pytest.mark.parametrize("data", [0, 0x8000000000000001, 0x0123456789ABCDEF, 2**32, 2**64 - 1], ids=hex)
def test_data_echo(route, epoll, pipe, data):
    epoll.add(pipe.write_end, EPOLLOUT, data=data)
    assert epoll.wait() == [(EPOLLOUT, data)]
    epoll.mod(pipe.write_end, EPOLLOUT, data=data ^ 2**63)
    assert epoll.wait() == [(EPOLLOUT, data ^ 2**63)]


@clause("EPCTL-ALL-POLLABLE", "whatever has a poll operation can be registered", section="NOTES")
@pytest.mark.parametrize("kind", [
    "pipe.read_end", "pipe.write_end", "pty.master", "pty.slave", "eventfd", "timerfd", "signalfd", "inotify",
    "pidfd.fd", "unix_pair.ours", "unix_dgram_pair.ours", "unix_seqpacket_pair.ours", "tcp.ours", "udp.ours",
    "fresh_tcp", "listener"])
def test_all_pollable(route, epoll, request, kind):
    kind, _, part = kind.partition(".")
    target = request.getfixturevalue(kind)
    target = getattr(target, part) if part else target
    assert epoll.ctl(EPOLL_CTL_ADD, target, EPOLLIN) == Returns(0)
    assert epoll.ctl(EPOLL_CTL_ADD, target, EPOLLIN) == Fails(EEXIST)
    assert epoll.ctl(EPOLL_CTL_MOD, target, EPOLLOUT) == Returns(0)
    assert epoll.ctl(EPOLL_CTL_DEL, target, 0) == Returns(0)
    assert epoll.ctl(EPOLL_CTL_DEL, target, 0) == Fails(ENOENT)


# ERRORS

@clause("EPCTL-EBADF-EPFD", "an epfd that is not open fails with EBADF", section="ERRORS")
@EACH_OP
def test_bad_epfd(route, pipe, closed_fd, op):
    assert route.epoll_ctl(closed_fd, op, pipe.read_end, Event(EPOLLIN)) == Fails(EBADF)
    assert route.epoll_ctl(-1, op, pipe.read_end, Event(EPOLLIN)) == Fails(EBADF)


@clause("EPCTL-EBADF-FD", "a target that is not open fails with EBADF", section="ERRORS")
@EACH_OP
def test_bad_fd(route, epoll, ready, closed_fd, op):
    assert epoll.ctl(op, closed_fd, EPOLLIN) == Fails(EBADF)
    assert epoll.ctl(op, -1, EPOLLIN) == Fails(EBADF)
    assert epoll.wait() == UNTOUCHED


@clause("EPCTL-EEXIST", "adding a registered descriptor again fails with EEXIST, the entry stays as it was",
        section="ERRORS")
def test_eexist(route, epoll, ready):
    assert epoll.ctl(EPOLL_CTL_ADD, ready.read_end, EPOLLIN | EPOLLONESHOT, data=2) == Fails(EEXIST)
    assert epoll.wait() == UNTOUCHED
    assert epoll.wait() == UNTOUCHED


@clause("EPCTL-EINVAL-NOT-EPOLL", "an epfd that is no epoll descriptor fails with EINVAL", section="ERRORS")
@pytest.mark.parametrize("kind", ["regular_file", "eventfd", "listener"])
@EACH_OP
def test_not_epoll(route, pipe, request, kind, op):
    epfd = request.getfixturevalue(kind)
    assert route.epoll_ctl(epfd, op, pipe.read_end, Event(EPOLLIN)) == Fails(EINVAL)


@clause("EPCTL-EINVAL-SELF", "an instance cannot watch itself, nor under another number: EINVAL",
        section="ERRORS")
@pytest.mark.parametrize("duplicated", [False, True], ids=["same", "dup"])
def test_self(route, epoll, keep, duplicated):
    target = keep(os.dup(epoll.fd)) if duplicated else epoll
    assert epoll.ctl(EPOLL_CTL_ADD, target, EPOLLIN) == Fails(EINVAL)
    assert epoll.wait() == []


@clause("EPCTL-EINVAL-OP", "an unknown operation fails with EINVAL", section="ERRORS")
@pytest.mark.parametrize("op", [0, 4, 42, -1])
def test_bad_op(route, epoll, ready, op):
    assert epoll.ctl(op, ready.read_end, EPOLLOUT, data=2) == Fails(EINVAL)
    assert epoll.ctl(op, ready.write_end, EPOLLOUT, data=2) == Fails(EINVAL)
    assert epoll.wait() == UNTOUCHED


@clause("EPCTL-ELOOP-CYCLE", "a registration that would close a circle of instances fails with ELOOP",
        section="ERRORS")
@pytest.mark.parametrize("number", [2, 3, 5])
def test_cycle(route, new_epoll, number):
    circle = [new_epoll() for _ in range(number)]
    for outer, inner in zip(circle, circle[1:]):
        outer.add(inner, EPOLLIN, data=1)
    assert circle[-1].ctl(EPOLL_CTL_ADD, circle[0], EPOLLIN) == Fails(ELOOP)
    assert circle[-1].ctl(EPOLL_CTL_DEL, circle[0], 0) == Fails(ENOENT)


@clause("EPCTL-ELOOP-DEPTH", "a registration that would nest instances more than 5 deep fails with ELOOP",
        section="ERRORS")
@pytest.mark.parametrize("upward", [True, False], ids=["upward", "downward"])
def test_depth(route, new_epoll, pipe, upward):
    innermost, *others = chain = [new_epoll() for _ in range(6)]
    innermost.add(pipe.read_end, EPOLLIN)
    steps = list(zip(others, chain)) if upward else list(zip(others, chain))[::-1]
    for outer, inner in steps[:-1]:
        outer.add(inner, EPOLLIN)
    outer, inner = steps[-1]
    assert outer.ctl(EPOLL_CTL_ADD, inner, EPOLLIN) == Fails(ELOOP)
    assert outer.ctl(EPOLL_CTL_DEL, inner, 0) == Fails(ENOENT)


@clause("EPCTL-ENOENT-MOD", "MOD of a descriptor that is not registered fails with ENOENT", section="ERRORS")
def test_mod_enoent(route, epoll, ready):
    assert epoll.ctl(EPOLL_CTL_MOD, ready.write_end, EPOLLOUT, data=2) == Fails(ENOENT)
    assert epoll.wait() == UNTOUCHED


@clause("EPCTL-ENOENT-DEL", "DEL of a descriptor that is not registered, or no more, fails with ENOENT",
        section="ERRORS")
def test_del_enoent(route, epoll, ready):
    assert epoll.ctl(EPOLL_CTL_DEL, ready.write_end, 0) == Fails(ENOENT)
    assert epoll.wait() == UNTOUCHED
    epoll.delete(ready.read_end)
    assert epoll.ctl(EPOLL_CTL_DEL, ready.read_end, 0) == Fails(ENOENT)


@clause("EPCTL-EPERM-REGULAR", "a regular file cannot be watched: EPERM", section="ERRORS")
@pytest.mark.parametrize("kind", ["regular_file", "memfd"])
def test_regular_file(route, epoll, request, kind):
    target = request.getfixturevalue(kind)
    assert epoll.ctl(EPOLL_CTL_ADD, target, EPOLLIN) == Fails(EPERM)
    assert epoll.wait() == []


@clause("EPCTL-EPERM-DIR", "a directory cannot be watched: EPERM", section="ERRORS")
def test_directory(route, epoll, directory):
    assert epoll.ctl(EPOLL_CTL_ADD, directory, EPOLLIN) == Fails(EPERM)
    assert epoll.wait() == []
