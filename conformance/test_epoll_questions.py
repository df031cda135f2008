# epoll(7), Questions and answers: what an entry is, how long it lives, and how to read until nothing is left.
import os
import signal
import socket
from errno import EBADF, EEXIST, ENOENT
from functools import partial

import pytest

from clause import clause
from descriptors import drain
from interest import interest_list
from libc import libc
from masks import (EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLLET, EPOLLHUP, EPOLLIN, EPOLLOUT, EVERY_ANSWER, POLLIN,
                   POLLRDNORM)
from outcome import Fails
from readiness import Epoll, polled, selected

clause = partial(clause, page="epoll(7)", section="Questions and answers")


# What an entry is

@clause("EP7-KEY", "an entry is known by its number together with its open file description")
def test_key(route, epoll, keep, new_pipe):
    first, second = new_pipe(), new_pipe()
    number = keep(os.dup(first.read_end))
    epoll.add(number, EPOLLIN, data=1)
    os.dup2(second.read_end, number)
    epoll.add(number, EPOLLIN, data=2)
    assert epoll.ctl(EPOLL_CTL_ADD, number, EPOLLIN) == Fails(EEXIST)
    os.write(first.write_end, b"x")
    os.write(second.write_end, b"x")
    assert epoll.wait() == [(EPOLLIN, 1), (EPOLLIN, 2)]
    epoll.delete(number)
    assert epoll.wait() == [(EPOLLIN, 1)]
    assert epoll.ctl(EPOLL_CTL_DEL, number, 0) == Fails(ENOENT)


@clause("EP7-DUP-ADDABLE", "a duplicate can be registered besides the original, with other events")
def test_duplicate(route, epoll, keep, unix_pair):
    duplicate = keep(os.dup(unix_pair.ours.fileno()))
    epoll.add(unix_pair.ours, EPOLLIN, data=1)
    epoll.add(duplicate, EPOLLOUT, data=2)
    assert epoll.wait() == [(EPOLLOUT, 2)]
    unix_pair.theirs.send(b"x")
    assert sorted(epoll.wait()) == [(EPOLLIN, 1), (EPOLLOUT, 2)]
    epoll.mod(duplicate, EPOLLIN, data=3)
    assert sorted(epoll.wait()) == [(EPOLLIN, 1), (EPOLLIN, 3)]


@clause("EP7-TWO-INSTANCES", "two instances may watch one descriptor, and both are told")
@pytest.mark.parametrize("flags", [0, EPOLLET], ids=["level", "edge"])
def test_two_instances(new_epoll, pipe, flags):
    instances = [new_epoll(), new_epoll()]
    for data, epoll in enumerate(instances):
        epoll.add(pipe.read_end, EPOLLIN | flags, data=data)
    os.write(pipe.write_end, b"x")
    assert [epoll.wait() for epoll in instances] == [[(EPOLLIN, 0)], [(EPOLLIN, 1)]]


@clause("EP7-EPFD-POLLABLE", "an epoll descriptor with events is readable for poll, select and epoll")
def test_pollable(route, epoll, new_epoll, pipe):
    outer = new_epoll()
    outer.add(epoll, EVERY_ANSWER, data=1)
    epoll.add(pipe.read_end, EPOLLIN)
    assert (polled(epoll, EVERY_ANSWER, route), selected(epoll, route), outer.wait()) == (0, set(), [])
    os.write(pipe.write_end, b"x")
    readable = POLLIN | POLLRDNORM
    assert polled(epoll, EVERY_ANSWER, route) == readable
    assert selected(epoll, route) == {"read"}
    assert outer.wait() == [(readable, 1)]
    drain(pipe.read_end)
    assert (polled(epoll, EVERY_ANSWER, route), selected(epoll, route), outer.wait()) == (0, set(), [])


@clause("EP7-NEST-OK", "an instance can watch another one, up to five in a row")
@pytest.mark.parametrize("depth", [2, 3, 4, 5])
def test_nesting(route, new_epoll, pipe, depth):
    chain = [new_epoll() for _ in range(depth)]
    chain[0].add(pipe.read_end, EPOLLIN, data=0)
    for level in range(1, depth):
        chain[level].add(chain[level - 1], EPOLLIN, data=level)
    assert chain[-1].wait() == []
    os.write(pipe.write_end, b"x")
    assert [epoll.wait() for epoll in chain[::-1]] == [[(EPOLLIN, level)] for level in range(depth)][::-1]


@clause("EP7-SCM-RIGHTS", "an epoll descriptor can be sent to another process, for which it does the same")
def test_sent_descriptor(new_child, unix_pair, new_epoll, pipe, close):
    def receive():
        _, (received,), _, _ = socket.recv_fds(unix_pair.theirs, 1, 1)
        return Epoll(received, libc).wait(timeout=10_000)
    child = new_child(receive)
    epoll = new_epoll()  # after the fork: the child has no descriptor of it yet
    epoll.add(pipe.read_end, EPOLLIN, data=1)
    os.write(pipe.write_end, b"x")
    socket.send_fds(unix_pair.ours, [b"x"], [epoll.fd])
    close(epoll.fd)
    assert child.result() == [(EPOLLIN, 1)]


