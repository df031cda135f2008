# What becomes of an entry whose number is closed, reused or duplicated; what the epfd itself is.
import fcntl
import os
from errno import EBADF, EEXIST, EINVAL, ENOENT, EPERM
from functools import partial
from pathlib import Path

import pytest

from clause import clause
from masks import EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD, EPOLLET, EPOLLIN, EPOLLOUT
from memory import Events
from outcome import Fails, Returns
from readiness import Epoll

documented = clause
clause = partial(clause, page="none", level="unsaid")


def entries(epoll):
    """The numbers in the interest list, as fdinfo shows them."""
    lines = Path(f"/proc/self/fdinfo/{epoll.fd}").read_text().splitlines()
    return [int(line.split()[1]) for line in lines if line.startswith("tfd:")]


@pytest.fixture
def outlived(epoll, pipe, keep, close):
    """A duplicate of a registered read end (IN, data 1), whose number is closed."""
    epoll.add(pipe.read_end, EPOLLIN, data=1)
    duplicate = keep(os.dup(pipe.read_end))
    close(pipe.read_end)
    return duplicate


# Closed and reused numbers

@clause("LIFE-NUMBER-REUSED", "a number closed and given to another file is not in the interest list")
def test_reused_number(route, epoll, pipe, idle_pipe, keep, close):
    epoll.add(pipe.read_end, EPOLLIN, data=1)
    close(pipe.read_end)
    number = keep(os.dup2(idle_pipe.read_end, pipe.read_end))
    assert epoll.ctl(EPOLL_CTL_MOD, number, EPOLLIN, data=2) == Fails(ENOENT)
    assert route.epoll_ctl(epoll, EPOLL_CTL_DEL, number, None) == Fails(ENOENT)
    assert epoll.ctl(EPOLL_CTL_ADD, number, EPOLLIN, data=3) == Returns(0)
    os.write(idle_pipe.write_end, b"x")
    assert epoll.wait() == [(EPOLLIN, 3)]


@clause("LIFE-NUMBER-REUSED-DUP", "while a duplicate keeps the old entry, the number can be added once more")
def test_reused_number_of_a_duplicate(route, epoll, pipe, idle_pipe, outlived, keep):
    number = keep(os.dup2(idle_pipe.read_end, pipe.read_end))
    assert epoll.ctl(EPOLL_CTL_ADD, number, EPOLLIN, data=2) == Returns(0)
    assert entries(epoll) == [number, number]
    os.write(pipe.write_end, b"x")
    assert epoll.wait() == [(EPOLLIN, 1)]
    os.write(idle_pipe.write_end, b"x")
    assert sorted(epoll.wait()) == [(EPOLLIN, 1), (EPOLLIN, 2)]
    epoll.delete(number)
    assert epoll.wait() == [(EPOLLIN, 1)]


@clause("LIFE-DEL-CLOSED-EBADF", "DEL of a closed number fails with EBADF, duplicate or not")
def test_delete_closed(route, epoll, pipe, outlived):
    assert route.epoll_ctl(epoll, EPOLL_CTL_DEL, pipe.read_end, None) == Fails(EBADF)
    os.write(pipe.write_end, b"x")
    assert epoll.wait() == [(EPOLLIN, 1)]


@clause("LIFE-DEL-VIA-DUP-ENOENT", "the entry cannot be removed or changed by the number of the duplicate")
def test_delete_by_duplicate(route, epoll, pipe, outlived):
    assert route.epoll_ctl(epoll, EPOLL_CTL_DEL, outlived, None) == Fails(ENOENT)
    assert epoll.ctl(EPOLL_CTL_MOD, outlived, EPOLLET, data=2) == Fails(ENOENT)
    os.write(pipe.write_end, b"x")
    assert [epoll.wait(), epoll.wait()] == [[(EPOLLIN, 1)]] * 2


@clause("LIFE-DUP2-BACK", "with the same open file back on the old number DEL works again")
def test_back_on_the_number(route, epoll, pipe, outlived, keep):
    number = keep(os.dup2(outlived, pipe.read_end))
    os.write(pipe.write_end, b"x")
    assert epoll.wait() == [(EPOLLIN, 1)]
    assert route.epoll_ctl(epoll, EPOLL_CTL_DEL, number, None) == Returns(0)
    assert (epoll.wait(), entries(epoll)) == ([], [])


@clause("LIFE-CLOSE-WHILE-READY", "closing a ready descriptor takes its event away")
@pytest.mark.parametrize("events", [EPOLLIN, EPOLLIN | EPOLLET], ids=["level", "edge"])
def test_close_while_ready(route, epoll, pipe, idle_pipe, close, events):
    epoll.add(pipe.read_end, events, data=1)
    epoll.add(idle_pipe.read_end, events, data=2)
    os.write(pipe.write_end, b"x")
    os.write(idle_pipe.write_end, b"x")
    close(pipe.read_end)
    assert epoll.wait() == [(EPOLLIN, 2)]


