# poll(2), the ppoll part: the timespec, the atomic signal mask, and how the system call differs.
import os
from errno import EFAULT, EINTR, EINVAL
from functools import partial
from signal import SIGUSR1, SIGUSR2, raise_signal

import pytest

from clause import clause
from libc import libc, raw
from masks import POLLHUP, POLLIN, POLLNVAL, POLLOUT, POLLRDHUP
from memory import PROT_NONE, WILD, PollFds, Timespec
from outcome import Fails, Returns
from waiting import settled

clause = partial(clause, page="poll(2)", section="ppoll()")


# The timeout

@clause("PPOLL-RESOLUTION", "the timeout is a timespec: its unit is the nanosecond")
def test_resolution(route):
    def waited(nanoseconds):
        result = route.ppoll(None, 0, Timespec(0, nanoseconds), None)
        assert result == Returns(0) and result.seconds >= nanoseconds / 1e9
        return result.seconds
    assert any(waited(300_000) < 0.001 for _ in range(200))


@clause("PPOLL-NULL-TIMEOUT", "with a NULL timeout it waits without limit")
def test_timeout_null(route, pipe, waiting):
    fds = PollFds((pipe.read_end, POLLIN))
    waiter = waiting(route.ppoll, fds, 1, None, None)
    os.write(pipe.write_end, b"x")
    assert waiter.result() == Returns(1)
    assert fds.revents == [POLLIN]


@clause("PPOLL-TIMEOUT-ZERO", "a zero timeout looks and returns at once")
def test_timeout_zero(route, pipe):
    fds = PollFds((pipe.read_end, POLLIN), (pipe.write_end, 0))
    result = route.ppoll(fds, 2, Timespec(0), None)
    assert result == Returns(0) and fds.revents == [0, 0]
    assert result.seconds < 1


@clause("PPOLL-TIMEOUT-EXPIRES", "with nothing ready it returns 0 after the interval, never early")
@pytest.mark.parametrize("nanoseconds", [1, 999_999, 1_234_567, 20_000_000])
def test_timeout_expires(route, pipe, nanoseconds):
    early = []
    for _ in range(5):
        fds = PollFds((pipe.read_end, POLLIN))
        result = route.ppoll(fds, 1, Timespec(0, nanoseconds), None)
        assert result == Returns(0) and fds.revents == [0]
        early += [result.seconds] * (result.seconds < nanoseconds / 1e9)
    assert early == []


def ended(route, pipe, signals, waiting, how, timeout):
    """The result of a ppoll of the empty pipe that `how` ends."""
    signals.catch(SIGUSR1)
    arguments = PollFds((pipe.read_end, POLLIN)), 1, timeout, None
    if how == "expiry":
        return route.ppoll(*arguments)
    waiter = waiting(route.ppoll, *arguments)
    waiter.signal(SIGUSR1) if how == "EINTR" else os.write(pipe.write_end, b"x")
    return waiter.result()


ENDINGS = pytest.mark.parametrize("how, seconds, fraction, expected", [
    ("success", 300, 123_456_789, Returns(1)), ("EINTR", 300, 123_456_789, Fails(EINTR)),
    ("expiry", 0, 5_000_001, Returns(0))], ids=["success", "EINTR", "expiry"])


@clause("PPOLL-KEEPS-TIMEOUT", "the library call never modifies its timeout",
        section="C library/kernel differences")
@ENDINGS
def test_keeps_timeout(pipe, signals, waiting, how, seconds, fraction, expected):
    timeout = Timespec(seconds, fraction)
    assert ended(libc, pipe, signals, waiting, how, timeout) == expected
    assert timeout == (seconds, fraction)


@clause("PPOLL-RAW-UPDATES", "the system call stores the time left in its timeout",
        section="C library/kernel differences")
@ENDINGS
def test_raw_updates(pipe, signals, waiting, how, seconds, fraction, expected):
    timeout = Timespec(seconds, fraction)
    result = ended(raw, pipe, signals, waiting, how, timeout)
    assert result == expected
    least = max(0, seconds + fraction / 1e9 - result.seconds - 0.01)
    assert least <= timeout.seconds < seconds + fraction / 1e9
    assert (timeout == (0, 0)) is (how == "expiry")


