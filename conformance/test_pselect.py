# select(2), the pselect part: the timespec, the atomic signal mask, and how the system call differs.
import os
import struct
from errno import EBADF, EFAULT, EINTR, EINVAL
from functools import partial
from signal import SIGUSR1, SIGUSR2, raise_signal

import pytest

from clause import clause
from libc import KERNEL_SIGSET, libc, raw
from memory import WILD, Buffer, FdSet, SigSet, Timespec, in_one_set, nfds
from outcome import Fails, Returns
from waiting import settled

clause = partial(clause, page="select(2)", section="pselect()")
EACH_SET = pytest.mark.parametrize("which", [0, 1, 2], ids=["readfds", "writefds", "exceptfds"])


# The timeout

@clause("PSEL-RESOLUTION", "the timeout is a timespec: its unit is the nanosecond")
def test_resolution(route):
    def waited(nanoseconds):
        result = route.pselect(0, None, None, None, Timespec(0, nanoseconds), None)
        assert result == Returns(0) and result.seconds >= nanoseconds / 1e9
        return result.seconds
    assert any(waited(200_000) < 0.001 for _ in range(200))


@clause("PSEL-TIMEOUT-ZERO", "a zero timeout looks and returns at once", section="The timeout")
def test_timeout_zero(route, pipe):
    readfds = FdSet(pipe.read_end)
    result = route.pselect(nfds(pipe.read_end), readfds, None, None, Timespec(0), None)
    assert result == Returns(0) and readfds == set()
    assert result.seconds < 1


@clause("PSEL-TIMEOUT-EXPIRES", "with nothing ready it returns 0 after the interval, never early",
        section="RETURN VALUE")
@pytest.mark.parametrize("nanoseconds", [1, 999_999, 1_234_567, 20_000_000])
def test_timeout_expires(route, pipe, nanoseconds):
    early = []
    for _ in range(5):
        sets = FdSet(pipe.read_end), FdSet(pipe.read_end)
        result = route.pselect(nfds(pipe.read_end), sets[0], None, sets[1], Timespec(0, nanoseconds), None)
        assert result == Returns(0) and sets[0] == set() and sets[1] == set()
        early += [result.seconds] * (result.seconds < nanoseconds / 1e9)
    assert early == []


@clause("PSEL-AS-SLEEP", "without sets a timeout makes a sleep", page="POSIX pselect", section="DESCRIPTION")
def test_as_sleep(route):
    results = [route.pselect(0, None, None, None, Timespec(0, 20_000_000), None) for _ in range(5)]
    assert results == [Returns(0)] * 5
    assert min(result.seconds for result in results) >= 0.02


def ended(route, pipe, signals, waiting, how, timeout):
    """The result of a pselect of the empty pipe that `how` ends."""
    signals.catch(SIGUSR1)
    arguments = nfds(pipe.read_end), FdSet(pipe.read_end), None, None, timeout, None
    if how == "expiry":
        return route.pselect(*arguments)
    waiter = waiting(route.pselect, *arguments)
    waiter.signal(SIGUSR1) if how == "EINTR" else os.write(pipe.write_end, b"x")
    return waiter.result()


ENDINGS = pytest.mark.parametrize("how, seconds, fraction, expected", [
    ("success", 300, 123_456_789, Returns(1)), ("EINTR", 300, 123_456_789, Fails(EINTR)),
    ("expiry", 0, 5_000_001, Returns(0))], ids=["success", "EINTR", "expiry"])


@clause("PSEL-KEEPS-TIMEOUT", "the library call never modifies its timeout")
@ENDINGS
def test_keeps_timeout(pipe, signals, waiting, how, seconds, fraction, expected):
    timeout = Timespec(seconds, fraction)
    assert ended(libc, pipe, signals, waiting, how, timeout) == expected
    assert timeout == (seconds, fraction)


