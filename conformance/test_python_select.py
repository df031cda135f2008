# Python's select.select.
import os
import select
import socket
from errno import EBADF
from functools import partial

import pytest

from clause import clause
from descriptors import fill
from masks import POLLPRI
from python_level import Wrapped, timed, under_fire
from sockets import settle

clause = partial(clause, page="select (Python)", section="select.select")
FD_SETSIZE = 1024
EACH_LIST = pytest.mark.parametrize("which", [0, 1, 2], ids=["rlist", "wlist", "xlist"])


def in_one_list(which, *members):
    return [list(members) if position == which else [] for position in range(3)]


# Arguments

@clause("PY-SELECT-SEQS", "the arguments are iterables of integers and of objects with a fileno method")
@pytest.mark.parametrize("iterable", [list, tuple, set, iter], ids=["list", "tuple", "set", "iterator"])
def test_sequences(unix_pair, pipe, iterable):
    file = open(pipe.write_end, "wb", closefd=False)
    wrapped = Wrapped(unix_pair.theirs.fileno())
    os.write(pipe.write_end, b"x")
    rlist, wlist = [pipe.read_end, unix_pair.ours], [file, unix_pair.ours, wrapped]
    ready = select.select(iterable(rlist), iterable(wlist), iterable([file]), 0)
    assert list(map(set, ready)) == [{pipe.read_end}, set(wlist), set()]


@clause("PY-SELECT-BAD-OBJ", "anything else raises TypeError")
@pytest.mark.parametrize("wrong", [object(), "3", 3.0, None, Wrapped("3"), Wrapped(None)],
                         ids=["object", "str", "float", "None", "fileno str", "fileno None"])
@EACH_LIST
def test_wrong_objects(pipe, which, wrong):
    with pytest.raises(TypeError):
        select.select(*in_one_list(which, pipe.read_end, wrong), 0)
    with pytest.raises(TypeError):
        select.select(*[pipe.read_end if position == which else [] for position in range(3)], 0)


@clause("PY-SELECT-EMPTY", "three empty lists are fine on Unix")
def test_empty():
    result, seconds = timed(select.select, [], [], [], 0.02)
    assert result == ([], [], [])
    assert seconds >= 0.02


@clause("PY-SELECT-EBADF", "a closed descriptor raises OSError with EBADF")
@EACH_LIST
def test_closed(pipe, closed_fd, which):
    with pytest.raises(OSError) as raised:
        select.select(*in_one_list(which, pipe.read_end, closed_fd), 0)
    assert raised.value.errno == EBADF


@clause("PY-SELECT-FD-RANGE", "a descriptor that no fd_set can hold raises ValueError")
@pytest.mark.parametrize("number, holds", [(FD_SETSIZE - 1, True), (FD_SETSIZE, False), (1500, False),
                                           (-1, False)])
def test_range(nofile, keep, pipe, number, holds):
    nofile(2000)
    os.write(pipe.write_end, b"x")
    if number > 0:
        keep(os.dup2(pipe.read_end, number))
    if holds:
        assert select.select([number], [], [], 0) == ([number], [], [])
    else:
        with pytest.raises(ValueError):
            select.select([number], [], [], 0)


@clause("PY-SELECT-MUTATED", "a list may shrink while select asks its members for their numbers")
@pytest.mark.parametrize("left", [0, 1, 5])
def test_mutated(pipe, left):
    class Shrinking(Wrapped):
        def fileno(self):
            del members[left:]
            return self.number
    members = [Shrinking(pipe.write_end) for _ in range(10)]
    ready = select.select([], members, [], 0)[1]
    assert (len(ready), len(members)) == (max(left, 1), left)  # the one that was asked stays asked


# The timeout

@clause("PY-SELECT-TIMEOUT-FLOAT", "the timeout is a number of seconds and may be a fraction")
@pytest.mark.parametrize("timeout", [0.0005, 0.05])
def test_fraction(pipe, timeout):
    result, seconds = timed(select.select, [pipe.read_end], [], [], timeout)
    assert result == ([], [], [])
    assert timeout <= seconds < timeout + 5


@clause("PY-SELECT-NO-TIMEOUT", "omitted or None it waits until something is ready")
@pytest.mark.parametrize("timeout", [[], [None]], ids=["omitted", "None"])
def test_no_timeout(pipe, idle_pipe, waiting, timeout):
    waiter = waiting(select.select, [idle_pipe.read_end, pipe.read_end], [], [], *timeout)
    os.write(pipe.write_end, b"x")
    assert waiter.result() == ([pipe.read_end], [], [])


@clause("PY-SELECT-ZERO", "a timeout of zero never blocks")
@pytest.mark.parametrize("zero", [0, 0.0])
def test_zero(pipe, zero):
    result, seconds = timed(select.select, [pipe.read_end], [], [], zero)
    assert result == ([], [], [])
    assert seconds < 5


@clause("PY-SELECT-NEG", "a negative timeout raises ValueError")
@pytest.mark.parametrize("timeout", [-1, -0.001])
def test_negative(pipe, timeout):
    with pytest.raises(ValueError):
        select.select([], [pipe.write_end], [], timeout)


@clause("PY-PEP475-SELECT", "after a signal whose handler does not raise it waits for the time left")
def test_signals(signals, pipe):
    result, seconds = under_fire(signals, select.select, [pipe.read_end], [], [], 0.1)
    assert result == ([], [], [])
    assert seconds >= 0.1


# The result

@clause("PY-SELECT-TRIPLE", "it returns the ready objects of each argument, the same objects, in order")
def test_triple(unix_pair, tcp):
    unix_pair.theirs.send(b"x")
    tcp.theirs.send(b"!", socket.MSG_OOB)
    settle(tcp.ours, POLLPRI)
    everything = [tcp.ours, Wrapped(unix_pair.ours.fileno()), unix_pair.ours, unix_pair.theirs]
    reading, writing, exceptional = select.select(everything, everything, everything, 0)
    assert list(map(id, reading)) == list(map(id, everything[1:3]))
    assert list(map(id, writing)) == list(map(id, everything))
    assert list(map(id, exceptional)) == list(map(id, everything[:1]))


@clause("PY-SELECT-TIMEOUT-TRIPLE", "when the time is over the result is three empty lists")
def test_timeout_triple(pipe, idle_pipe):
    fill(pipe.write_end)
    result = select.select([idle_pipe.read_end], [pipe.write_end], [pipe.read_end], 0.001)
    assert (result, type(result)) == (([], [], []), tuple)


@clause("PY-SELECT-LISTS-DISTINCT", "the three lists are objects of their own")
@pytest.mark.parametrize("ready", [True, False])
def test_distinct_lists(pipe, ready):
    lists = select.select([], [pipe.write_end] * ready, [], 0)
    assert len(set(map(id, lists))) == 3
    assert lists == ([], [pipe.write_end] * ready, [])


@clause("PY-SELECT-NO-GROWTH", "it cannot tell whether a regular file has grown")
def test_no_growth(keep, regular_file, tmp_path):
    assert os.read(regular_file, 100) == b"content"
    before = select.select([regular_file], [], [], 0)
    assert os.read(regular_file, 100) == b""
    (tmp_path / "file").open("ab").write(b"more")
    assert [before, select.select([regular_file], [], [], 0)] == [([regular_file], [], [])] * 2
