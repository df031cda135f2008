# Python's epoll objects.
import os
import select
import socket
from errno import EBADF, EEXIST, ENOENT
from functools import partial

import pytest

from clause import clause
from masks import EPOLLIN, EPOLLOUT, EPOLLPRI, EPOLLRDHUP
from python_level import Wrapped, timed, under_fire
from sockets import settle

clause = partial(clause, page="select (Python)")
create = partial(clause, section="select.epoll")
register = partial(clause, section="epoll.register")
wait = partial(clause, section="epoll.poll")


@pytest.fixture
def epoll(keep):
    return keep(select.epoll())


def is_open(fd):
    return os.path.exists(f"/proc/self/fd/{fd}")


# Creation and end

@create("PY-EPOLL-SIZEHINT", "sizehint is positive or -1 and otherwise ignored; others raise ValueError")
@pytest.mark.parametrize("sizehint, good",
                         [(-1, True), (1, True), (2**31 - 1, True), (0, False), (-2, False)])
def test_sizehint(keep, pipe, sizehint, good):
    if not good:
        with pytest.raises(ValueError):
            select.epoll(sizehint)
        return
    epoll = keep(select.epoll(sizehint))
    for fd in pipe:
        epoll.register(fd, EPOLLOUT)
    assert epoll.poll(0) == [(pipe.write_end, EPOLLOUT)]


@create("PY-EPOLL-FLAGS", "flags is 0 or EPOLL_CLOEXEC; others raise OSError")
@pytest.mark.parametrize("flags, good", [(0, True), (select.EPOLL_CLOEXEC, True), (1, False),
                                         (select.EPOLL_CLOEXEC | 1, False), (-1, False)])
def test_flags(keep, flags, good):
    if good:
        assert keep(select.epoll(flags=flags)).poll(0) == []
    else:
        with pytest.raises(OSError):
            select.epoll(flags=flags)


@create("PY-EPOLL-NONINHERITABLE", "the new descriptor is not inheritable, flags or not")
@pytest.mark.parametrize("flags", [0, select.EPOLL_CLOEXEC])
def test_not_inheritable(keep, flags):
    assert os.get_inheritable(keep(select.epoll(flags=flags)).fileno()) is False


@create("PY-EPOLL-CONTEXT", "a with block closes it at its end, however that comes")
@pytest.mark.parametrize("error", [None, KeyError])
def test_context(error):
    try:
        with select.epoll() as epoll:
            fd = epoll.fileno()
            assert (epoll.closed, is_open(fd)) == (False, True)
            if error:
                raise error
    except KeyError:
        pass
    assert (epoll.closed, is_open(fd)) == (True, False)


@clause("PY-EPOLL-CLOSE", "close closes the control descriptor, closed tells, a second close does nothing",
        section="epoll.close")
def test_close(keep, pipe):
    epoll = select.epoll()
    fd = epoll.fileno()
    assert (epoll.closed, is_open(fd)) == (False, True)
    epoll.close()
    assert (epoll.closed, is_open(fd)) == (True, False)
    keep(os.dup2(pipe.read_end, fd))
    epoll.close()
    assert (epoll.closed, is_open(fd)) == (True, True)


@clause("PY-EPOLL-CLOSED-OPS", "every method of a closed object raises ValueError", section="epoll objects")
@pytest.mark.parametrize("method, arguments", [
    ("fileno", []), ("poll", [0]), ("register", [0]), ("modify", [0, 0]), ("unregister", [0]),
    ("__enter__", [])], ids=["fileno", "poll", "register", "modify", "unregister", "enter"])
def test_closed(method, arguments):
    epoll = select.epoll()
    epoll.close()
    with pytest.raises(ValueError):
        getattr(epoll, method)(*arguments)


@clause("PY-EPOLL-FROMFD", "fromfd makes an object of an existing control descriptor; the entries are shared",
        section="epoll.fromfd")
