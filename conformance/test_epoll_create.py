# epoll_create(2) and epoll_create1(2).
import fcntl
import os
import subprocess
from errno import EINVAL
from functools import partial

import pytest

from clause import clause
from descriptors import new
from masks import EPOLL_CLOEXEC, EPOLLIN, EPOLLOUT
from outcome import Fails, Returns
from readiness import Epoll

clause = partial(clause, page="epoll_create(2)")
INT_MAX, INT_MIN = 2**31 - 1, -2**31


@pytest.fixture
def created(route, keep):
    """created(result): the instance whose descriptor the call returned."""
    return lambda result: Epoll(keep(new(result)), route)


def lowest_free():
    fd = os.dup(0)
    os.close(fd)
    return fd


def after_exec(fd):
    """Whether a program executed from here still has it."""
    return subprocess.run(["/bin/sh", "-c", f"test -h /proc/self/fd/{fd}"], close_fds=False).returncode == 0


@clause("EPCR-RETURNS-FD", "the result is a new descriptor, the lowest free one, for a fresh instance",
        section="RETURN VALUE")
def test_returns_fd(route, created):
    fd = lowest_free()
    result = route.epoll_create(1)
    epoll = created(result)
    assert result == Returns(fd)
    assert os.readlink(f"/proc/self/fd/{fd}") == "anon_inode:[eventpoll]"
    assert epoll.wait() == []


@clause("EPCR-SIZE-IGNORED", "any size above 0 is accepted and limits nothing", section="DESCRIPTION")
@pytest.mark.parametrize("size", [1, 2, INT_MAX])
def test_size_ignored(route, created, new_pipe, size):
    epoll = created(route.epoll_create(size))
    for number in range(3):
        epoll.add(new_pipe().write_end, EPOLLOUT, data=number)
    assert epoll.wait() == [(EPOLLOUT, 0), (EPOLLOUT, 1), (EPOLLOUT, 2)]


@clause("EPCR-EINVAL-SIZE", "a size that is not positive fails with EINVAL", section="ERRORS")
@pytest.mark.parametrize("size", [0, -1, INT_MIN])
def test_bad_size(route, size):
    fd = lowest_free()
    assert route.epoll_create(size) == Fails(EINVAL)
    assert lowest_free() == fd


@clause("EPCR1-FLAGS-ZERO", "with flags 0 epoll_create1 is epoll_create without the size",
        section="DESCRIPTION")
def test_flags_zero(route, created, pipe):
    fd = lowest_free()
    epoll = created(route.epoll_create1(0))
    assert epoll.fd == fd
    assert fcntl.fcntl(epoll, fcntl.F_GETFD) == 0
    epoll.add(pipe.read_end, EPOLLIN, data=1)
    os.write(pipe.write_end, b"x")
    assert epoll.wait() == [(EPOLLIN, 1)]


@clause("EPCR1-CLOEXEC", "EPOLL_CLOEXEC closes the descriptor on exec", section="DESCRIPTION")
def test_cloexec(route, created):
    epoll = created(route.epoll_create1(EPOLL_CLOEXEC))
    assert fcntl.fcntl(epoll, fcntl.F_GETFD) == fcntl.FD_CLOEXEC
    assert after_exec(epoll.fd) is False


@clause("EPCR1-NO-CLOEXEC", "without EPOLL_CLOEXEC the descriptor survives exec", section="DESCRIPTION")
@pytest.mark.parametrize("call, argument", [("epoll_create", 1), ("epoll_create1", 0)])
def test_no_cloexec(route, created, call, argument):
    epoll = created(getattr(route, call)(argument))
    assert fcntl.fcntl(epoll, fcntl.F_GETFD) == 0
    assert after_exec(epoll.fd) is True


@clause("EPCR1-EINVAL-FLAGS", "any other flag fails with EINVAL", section="ERRORS")
@pytest.mark.parametrize("flags", [1, os.O_NONBLOCK, EPOLL_CLOEXEC | 1, EPOLL_CLOEXEC | os.O_NONBLOCK,
                                   ~EPOLL_CLOEXEC, -1])
def test_bad_flags(route, flags):
    fd = lowest_free()
    assert route.epoll_create1(flags) == Fails(EINVAL)
    assert lowest_free() == fd


@clause("EPCR-LAST-CLOSE-FREES", "the instance lives until the last descriptor that refers to it is closed",
        section="DESCRIPTION")
def test_last_close(route, new_epoll, keep, close, pipe):
    outer, first = new_epoll(), new_epoll()
    first.add(pipe.read_end, EPOLLIN, data=1)
    outer.add(first, EPOLLIN, data=2)
    second = Epoll(keep(os.dup(first.fd)), route)
    os.write(pipe.write_end, b"x")
    close(first.fd)
    assert second.wait() == [(EPOLLIN, 1)]
    assert outer.wait() == [(EPOLLIN, 2)]
    close(second.fd)
    assert outer.wait() == []
