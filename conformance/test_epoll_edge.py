# Edge-triggered and one-shot notification in the details programs rely on; the pages promise less.
import mmap
import os
import signal
import threading
from functools import partial

import pytest

from clause import clause
from descriptors import arm, drain, fill
from libc import libc
from masks import EPOLL_CTL_MOD, EPOLLET, EPOLLHUP, EPOLLIN, EPOLLONESHOT, EPOLLOUT
from memory import Event, Events
from outcome import Returns
from sockets import connecting
from waiting import settled

clause = partial(clause, page="none", level="unsaid")
TOLD_IN, TOLD_OUT = [[(EPOLLIN, 1)], []], [[(EPOLLOUT, 1)], []]


def two_waits(epoll):
    """An edge is told by the first of them only."""
    return [epoll.wait(), epoll.wait()]


# What makes an edge

@clause("ET-INITIAL", "registering what is ready already makes an edge")
@pytest.mark.parametrize("end, asked", [("write_end", EPOLLOUT), ("read_end", EPOLLIN)], ids=["OUT", "IN"])
def test_initial(epoll, pipe, end, asked):
    os.write(pipe.write_end, b"x")
    epoll.add(getattr(pipe, end), asked | EPOLLET, data=1)
    assert two_waits(epoll) == [[(asked, 1)], []]


@clause("ET-EVENTFD-EVERY-WRITE", "each write to an eventfd makes an edge for IN, read or not")
def test_eventfd_write(epoll, eventfd):
    epoll.add(eventfd, EPOLLIN | EPOLLET, data=1)
    for _ in range(3):
        os.eventfd_write(eventfd, 1)
        assert two_waits(epoll) == TOLD_IN
    os.eventfd_read(eventfd)
    assert epoll.wait() == []


@clause("ET-EVENTFD-READ-EDGE", "a read of an eventfd makes an edge for OUT")
def test_eventfd_read(epoll, eventfd):
    epoll.add(eventfd, EPOLLIN | EPOLLOUT | EPOLLET, data=1)
    assert two_waits(epoll) == TOLD_OUT
    for _ in range(2):
        os.eventfd_write(eventfd, 1)
        assert two_waits(epoll) == [[(EPOLLIN | EPOLLOUT, 1)], []]
        os.eventfd_read(eventfd)
        assert two_waits(epoll) == TOLD_OUT


@clause("ET-PIPE-EVERY-WRITE", "each write to a pipe makes an edge for IN, though unread data was there")
def test_pipe_write(epoll, pipe):
    epoll.add(pipe.read_end, EPOLLIN | EPOLLET, data=1)
    for _ in range(3):
        os.write(pipe.write_end, b"x")
        assert two_waits(epoll) == TOLD_IN


@clause("ET-PIPE-OUT-ON-ROOM", "a read makes an edge for OUT if the pipe was full and a page becomes free")
def test_pipe_room(epoll, pipe):
    fill(pipe.write_end)
    epoll.add(pipe.write_end, EPOLLOUT | EPOLLET, data=1)
    assert epoll.wait() == []
    os.read(pipe.read_end, 100)
    assert epoll.wait() == []
    os.read(pipe.read_end, mmap.PAGESIZE - 100)
    assert two_waits(epoll) == TOLD_OUT
    os.read(pipe.read_end, mmap.PAGESIZE)
    assert epoll.wait() == []


@clause("ET-UNIX-OWN-READ", "reading one's own input makes no edge")
def test_own_read(epoll, unix_pair):
    epoll.add(unix_pair.ours, EPOLLIN | EPOLLOUT | EPOLLET, data=1)
    unix_pair.theirs.send(b"xy")
    assert two_waits(epoll) == [[(EPOLLIN | EPOLLOUT, 1)], []]
    for byte in (b"x", b"y"):
        assert unix_pair.ours.recv(1) == byte
        assert epoll.wait() == []


@clause("ET-UNIX-PEER-READ-OUT", "a read by a unix socket's peer makes an edge for OUT, full before or not")
def test_peer_read(epoll, unix_pair):
    epoll.add(unix_pair.ours, EPOLLIN | EPOLLOUT | EPOLLET, data=1)
    assert two_waits(epoll) == TOLD_OUT
    for _ in range(2):
        unix_pair.ours.send(b"x")
        assert epoll.wait() == []
        unix_pair.theirs.recv(1)
        assert two_waits(epoll) == TOLD_OUT


@clause("ET-TCP-EVERY-SEGMENT", "each segment that comes in makes an edge for IN")
def test_segments(epoll, tcp):
    epoll.add(tcp.ours, EPOLLIN | EPOLLET, data=1)
    assert epoll.wait() == []
    for _ in range(3):
        tcp.theirs.send(b"segment")
        assert epoll.wait(timeout=10_000) == [(EPOLLIN, 1)]
        assert epoll.wait() == []