def test_fromfd(epoll, keep, pipe):
    number = os.dup(epoll.fileno())
    other = keep(select.epoll.fromfd(number))
    assert (other.fileno(), other.closed) == (number, False)
    epoll.register(pipe.write_end, EPOLLOUT)
    assert other.poll(0) == [(pipe.write_end, EPOLLOUT)]
    other.unregister(pipe.write_end)
    assert epoll.poll(0) == []


# The interest list

@register("PY-EPOLL-REGISTER", "it takes a descriptor or an object, and a mask that defaults to IN+PRI+OUT")
def test_register(epoll, tcp, pipe):
    tcp.theirs.send(b"x")
    tcp.theirs.send(b"!", socket.MSG_OOB)
    tcp.theirs.shutdown(socket.SHUT_WR)
    settle(tcp.ours, EPOLLRDHUP)
    epoll.register(tcp.ours)
    assert epoll.poll(0) == [(tcp.ours.fileno(), EPOLLIN | EPOLLPRI | EPOLLOUT)]
    epoll.unregister(tcp.ours)
    epoll.register(pipe.read_end)
    epoll.register(pipe.write_end, EPOLLIN)
    assert epoll.poll(0) == []
    epoll.unregister(Wrapped(pipe.write_end))
    epoll.register(Wrapped(pipe.write_end), EPOLLOUT | select.EPOLLONESHOT)
    assert [epoll.poll(0), epoll.poll(0)] == [[(pipe.write_end, EPOLLOUT)], []]


@register("PY-EPOLL-REGISTER-TWICE", "registering a descriptor again raises OSError with EEXIST")
def test_register_twice(epoll, unix_pair):
    epoll.register(unix_pair.ours, EPOLLOUT)
    with pytest.raises(FileExistsError) as raised:
        epoll.register(unix_pair.ours, EPOLLIN)
    assert raised.value.errno == EEXIST
    assert epoll.poll(0) == [(unix_pair.ours.fileno(), EPOLLOUT)]


@register("PY-EPOLL-REGISTER-BAD", "what is no descriptor raises TypeError, a negative one ValueError, "
          "a closed one OSError with EBADF")
@pytest.mark.parametrize("wrong", [object(), "3", Wrapped("3"), None],
                         ids=["object", "str", "fileno", "None"])
def test_register_wrong(epoll, closed_fd, wrong):
    with pytest.raises(TypeError):
        epoll.register(wrong, EPOLLIN)
    with pytest.raises(ValueError):
        epoll.register(-1, EPOLLIN)
    with pytest.raises(OSError) as raised:
        epoll.register(closed_fd, EPOLLIN)
    assert raised.value.errno == EBADF
    assert epoll.poll(0) == []


@register("PY-EPOLL-REGISTER-FILE", "a regular file raises PermissionError")
def test_register_file(epoll, regular_file):
    with pytest.raises(PermissionError):
        epoll.register(regular_file, EPOLLIN)


@clause("PY-EPOLL-MODIFY", "modify changes the mask; of a descriptor never registered it raises ENOENT",
        section="epoll.modify")
def test_modify(epoll, unix_pair):
    unix_pair.theirs.send(b"x")
    epoll.register(unix_pair.ours, EPOLLIN)
    epoll.modify(unix_pair.ours, EPOLLOUT)
    assert epoll.poll(0) == [(unix_pair.ours.fileno(), EPOLLOUT)]
    with pytest.raises(FileNotFoundError) as raised:
        epoll.modify(unix_pair.theirs, EPOLLOUT)
    assert raised.value.errno == ENOENT
    assert epoll.poll(0) == [(unix_pair.ours.fileno(), EPOLLOUT)]


@clause("PY-EPOLL-UNREGISTER", "unregister removes; of a descriptor never registered it raises ENOENT",
        section="epoll.unregister")
