# poll(2): the array, the bits asked and answered, and what each of them means.
import os
import socket
import termios
from fcntl import ioctl
from functools import partial
from pathlib import Path

import pytest

from clause import clause
from descriptors import drain, fill
from masks import (EVERY_ANSWER, POLLERR, POLLHUP, POLLIN, POLLMSG, POLLNVAL, POLLOUT, POLLPRI, POLLRDHUP,
                   POLLRDNORM, POLLWRNORM)
from memory import PollFds
from outcome import Returns
from readiness import polled
from sockets import connecting

clause = partial(clause, page="poll(2)", section="DESCRIPTION")


# The array

@clause("POLL-NEG-FD", "an entry with a negative descriptor is skipped and its revents becomes 0")
def test_negative_fd(route, pipe):
    os.write(pipe.write_end, b"x")
    numbers = [-1, ~pipe.read_end, -2**31, pipe.read_end]
    fds = PollFds(*((fd, POLLIN) for fd in numbers))
    assert route.poll(fds, 4, 0) == Returns(1)
    assert fds.revents == [0, 0, 0, POLLIN]


@clause("POLL-EVENTS-INPUT-ONLY", "fd and events are input only and never written")
def test_input_only(route, pipe, idle_pipe, closed_fd, close):
    close(pipe.write_end)
    asked = [(pipe.read_end, POLLIN), (closed_fd, EVERY_ANSWER), (~closed_fd, POLLOUT),
             (idle_pipe.write_end, POLLIN | POLLOUT | 0x8000), (idle_pipe.read_end, 0)]
    fds = PollFds(*asked)
    assert route.poll(fds, 5, 0) == Returns(3)
    assert [(fd, events) for fd, events, _ in fds.entries] == asked
    assert fds.revents == [POLLHUP, POLLNVAL, 0, POLLOUT, 0]


@clause("POLL-EVENTS-ZERO", "with events 0 only ERR, HUP and NVAL can come back")
def test_events_zero(route, pipe, idle_pipe, tcp_refused, closed_fd, unix_pair, close):
    close(pipe.write_end)
    close(idle_pipe.read_end)
    unix_pair.theirs.send(b"x")
    opened = pipe.read_end, idle_pipe.write_end, tcp_refused, closed_fd, unix_pair.ours
    fds = PollFds(*((fd, 0) for fd in opened))
    assert route.poll(fds, 5, 0) == Returns(4)
    assert fds.revents == [POLLHUP, POLLERR, POLLERR | POLLHUP, POLLNVAL, 0]


@clause("POLL-REVENTS-SUBSET", "revents holds bits that were asked for and ERR, HUP, NVAL, no others")
@pytest.mark.parametrize("asked, answered", [
    (0, 0), (POLLIN, POLLIN), (POLLOUT, POLLOUT), (POLLRDHUP, POLLRDHUP), (POLLRDNORM, POLLRDNORM),
    (POLLWRNORM, POLLWRNORM), (POLLPRI | POLLMSG, 0), (POLLIN | POLLOUT, POLLIN | POLLOUT),
    (EVERY_ANSWER, POLLIN | POLLOUT | POLLRDHUP | POLLRDNORM | POLLWRNORM)], ids=str)
def test_subset(route, tcp_half_closed, asked, answered):
    assert polled(tcp_half_closed.ours, asked, route) == answered


@clause("POLL-OUTPUT-BITS-IGNORED", "ERR, HUP and NVAL in events have no meaning")
@pytest.mark.parametrize("events", [0, POLLIN, POLLOUT], ids=str)
def test_output_bits_ignored(route, pipe, idle_pipe, close, events):
    os.write(pipe.write_end, b"x")
    close(idle_pipe.write_end)
    fds = PollFds(*((fd, events | POLLERR | POLLHUP | POLLNVAL) for fd in (*pipe, idle_pipe.read_end)))
    assert route.poll(fds, 3, 0) == Returns(1 + (events != 0))
    assert fds.revents == [events & POLLIN, events & POLLOUT, POLLHUP]


