# epoll_ctl(2): the event types, and the two flags that say how often an event is told.
import os
import socket
from errno import EEXIST
from functools import partial

import pytest

from clause import clause
from descriptors import drain, fill
from masks import (EPOLL_CTL_ADD, EPOLLERR, EPOLLET, EPOLLEXCLUSIVE, EPOLLHUP, EPOLLIN, EPOLLMSG,
                   EPOLLONESHOT, EPOLLOUT, EPOLLPRI, EPOLLRDBAND, EPOLLRDHUP, EPOLLRDNORM, EPOLLWAKEUP,
                   EPOLLWRBAND, EPOLLWRNORM)
from outcome import Fails
from sockets import settle

clause = partial(clause, page="epoll_ctl(2)", section="DESCRIPTION")
RESET = EPOLLERR | EPOLLHUP


# Event types

@clause("EPCTL-EV-IN", "EPOLLIN: there is something to read")
def test_in(epoll, pipe):
    epoll.add(pipe.read_end, EPOLLIN, data=1)
    assert epoll.wait() == []
    os.write(pipe.write_end, b"x")
    assert epoll.wait() == [(EPOLLIN, 1)]
    drain(pipe.read_end)
    assert epoll.wait() == []


@clause("EPCTL-EV-OUT", "EPOLLOUT: a write is possible")
def test_out(epoll, pipe):
    epoll.add(pipe.write_end, EPOLLOUT, data=1)
    assert epoll.wait() == [(EPOLLOUT, 1)]
    fill(pipe.write_end)
    assert epoll.wait() == []
    drain(pipe.read_end)
    assert epoll.wait() == [(EPOLLOUT, 1)]


@clause("EPCTL-EV-RDHUP-SHUTWR", "EPOLLRDHUP: the peer of a stream socket shut its writing half")
@pytest.mark.parametrize("kind", ["unix_pair", "tcp"])
def test_rdhup_after_shutdown(epoll, request, kind):
    pair = request.getfixturevalue(kind)
    epoll.add(pair.ours, EPOLLIN | EPOLLRDHUP, data=1)
    epoll.add(pair.theirs, EPOLLIN | EPOLLRDHUP, data=2)
    assert epoll.wait() == []
    pair.theirs.shutdown(socket.SHUT_WR)
    settle(pair.ours, EPOLLRDHUP)
    assert epoll.wait() == [(EPOLLIN | EPOLLRDHUP, 1)]
    epoll.mod(pair.ours, EPOLLRDHUP, data=1)
    assert epoll.wait() == [(EPOLLRDHUP, 1)]


@clause("EPCTL-EV-RDHUP-CLOSE", "EPOLLRDHUP: the peer of a stream socket closed the connection")
@pytest.mark.parametrize("kind, with_it", [("unix_pair", EPOLLHUP), ("tcp", 0)])
def test_rdhup_after_close(epoll, request, close, kind, with_it):
    pair = request.getfixturevalue(kind)
    epoll.add(pair.ours, EPOLLRDHUP, data=1)
    assert epoll.wait() == []
    close(pair.theirs)
    settle(pair.ours, EPOLLRDHUP)
    assert epoll.wait() == [(EPOLLRDHUP | with_it, 1)]


@clause("EPCTL-EV-PRI", "EPOLLPRI: an exceptional condition, such as urgent data of TCP")
def test_pri(epoll, tcp):
    epoll.add(tcp.ours, EPOLLIN | EPOLLPRI, data=1)
    epoll.add(tcp.theirs, EPOLLIN | EPOLLPRI, data=2)
    assert epoll.wait() == []
    tcp.theirs.send(b"!", socket.MSG_OOB)
    settle(tcp.ours, EPOLLPRI)
    assert epoll.wait() == [(EPOLLPRI, 1)]
    assert tcp.ours.recv(1, socket.MSG_OOB) == b"!"
    assert epoll.wait() == []


@clause("EPCTL-EV-ERR", "EPOLLERR: there is an error on the file")
@pytest.mark.parametrize("kind, told",
                         [("tcp_reset", RESET), ("tcp_refused", RESET), ("udp_refused", EPOLLERR)])