# The signal mask

@clause("PPOLL-MASK-BLOCKS", "a signal that the given mask blocks does not interrupt the wait")
def test_mask_blocks(route, pipe, signals, waiting):
    signals.catch(SIGUSR1)
    waiter = waiting(route.ppoll, PollFds((pipe.read_end, POLLIN)), 1, None, {SIGUSR1})
    waiter.signal(SIGUSR1)
    assert settled([waiter]) == 0 and signals.caught == []
    os.write(pipe.write_end, b"x")
    assert waiter.result() == Returns(1)
    assert signals.caught == [SIGUSR1]


@clause("PPOLL-MASK-ADMITS", "a signal blocked before the call but not in the given mask does interrupt it")
@pytest.mark.parametrize("mask", [set(), {SIGUSR2}], ids=["empty", "another"])
def test_mask_admits(route, signals, waiting, mask):
    signals.catch(SIGUSR1, SIGUSR2)
    signals.block(SIGUSR1, SIGUSR2)
    waiter = waiting(route.ppoll, None, 0, None, mask)
    waiter.signal(SIGUSR1)
    assert waiter.result() == Fails(EINTR)
    assert signals.caught == [SIGUSR1]


@clause("PPOLL-MASK-ATOMIC", "a signal pending before the call ends it at once: no race window")
@pytest.mark.parametrize("timeout", [lambda: Timespec(0), lambda: Timespec(300), lambda: None],
                         ids=["zero", "finite", "NULL"])
def test_mask_atomic(route, pipe, signals, timeout):
    signals.catch(SIGUSR1)
    signals.block(SIGUSR1)
    raise_signal(SIGUSR1)
    assert signals.caught == []
    assert route.ppoll(PollFds((pipe.read_end, POLLIN)), 1, timeout(), set()) == Fails(EINTR)
    assert signals.caught == [SIGUSR1]


@clause("PPOLL-MASK-RESTORED", "the mask from before the call is back after it, however it ends")
@pytest.mark.parametrize("how", ["success", "expiry", "EFAULT", "EINTR"])
def test_mask_restored(route, signals, pipe, how):
    signals.catch(SIGUSR1)
    signals.block(SIGUSR1, SIGUSR2)
    if how == "EINTR":
        raise_signal(SIGUSR1)
    fds = {"success": PollFds((pipe.write_end, POLLOUT)), "EFAULT": WILD}.get(how, PollFds((-1, POLLIN)))
    expected = {"success": Returns(1), "expiry": Returns(0), "EFAULT": Fails(EFAULT), "EINTR": Fails(EINTR)}
    before = signals.blocked()
    assert route.ppoll(fds, 1, Timespec(0, 1000), set()) == expected[how]
    assert signals.blocked() == before


@clause("PPOLL-MASK-NULL", "a NULL mask leaves the signal mask alone")
def test_mask_null(route, pipe, signals, waiting):
    signals.catch(SIGUSR1, SIGUSR2)
    signals.block(SIGUSR1)
    waiter = waiting(route.ppoll, PollFds((pipe.read_end, POLLIN)), 1, None, None)
    waiter.signal(SIGUSR1)
    assert settled([waiter]) == 0
    waiter.signal(SIGUSR2)
    assert waiter.result() == Fails(EINTR)
    assert signals.caught == [SIGUSR2]


@clause("PPOLL-RAW-SIGSETSIZE", "the system call's fifth argument is the size of the kernel's signal set",
        section="C library/kernel differences")
@pytest.mark.parametrize("size, expected", [(8, Returns(0)), (128, Fails(EINVAL)), (0, Fails(EINVAL)),
                                            (4, Fails(EINVAL))])
def test_raw_sigsetsize(size, expected):
    assert raw.ppoll(None, 0, Timespec(0), {SIGUSR1}, size) == expected


# What it has in common with poll