@clause("POLL-REVENTS-CLEARED", "revents is set by the call, whatever it held before", page="POSIX poll")
def test_revents_cleared(route, pipe, idle_pipe):
    os.write(pipe.write_end, b"x")
    idle = idle_pipe.read_end
    fds = PollFds((idle, POLLIN), (pipe.read_end, POLLIN), (-1, POLLIN), (idle, 0))
    assert route.poll(fds, 4, 0) == Returns(1)
    assert fds.revents == [0, POLLIN, 0, 0]
    drain(pipe.read_end)
    assert route.poll(fds, 4, 0) == Returns(0)
    assert fds.revents == [0, 0, 0, 0]


# POLLIN, POLLPRI, POLLOUT

@clause("POLL-IN", "POLLIN: there is data to read")
def test_in(route, pipe):
    assert polled(pipe.read_end, POLLIN, route) == 0
    os.write(pipe.write_end, b"x")
    assert polled(pipe.read_end, POLLIN, route) == POLLIN
    drain(pipe.read_end)
    assert polled(pipe.read_end, POLLIN, route) == 0


@clause("POLL-LISTEN-IN", "a listening socket is readable once a connection waits", page="accept(2)")
def test_listen_in(route, listener, keep):
    assert polled(listener, POLLIN | POLLOUT, route) == 0
    keep(socket.create_connection(listener.getsockname()))
    assert polled(listener, POLLIN | POLLOUT, route) == POLLIN
    keep(listener.accept()[0])
    assert polled(listener, POLLIN | POLLOUT, route) == 0


@clause("POLL-CONNECT-OUT", "a connecting socket becomes writable once the connection is established",
        page="connect(2)", section="ERRORS")
def test_connect_out(route, listener, tcp_connecting, keep):
    assert polled(tcp_connecting, POLLIN | POLLOUT, route) == 0
    sock = keep(connecting(listener.getsockname()))
    assert polled(sock, POLLIN | POLLOUT, route, timeout=10_000) == POLLOUT
    assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0


@clause("POLL-PRI-OOB", "POLLPRI: urgent data on a TCP socket")
def test_pri_oob(route, tcp):
    assert polled(tcp.ours, POLLPRI, route) == 0
    tcp.theirs.send(b"!", socket.MSG_OOB)
    assert polled(tcp.ours, POLLPRI, route, timeout=10_000) == POLLPRI
    assert polled(tcp.theirs, POLLPRI, route) == 0
    tcp.ours.recv(1, socket.MSG_OOB)
    assert polled(tcp.ours, POLLPRI, route) == 0


@clause("POLL-PRI-PACKET", "POLLPRI: a change on the slave side of a pty master in packet mode")
def test_pri_packet(route, pty):
    termios.tcflush(pty.slave, termios.TCIFLUSH)
    assert polled(pty.master, POLLPRI, route) == 0
    ioctl(pty.master, termios.TIOCPKT, b"\1\0\0\0")
    termios.tcflush(pty.slave, termios.TCIFLUSH)
    assert polled(pty.master, POLLPRI, route) == POLLPRI
    assert os.read(pty.master, 64) == bytes([termios.TIOCPKT_FLUSHREAD])
    assert polled(pty.master, POLLPRI, route) == 0


@pytest.fixture
def cgroup(root):
    """A new cgroup of version 2."""
    mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    mounted = [Path(place) for _, place, kind, options, *_ in mounts
               if kind == "cgroup2" and options.startswith("rw")]
    if not mounted:
        pytest.skip("no writable cgroup v2 mount")
    folder = mounted[0] / f"conformance-{os.getpid()}"
    folder.mkdir()
    yield folder
    folder.rmdir()


@clause("POLL-PRI-CGROUP", "POLLPRI: a cgroup.events file has changed")
def test_pri_cgroup(route, cgroup, keep, pidfd):
    events = keep(os.open(cgroup / "cgroup.events", os.O_RDONLY))
    assert b"populated 0" in os.read(events, 100)
    assert polled(events, POLLPRI, route) == 0
    (cgroup / "cgroup.procs").write_text(str(pidfd.child.pid))
    assert polled(events, POLLPRI, route, timeout=10_000) & POLLPRI == POLLPRI
    assert b"populated 1" in os.pread(events, 100, 0)
    assert polled(events, POLLPRI, route) == 0
    pidfd.child.kill()
    assert polled(events, POLLPRI, route, timeout=10_000) & POLLPRI == POLLPRI


