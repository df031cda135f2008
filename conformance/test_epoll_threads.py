# Several threads and processes at one instance, and what they do to a wait of another; no page says it.
import os
import queue
import signal
from functools import partial

import pytest

from clause import clause
from descriptors import drain, fill, new
from libc import libc, raw
from masks import (EPOLLERR, EPOLLET, EPOLLEXCLUSIVE, EPOLLHUP, EPOLLIN, EPOLLONESHOT, EPOLLOUT, POLLERR,
                   POLLHUP, POLLIN, POLLNVAL, POLLOUT)
from memory import Events, FdSet, PollFds, Timeval, nfds
from outcome import Returns
from readiness import Epoll
from waiting import settled
from wakeups import poll_and_wait, reached, wait

clause = partial(clause, page="none", level="unsaid")
SIGINFO, INOTIFY_EVENT = 128, 32  # sizes: of what a signalfd gives, of an event with a name below 16 bytes


# Whom an event reaches

@clause("MT-LT-ALL-WAKE", "a level-triggered event reaches every thread that waits at the instance")
def test_level(epoll, pipe, waiting):
    epoll.add(pipe.read_end, EPOLLIN)
    waiters = [waiting(wait, epoll) for _ in range(4)]
    os.write(pipe.write_end, b"x")
    assert reached(waiters, 4) == 4


@clause("MT-ET-TWO-FDS-TWO-WAKE", "two edges of two descriptors reach two threads, one each")
def test_two_edges(epoll, pipe, idle_pipe, waiting):
    for data, watched in enumerate([pipe, idle_pipe]):
        epoll.add(watched.read_end, EPOLLIN | EPOLLET, data=data)
    taken = [Events(1) for _ in range(3)]
    waiters = [waiting(libc.epoll_wait, epoll, events, 1, -1) for events in taken]
    os.write(pipe.write_end, b"x")
    os.write(idle_pipe.write_end, b"x")
    assert reached(waiters, 2) == 2
    assert sorted(event for events in taken for event in events) == [(EPOLLIN, 0), (EPOLLIN, 1)]


@clause("MT-WAIT-AND-POLL", "a level-triggered event reaches both a thread in epoll_wait and one that polls "
        "the instance, an edge-triggered one either of them")
@pytest.mark.parametrize("flags, number", [(0, 2), (EPOLLET, 1)], ids=["level", "edge"])
def test_wait_and_poll(epoll, pipe, waiting, flags, number):
    epoll.add(pipe.read_end, EPOLLIN | flags)
    waiters = [waiting(wait, epoll), waiting(poll_and_wait, epoll)]
    os.write(pipe.write_end, b"x")
    assert reached(waiters, number) == number


@clause("MT-EXCL-ET-ONE", "with EPOLLEXCLUSIVE and EPOLLET in every process each event reaches exactly one")
def test_exclusive_edge(pipe, waiting_child):
    def watch():
        epoll = Epoll(new(libc.epoll_create1(0)), libc)
        epoll.add(pipe.read_end, EPOLLIN | EPOLLET | EPOLLEXCLUSIVE)
        return wait(epoll)
    children = [waiting_child(watch) for _ in range(8)]
    for number in (1, 2, 3):
        os.write(pipe.write_end, b"x")
        assert reached(children, number) == number


# What other threads do to a wait

@clause("MT-MOD-WAKES", "MOD that asks for what is true ends a wait")
def test_mod_wakes(route, epoll, unix_pair, waiting):
    epoll.add(unix_pair.ours, EPOLLIN, data=1)
    events = Events(4)
    waiter = waiting(route.epoll_wait, epoll, events, 4, -1)
    epoll.mod(unix_pair.ours, EPOLLIN, data=2)
    assert settled([waiter]) == 0
    epoll.mod(unix_pair.ours, EPOLLOUT, data=3)
    assert waiter.result() == Returns(1)
    assert events == [(EPOLLOUT, 3)]


@clause("MT-DEL-WHILE-WAIT", "DEL of the last entry does not end a wait, which runs to its timeout")
def test_del_while_waiting(route, epoll, pipe, waiting):
    epoll.add(pipe.read_end, EPOLLIN)
    waiter = waiting(route.epoll_wait, epoll, Events(4), 4, 300)
    epoll.delete(pipe.read_end)
    os.write(pipe.write_end, b"x")
    result = waiter.result()
    assert result == Returns(0)
    assert result.seconds >= 0.3


@clause("MT-CLOSE-EPFD-WAIT", "closing the instance in another thread neither ends a wait nor hides events")
@pytest.mark.parametrize("written, ended", [(b"", Returns(0)), (b"x", Returns(1))], ids=["timeout", "event"])
def test_instance_closed(route, epoll, pipe, close, waiting, written, ended):
    epoll.add(pipe.read_end, EPOLLIN, data=1)
    events = Events(4)
    waiter = waiting(route.epoll_wait, epoll, events, 4, 10_000 if written else 300)
    close(epoll.fd)
    os.write(pipe.write_end, written)
    result = waiter.result()
    assert result == ended
    assert events == [(EPOLLIN, 1)] * ended.value
    assert result.seconds >= (0 if written else 0.3)


@clause("MT-CLOSE-WRITER-WAKES", "closing the last write end ends a wait with HUP")
def test_writer_closed(route, epoll, pipe, close, waiting):
    epoll.add(pipe.read_end, EPOLLIN, data=1)
    events, fds = Events(4), PollFds((pipe.read_end, POLLIN))
    waiters = [waiting(route.epoll_wait, epoll, events, 4, -1), waiting(route.poll, fds, 1, -1)]
    close(pipe.write_end)
    assert [waiter.result() for waiter in waiters] == [Returns(1)] * 2
    assert events == [(EPOLLHUP, 1)]
    assert fds.revents == [POLLHUP]