@clause("PPOLL-EQUIV", "apart from precision and negative timeouts its results are those of poll")
@pytest.mark.parametrize("timeout", [None, 0, 5], ids=["NULL", "0", "5"])
def test_like_poll(route, pipe, idle_pipe, tcp_half_closed, regular_file, closed_fd, close, timeout):
    os.write(pipe.write_end, b"x")
    close(idle_pipe.write_end)
    asked = [(pipe.read_end, POLLIN), (pipe.write_end, POLLIN), (pipe.write_end, POLLOUT), (-1, POLLIN),
             (idle_pipe.read_end, POLLIN), (tcp_half_closed.ours, POLLIN | POLLRDHUP),
             (tcp_half_closed.theirs, POLLIN), (regular_file, POLLIN | POLLOUT), (closed_fd, 0)]
    fds, like = PollFds(*asked), PollFds(*asked)
    timespec = None if timeout is None else Timespec(0, timeout * 10**6)
    result = route.ppoll(fds, 9, timespec, None)
    assert result == Returns(6)
    assert fds.revents == [POLLIN, 0, POLLOUT, 0, POLLHUP, POLLIN | POLLRDHUP, 0, POLLIN | POLLOUT, POLLNVAL]
    assert result == route.poll(like, 9, -1 if timeout is None else timeout)
    assert fds.entries == like.entries


@clause("PPOLL-NVAL", "an entry that is not open gives NVAL, counts, and does not fail the call",
        section="DESCRIPTION")
def test_nval(route, pipe, closed_fd):
    fds = PollFds((closed_fd, POLLIN), (pipe.read_end, POLLIN))
    assert route.ppoll(fds, 2, None, None) == Returns(1)
    assert fds.revents == [POLLNVAL, 0]


# ERRORS

@clause("PPOLL-EINVAL-NEG", "a negative timeout fails with EINVAL, unlike that of poll", section="ERRORS")
@pytest.mark.parametrize("sec, nsec", [(-1, 0), (0, -1), (1, -1), (-1, 999_999_999)])
def test_negative_timeout(route, pipe, sec, nsec):
    timeout = Timespec(sec, nsec)
    assert route.ppoll(PollFds((pipe.write_end, POLLOUT)), 1, timeout, None) == Fails(EINVAL)
    assert timeout == (sec, nsec)


@clause("PPOLL-EFAULT", "an array that is not the program's to use fails with EFAULT", section="ERRORS")
@pytest.mark.parametrize("make, nfds", [
    (lambda fd: None, 1), (lambda fd: WILD, 1), (lambda fd: PollFds((fd, POLLIN)).protect(PROT_NONE), 1),
    (lambda fd: PollFds((fd, POLLIN)), 2)], ids=["NULL", "WILD", "PROT_NONE", "its second entry"])
def test_bad_array(route, pipe, make, nfds):
    os.write(pipe.write_end, b"x")
    assert route.ppoll(make(pipe.read_end), nfds, Timespec(0), None) == Fails(EFAULT)


@clause("PPOLL-EINVAL-NFDS", "an nfds above RLIMIT_NOFILE fails with EINVAL", section="ERRORS")
@pytest.mark.parametrize("nfds, expected",
                         [(64, Returns(0)), (65, Fails(EINVAL)), (2**32 - 1, Fails(EINVAL))])
def test_nfds_above_limit(route, nofile, nfds, expected):
    fds = PollFds(*[(-1, POLLIN)] * 65)
    nofile(64)
    assert route.ppoll(fds, nfds, Timespec(0), None) == expected


@clause("PPOLL-EINTR", "a caught signal before any event ends the wait with EINTR", section="ERRORS")
def test_eintr(route, pipe, signals, waiting):
    signals.catch(SIGUSR1)
    waiter = waiting(route.ppoll, PollFds((pipe.read_end, POLLIN)), 1, Timespec(300), None)
    waiter.signal(SIGUSR1)
    assert waiter.result() == Fails(EINTR)
    assert signals.caught == [SIGUSR1]