@clause("POLL-OUT", "POLLOUT: writing is possible")
def test_out(route, pipe):
    assert polled(pipe.write_end, POLLOUT, route) == POLLOUT
    fill(pipe.write_end)
    assert polled(pipe.write_end, POLLOUT, route) == 0
    drain(pipe.read_end)
    assert polled(pipe.write_end, POLLOUT, route) == POLLOUT


@clause("POLL-OUT-LARGE", "a write larger than the free space still blocks, or is cut short")
def test_out_large(route, pipe):
    os.set_blocking(pipe.write_end, False)
    assert polled(pipe.write_end, POLLOUT, route) == POLLOUT
    assert 0 < os.write(pipe.write_end, bytes(2**20)) < 2**20


# POLLRDHUP, POLLERR, POLLHUP, POLLNVAL

@clause("POLL-RDHUP-CLOSE", "POLLRDHUP: the peer of a stream socket closed its end")
@pytest.mark.parametrize("kind, answered", [("unix_pair", POLLRDHUP | POLLHUP), ("tcp", POLLRDHUP)],
                         ids=["unix", "tcp"])
def test_rdhup_close(route, request, close, kind, answered):
    pair = request.getfixturevalue(kind)
    assert polled(pair.ours, POLLRDHUP, route) == 0
    close(pair.theirs)
    assert polled(pair.ours, POLLRDHUP, route, timeout=10_000) == answered
    assert polled(pair.ours, POLLIN, route) & POLLRDHUP == 0


@clause("POLL-RDHUP-SHUTWR", "POLLRDHUP: the peer of a stream socket shut its writing half")
@pytest.mark.parametrize("kind", ["unix_pair", "tcp"])
def test_rdhup_shutdown(route, request, kind):
    pair = request.getfixturevalue(kind)
    pair.theirs.shutdown(socket.SHUT_WR)
    assert polled(pair.ours, POLLRDHUP, route, timeout=10_000) == POLLRDHUP
    assert polled(pair.ours, POLLOUT, route) == POLLOUT
    assert polled(pair.theirs, POLLRDHUP, route) == 0


@clause("POLL-ERR-PIPE", "POLLERR: the write end of a pipe whose read end has been closed")
def test_err_pipe(route, pipe, close):
    assert polled(pipe.write_end, POLLOUT, route) == POLLOUT
    close(pipe.read_end)
    assert polled(pipe.write_end, POLLOUT, route) == POLLOUT | POLLERR
    assert polled(pipe.write_end, 0, route) == POLLERR


@clause("POLL-HUP-PIPE", "POLLHUP: the read end of a pipe whose write end has been closed")
def test_hup_pipe(route, pipe, close, keep):
    second = keep(os.dup(pipe.write_end))
    close(pipe.write_end)
    assert polled(pipe.read_end, POLLIN, route) == 0
    close(second)
    assert polled(pipe.read_end, POLLIN, route) == POLLHUP


@clause("POLL-HUP-AFTER-DATA", "HUP comes beside IN while data is left; only then do reads give 0")
def test_hup_after_data(route, pipe, close):
    os.write(pipe.write_end, b"aaaaabbbbbccccc")
    close(pipe.write_end)
    assert polled(pipe.read_end, POLLIN, route) == POLLIN | POLLHUP
    assert os.read(pipe.read_end, 10) == b"aaaaabbbbb"
    assert polled(pipe.read_end, POLLIN, route) == POLLIN | POLLHUP
    assert os.read(pipe.read_end, 10) == b"ccccc"
    assert polled(pipe.read_end, POLLIN, route) == POLLHUP
    assert os.read(pipe.read_end, 10) == b""


@clause("POLL-NVAL", "POLLNVAL: the descriptor is not open")
@pytest.mark.parametrize("events", [0, POLLIN, EVERY_ANSWER], ids=["0", "IN", "all"])
def test_nval(route, closed_fd, events):
    fds = PollFds((closed_fd, events), (10**6, events), (2**31 - 1, events))
    assert route.poll(fds, 3, 0) == Returns(3)
    assert fds.revents == [POLLNVAL] * 3