@clause("LIFE-DEL-WHILE-READY", "so does removing it from the interest list")
@pytest.mark.parametrize("events", [EPOLLIN, EPOLLIN | EPOLLET], ids=["level", "edge"])
def test_delete_while_ready(route, epoll, pipe, idle_pipe, events):
    epoll.add(pipe.read_end, events, data=1)
    epoll.add(idle_pipe.read_end, events, data=2)
    os.write(pipe.write_end, b"x")
    os.write(idle_pipe.write_end, b"x")
    epoll.delete(pipe.read_end)
    assert epoll.wait() == [(EPOLLIN, 2)]


@clause("LIFE-REPLACE-UNPOLLABLE", "a regular file put over a registered number: the old entry just goes")
def test_replaced_by_a_file(route, epoll, pipe, regular_file):
    epoll.add(pipe.read_end, EPOLLIN, data=1)
    os.write(pipe.write_end, b"x")
    os.dup2(regular_file, pipe.read_end)
    assert (epoll.wait(), entries(epoll)) == ([], [])
    assert route.epoll_ctl(epoll, EPOLL_CTL_DEL, pipe.read_end, None) == Fails(EPERM)


# The descriptor of the instance

@clause("LIFE-EPFD-DUP-SHARED", "duplicates of an epfd share one interest list")
def test_duplicate_epfd(route, new_epoll, pipe, keep, close):
    epoll = new_epoll()
    duplicate = Epoll(keep(os.dup(epoll.fd)), route)
    duplicate.add(pipe.read_end, EPOLLIN, data=1)
    assert epoll.ctl(EPOLL_CTL_ADD, pipe.read_end, EPOLLIN, data=2) == Fails(EEXIST)
    os.write(pipe.write_end, b"x")
    assert (epoll.wait(), duplicate.wait()) == ([(EPOLLIN, 1)], [(EPOLLIN, 1)])
    epoll.mod(pipe.read_end, EPOLLIN | EPOLLET, data=3)
    assert (duplicate.wait(), epoll.wait()) == ([(EPOLLIN, 3)], [])
    close(epoll.fd)
    duplicate.mod(pipe.read_end, EPOLLIN, data=4)
    assert duplicate.wait() == [(EPOLLIN, 4)]


@clause("LIFE-EPFD-READ-WRITE", "read and write on an epfd fail with EINVAL")
@pytest.mark.parametrize("call", [lambda fd: os.read(fd, 8), lambda fd: os.write(fd, bytes(8))],
                         ids=["read", "write"])
def test_read_and_write(epoll, pipe, call):
    epoll.add(pipe.write_end, EPOLLOUT)
    with pytest.raises(OSError) as raised:
        call(epoll.fd)
    assert raised.value.errno == EINVAL


@clause("LIFE-EPFD-LSEEK", "lseek on an epfd goes nowhere and returns 0")
@pytest.mark.parametrize("whence", [os.SEEK_SET, os.SEEK_CUR, os.SEEK_END])
def test_lseek(epoll, whence):
    assert os.lseek(epoll.fd, 5, whence) == 0


@clause("LIFE-EPFD-FLAGS", "an epfd is O_RDWR; O_NONBLOCK can be set and a wait blocks all the same")
def test_flags(route, epoll):
    assert fcntl.fcntl(epoll, fcntl.F_GETFL) == os.O_RDWR
    fcntl.fcntl(epoll, fcntl.F_SETFL, os.O_NONBLOCK)
    assert fcntl.fcntl(epoll, fcntl.F_GETFL) == os.O_RDWR | os.O_NONBLOCK
    result = route.epoll_wait(epoll, Events(1), 1, 20)
    assert result == Returns(0)
    assert result.seconds >= 0.02


@clause("LIFE-ADD-KEEPS-NONBLOCK", "adding a descriptor leaves its file status flags alone")
@pytest.mark.parametrize("flags", [0, os.O_NONBLOCK], ids=["blocking", "O_NONBLOCK"])
@pytest.mark.parametrize("events", [EPOLLIN, EPOLLIN | EPOLLET], ids=["level", "edge"])
def test_file_status_flags(route, epoll, new_pipe, flags, events):
    target = new_pipe(flags).read_end
    epoll.add(target, events)
    assert fcntl.fcntl(target, fcntl.F_GETFL) == os.O_RDONLY | flags
    epoll.mod(target, EPOLLIN)
    epoll.delete(target)
    assert fcntl.fcntl(target, fcntl.F_GETFL) == os.O_RDONLY | flags


@documented("LIFE-PROC-LINK", "the link of an epfd in /proc reads anon_inode:[eventpoll]", page="proc(5)",
            section="/proc/pid/fd/")
def test_proc_link(epoll):
    assert os.readlink(f"/proc/self/fd/{epoll.fd}") == "anon_inode:[eventpoll]"
