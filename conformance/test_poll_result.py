# poll(2): how long it waits, what it returns, how it fails, and its NOTES.
import os
from errno import EFAULT, EINTR, EINVAL
from functools import partial
from signal import SIGUSR1

import pytest

from clause import clause
from masks import POLLIN, POLLNVAL, POLLOUT
from memory import PROT_NONE, WILD, PollFds
from outcome import Fails, Returns
from readiness import polled
from waiting import settled

clause = partial(clause, page="poll(2)")
INT_MIN = -2**31


# How long it waits

@clause("POLL-BLOCKS", "without an event the call waits until one comes", section="DESCRIPTION")
@pytest.mark.parametrize("timeout", [-1, 300_000])
def test_blocks(route, pipe, idle_pipe, waiting, timeout):
    fds = PollFds((idle_pipe.read_end, POLLIN), (pipe.read_end, POLLIN), (pipe.write_end, 0))
    waiter = waiting(route.poll, fds, 3, timeout)
    os.write(pipe.write_end, b"x")
    assert waiter.result() == Returns(1)
    assert fds.revents == [0, POLLIN, 0]


@clause("POLL-TIMEOUT-MS", "the timeout counts milliseconds; when it is over the call returns 0",
        section="DESCRIPTION")
@pytest.mark.parametrize("timeout", [1, 30, 250])
def test_timeout(route, pipe, timeout):
    fds = PollFds((pipe.read_end, POLLIN))
    result = route.poll(fds, 1, timeout)
    assert result == Returns(0) and fds.revents == [0]
    assert result.seconds >= timeout / 1000


@clause("POLL-TIMEOUT-NOT-EARLY", "the interval is rounded up, so the call never returns before it is over",
        section="DESCRIPTION")
def test_never_early(route, pipe):
    early = [timeout for timeout in [*range(1, 12)] * 3
             if route.poll(PollFds((pipe.read_end, POLLIN)), 1, timeout).seconds < timeout / 1000]
    assert early == []


@clause("POLL-TIMEOUT-NEG", "a negative timeout, whichever, waits without limit", section="DESCRIPTION")
@pytest.mark.parametrize("timeout", [-1, -2, -77, INT_MIN])
def test_negative_timeout(route, pipe, waiting, timeout):
    waiter = waiting(route.poll, PollFds((pipe.read_end, POLLIN)), 1, timeout)
    assert route.poll(None, 0, 100) == Returns(0)
    assert settled([waiter]) == 0
    os.write(pipe.write_end, b"x")
    assert waiter.result() == Returns(1)


@clause("POLL-TIMEOUT-ZERO", "a zero timeout looks and returns at once", section="DESCRIPTION")
def test_timeout_zero(route, pipe):
    fds = PollFds((pipe.read_end, POLLIN))
    result = route.poll(fds, 1, 0)
    assert result == Returns(0) and fds.revents == [0]
    assert result.seconds < 1


@clause("POLL-NO-FDS", "an empty array makes a sleep; its address is not looked at", section="DESCRIPTION")
@pytest.mark.parametrize("fds", [None, WILD], ids=["NULL", "WILD"])
def test_no_fds(route, fds):
    result = route.poll(fds, 0, 20)
    assert result == Returns(0)
    assert result.seconds >= 0.02


# RETURN VALUE

@clause("POLL-RETURN-COUNT", "the result is the number of entries with non-zero revents, a repeated one too",
        section="RETURN VALUE")
def test_return_count(route, pipe, idle_pipe, closed_fd):
    os.write(pipe.write_end, b"x")
    numbers = [pipe.read_end, idle_pipe.read_end, closed_fd, -1, pipe.read_end, idle_pipe.write_end]
    fds = PollFds(*((fd, POLLIN | POLLOUT) for fd in numbers))
    assert route.poll(fds, 6, 1000) == Returns(4)
    assert fds.revents == [POLLIN, 0, POLLNVAL, 0, POLLIN, POLLOUT]
    assert route.poll(fds, 2, 1000) == Returns(1)


@clause("POLL-NVAL-NO-FAIL", "an entry that is not open counts as selected; it does not fail the call",
        section="RETURN VALUE")
@pytest.mark.parametrize("timeout", [0, -1])
def test_nval_does_not_fail(route, pipe, idle_pipe, closed_fd, timeout):
    os.write(pipe.write_end, b"x")
    fds = PollFds((closed_fd, POLLIN), (idle_pipe.read_end, POLLIN))
    assert route.poll(fds, 2, timeout) == Returns(1)
    assert fds.revents == [POLLNVAL, 0]
    fds = PollFds((closed_fd, 0), (pipe.read_end, POLLIN))
    assert route.poll(fds, 2, timeout) == Returns(2)
    assert fds.revents == [POLLNVAL, POLLIN]


# ERRORS

@clause("POLL-EFAULT", "an array that is not the program's to use fails with EFAULT", section="ERRORS")
@pytest.mark.parametrize("make, nfds", [
    (lambda fd: None, 1), (lambda fd: WILD, 1), (lambda fd: PollFds((fd, POLLIN)).protect(PROT_NONE), 1),
    (lambda fd: PollFds((fd, POLLIN)), 2)], ids=["NULL", "WILD", "PROT_NONE", "its second entry"])
def test_bad_array(route, pipe, make, nfds):
    os.write(pipe.write_end, b"x")
    assert route.poll(make(pipe.read_end), nfds, 0) == Fails(EFAULT)


@clause("POLL-EINTR", "a caught signal before any event ends the wait with EINTR", section="ERRORS")
@pytest.mark.parametrize("timeout", [-1, 300_000])
def test_eintr(route, pipe, signals, waiting, timeout):
    signals.catch(SIGUSR1)
    waiter = waiting(route.poll, PollFds((pipe.read_end, POLLIN)), 1, timeout)
    waiter.signal(SIGUSR1)
    assert waiter.result() == Fails(EINTR)
    assert signals.caught == [SIGUSR1]


@clause("POLL-EINVAL-NFDS", "an nfds above RLIMIT_NOFILE fails with EINVAL, even if no entry counts",
        section="ERRORS")
@pytest.mark.parametrize("limit", [16, 64, 65, 1000])
def test_nfds_above_limit(route, nofile, limit):
    fds = PollFds(*[(-1, POLLIN)] * (limit + 1))
    nofile(limit)
    assert route.poll(fds, limit, 0) == Returns(0)
    assert route.poll(fds, limit + 1, 0) == Fails(EINVAL)


# NOTES

@clause("POLL-NONBLOCK-FLAG", "O_NONBLOCK on a descriptor changes nothing", section="NOTES")
@pytest.mark.parametrize("blocking", [True, False])
def test_nonblock_flag(route, pipe, blocking):
    os.set_blocking(pipe.read_end, blocking)
    fds = PollFds((pipe.read_end, POLLIN))
    result = route.poll(fds, 1, 20)
    assert result == Returns(0) and result.seconds >= 0.02
    os.write(pipe.write_end, b"x")
    assert polled(pipe.read_end, POLLIN, route) == POLLIN


@clause("POLL-CLOSE-OTHER-THREAD", "closing a watched descriptor in another thread has no effect on the call",
        section="NOTES")
def test_close_in_another_thread(route, keep, pipe, close, waiting):
    watched = keep(os.dup(pipe.read_end))
    waiter = waiting(route.poll, PollFds((watched, POLLIN)), 1, 300)
    close(watched)
    result = waiter.result()
    assert result.seconds >= 0.3
    assert result == Returns(0)
