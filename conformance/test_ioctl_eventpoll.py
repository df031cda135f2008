# ioctl_eventpoll(2): the busy-poll settings of an epoll instance.
import os
import socket
import struct
from errno import EBADF, EFAULT, EINVAL, ENOTTY, EOPNOTSUPP, EPERM
from functools import partial
from pathlib import Path

import pytest

from clause import clause
from memory import PROT_NONE, PROT_READ, WILD, Buffer
from outcome import Fails, Returns
from waiting import in_child

unsaid = partial(clause, page="none", level="unsaid", since="6.9")
clause = partial(clause, page="ioctl_eventpoll(2)", since="6.9")
EPIOCSPARAMS, EPIOCGPARAMS = 0x40088A01, 0x80088A02
INT_MAX = 2**31 - 1
BUDGET_OF_ALL = 64  # NAPI_POLL_WEIGHT
CAP_NET_ADMIN = 12
NOBODY = 65534


def params(busy_poll_usecs=0, busy_poll_budget=0, prefer_busy_poll=0, pad=0):
    """struct epoll_params."""
    return Buffer(struct.pack("IHBB", busy_poll_usecs, busy_poll_budget, prefer_busy_poll, pad))


def settings(route, epoll):
    """What EPIOCGPARAMS reads, from memory that held something else."""
    read = Buffer(b"\xa5" * 8)
    assert route.ioctl(epoll, EPIOCGPARAMS, read) == Returns(0)
    return struct.unpack("IHBB", read.bytes)


def has_busy_poll():
    """Kernels built without it do not know the socket option either."""
    with socket.socket() as sock:
        try:
            return sock.getsockopt(socket.SOL_SOCKET, 46) >= 0  # SO_BUSY_POLL
        except OSError:
            return False


@pytest.fixture
def busy_poll():
    if not has_busy_poll():
        pytest.skip("this kernel was built without busy poll")


@clause("EPIO-SET-GET", "EPIOCSPARAMS stores the settings of that instance, EPIOCGPARAMS reads them back",
        section="DESCRIPTION")
@pytest.mark.parametrize("values", [(25, 8, 1, 0), (INT_MAX, 64, 0, 0), (1, 1, 1, 0)], ids=str)
def test_set_and_get(busy_poll, route, epoll, new_epoll, values):
    other = new_epoll()
    assert settings(route, epoll) == (0, 0, 0, 0)
    given = params(*values)
    assert route.ioctl(epoll, EPIOCSPARAMS, given) == Returns(0)
    assert settings(route, epoll) == values
    assert struct.unpack("IHBB", given.bytes) == values
    assert settings(route, other) == (0, 0, 0, 0)
    assert route.ioctl(epoll, EPIOCSPARAMS, params()) == Returns(0)
    assert settings(route, epoll) == (0, 0, 0, 0)


def refused(route, epoll, **wrong):
    """A bad setting beside good ones changes none."""
    assert route.ioctl(epoll, EPIOCSPARAMS, params(25, 8, 1)) == Returns(0)
    given = {"busy_poll_usecs": 7, "busy_poll_budget": 9, **wrong}
    result = route.ioctl(epoll, EPIOCSPARAMS, params(**given))
    assert settings(route, epoll) == (25, 8, 1, 0)
    return result


@clause("EPIO-EINVAL-PAD", "a pad that is not zero fails with EINVAL", section="ERRORS")
@pytest.mark.parametrize("pad", [1, 255])
def test_pad(busy_poll, route, epoll, pad):
    assert refused(route, epoll, pad=pad) == Fails(EINVAL)


@clause("EPIO-EINVAL-PREFER", "a prefer_busy_poll other than 0 and 1 fails with EINVAL", section="ERRORS")
@pytest.mark.parametrize("prefer", [2, 255])
def test_prefer(busy_poll, route, epoll, prefer):
    assert refused(route, epoll, prefer_busy_poll=prefer) == Fails(EINVAL)


