# poll(2): the NORM and BAND bits, files that are always ready, which macros are visible, what POSIX adds.
import os
import socket
from functools import partial
from signal import SIGUSR1, raise_signal

import pytest

from clause import clause
from descriptors import arm
from masks import POLLHUP, POLLIN, POLLMSG, POLLOUT, POLLRDBAND, POLLRDNORM, POLLWRBAND, POLLWRNORM
from readiness import polled

posix = partial(clause, page="POSIX poll", section="DESCRIPTION")
clause = partial(clause, page="poll(2)", section="DESCRIPTION")


def kinds(*names):
    return pytest.mark.parametrize("kind", names)


# What makes each kind readable; the descriptor is that of the fixture, or its first.
STIMULUS = {
    "pipe": lambda pipe: os.write(pipe.write_end, b"x"),
    "pty": lambda pty: os.write(pty.slave, b"x"),
    "unix_pair": lambda pair: pair.theirs.send(b"x"),
    "unix_dgram_pair": lambda pair: pair.theirs.send(b"x"),
    "tcp": lambda pair: pair.theirs.send(b"x"),
    "udp": lambda pair: pair.theirs.send(b"x"),
    "eventfd": lambda fd: os.eventfd_write(fd, 1),
    "timerfd": lambda fd: arm(fd, 1),
    "signalfd": lambda fd: raise_signal(SIGUSR1),
    "pidfd": lambda pidfd: pidfd.child.kill(),
}


@pytest.fixture
def source(request, kind):
    return request.getfixturevalue(kind)


@pytest.fixture
def fd(source):
    return source[0] if isinstance(source, tuple) else source


@clause("POLL-RDNORM", "POLLRDNORM is equivalent to POLLIN")
@kinds(*STIMULUS)
def test_rdnorm(route, kind, source, fd):
    assert polled(fd, POLLRDNORM, route) == 0
    STIMULUS[kind](source)
    assert polled(fd, POLLIN, route, timeout=10_000) & POLLIN == POLLIN
    assert polled(fd, POLLIN | POLLRDNORM, route) & (POLLIN | POLLRDNORM) == POLLIN | POLLRDNORM
    assert polled(fd, POLLRDNORM, route) & (POLLIN | POLLRDNORM) == POLLRDNORM


@clause("POLL-RDBAND-UNUSED", "POLLRDBAND is unused on Linux")
@kinds("pipe", "pty", "unix_pair", "tcp", "udp", "eventfd", "regular_file")
def test_rdband(route, kind, source, fd):
    if kind in STIMULUS:
        STIMULUS[kind](source)
    if kind == "tcp":
        source.theirs.send(b"!", socket.MSG_OOB)
    assert polled(fd, POLLIN | POLLRDBAND, route, timeout=10_000) == POLLIN


@clause("POLL-WRNORM", "POLLWRNORM is equivalent to POLLOUT")
@kinds("idle_pipe", "unix_pair", "unix_dgram_pair", "tcp", "udp", "pty", "eventfd")
def test_wrnorm(route, kind, source, fd):
    if kind == "idle_pipe":
        fd = source.write_end
    assert polled(fd, POLLOUT, route) == POLLOUT
    assert polled(fd, POLLOUT | POLLWRNORM, route) == POLLOUT | POLLWRNORM
    assert polled(fd, POLLWRNORM, route) == POLLWRNORM


@clause("POLL-WRBAND", "POLLWRBAND: priority data may be written, which unix and datagram sockets say",
        level="unsaid")
@pytest.mark.parametrize("kind, answered", [
    ("unix_pair", POLLWRBAND), ("unix_dgram_pair", POLLWRBAND), ("udp", POLLWRBAND),
    ("tcp", 0), ("idle_pipe", 0), ("regular_file", 0), ("eventfd", 0), ("pty", 0)])
def test_wrband(route, kind, source, fd, answered):
    if kind == "idle_pipe":
        fd = source.write_end
    assert polled(fd, POLLOUT, route) == POLLOUT
    assert polled(fd, POLLWRBAND, route) == answered


@clause("POLL-MSG-UNUSED", "POLLMSG is known but never reported")
@kinds("pipe", "pty", "unix_pair", "tcp", "udp", "eventfd", "regular_file", "signalfd")
def test_msg(route, kind, source, fd):
    if kind in STIMULUS:
        STIMULUS[kind](source)
    assert polled(fd, POLLIN | POLLMSG, route, timeout=10_000) == POLLIN
    assert polled(fd, POLLMSG, route) == 0


@clause("POLL-ALWAYS-READY", "what cannot be polled, a regular file or a directory, is always ready")
@kinds("regular_file", "memfd", "directory")
def test_always_ready(route, kind, fd):
    every = POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM
    assert polled(fd, every, route) == every
    assert polled(fd, POLLOUT, route) == POLLOUT
    assert polled(fd, POLLIN, route, timeout=-1) == POLLIN


# What POSIX adds

@pytest.fixture
def unix_shut(unix_pair):
    unix_pair.ours.shutdown(socket.SHUT_RDWR)
    return unix_pair.ours


@pytest.fixture
def pty_hung_up(pty, close):
    close(pty.slave)
    return pty.master


@pytest.fixture
def pipe_hung_up(pipe, close):
    close(pipe.write_end)
    return pipe.read_end


@posix("POLL-HUP-OUT-EXCLUSIVE", "HUP and OUT never come together")
@pytest.mark.parametrize("made", ["fresh_tcp", "unix_shut", "pty_hung_up", "pipe_hung_up"])
def test_hup_and_out(request, route, made):
    assert polled(request.getfixturevalue(made), POLLOUT, route) == POLLHUP


@posix("POLL-IN-IS-NORM-OR-BAND", "POLLIN is RDNORM or RDBAND: asking for it is asking for these")
def test_in_is_norm_or_band(route, pipe):
    os.write(pipe.write_end, b"x")
    assert polled(pipe.read_end, POLLIN, route) == polled(pipe.read_end, POLLRDNORM | POLLRDBAND, route)


# The header

USE = "#include <poll.h>\nint used = {};\n"
STANDARD = "-D_POSIX_C_SOURCE=200809L", "-D_XOPEN_SOURCE=500", "-D_GNU_SOURCE"


@clause("POLL-RDHUP-MACRO", "POLLRDHUP is visible with _GNU_SOURCE only")
@pytest.mark.parametrize("flag", STANDARD)
def test_rdhup_macro(compiler, flag):
    assert compiler.compiles(USE.format("POLLIN"), flag)
    assert compiler.compiles(USE.format("POLLRDHUP"), flag) is (flag == "-D_GNU_SOURCE")


@clause("POLL-XOPEN-MACROS", "the NORM and BAND bits are visible with _XOPEN_SOURCE")
@pytest.mark.parametrize("name, value", [("POLLRDNORM", POLLRDNORM), ("POLLRDBAND", POLLRDBAND),
                                         ("POLLWRNORM", POLLWRNORM), ("POLLWRBAND", POLLWRBAND)])
def test_xopen_macros(compiler, name, value):
    check = USE.format(f"sizeof(char[{name} == {int(value)} ? 1 : -1])")
    assert compiler.compiles(check, "-D_XOPEN_SOURCE=500")
    assert not compiler.compiles(check, "-D_POSIX_C_SOURCE=199506L")


@clause("POLL-INFTIM-ABSENT", "the C library has no INFTIM", section="NOTES")
@pytest.mark.parametrize("flag", STANDARD)
def test_no_inftim(compiler, flag):
    assert compiler.compiles(USE.format("-1"), flag)
    assert not compiler.compiles(USE.format("INFTIM"), flag)
