# Python's poll objects.
import os
import select
import socket
from errno import ENOENT
from functools import partial

import pytest

from clause import clause
from masks import POLLIN, POLLNVAL, POLLOUT, POLLPRI
from python_level import Wrapped, timed, under_fire
from sockets import settle

clause = partial(clause, page="select (Python)")
register = partial(clause, section="poll.register")
wait = partial(clause, section="poll.poll")
POLLRDHUP = select.POLLRDHUP


@pytest.fixture
def poll():
    return select.poll()


# The list of descriptors

@register("PY-POLL-REGISTER", "it takes a descriptor or an object, and a mask that defaults to IN+PRI+OUT")
def test_register(poll, tcp, pipe):
    tcp.theirs.send(b"x")
    tcp.theirs.send(b"!", socket.MSG_OOB)
    tcp.theirs.shutdown(socket.SHUT_WR)
    settle(tcp.ours, POLLRDHUP)
    poll.register(tcp.ours)
    assert poll.poll(0) == [(tcp.ours.fileno(), POLLIN | POLLPRI | POLLOUT)]
    poll.register(tcp.ours, POLLIN | POLLRDHUP)
    assert poll.poll(0) == [(tcp.ours.fileno(), POLLIN | POLLRDHUP)]
    poll.unregister(tcp.ours)
    poll.register(pipe.write_end)
    assert poll.poll(0) == [(pipe.write_end, POLLOUT)]
    poll.unregister(pipe.write_end)
    poll.register(Wrapped(pipe.write_end), POLLIN)
    assert poll.poll(0) == []


@register("PY-POLL-REGISTER-TWICE", "registering a descriptor again is no error and replaces its mask")
def test_register_twice(poll, unix_pair):
    unix_pair.theirs.send(b"x")
    poll.register(unix_pair.ours, POLLIN)
    poll.register(unix_pair.ours, POLLOUT)
    assert poll.poll(0) == [(unix_pair.ours.fileno(), POLLOUT)]
    poll.unregister(unix_pair.ours)
    assert poll.poll(0) == []


@register("PY-POLL-REGISTER-BAD", "wrong types raise TypeError, a negative mask or descriptor ValueError, "
          "a mask of more than 16 bits OverflowError")
@pytest.mark.parametrize("arguments, error", [
    ((object(),), TypeError), (("3",), TypeError), ((Wrapped("3"),), TypeError), ((-1,), ValueError),
    ((0, "IN"), TypeError), ((0, -1), ValueError), ((0, 2**16), OverflowError)],
    ids=["object", "str", "fileno", "-1", "mask str", "mask -1", "mask 65536"])
def test_register_wrong(poll, arguments, error):
    with pytest.raises(error):
        poll.register(*arguments)
    assert poll.poll(0) == []


@clause("PY-POLL-MODIFY", "modify changes the mask of a registered descriptor", section="poll.modify")
def test_modify(poll, unix_pair):
    unix_pair.theirs.send(b"x")
    poll.register(unix_pair.ours, POLLIN)
    poll.modify(unix_pair.ours, POLLOUT)
    assert poll.poll(0) == [(unix_pair.ours.fileno(), POLLOUT)]
    poll.modify(unix_pair.ours.fileno(), POLLIN | POLLOUT)
    assert poll.poll(0) == [(unix_pair.ours.fileno(), POLLIN | POLLOUT)]


@clause("PY-POLL-MODIFY-UNKNOWN", "modify of a descriptor never registered raises OSError with ENOENT",
        section="poll.modify")
def test_modify_unknown(poll, pipe):
    with pytest.raises(OSError) as raised:
        poll.modify(pipe.write_end, POLLOUT)
    assert raised.value.errno == ENOENT
    assert poll.poll(0) == []


@clause("PY-POLL-UNREGISTER-UNKNOWN", "unregister of a descriptor never registered raises KeyError",
        section="poll.unregister")
def test_unregister_unknown(poll, pipe):
    poll.register(pipe.write_end, POLLOUT)
    with pytest.raises(KeyError):
        poll.unregister(pipe.read_end)
    assert poll.poll(0) == [(pipe.write_end, POLLOUT)]


# Waiting

@wait("PY-POLL-TUPLES", "it returns a list of (descriptor, mask) pairs, empty when the time is over")
def test_tuples(poll, pipe, idle_pipe, close):
    poll.register(pipe.read_end, POLLIN)
    poll.register(idle_pipe.read_end, POLLIN)
    poll.register(pipe.write_end, POLLOUT)
    assert poll.poll(0) == [(pipe.write_end, POLLOUT)]
    os.write(pipe.write_end, b"x")
    close(idle_pipe.write_end)
    ready = poll.poll(0)
    assert sorted(ready) == sorted([(pipe.read_end, POLLIN), (pipe.write_end, POLLOUT),
                                    (idle_pipe.read_end, select.POLLHUP)])
    assert {(type(ready), *map(type, pair)) for pair in ready} == {(list, int, int)}
    for fd in (pipe.read_end, pipe.write_end, idle_pipe.read_end):
        poll.unregister(fd)
    assert poll.poll(0) == []


@wait("PY-POLL-MS", "the timeout is in milliseconds, a fraction is rounded up")
@pytest.mark.parametrize("timeout, least", [(0.1, 0.001), (1.5, 0.002), (20, 0.02)])
def test_milliseconds(poll, pipe, timeout, least):
    poll.register(pipe.read_end, POLLIN)
    result, seconds = timed(poll.poll, timeout)
    assert result == []
    assert least <= seconds < 5


@wait("PY-POLL-INF", "omitted, None or negative it waits until something is ready")
@pytest.mark.parametrize("timeout", [[], [None], [-1], [-0.5], [-5]], ids=str)
def test_without_limit(poll, pipe, waiting, timeout):
    poll.register(pipe.read_end, POLLIN)
    waiter = waiting(poll.poll, *timeout)
    os.write(pipe.write_end, b"x")
    assert waiter.result() == [(pipe.read_end, POLLIN)]


@clause("PY-POLL-NVAL", "a descriptor closed after it was registered comes back as POLLNVAL",
        section="poll constants")
def test_closed(poll, pipe, idle_pipe, close):
    poll.register(pipe.read_end, 0)
    poll.register(idle_pipe.read_end, POLLIN)
    close(pipe.read_end)
    assert poll.poll(0) == [(pipe.read_end, POLLNVAL)]


@wait("PY-POLL-CONCURRENT", "a second poll of an object while one runs raises RuntimeError")
def test_concurrent(poll, pipe, waiting):
    poll.register(pipe.read_end, POLLIN)
    waiter = waiting(poll.poll)
    with pytest.raises(RuntimeError):
        poll.poll(0)
    os.write(pipe.write_end, b"x")
    assert waiter.result() == [(pipe.read_end, POLLIN)]
    assert poll.poll(0) == [(pipe.read_end, POLLIN)]


@wait("PY-PEP475-POLL", "after a signal whose handler does not raise it goes on waiting for the time left")
def test_signals(poll, signals, pipe):
    poll.register(pipe.read_end, POLLIN)
    result, seconds = under_fire(signals, poll.poll, 100)
    assert result == []
    assert seconds >= 0.1