def test_err(epoll, request, kind, udp, told):
    broken = request.getfixturevalue(kind)
    broken = getattr(broken, "ours", broken)
    epoll.add(udp.ours, EPOLLERR, data=2)
    epoll.add(broken, EPOLLERR, data=1)
    assert epoll.wait() == [(told, 1)]


@clause("EPCTL-EV-ERR-PIPE", "EPOLLERR: of a write end, that the read end was closed")
def test_err_of_a_pipe(epoll, pipe, close):
    epoll.add(pipe.write_end, EPOLLERR, data=1)
    assert epoll.wait() == []
    close(pipe.read_end)
    assert epoll.wait() == [(EPOLLERR, 1)]
    epoll.mod(pipe.write_end, EPOLLOUT, data=1)
    assert epoll.wait() == [(EPOLLOUT | EPOLLERR, 1)]


@clause("EPCTL-EV-ERR-IMPLIED", "EPOLLERR is told without being asked for")
@pytest.mark.parametrize("asked", [0, EPOLLIN, EPOLLPRI], ids=str)
def test_err_unasked(epoll, pipe, close, asked):
    epoll.add(pipe.write_end, asked, data=1)
    assert epoll.wait() == []
    close(pipe.read_end)
    assert epoll.wait() == [(EPOLLERR, 1)]


@clause("EPCTL-EV-HUP", "EPOLLHUP: the other side hung up")
def test_hup(epoll, pipe, close):
    epoll.add(pipe.read_end, EPOLLHUP, data=1)
    os.write(pipe.write_end, b"x")
    assert epoll.wait() == []
    close(pipe.write_end)
    assert epoll.wait() == [(EPOLLHUP, 1)]


@clause("EPCTL-EV-HUP-IMPLIED", "EPOLLHUP is told without being asked for")
@pytest.mark.parametrize("asked", [0, EPOLLIN, EPOLLPRI], ids=str)
def test_hup_unasked(epoll, pipe, close, asked):
    epoll.add(pipe.read_end, asked, data=1)
    assert epoll.wait() == []
    close(pipe.write_end)
    assert epoll.wait() == [(EPOLLHUP, 1)]


@clause("EPCTL-EV-HUP-AFTER-DATA", "after a hang up what was sent before is read first, then end of file")
def test_hup_after_data(epoll, pipe, close):
    epoll.add(pipe.read_end, EPOLLIN, data=1)
    os.write(pipe.write_end, b"left")
    close(pipe.write_end)
    assert epoll.wait() == [(EPOLLIN | EPOLLHUP, 1)]
    assert os.read(pipe.read_end, 100) == b"left"
    assert epoll.wait() == [(EPOLLHUP, 1)]
    assert os.read(pipe.read_end, 100) == b""


@clause("EPCTL-UNASKED-NOT-TOLD", "but for ERR and HUP only those conditions are told that were asked for")
@pytest.mark.parametrize("asked, told", [
    (EPOLLIN, EPOLLIN), (EPOLLRDHUP, EPOLLRDHUP), (EPOLLRDNORM, EPOLLRDNORM), (EPOLLOUT, EPOLLOUT),
    (EPOLLWRNORM, EPOLLWRNORM), (EPOLLPRI, 0), (EPOLLRDBAND, 0), (EPOLLMSG, 0), (0x20, 0), (0x800, 0),
    (EPOLLIN | EPOLLPRI | EPOLLWRBAND, EPOLLIN | EPOLLWRBAND)], ids=str)
def test_unasked(epoll, unix_pair, asked, told):
    unix_pair.theirs.send(b"x")
    unix_pair.theirs.shutdown(socket.SHUT_WR)
    epoll.add(unix_pair.ours, asked, data=1)
    assert epoll.wait() == [(told, 1)] * bool(told)