def test_unregister(epoll, unix_pair):
    epoll.register(unix_pair.ours, EPOLLOUT)
    with pytest.raises(FileNotFoundError) as raised:
        epoll.unregister(unix_pair.theirs)
    assert raised.value.errno == ENOENT
    assert epoll.poll(0) == [(unix_pair.ours.fileno(), EPOLLOUT)]
    epoll.unregister(unix_pair.ours)
    assert epoll.poll(0) == []


@clause("PY-EPOLL-UNREGISTER-EBADF", "unregister of a descriptor closed since raises OSError with EBADF",
        section="epoll.unregister")
def test_unregister_closed(epoll, pipe, close):
    epoll.register(pipe.read_end, EPOLLIN)
    close(pipe.read_end)
    with pytest.raises(OSError) as raised:
        epoll.unregister(pipe.read_end)
    assert raised.value.errno == EBADF


# Waiting

@wait("PY-EPOLL-POLL-SECONDS", "the timeout is in seconds, rounded up to milliseconds")
@pytest.mark.parametrize("timeout, least", [(0.0001, 0.001), (0.0015, 0.002), (0.02, 0.02)])
def test_seconds(epoll, pipe, timeout, least):
    epoll.register(pipe.read_end, EPOLLIN)
    result, seconds = timed(epoll.poll, timeout)
    assert result == []
    assert least <= seconds < least + 5


@wait("PY-EPOLL-POLL-INF", "omitted, None or negative it waits until something is ready")
@pytest.mark.parametrize("timeout", [[], [None], [-1], [-0.5], [-5]], ids=str)
def test_without_limit(epoll, pipe, waiting, timeout):
    epoll.register(pipe.read_end, EPOLLIN)
    waiter = waiting(epoll.poll, *timeout)
    os.write(pipe.write_end, b"x")
    assert waiter.result() == [(pipe.read_end, EPOLLIN)]


@wait("PY-EPOLL-MAXEVENTS", "maxevents is positive or -1; others raise ValueError")
@pytest.mark.parametrize("maxevents, count", [(1, 1), (2, 2), (3, 2), (-1, 2), (0, None), (-2, None)])
def test_maxevents(epoll, pipe, idle_pipe, maxevents, count):
    for each in (pipe, idle_pipe):
        epoll.register(each.write_end, EPOLLOUT)
    if count:
        assert len(epoll.poll(0, maxevents)) == count
    else:
        with pytest.raises(ValueError):
            epoll.poll(0, maxevents)


@wait("PY-EPOLL-MAXEVENTS-NOLIMIT", "maxevents -1 means no limit")
def test_maxevents_unlimited(epoll, nofile, keep, pipe):
    nofile(1300)
    for _ in range(1100):
        epoll.register(keep(os.dup(pipe.write_end)), EPOLLOUT)
    assert len(epoll.poll(0, 1200)) == 1100
    assert len(epoll.poll(0, -1)) == 1100


@wait("PY-EPOLL-TUPLES", "it returns a list of (descriptor, mask) pairs, empty when the time is over")
def test_tuples(epoll, pipe, idle_pipe, close):
    for fd in (*pipe, idle_pipe.read_end):
        epoll.register(fd)
    assert epoll.poll(0) == [(pipe.write_end, EPOLLOUT)]
    os.write(pipe.write_end, b"x")
    close(idle_pipe.write_end)
    ready = epoll.poll(0)
    assert sorted(ready) == sorted([(pipe.read_end, EPOLLIN), (pipe.write_end, EPOLLOUT),
                                    (idle_pipe.read_end, select.EPOLLHUP)])
    assert {(type(ready), *map(type, pair)) for pair in ready} == {(list, int, int)}
    for fd in (*pipe, idle_pipe.read_end):
        epoll.unregister(fd)
    assert epoll.poll(0) == []


@wait("PY-PEP475-EPOLL", "after a signal whose handler does not raise it goes on waiting for the time left")
def test_signals(epoll, signals, pipe):
    epoll.register(pipe.read_end, EPOLLIN)
    result, seconds = under_fire(signals, epoll.poll, 0.1)
    assert result == []
    assert seconds >= 0.1