# How long an entry lives

@clause("EP7-CLOSE-REMOVES", "closing the last descriptor of an open file takes it off every interest list")
def test_last_close(new_epoll, pipe, close):
    instances = [new_epoll(), new_epoll()]
    for epoll in instances:
        epoll.add(pipe.read_end, EPOLLIN, data=1)
    os.write(pipe.write_end, b"x")
    assert [epoll.wait() for epoll in instances] == [[(EPOLLIN, 1)]] * 2
    close(pipe.read_end)
    assert [epoll.wait() for epoll in instances] == [[], []]
    assert [interest_list(epoll) for epoll in instances] == [[], []]


@clause("EP7-CLOSE-DUP-KEEPS", "while a duplicate is open events are still told for the closed number")
def test_duplicate_keeps(epoll, keep, close, pipe):
    keep(os.dup(pipe.read_end))
    number = pipe.read_end
    epoll.add(number, EPOLLIN, data=1)
    close(number)
    assert epoll.wait() == []
    os.write(pipe.write_end, b"x")
    assert epoll.wait() == [(EPOLLIN, 1)]
    assert epoll.ctl(EPOLL_CTL_DEL, number, 0) == Fails(EBADF)
    assert epoll.wait() == [(EPOLLIN, 1)]


@clause("EP7-FORK-KEEPS", "a child's copy of the descriptor keeps the entry as well")
def test_child_keeps(epoll, pipe, close, new_child):
    epoll.add(pipe.read_end, EPOLLIN, data=1)
    child = new_child(signal.pause)
    close(pipe.read_end)
    os.write(pipe.write_end, b"x")
    assert epoll.wait() == [(EPOLLIN, 1)]
    child.kill()
    assert epoll.wait() == []


# What is told

@clause("EP7-COMBINED", "what happens between two waits is told as one event")
@pytest.mark.parametrize("flags", [0, EPOLLET], ids=["level", "edge"])
def test_combined(epoll, pipe, close, flags):
    epoll.add(pipe.read_end, EPOLLIN | flags, data=1)
    os.write(pipe.write_end, b"x")
    os.write(pipe.write_end, b"x")
    close(pipe.write_end)
    assert epoll.wait() == [(EPOLLIN | EPOLLHUP, 1)]


@clause("EP7-MOD-REREADS", "MOD looks again whether the file is ready, edge-triggered or not")
def test_mod_looks_again(epoll, pipe):
    epoll.add(pipe.read_end, EPOLLIN | EPOLLET, data=1)
    os.write(pipe.write_end, b"x")
    assert [epoll.wait() for _ in range(2)] == [[(EPOLLIN, 1)], []]
    epoll.mod(pipe.read_end, EPOLLIN | EPOLLET, data=1)
    assert [epoll.wait() for _ in range(2)] == [[(EPOLLIN, 1)], []]
    drain(pipe.read_end)
    epoll.mod(pipe.read_end, EPOLLIN | EPOLLET, data=1)
    assert epoll.wait() == []


def short_read(pair, epoll):
    pair.theirs.send(b"some")
    assert epoll.wait(timeout=10_000) == [(EPOLLIN, 1)]
    assert pair.ours.recv(100) == b"some"
    with pytest.raises(BlockingIOError):
        pair.ours.recv(100)
    assert epoll.wait() == []


def short_write(pair, epoll):
    assert epoll.wait() == [(EPOLLOUT, 1)]
    assert pair.ours.send(bytes(1 << 24)) < 1 << 24
    with pytest.raises(BlockingIOError):
        pair.ours.send(b"x")
    assert epoll.wait() == []
    drain(pair.theirs)


@clause("EP7-SHORT-READ", "a short read or write of a stream has used it up, and the next change is told")
@pytest.mark.parametrize("kind, asked, used_up",
                         [("unix_pair", EPOLLIN, short_read), ("tcp", EPOLLIN, short_read),
                          ("unix_pair", EPOLLOUT, short_write)])
def test_short_transfer(epoll, request, kind, asked, used_up):
    pair = request.getfixturevalue(kind)
    pair.ours.setblocking(False)
    epoll.add(pair.ours, asked | EPOLLET, data=1)
    used_up(pair, epoll)
    used_up(pair, epoll)


@clause("EP7-PACKET-EAGAIN", "of a packet socket only EAGAIN says that nothing is left to read")
@pytest.mark.parametrize("kind", ["unix_dgram_pair", "unix_seqpacket_pair"])
def test_packets(epoll, request, kind):
    pair = request.getfixturevalue(kind)
    pair.ours.setblocking(False)
    epoll.add(pair.ours, EPOLLIN | EPOLLET, data=1)
    for _ in range(2):
        pair.theirs.send(b"first")
        pair.theirs.send(b"second")
        assert epoll.wait() == [(EPOLLIN, 1)]
        assert pair.ours.recv(100) == b"first"
        assert epoll.wait() == []
        assert pair.ours.recv(100) == b"second"
        with pytest.raises(BlockingIOError):
            pair.ours.recv(100)