@clause("PSEL-RAW-UPDATES", "the system call stores the time left in its timeout",
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

@clause("PSEL-MASK-BLOCKS", "a signal that the given mask blocks does not interrupt the wait")
def test_mask_blocks(route, pipe, signals, waiting):
    signals.catch(SIGUSR1)
    waiter = waiting(route.pselect, nfds(pipe.read_end), FdSet(pipe.read_end), None, None, None, {SIGUSR1})
    waiter.signal(SIGUSR1)
    assert settled([waiter]) == 0 and signals.caught == []
    os.write(pipe.write_end, b"x")
    assert waiter.result() == Returns(1)
    assert signals.caught == [SIGUSR1]


@clause("PSEL-MASK-ADMITS", "a signal blocked before the call but not in the given mask does interrupt it")
@pytest.mark.parametrize("mask", [set(), {SIGUSR2}], ids=["empty", "another"])
def test_mask_admits(route, signals, waiting, mask):
    signals.catch(SIGUSR1, SIGUSR2)
    signals.block(SIGUSR1, SIGUSR2)
    waiter = waiting(route.pselect, 0, None, None, None, None, mask)
    waiter.signal(SIGUSR1)
    assert waiter.result() == Fails(EINTR)
    assert signals.caught == [SIGUSR1]


@clause("PSEL-MASK-ATOMIC", "a signal pending before the call ends it at once: no race window")
@pytest.mark.parametrize("timeout", [lambda: Timespec(0), lambda: Timespec(300), lambda: None],
                         ids=["zero", "finite", "NULL"])
def test_mask_atomic(route, pipe, signals, timeout):
    signals.catch(SIGUSR1)
    signals.block(SIGUSR1)
    raise_signal(SIGUSR1)
    assert signals.caught == []
    readfds = FdSet(pipe.read_end)
    assert route.pselect(nfds(pipe.read_end), readfds, None, None, timeout(), set()) == Fails(EINTR)
    assert signals.caught == [SIGUSR1] and readfds == {pipe.read_end}


@clause("PSEL-MASK-RESTORED", "the mask from before the call is back after it, however it ends")
@pytest.mark.parametrize("how", ["success", "expiry", "EBADF", "EINTR"])
def test_mask_restored(route, signals, pipe, closed_fd, how):
    signals.catch(SIGUSR1)
    signals.block(SIGUSR1, SIGUSR2)
    if how == "EINTR":
        raise_signal(SIGUSR1)
    fd = {"success": pipe.write_end, "EBADF": closed_fd}.get(how)
    before = signals.blocked()
    expected = {"success": Returns(1), "expiry": Returns(0), "EBADF": Fails(EBADF), "EINTR": Fails(EINTR)}
    writefds = None if fd is None else FdSet(fd)
    assert route.pselect(64, None, writefds, None, Timespec(0, 1000), set()) == expected[how]
    assert signals.blocked() == before


@clause("PSEL-MASK-NULL", "with a NULL mask it behaves like select")
def test_mask_null(route, unix_pair, idle_pipe, signals, waiting):
    signals.catch(SIGUSR1, SIGUSR2)
    signals.block(SIGUSR1)
    unix_pair.theirs.send(b"x")
    sets = [FdSet(unix_pair.ours, idle_pipe.read_end) for _ in range(3)]
    assert route.pselect(64, *sets, None, None) == Returns(2)
    assert [set(members) for members in sets] == [{unix_pair.ours.fileno()}] * 2 + [set()]
    idle = idle_pipe.read_end
    waiter = waiting(route.pselect, nfds(idle), FdSet(idle), None, None, None, None)
    waiter.signal(SIGUSR1)
    assert settled([waiter]) == 0
    waiter.signal(SIGUSR2)
    assert waiter.result() == Fails(EINTR)
    assert signals.caught == [SIGUSR2]


@clause("PSEL-RAW-MASK-ARG", "the system call's sixth argument points at a pair: a mask's address, its size",
        section="C library/kernel differences")
@pytest.mark.parametrize("pair, expected", [
    (lambda mask: Buffer(struct.pack("QQ", mask.address, KERNEL_SIGSET)), Fails(EINTR)),
    (lambda mask: Buffer(struct.pack("QQ", 0, KERNEL_SIGSET)), Returns(0)),
    (lambda mask: None, Returns(0)),
    (lambda mask: WILD, Fails(EFAULT)),
], ids=["a mask", "NULL in the pair", "NULL", "WILD"])
def test_raw_mask_argument(signals, pair, expected):
    signals.catch(SIGUSR1)
    signals.block(SIGUSR1)
    raise_signal(SIGUSR1)
    mask = SigSet()
    assert raw.pselect6(0, None, None, None, Timespec(0), pair(mask)) == expected
    assert signals.caught == [SIGUSR1] * (expected == Fails(EINTR))


# ERRORS

@clause("PSEL-EINTR", "a caught signal ends the wait with EINTR", section="ERRORS")
def test_eintr(route, pipe, signals, waiting):
    signals.catch(SIGUSR1)
    readfds = FdSet(pipe.read_end)
    waiter = waiting(route.pselect, nfds(pipe.read_end), readfds, None, None, Timespec(300), None)
    waiter.signal(SIGUSR1)
    assert waiter.result() == Fails(EINTR)
    assert readfds == {pipe.read_end} and signals.caught == [SIGUSR1]


@clause("PSEL-EBADF", "a closed descriptor in any set fails with EBADF", section="ERRORS")
@EACH_SET
def test_closed_fd(route, pipe, closed_fd, which):
    sets = in_one_set(which, pipe.write_end, closed_fd)
    assert route.pselect(nfds(closed_fd), *sets, Timespec(0), None) == Fails(EBADF)
    assert sets[which] == {pipe.write_end, closed_fd}


@clause("PSEL-EINVAL-NFDS", "a negative nfds fails with EINVAL", section="ERRORS")
@pytest.mark.parametrize("number", [-1, -2**31])
def test_negative_nfds(route, pipe, number):
    writefds = FdSet(pipe.write_end)
    assert route.pselect(number, None, writefds, None, Timespec(0), None) == Fails(EINVAL)
    assert writefds == {pipe.write_end}


def refused(route, pipe, *timespec):
    timeout, writefds = Timespec(*timespec), FdSet(pipe.write_end)
    assert route.pselect(nfds(pipe.write_end), None, writefds, None, timeout, None) == Fails(EINVAL)
    assert timeout == timespec and writefds == {pipe.write_end}


@clause("PSEL-EINVAL-NEG", "a negative number of seconds or nanoseconds fails with EINVAL", section="ERRORS")
@pytest.mark.parametrize("sec, nsec", [(-1, 0), (0, -1), (1, -1), (-1, 999_999_999)])
def test_negative_timeout(route, pipe, sec, nsec):
    refused(route, pipe, sec, nsec)


@clause("PSEL-EINVAL-NSEC", "a second or more of nanoseconds fails with EINVAL", section="ERRORS")
@pytest.mark.parametrize("nsec", [10**9, 2**63 - 1])
def test_too_many_nanoseconds(route, pipe, nsec):
    assert route.pselect(64, None, FdSet(pipe.write_end), None, Timespec(0, 10**9 - 1), None) == Returns(1)
    refused(route, pipe, 0, nsec)


# SYNOPSIS

@clause("PSEL-DECLARED", "pselect is declared from _POSIX_C_SOURCE 200112L on", section="SYNOPSIS")
@pytest.mark.parametrize("version, declared", [("199506L", False), ("200112L", True), ("200809L", True)])
def test_declared(compiler, version, declared):
    source = "#include <stddef.h>\n#include <sys/select.h>\n" \
             "int wait_once(void) { return pselect(0, NULL, NULL, NULL, NULL, NULL); }\n"
    assert compiler.compiles(source, f"-D_POSIX_C_SOURCE={version}") is declared
