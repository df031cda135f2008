# Which check comes first when several arguments of an epoll call are wrong, and what is not checked at all.
# No page gives an order; programs and emulators have come to rely on this one.
import os
from errno import EBADF, EFAULT, EINVAL, EPERM
from functools import partial

import pytest

from clause import clause
from every_call import each
from masks import (EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD, EPOLLET, EPOLLEXCLUSIVE, EPOLLIN, EPOLLOUT,
                   EPOLLRDNORM)
from memory import EVENT, PROT_NONE, PROT_READ, WILD, Event, Events, Timespec
from outcome import Fails, Returns
from system import by_kernel

clause = partial(clause, page="none", level="unsaid")
UNKNOWN = 42
OPS = {"ADD": EPOLL_CTL_ADD, "MOD": EPOLL_CTL_MOD, "DEL": EPOLL_CTL_DEL}
EVERY_OP = pytest.mark.parametrize("op", OPS.values(), ids=OPS)
INT_MAX = 2**31 - 1


# epoll_ctl

@clause("ORD-CTL-EFAULT-FIRST", "an unreadable event gives EFAULT before anything else is looked at; not DEL")
@pytest.mark.parametrize("op", [EPOLL_CTL_ADD, EPOLL_CTL_MOD, UNKNOWN], ids=["ADD", "MOD", "unknown"])
@pytest.mark.parametrize("event", [None, WILD], ids=["NULL", "WILD"])
def test_event_is_read_first(route, op, event, epoll, pipe, closed_fd, regular_file):
    pairs = [(closed_fd, pipe.read_end), (epoll, closed_fd), (pipe.read_end, pipe.write_end),
             (epoll, regular_file), (epoll, epoll), (-1, -1)]
    seen = [route.epoll_ctl(epfd, op, fd, event) for epfd, fd in pairs]
    assert seen == [Fails(EFAULT)] * len(pairs)
    assert route.epoll_ctl(closed_fd, EPOLL_CTL_DEL, pipe.read_end, event) == Fails(EBADF)


@clause("ORD-CTL-EFAULT", "ADD and MOD with an unreadable event fail with EFAULT and change nothing")
@pytest.mark.parametrize("make", [lambda: None, lambda: WILD, lambda: Event(EPOLLOUT).protect(PROT_NONE)],
                         ids=["NULL", "WILD", "PROT_NONE"])
def test_unreadable_event(route, epoll, pipe, idle_pipe, make):
    epoll.add(pipe.write_end, EPOLLOUT, data=1)
    assert route.epoll_ctl(epoll, EPOLL_CTL_MOD, pipe.write_end, make()) == Fails(EFAULT)
    assert route.epoll_ctl(epoll, EPOLL_CTL_ADD, idle_pipe.write_end, make()) == Fails(EFAULT)
    assert epoll.wait() == [(EPOLLOUT, 1)]
    readable = Event(EPOLLOUT, 2).protect(PROT_READ)
    assert route.epoll_ctl(epoll, EPOLL_CTL_MOD, pipe.write_end, readable) == Returns(0)
    assert epoll.wait() == [(EPOLLOUT, 2)]


@clause("ORD-CTL-EBADF-EPFD", "a closed epfd gives EBADF before the target is looked at")
@pytest.mark.parametrize("op", [EPOLL_CTL_ADD, UNKNOWN], ids=["ADD", "unknown"])
def test_closed_epfd(route, closed_fd, regular_file, op):
    assert route.epoll_ctl(closed_fd, op, regular_file, Event(EPOLLIN)) == Fails(EBADF)
    assert route.epoll_ctl(closed_fd, op, closed_fd, Event(EPOLLIN)) == Fails(EBADF)


@clause("ORD-CTL-EBADF-OP", "a closed target gives EBADF before an unknown operation is noticed")
def test_closed_target(epoll, pipe, closed_fd, route):
    assert epoll.ctl(UNKNOWN, closed_fd, EPOLLIN) == Fails(EBADF)
    assert route.epoll_ctl(pipe.read_end, UNKNOWN, closed_fd, Event(EPOLLIN)) == Fails(EBADF)
    assert epoll.ctl(UNKNOWN, pipe.read_end, EPOLLIN) == Fails(EINVAL)