@clause("EPIO-EINVAL-USECS", "more than INT_MAX microseconds fail with EINVAL", section="ERRORS")
@pytest.mark.parametrize("usecs", [INT_MAX + 1, 2**32 - 1])
def test_usecs(busy_poll, route, epoll, usecs):
    assert route.ioctl(epoll, EPIOCSPARAMS, params(INT_MAX)) == Returns(0)
    assert refused(route, epoll, busy_poll_usecs=usecs) == Fails(EINVAL)


def may_administer_networks():
    status = Path("/proc/self/status").read_text()
    return int(status.partition("CapEff:")[2].split()[0], 16) >> CAP_NET_ADMIN & 1


@clause("EPIO-EPERM-BUDGET", "a budget above NAPI_POLL_WEIGHT without CAP_NET_ADMIN fails with EPERM",
        section="ERRORS")
@pytest.mark.parametrize("budget", [BUDGET_OF_ALL + 1, 2**16 - 1])
def test_budget(busy_poll, route, epoll, budget):
    def unprivileged():
        if os.geteuid() == 0:
            os.setresuid(NOBODY, NOBODY, NOBODY)
        assert route.ioctl(epoll, EPIOCSPARAMS, params(0, BUDGET_OF_ALL)) == Returns(0)
        return refused(route, epoll, busy_poll_budget=budget)
    assert in_child(unprivileged) == Fails(EPERM)
    if may_administer_networks():
        assert route.ioctl(epoll, EPIOCSPARAMS, params(0, budget)) == Returns(0)
        assert settings(route, epoll) == (0, budget, 0, 0)


@clause("EPIO-EFAULT", "a pointer that is not the program's to use fails with EFAULT", section="ERRORS")
@pytest.mark.parametrize("op, make", [
    (EPIOCSPARAMS, lambda: None), (EPIOCSPARAMS, lambda: WILD), (EPIOCSPARAMS, lambda: Buffer(bytes(7))),
    (EPIOCSPARAMS, lambda: params().protect(PROT_NONE)), (EPIOCGPARAMS, lambda: None),
    (EPIOCGPARAMS, lambda: WILD), (EPIOCGPARAMS, lambda: params().protect(PROT_READ))],
    ids=["set-NULL", "set-WILD", "set-too short", "set-PROT_NONE", "get-NULL", "get-WILD", "get-PROT_READ"])
def test_bad_pointer(busy_poll, route, epoll, op, make):
    assert route.ioctl(epoll, op, make()) == Fails(EFAULT)


@clause("EPIO-BADFD", "a descriptor that is not open, or not that of an epoll instance, fails with EINVAL",
        section="ERRORS")
@pytest.mark.parametrize("op", [EPIOCSPARAMS, EPIOCGPARAMS], ids=["set", "get"])
@pytest.mark.parametrize("kind", ["closed_fd", "eventfd", "fresh_tcp"])
def test_bad_descriptor(request, route, op, kind):
    assert route.ioctl(request.getfixturevalue(kind), op, params()) == Fails(EINVAL)


@clause("EPIO-EOPNOTSUPP", "only a kernel built without busy poll fails with EOPNOTSUPP", section="ERRORS")
@pytest.mark.parametrize("op", [EPIOCSPARAMS, EPIOCGPARAMS], ids=["set", "get"])
def test_no_busy_poll(route, epoll, op):
    expected = Returns(0) if has_busy_poll() else Fails(EOPNOTSUPP)
    assert route.ioctl(epoll, op, params()) == expected


@unsaid("ORD-EPIO-ENOTTY", "ENOTTY on another kind of descriptor, EINVAL for an unknown request on epoll")
@pytest.mark.parametrize("kind, op, error", [
    ("eventfd", EPIOCGPARAMS, ENOTTY), ("eventfd", EPIOCSPARAMS, ENOTTY), ("epoll", 0x8A77, EINVAL),
    ("epoll", 0x5401, EINVAL), ("closed_fd", 0x8A77, EBADF)])
def test_other_requests(request, route, kind, op, error):
    assert route.ioctl(request.getfixturevalue(kind), op, params()) == Fails(error)