@clause("ET-LISTEN-EVERY-CONN", "each new connection makes an edge, though earlier ones were not accepted")
def test_connections(epoll, listener, keep):
    epoll.add(listener, EPOLLIN | EPOLLET, data=1)
    assert epoll.wait() == []
    for _ in range(3):
        keep(connecting(listener.getsockname()))
        assert epoll.wait(timeout=10_000) == [(EPOLLIN, 1)]
        assert epoll.wait() == []


@clause("ET-SIGNALFD", "each signal that becomes pending makes an edge for a signalfd")
def test_signals(epoll, signalfd):
    epoll.add(signalfd, EPOLLIN | EPOLLET, data=1)
    assert epoll.wait() == []
    for _ in range(3):
        signal.raise_signal(signal.SIGUSR1)
        assert two_waits(epoll) == TOLD_IN
        assert int.from_bytes(os.read(signalfd, 128)[:4], "little") == signal.SIGUSR1
        assert epoll.wait() == []


@clause("ET-HUP-ONCE", "a hang up is told once edge-triggered, always level-triggered")
@pytest.mark.parametrize("flags, more", [(EPOLLET, []), (0, [(EPOLLHUP, 1)])], ids=["edge", "level"])
def test_hup(epoll, pipe, close, flags, more):
    epoll.add(pipe.read_end, EPOLLIN | flags, data=1)
    close(pipe.write_end)
    assert [epoll.wait() for _ in range(3)] == [[(EPOLLHUP, 1)], more, more]


@clause("ET-ONESHOT-BOTH", "EPOLLET with EPOLLONESHOT tells one edge, and none after it until MOD")
def test_oneshot_edge(epoll, eventfd):
    epoll.add(eventfd, EPOLLIN | EPOLLET | EPOLLONESHOT, data=1)
    os.eventfd_write(eventfd, 1)
    assert two_waits(epoll) == TOLD_IN
    os.eventfd_read(eventfd)
    os.eventfd_write(eventfd, 1)
    assert epoll.wait() == []
    epoll.mod(eventfd, EPOLLIN | EPOLLET | EPOLLONESHOT, data=1)
    assert two_waits(epoll) == TOLD_IN


# Nothing gets lost

@clause("ET-MOD-NEVER-MISSED", "the edge that MOD makes is seen by a thread that is about to wait")
@pytest.mark.parametrize("flags", [EPOLLET, EPOLLONESHOT], ids=["ET", "ONESHOT"])
def test_mod_against_wait(epoll, eventfd, waiting, flags):
    rounds, told = 3000, threading.Semaphore(0)

    def take():
        events, results = Events(1), []
        for _ in range(rounds):
            results.append(libc.epoll_wait(epoll, events, 1, 5000))
            told.release()
        return results
    epoll.add(eventfd, flags, data=1)
    os.eventfd_write(eventfd, 1)
    waiter, rearmed = waiting(take), Event(EPOLLIN | flags, 1)
    for _ in range(rounds):
        assert libc.epoll_ctl(epoll, EPOLL_CTL_MOD, eventfd, rearmed) == Returns(0)
        assert told.acquire(timeout=10)
    assert waiter.result().count(Returns(1)) == rounds


@clause("ET-TIMEOUT-RACE", "an edge that comes as a wait expires ends that wait or another one, never none")
def test_edge_against_timeout(epoll, timerfd, waiting):
    epoll.add(timerfd, EPOLLIN | EPOLLET, data=1)
    delay, other = 1_000_000, None
    for _ in range(100):
        other = other or waiting(libc.epoll_wait, epoll, Events(1), 1, -1)
        arm(timerfd, delay)
        if libc.epoll_wait(epoll, Events(1), 1, 1) == Returns(1):
            assert settled([other]) == 0
            delay += 5000
        else:
            assert other.result() == Returns(1)
            other = None
            delay -= 5000 if delay > 5000 else 0  # so now the edge comes first and now the timeout
        drain(timerfd)


@clause("ET-MULTI-FD-NO-LOST", "ten edges of ten descriptors at once reach ten waiting threads, one each")
def test_many_edges(epoll, keep, waiting):
    eventfds = [keep(os.eventfd(0, os.EFD_NONBLOCK)) for _ in range(10)]
    for data, eventfd in enumerate(eventfds):
        epoll.add(eventfd, EPOLLIN | EPOLLET, data=data)
    for _ in range(10):
        taken = [Events(1) for _ in eventfds]
        waiters = [waiting(libc.epoll_wait, epoll, events, 1, -1) for events in taken]
        for eventfd in eventfds:
            os.eventfd_write(eventfd, 1)
        assert [waiter.result() for waiter in waiters] == [Returns(1)] * 10
        assert sorted(data for events in taken for _, data in events) == list(range(10))
        assert epoll.wait() == []