@clause("ORD-CTL-EPERM-BEFORE-EINVAL", "a target that cannot be polled gives EPERM before any EINVAL")
@pytest.mark.parametrize("op", [EPOLL_CTL_ADD, UNKNOWN], ids=["ADD", "unknown"])
def test_regular_file_first(route, epoll, pipe, regular_file, op):
    assert route.epoll_ctl(pipe.read_end, op, regular_file, Event(EPOLLIN)) == Fails(EPERM)
    assert route.epoll_ctl(epoll, op, regular_file, Event(EPOLLIN)) == Fails(EPERM)
    assert route.epoll_ctl(pipe.read_end, op, pipe.write_end, Event(EPOLLIN)) == Fails(EINVAL)


@clause("ORD-CTL-EPERM-DEL-MOD", "DEL and MOD of a regular file give EPERM, not ENOENT")
@pytest.mark.parametrize("kind", ["regular_file", "directory"])
@EVERY_OP
def test_regular_file(epoll, request, route, kind, op):
    assert epoll.ctl(op, request.getfixturevalue(kind), EPOLLIN) == Fails(EPERM)


@clause("ORD-CTL-SELF-ALL-OPS", "epfd itself as target gives EINVAL for every operation")
@EVERY_OP
def test_self(epoll, route, op):
    assert epoll.ctl(op, epoll.fd, EPOLLIN) == Fails(EINVAL)


@clause("ORD-CTL-OPATH", "an O_PATH descriptor gives EBADF, as target and as epfd")
@EVERY_OP
def test_o_path(route, epoll, pipe, o_path, op):
    assert epoll.ctl(op, o_path, EPOLLIN) == Fails(EBADF)
    assert route.epoll_ctl(o_path, op, pipe.read_end, Event(EPOLLIN)) == Fails(EBADF)


@clause("ORD-CTL-ANY-BITS", "any event bits are accepted, known or not, except beside EXCLUSIVE")
@pytest.mark.parametrize("bits", [*(1 << n for n in range(32) if n != 28), 0xEFFFFFFF, 0xFFF, 0x8FFF0000],
                         ids=hex)
def test_any_bits(route, epoll, pipe, bits):
    os.write(pipe.write_end, b"x")
    answered = [(bits & (EPOLLIN | EPOLLRDNORM), 1)] * bool(bits & 0x41)
    epoll.add(pipe.read_end, bits, data=1)
    assert epoll.wait() == answered
    epoll.mod(pipe.read_end, 0, data=1)
    assert epoll.wait() == []
    epoll.mod(pipe.read_end, bits, data=1)
    assert epoll.wait() == answered
    if bits & ~0xE000001F:
        assert epoll.ctl(EPOLL_CTL_ADD, pipe.write_end, bits | EPOLLEXCLUSIVE) == Fails(EINVAL)


# epoll_wait and its variants

def wait(ask, call, epfd, events, maxevents, timeout=0, sigmask=None):
    if call == "epoll_wait":
        return ask(epfd, events, maxevents, timeout)
    return ask(epfd, events, maxevents, Timespec(timeout) if call == "epoll_pwait2" else timeout, sigmask)


WAITS = each("epoll_wait", "epoll_pwait", "epoll_pwait2")


@clause("ORD-WAIT-EBADF-FIRST", "a closed epfd gives EBADF even with a bad maxevents, EINVAL before 6.15")
@WAITS
@pytest.mark.parametrize("maxevents", [0, -1, INT_MAX])
def test_closed_epfd_and_bad_maxevents(ask, call, closed_fd, maxevents):
    expected = by_kernel({"0": Fails(EINVAL), "6.15": Fails(EBADF)})
    assert wait(ask, call, closed_fd, Events(1), maxevents) == expected
    assert wait(ask, call, closed_fd, Events(1), 1) == Fails(EBADF)