@clause("EPCTL-FLAGS-NOT-TOLD", "the flags that go with a registration never come back in events")
@pytest.mark.parametrize("flags", [EPOLLET, EPOLLONESHOT, EPOLLWAKEUP, EPOLLEXCLUSIVE, EPOLLET | EPOLLONESHOT,
                                   EPOLLET | EPOLLEXCLUSIVE | EPOLLWAKEUP], ids=str)
def test_flags_not_told(epoll, pipe, flags):
    os.write(pipe.write_end, b"x")
    epoll.add(pipe.read_end, EPOLLIN | flags, data=1)
    assert epoll.wait() == [(EPOLLIN, 1)]


# EPOLLET and EPOLLONESHOT

@clause("EPCTL-LT-DEFAULT", "without EPOLLET an event is told as long as its condition lasts")
def test_level_triggered(epoll, pipe):
    epoll.add(pipe.read_end, EPOLLIN, data=1)
    os.write(pipe.write_end, b"xx")
    assert [epoll.wait() for _ in range(3)] == [[(EPOLLIN, 1)]] * 3
    os.read(pipe.read_end, 1)
    assert epoll.wait() == [(EPOLLIN, 1)]
    os.read(pipe.read_end, 1)
    assert epoll.wait() == []


@clause("EPCTL-ET", "with EPOLLET an event is told once for each change")
def test_edge_triggered(epoll, pipe):
    epoll.add(pipe.read_end, EPOLLIN | EPOLLET, data=1)
    assert epoll.wait() == []
    os.write(pipe.write_end, b"x")
    assert [epoll.wait() for _ in range(3)] == [[(EPOLLIN, 1)], [], []]
    drain(pipe.read_end)
    assert epoll.wait() == []
    os.write(pipe.write_end, b"x")
    assert [epoll.wait() for _ in range(2)] == [[(EPOLLIN, 1)], []]


@pytest.fixture
def told_once(epoll, pipe):
    """A one-shot entry, asking for IN with data 1, that has just told its event."""
    epoll.add(pipe.read_end, EPOLLIN | EPOLLONESHOT, data=1)
    assert epoll.wait() == []
    os.write(pipe.write_end, b"x")
    assert epoll.wait() == [(EPOLLIN, 1)]
    return pipe


@clause("EPCTL-ONESHOT-DISABLES", "after its one event an EPOLLONESHOT entry is silent")
def test_oneshot(epoll, told_once):
    assert epoll.wait() == []
    os.write(told_once.write_end, b"x")
    assert epoll.wait() == []
    drain(told_once.read_end)
    os.write(told_once.write_end, b"x")
    assert epoll.wait() == []


@clause("EPCTL-ONESHOT-SILENT-HUP", "a disabled entry tells nothing at all, not even HUP and ERR")
def test_oneshot_hup(epoll, told_once, close, idle_pipe):
    epoll.add(idle_pipe.write_end, EPOLLOUT | EPOLLONESHOT, data=2)
    assert epoll.wait() == [(EPOLLOUT, 2)]
    close(told_once.write_end)
    close(idle_pipe.read_end)
    assert epoll.wait() == []


@clause("EPCTL-ONESHOT-REARM", "MOD enables the entry again, and what is still true is told again")
def test_oneshot_rearm(epoll, told_once):
    epoll.mod(told_once.read_end, EPOLLIN | EPOLLONESHOT, data=2)
    assert [epoll.wait() for _ in range(2)] == [[(EPOLLIN, 2)], []]
    drain(told_once.read_end)
    epoll.mod(told_once.read_end, EPOLLIN | EPOLLONESHOT, data=3)
    assert epoll.wait() == []
    os.write(told_once.write_end, b"x")
    assert [epoll.wait() for _ in range(2)] == [[(EPOLLIN, 3)], []]


@clause("EPCTL-ONESHOT-STAYS", "a disabled entry stays on the interest list")
def test_oneshot_stays(epoll, told_once):
    assert epoll.ctl(EPOLL_CTL_ADD, told_once.read_end, EPOLLIN) == Fails(EEXIST)
    assert epoll.wait() == []
    epoll.delete(told_once.read_end)
