# select(2) and poll(2): which wrong argument is noticed, by whom and when, where no page says so.
from errno import EFAULT, EINVAL
from functools import partial
from signal import SIGSEGV

import pytest

from clause import clause
from every_call import each
from libc import KERNEL_SIGSET, libc, raw
from masks import POLLIN, POLLOUT
from memory import PROT_NONE, PROT_READ, WILD, FdSet, PollFds, Timespec, Timeval, nfds
from outcome import Fails, Killed, Returns
from system import here
from waiting import in_child

clause = partial(clause, page="none", level="unsaid")
MASKED = each("pselect", "ppoll", "epoll_pwait", "epoll_pwait2")


# The signal mask

def masked(ask, call, epoll, mask, *size):
    """A call with nothing to wait for, a zero timeout and that mask."""
    given = {"pselect": [0, None, None, None, Timespec(0)], "ppoll": [None, 0, Timespec(0)],
             "epoll_pwait": [epoll, None, 1, 0], "epoll_pwait2": [epoll, None, 1, Timespec(0)]}[call]
    return ask(*given, mask, *size)


@clause("ORD-MASKSIZE-NULL", "a wrong mask size is ignored when the mask is NULL")
@pytest.mark.parametrize("route", [raw], ids=repr)
@MASKED
@pytest.mark.parametrize("size", [0, 7, 99, 128])
def test_size_without_mask(ask, call, epoll, size):
    assert masked(ask, call, epoll, None, size) == Returns(0)


@clause("ORD-MASKSIZE-EINVAL", "a wrong mask size with a mask gives EINVAL")
@pytest.mark.parametrize("route", [raw], ids=repr)
@MASKED
@pytest.mark.parametrize("size", [0, 4, 7, 16, 128])
def test_wrong_size(ask, call, epoll, size):
    assert masked(ask, call, epoll, set(), size) == Fails(EINVAL)
    assert masked(ask, call, epoll, WILD, size) == Fails(EINVAL)
    assert masked(ask, call, epoll, set(), KERNEL_SIGSET) == Returns(0)


@clause("ORD-MASK-EFAULT", "an unreadable mask gives EFAULT")
@MASKED
def test_unreadable_mask(ask, call, epoll):
    assert masked(ask, call, epoll, WILD) == Fails(EFAULT)
    assert masked(ask, call, epoll, set()) == Returns(0)


# select and pselect

@clause("ORD-SELECT-EFAULT", "unreadable sets or timeout give EFAULT, which the page does not list")
@each("select", "pselect")
@pytest.mark.parametrize("route, which", [
    (libc, 0), (libc, 1), (libc, 2),  # a bad timeout would kill the C library, which reads it itself
    (raw, 0), (raw, 1), (raw, 2), (raw, 3)], ids=repr)
@pytest.mark.parametrize("bad", [lambda: WILD, lambda: FdSet(0).protect(PROT_NONE)],
                         ids=["WILD", "PROT_NONE"])
def test_unreadable(ask, call, pipe, which, bad):
    zero = Timeval(0) if call == "select" else Timespec(0)
    sets = [FdSet(pipe.write_end) for _ in range(3)]
    arguments = [*sets, zero]
    arguments[which] = bad()
    assert ask(nfds(pipe.write_end), *arguments, *([None] * (call == "pselect"))) == Fails(EFAULT)
    assert [set(members) for members in sets] == [{pipe.write_end}] * 3


@clause("ORD-SELECT-RO-TIMEVAL", "a read-only timeout is fine for the system call; glibc's select dies of it")
def test_read_only_timeval(route, pipe):
    def select():
        writefds = FdSet(pipe.write_end)
        result = route.select(nfds(pipe.write_end), None, writefds, None, Timeval(300).protect(PROT_READ))
        return result, set(writefds)
    dies = route is libc and here("glibc>=2.34")
    assert in_child(select) == (Killed(SIGSEGV) if dies else (Returns(1), {pipe.write_end}))


@clause("ORD-SELECT-USEC-NORMALISED", "a million microseconds and more are carried into seconds, not refused")
def test_many_microseconds(route, pipe):
    timeout = Timeval(0, 30_900_000)
    assert route.select(nfds(pipe.write_end), None, FdSet(pipe.write_end), None, timeout) == Returns(1)
    assert 20 < timeout.seconds <= 30.9 and timeout.value[1] < 10**6


# Timespecs

REFUSED = pytest.mark.parametrize("sec, nsec", [(-1, 0), (0, -1), (0, 10**9), (5, 2**63 - 1), (-2**63, 0)])


@clause("ORD-TS-KEPT-ON-EINVAL", "a refused timespec is not modified, even by the system call")
@each("pselect", "ppoll", "epoll_pwait2")
@REFUSED
def test_refused_timespec(ask, call, epoll, sec, nsec):
    timeout = Timespec(sec, nsec)
    given = {"pselect": [0, None, None, None, timeout, None], "ppoll": [None, 0, timeout, None],
             "epoll_pwait2": [epoll, None, 1, timeout, None]}[call]
    assert ask(*given) == Fails(EINVAL)
    assert timeout == (sec, nsec)


@clause("ORD-TS-NSEC-EINVAL", "ppoll refuses a second or more of nanoseconds, not only what is negative")
@pytest.mark.parametrize("nsec", [10**9, 10**9 + 1, 2**63 - 1])
def test_too_many_nanoseconds(route, pipe, nsec):
    fds = PollFds((pipe.write_end, POLLOUT))
    assert route.ppoll(fds, 1, Timespec(0, 10**9 - 1), None) == Returns(1)
    assert route.ppoll(fds, 1, Timespec(0, nsec), None) == Fails(EINVAL)


# poll and ppoll

@clause("ORD-POLL-RO-ARRAY", "an array that can be read but not written gives EFAULT")
@each("poll", "ppoll")
@pytest.mark.parametrize("ready", [True, False], ids=["ready", "idle"])
def test_read_only_array(ask, call, pipe, ready):
    fds = PollFds((pipe.write_end if ready else pipe.read_end, POLLIN | POLLOUT)).protect(PROT_READ)
    assert ask(fds, 1, *([0] if call == "poll" else [Timespec(0), None])) == Fails(EFAULT)


@clause("ORD-POLL-FAIL-NO-WAIT", "a bad array or nfds fails at once, whatever the timeout")
@each("poll", "ppoll")
@pytest.mark.parametrize("timeout", [None, 300], ids=["no limit", "300 s"])
@pytest.mark.parametrize("array, number, error", [(None, 1, EFAULT), (WILD, 1, EFAULT), (None, 65, EINVAL)])
def test_no_wait(ask, call, nofile, timeout, array, number, error):
    nofile(64)
    forever = -1 if timeout is None else timeout * 1000
    given = [forever] if call == "poll" else [timeout and Timespec(timeout), None]
    result = ask(array, number, *given)
    assert result == Fails(error)
    assert result.seconds < 5
