# epoll(7): level- and edge-triggered notification, several waiters, what /proc and kcmp show.
import os
import struct
from errno import ENOENT, ENOSYS
from functools import partial

import pytest

from clause import clause
from descriptors import arm, drain, fill
from interest import interest_list
from libc import libc, raw
from masks import EPOLLERR, EPOLLET, EPOLLHUP, EPOLLIN, EPOLLONESHOT, EPOLLOUT, EVERY_ANSWER
from memory import Buffer, Events
from outcome import Fails, Returns
from readiness import polled
from waiting import settled

clause = partial(clause, page="epoll(7)")
MODES = "Level-triggered and edge-triggered"
KCMP_EPOLL_TFD = 7


# Level-triggered and edge-triggered

def half_read(epoll, pipe, flags):
    """The page's example: 2 kB arrive and are told, half of it is read; what does the next wait tell?"""
    epoll.add(pipe.read_end, EPOLLIN | flags, data=1)
    os.write(pipe.write_end, bytes(2048))
    assert epoll.wait() == [(EPOLLIN, 1)]
    assert len(os.read(pipe.read_end, 1024)) == 1024
    return epoll.wait()


@clause("EP7-ET-PARTIAL-READ", "edge-triggered, what is left of the data is not told again",
        section=MODES)
def test_partial_read_edge(epoll, pipe):
    assert half_read(epoll, pipe, EPOLLET) == []
    assert epoll.wait(timeout=10) == []
    os.write(pipe.write_end, b"x")
    assert epoll.wait() == [(EPOLLIN, 1)]


@clause("EP7-LT-PARTIAL-READ", "level-triggered, what is left of the data is told", section=MODES)
def test_partial_read_level(epoll, pipe):
    assert half_read(epoll, pipe, 0) == [(EPOLLIN, 1)]
    assert epoll.wait() == [(EPOLLIN, 1)]


@clause("EP7-LT-LIKE-POLL", "level-triggered, epoll tells what poll tells", section=MODES)
@pytest.mark.parametrize("asked", [0, EPOLLIN, EPOLLOUT, EVERY_ANSWER], ids=["none", "IN", "OUT", "all"])
@pytest.mark.parametrize("kind", [
    "pipe.read_end", "pipe.write_end", "pty.master", "pty.slave", "eventfd", "timerfd", "signalfd", "inotify",
    "pidfd.fd", "unix_pair.ours", "unix_dgram_pair.ours", "unix_seqpacket_pair.ours", "udp.ours",
    "udp_refused", "listener", "fresh_tcp", "tcp.ours", "tcp_half_closed.ours", "tcp_half_closed.theirs",
    "tcp_reset.ours", "tcp_refused", "tcp_connecting", "full", "ended", "broken", "rung"])
def test_like_poll(epoll, request, kind, asked):
    kind, _, part = kind.partition(".")
    target = request.getfixturevalue(kind)
    target = getattr(target, part) if part else target
    expected = polled(target, asked)
    epoll.add(target, asked, data=1)
    assert [epoll.wait() for _ in range(2)] == [[(expected, 1)] * bool(expected)] * 2


@pytest.fixture
def full(pipe):
    """A write end into which nothing fits."""
    fill(pipe.write_end)
    return pipe.write_end


@pytest.fixture
def ended(pipe, close):
    """A read end with data left and no writer."""
    os.write(pipe.write_end, b"x")
    close(pipe.write_end)
    return pipe.read_end


@pytest.fixture
def broken(pipe, close):
    """A write end without a reader."""
    close(pipe.read_end)
    return pipe.write_end


@pytest.fixture
def rung(timerfd):
    """A timer that has expired."""
    arm(timerfd, 1)
    assert polled(timerfd, EPOLLIN, timeout=10_000) == EPOLLIN
    return timerfd


@clause("EP7-ET-PER-CHUNK", "edge-triggered, each chunk of data makes an event, read or not",
        section=MODES)
@pytest.mark.parametrize("kind", ["unix_pair", "tcp"])
def test_chunks(epoll, request, kind):
    pair = request.getfixturevalue(kind)
    epoll.add(pair.ours, EPOLLIN | EPOLLET, data=1)
    assert epoll.wait() == []
    for _ in range(3):
        pair.theirs.send(b"chunk")
        assert epoll.wait(timeout=10_000) == [(EPOLLIN, 1)]
        assert epoll.wait() == []


@clause("EP7-ONESHOT-ANSWER", "EPOLLONESHOT gives one event for several chunks of data", section=MODES)
@pytest.mark.parametrize("flags", [0, EPOLLET], ids=["level", "edge"])
def test_oneshot_chunks(epoll, unix_pair, flags):
    epoll.add(unix_pair.ours, EPOLLIN | EPOLLONESHOT | flags, data=1)
    unix_pair.theirs.send(b"chunk")
    assert epoll.wait() == [(EPOLLIN, 1)]
    unix_pair.theirs.send(b"chunk")
    assert epoll.wait() == []
    epoll.mod(unix_pair.ours, EPOLLIN | EPOLLONESHOT | flags, data=1)
    assert epoll.wait() == [(EPOLLIN, 1)]