@clause("MT-CLOSE-READER-WAKES", "closing the last read end ends a wait for room in a full pipe with ERR")
def test_reader_closed(route, epoll, pipe, close, waiting):
    fill(pipe.write_end)
    epoll.add(pipe.write_end, EPOLLOUT, data=1)
    events, fds = Events(4), PollFds((pipe.write_end, POLLOUT))
    waiters = [waiting(route.epoll_wait, epoll, events, 4, -1), waiting(route.poll, fds, 1, -1)]
    close(pipe.read_end)
    assert [waiter.result() for waiter in waiters] == [Returns(1)] * 2
    assert events == [(EPOLLERR, 1)]
    assert fds.revents == [POLLERR]


@clause("MT-POLL-CLOSED-AT-EXPIRY", "poll finds a descriptor closed by another thread when it looks next: "
        "when woken or at its timeout")
@pytest.mark.parametrize("woken", [False, True], ids=["timeout", "wake-up"])
def test_closed_under_poll(route, pipe, keep, close, waiting, woken):
    watched = keep(os.dup(pipe.read_end))
    fds = PollFds((watched, POLLIN), (pipe.read_end, POLLIN))
    waiter = waiting(route.poll, fds, 2, 10_000 if woken else 300)
    close(watched)
    if woken:
        os.write(pipe.write_end, b"x")
    result = waiter.result()
    assert result == Returns(2 if woken else 1)
    assert fds.revents == [POLLNVAL, POLLIN if woken else 0]
    assert result.seconds >= (0 if woken else 0.3)


@clause("MT-SELECT-CLOSED-AT-EXPIRY", "select finds such a descriptor at its timeout, in all three sets")
def test_closed_under_select(route, pipe, keep, close, waiting):
    watched = keep(os.dup(pipe.read_end))
    sets = [FdSet(watched) for _ in range(3)]
    waiter = waiting(route.select, nfds(watched), *sets, Timeval(0, 300_000))
    close(watched)
    result = waiter.result()
    assert result == Returns(3)
    assert [set(members) for members in sets] == [{watched}] * 3
    assert result.seconds >= 0.3


@clause("MT-CHILD-ADD-VISIBLE", "what a child adds to an inherited instance is told until the child ends")
def test_child_adds(epoll, pipe, new_child):
    def add():
        read_end, write_end = os.pipe()
        epoll.add(read_end, EPOLLIN, data=1)
        os.write(write_end, b"x")
        signal.pause()
    child = new_child(add)
    assert epoll.wait(timeout=10_000) == [(EPOLLIN, 1)]
    assert epoll.wait() == [(EPOLLIN, 1)]
    child.kill()
    assert epoll.wait() == []


# Nothing gets lost or stuck

@clause("MT-ONESHOT-TWO-INSTANCES", "one-shot entries for one socket in two instances are armed separately")
def test_two_instances(new_epoll, unix_pair, waiting):
    reading, writing, requests, rounds = new_epoll(), new_epoll(), queue.Queue(), 500
    to_read, to_write = EPOLLIN | EPOLLONESHOT, EPOLLOUT | EPOLLONESHOT
    reading.add(unix_pair.ours, to_read, data=1)
    writing.add(unix_pair.ours, to_write, data=2)
    assert [writing.wait() for _ in range(2)] == [[(EPOLLOUT, 2)], []]

    def read_requests():
        for _ in range(rounds):
            assert reading.wait(timeout=10_000) == [(EPOLLIN, 1)]
            requests.put(unix_pair.ours.recv(100))
            reading.mod(unix_pair.ours, to_read, data=1)
    reader = waiting(read_requests)
    for _ in range(rounds):
        unix_pair.theirs.send(b"request")
        assert requests.get(timeout=10) == b"request"
        assert writing.wait() == []
        writing.mod(unix_pair.ours, to_write, data=2)
        assert writing.wait() == [(EPOLLOUT, 2)]
        unix_pair.ours.send(b"answer")
        assert unix_pair.theirs.recv(100) == b"answer"
    reader.result()


def drained(epoll, fd, stop):
    """Waits and reads fd, again and again, until `stop` becomes readable too; how many bytes that were."""
    epoll.add(fd, EPOLLIN, data=1)
    epoll.add(stop, EPOLLIN, data=2)
    count = 0
    while (EPOLLIN, 2) not in epoll.wait(timeout=10_000):
        count += drain(fd)
    return count + drain(fd)


@clause("MT-NO-DEADLOCK-SIGNALFD", "signals come through to a signalfd that is waited for, however many")
def test_signals_against_wait(epoll, signalfd, eventfd, waiting):
    waiter = waiting(drained, epoll, signalfd, eventfd)
    for _ in range(5000):
        assert raw.tgkill(os.getpid(), waiter.tid, signal.SIGUSR1) == Returns(0)
    os.eventfd_write(eventfd, 1)
    assert 1 <= waiter.result() // SIGINFO <= 5000


@clause("MT-NO-DEADLOCK-INOTIFY", "all events of an inotify instance that is waited for come through")
def test_inotify_against_wait(epoll, inotify, eventfd, tmp_path, waiting):
    waiter = waiting(drained, epoll, inotify, eventfd)
    for number in range(300):
        (tmp_path / f"{number}").touch()
    os.eventfd_write(eventfd, 1)
    assert waiter.result() == 300 * INOTIFY_EVENT
