# select(2): what it returns, how it fails, and its NOTES and BUGS.
import os
import signal
import socket
import struct
from errno import EBADF, EINTR, EINVAL
from functools import partial

import pytest

from clause import clause
from descriptors import fill
from memory import FdSet, Timeval, in_one_set, nfds
from outcome import Fails, Returns
from readiness import selected
from waiting import in_child

clause = partial(clause, page="select(2)")
INT_MIN = -2**31
EACH_SET = pytest.mark.parametrize("which", [0, 1, 2], ids=["readfds", "writefds", "exceptfds"])


# RETURN VALUE

@clause("SEL-RETURN-COUNT", "the result counts the bits of all three sets, one descriptor more than once",
        section="RETURN VALUE")
def test_return_count(route, unix_pair):
    unix_pair.theirs.send(b"x")
    readfds, writefds, exceptfds = (FdSet(unix_pair.ours, unix_pair.theirs) for _ in range(3))
    assert route.select(64, readfds, writefds, exceptfds, Timeval(0)) == Returns(3)
    assert readfds == {unix_pair.ours}
    assert writefds == {unix_pair.ours, unix_pair.theirs}
    assert exceptfds == set()


@clause("SEL-ERROR-KEEPS-SETS", "on failure the sets are left as they were", section="RETURN VALUE")
@EACH_SET
def test_error_keeps_sets(route, pipe, closed_fd, signals, waiting, which):
    signals.catch(signal.SIGUSR1)
    sets = in_one_set(which, pipe.write_end, closed_fd)
    assert route.select(64, *sets, Timeval(0)) == Fails(EBADF)
    assert sets[which] == {pipe.write_end, closed_fd}
    fill(pipe.write_end)
    sets = in_one_set(which, pipe.write_end)
    waiter = waiting(route.select, nfds(pipe.write_end), *sets, None)
    waiter.signal(signal.SIGUSR1)
    assert waiter.result() == Fails(EINTR)
    assert sets[which] == {pipe.write_end}


# ERRORS

@clause("SEL-EINVAL-NFDS-NEG", "a negative nfds fails with EINVAL", section="ERRORS")
@pytest.mark.parametrize("number", [-1, INT_MIN])
def test_negative_nfds(route, pipe, number):
    readfds = FdSet(pipe.read_end)
    assert route.select(number, readfds, None, None, Timeval(0)) == Fails(EINVAL)
    assert readfds == {pipe.read_end}


@clause("SEL-EINVAL-NFDS-RLIMIT", "an nfds above RLIMIT_NOFILE fails with EINVAL", section="ERRORS")
def test_nfds_above_limit(route, nofile):
    nofile(64)
    assert route.select(64, None, None, None, Timeval(0)) == Returns(0)
    assert route.select(1000, None, None, None, Timeval(0)) == Fails(EINVAL)


def closed_in(route, which, closed_fd):
    return route.select(nfds(closed_fd), *in_one_set(which, closed_fd), Timeval(0))


@clause("SEL-EBADF-READ", "a closed descriptor in readfds fails with EBADF", section="ERRORS")
def test_closed_in_readfds(route, closed_fd):
    assert closed_in(route, 0, closed_fd) == Fails(EBADF)


@clause("SEL-EBADF-WRITE", "a closed descriptor in writefds fails with EBADF", section="ERRORS")
def test_closed_in_writefds(route, closed_fd):
    assert closed_in(route, 1, closed_fd) == Fails(EBADF)


@clause("SEL-EBADF-EXCEPT", "a closed descriptor in exceptfds fails with EBADF", section="ERRORS")
def test_closed_in_exceptfds(route, closed_fd):
    assert closed_in(route, 2, closed_fd) == Fails(EBADF)


@clause("SEL-IGNORED-HIGH-FD", "a descriptor number above the highest open one is ignored without an error",
        section="BUGS")
@pytest.mark.parametrize("number", [3, 63, 64, 1000])
def test_ignored_high_fd(route, number):
    def grandchild():  # only a fork after the closing gets the small descriptor table
        os.closerange(3, 4096)
        return in_child(route.select, number + 1, FdSet(number), None, None, Timeval(0))
    assert in_child(grandchild) == Returns(0)


@clause("SEL-EINTR", "a caught signal ends the wait with EINTR", section="ERRORS")
def test_eintr(route, pipe, signals, waiting):
    signals.catch(signal.SIGUSR1)
    waiter = waiting(route.select, nfds(pipe.read_end), FdSet(pipe.read_end), None, None, Timeval(300))
    waiter.signal(signal.SIGUSR1)
    assert waiter.result() == Fails(EINTR)


@clause("SEL-EINVAL-TIMEOUT", "a negative number of seconds or microseconds fails with EINVAL",
        section="ERRORS")
@pytest.mark.parametrize("sec, usec", [(-1, 0), (0, -1), (1, -1)])
def test_negative_timeout(route, pipe, sec, usec):
    readfds, timeout = FdSet(pipe.read_end), Timeval(sec, usec)
    assert route.select(nfds(pipe.read_end), readfds, None, None, timeout) == Fails(EINVAL)
    assert readfds == {pipe.read_end} and timeout == (sec, usec)


# NOTES and BUGS

@clause("SEL-NONBLOCK-FLAG", "O_NONBLOCK on a descriptor changes nothing", section="NOTES")
@pytest.mark.parametrize("blocking", [True, False])
def test_nonblock_flag(route, pipe, blocking):
    os.set_blocking(pipe.read_end, blocking)
    result = route.select(nfds(pipe.read_end), FdSet(pipe.read_end), None, None, Timeval(0, 5000))
    assert result == Returns(0) and result.seconds >= 0.005
    os.write(pipe.write_end, b"x")
    assert selected(pipe.read_end, route) == {"read"}


@clause("SEL-CLOSE-OTHER-THREAD", "closing a watched descriptor in another thread has no effect on the call",
        section="Multithreaded applications")
def test_close_in_another_thread(route, keep, pipe, close, waiting):
    watched = keep(os.dup(pipe.read_end))
    sets = FdSet(watched), FdSet(watched), FdSet(watched)
    waiter = waiting(route.select, nfds(watched), *sets, Timeval(0, 300_000))
    close(watched)
    result = waiter.result()
    assert result.seconds >= 0.3
    assert result == Returns(0)


@clause("SEL-SPURIOUS", "readiness is a hint: a read after it may still find nothing",
        section="BUGS", level="may")
def test_spurious(route, root, keep, udp):
    source, target = udp.theirs.getsockname()[1], udp.ours.getsockname()[1]
    # the checksum of up to 76 bytes is looked at on arrival, that of more bytes when they are read
    datagram = struct.pack("!4H", source, target, 208, 0xBAD) + bytes(200)
    forger = keep(socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP))
    udp.ours.setblocking(False)
    forger.sendto(datagram, ("127.0.0.1", 0))
    assert route.select(nfds(udp.ours), FdSet(udp.ours), None, None, Timeval(2)) == Returns(1)
    with pytest.raises(BlockingIOError):
        udp.ours.recv(100)