def one_at_a_time(start, epoll, pipe):
    """Four waits that start(...) begins on one instance: how many have ended after one event, after two."""
    epoll.add(pipe.read_end, EPOLLIN | EPOLLET, data=1)
    events = [Events(4) for _ in range(4)]
    waiters = [start(libc.epoll_wait, epoll, room, 4, -1) for room in events]
    counts = []
    for _ in range(2):
        os.write(pipe.write_end, b"x")
        counts.append(settled(waiters))
    ended = [room for waiter, room in zip(waiters, events) if waiter.returned()]
    assert ended == [[(EPOLLIN, 1)]] * counts[-1]
    return counts


@clause("EP7-ET-ONE-WAITER", "an edge-triggered event wakes just one of the threads waiting on the instance",
        section=MODES)
def test_threads_on_one_instance(epoll, pipe, waiting):
    assert one_at_a_time(waiting, epoll, pipe) == [1, 2]


@clause("EP7-ET-ONE-WAITER-FORK", "it wakes just one of the processes waiting on an inherited instance",
        section=MODES)
def test_processes_on_one_instance(epoll, pipe, waiting_child):
    assert one_at_a_time(waiting_child, epoll, pipe) == [1, 2]


@clause("EP7-READY-SUBSET", "nothing is told but what is registered, and of that only what is ready")
def test_ready_subset(epoll, new_pipe, pipe):
    quiet, wanted, unregistered, removed = (new_pipe() for _ in range(4))
    for data, watched in enumerate([quiet, wanted, removed]):
        epoll.add(watched.read_end, EPOLLIN, data=data)
    for written in [wanted, unregistered, removed]:
        os.write(written.write_end, b"x")
    epoll.delete(removed.read_end)
    assert epoll.wait() == [(EPOLLIN, 1)]


@clause("EP7-ET-BOTH-ONCE", "one edge-triggered registration for IN and OUT needs no MOD later",
        section="Example for suggested usage")
def test_both_directions(epoll, unix_pair):
    epoll.add(unix_pair.ours, EPOLLIN | EPOLLOUT | EPOLLET, data=1)
    assert [epoll.wait() for _ in range(2)] == [[(EPOLLOUT, 1)], []]
    unix_pair.theirs.send(b"x")
    assert [epoll.wait() for _ in range(2)] == [[(EPOLLIN | EPOLLOUT, 1)], []]
    drain(unix_pair.ours)
    fill(unix_pair.ours)
    assert epoll.wait() == []
    drain(unix_pair.theirs)
    assert [epoll.wait() for _ in range(2)] == [[(EPOLLOUT, 1)], []]
    fill(unix_pair.ours)
    unix_pair.theirs.send(b"x")
    assert [epoll.wait() for _ in range(2)] == [[(EPOLLIN, 1)], []]


# What can be seen from outside

@clause("EP7-FDINFO", "the fdinfo of an instance shows number, events and data of each entry", page="proc(5)",
        section="/proc/pid/fdinfo", since="3.8")
def test_fdinfo(epoll, pipe, idle_pipe):
    assert interest_list(epoll) == []
    epoll.add(pipe.read_end, EPOLLIN | EPOLLET, data=0x0123456789ABCDEF)
    epoll.add(pipe.write_end, EPOLLOUT, data=2**64 - 1)
    epoll.add(idle_pipe.read_end, 0, data=3)
    epoll.delete(idle_pipe.read_end)
    implied = EPOLLERR | EPOLLHUP
    assert interest_list(epoll) == [
        (pipe.read_end, EPOLLIN | EPOLLET | implied, 0x0123456789ABCDEF),
        (pipe.write_end, EPOLLOUT | implied, 2**64 - 1)]


@clause("EP7-KCMP", "kcmp with KCMP_EPOLL_TFD says whether a descriptor is what an instance watches",
        page="kcmp(2)", section="KCMP_EPOLL_TFD", since="4.13")
def test_kcmp(epoll, keep, pipe):
    epoll.add(pipe.read_end, EPOLLIN)
    duplicate = keep(os.dup(pipe.read_end))

    def compared(fd, watched):
        slot = Buffer(struct.pack("<III", epoll.fd, watched, 0))
        return raw.kcmp(os.getpid(), os.getpid(), KCMP_EPOLL_TFD, fd, slot)
    result = compared(pipe.read_end, pipe.read_end)
    if result == Fails(ENOSYS):
        pytest.skip("this kernel has no kcmp")
    assert result == Returns(0)
    assert compared(duplicate, pipe.read_end) == Returns(0)
    assert compared(pipe.write_end, pipe.read_end).value in (1, 2)
    assert compared(pipe.read_end, duplicate) == Fails(ENOENT)