@clause("ORD-WAIT-MAX-UPPER", "maxevents may be as large as INT_MAX bytes hold, and no larger")
@WAITS
def test_largest_maxevents(ask, call, epoll):
    most = INT_MAX // EVENT.size
    assert wait(ask, call, epoll, None, most) == Returns(0)
    assert wait(ask, call, epoll, None, most + 1) == Fails(EINVAL)
    assert wait(ask, call, epoll, None, INT_MAX) == Fails(EINVAL)


@clause("ORD-WAIT-EINVAL-BOTH", "a descriptor that is not epoll gives EINVAL, bad maxevents or buffer or not")
@WAITS
@pytest.mark.parametrize("events, maxevents", [(Events(1), 0), (None, 1), (None, 0), (Events(1), 1)],
                         ids=["maxevents 0", "NULL", "both", "neither"])
def test_not_epoll(ask, call, pipe, events, maxevents):
    assert wait(ask, call, pipe.read_end, events, maxevents) == Fails(EINVAL)


@clause("ORD-WAIT-NULL-IDLE", "a bad buffer is no error as long as no event has to be copied")
@WAITS
@pytest.mark.parametrize("make", [lambda: None, lambda: WILD, lambda: Events(1).protect(PROT_NONE)],
                         ids=["NULL", "WILD", "PROT_NONE"])
def test_bad_buffer(ask, call, epoll, pipe, make):
    epoll.add(pipe.read_end, EPOLLIN, data=1)
    assert wait(ask, call, epoll, make(), 1) == Returns(0)
    os.write(pipe.write_end, b"x")
    assert wait(ask, call, epoll, make(), 1) == Fails(EFAULT)


@clause("ORD-WAIT-KERNEL-ADDR", "a buffer in the kernel's half of the addresses gives EFAULT at once")
@WAITS
@pytest.mark.parametrize("address", [-4096, -2**63], ids=hex)
def test_kernel_address(ask, call, epoll, address):
    result = wait(ask, call, epoll, address, 1, 300)
    assert result == Fails(EFAULT)
    assert result.seconds < 5


@clause("ORD-WAIT-PARTIAL-EFAULT", "if the buffer ends early the events that fitted are returned, no error")
@WAITS
def test_short_buffer(ask, call, epoll, new_pipe):
    pipes = [new_pipe() for _ in range(4)]
    for number, pipe in enumerate(pipes):
        epoll.add(pipe.write_end, EPOLLOUT | EPOLLET, data=number)
    events = Events(2)
    assert wait(ask, call, epoll, events, 4) == Returns(2)
    assert events == [(EPOLLOUT, 0), (EPOLLOUT, 1)]
    assert epoll.wait() == [(EPOLLOUT, 2), (EPOLLOUT, 3)]


@clause("ORD-WAIT-EFAULT-KEEPS", "an event that could not be copied stays on the ready list, under ET too")
@WAITS
@pytest.mark.parametrize("flag", [0, EPOLLET], ids=["level", "edge"])
@pytest.mark.parametrize("make", [lambda: None, lambda: Events(1).protect(PROT_READ)],
                         ids=["NULL", "PROT_READ"])
def test_event_kept(ask, call, epoll, pipe, flag, make):
    os.write(pipe.write_end, b"x")
    epoll.add(pipe.read_end, EPOLLIN | flag, data=1)
    assert wait(ask, call, epoll, make(), 1) == Fails(EFAULT)
    events = Events(1)
    assert wait(ask, call, epoll, events, 1) == Returns(1)
    assert events == [(EPOLLIN, 1)]
    assert epoll.wait() == [(EPOLLIN, 1)] * (not flag)


@clause("ORD-PWAIT-MASK-FIRST", "a bad mask pointer gives EFAULT before epfd and maxevents are looked at")
@each("epoll_pwait", "epoll_pwait2")
def test_mask_first(ask, call, epoll, pipe, closed_fd):
    for epfd, maxevents in [(closed_fd, 1), (pipe.read_end, 1), (epoll, 0), (epoll, 1)]:
        assert wait(ask, call, epfd, Events(1), maxevents, sigmask=WILD) == Fails(EFAULT)
    assert wait(ask, call, closed_fd, Events(1), 1, sigmask=set()) == Fails(EBADF)
