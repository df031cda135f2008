# socket(7): the readiness its table of I/O events promises, and the options that bear on it.
import errno
import fcntl
import os
import signal
import socket
import struct
import termios
from functools import partial

import pytest

from agreement import ready
from clause import clause
from descriptors import drain, fill
from libc import libc
from masks import EPOLLIN, EPOLLOUT, EPOLLPRI, POLLERR, POLLHUP, POLLIN, POLLOUT, POLLPRI, POLLRDHUP
from memory import Buffer, Events, PollFds, Timeval, in_one_set, nfds
from outcome import Returns
from readiness import polled
from sockets import connecting, settle
from waiting import until

options = partial(clause, page="socket(7)", section="Socket options")
clause = partial(clause, page="socket(7)", section="I/O events")
SO_SELECT_ERR_QUEUE = 45
CONNECTED = ["tcp", "unix_pair", "unix_seqpacket_pair"]
EVENTUALLY = 10_000


@pytest.fixture
def pair(request):
    return request.getfixturevalue(request.param)


def kinds(*names):
    return pytest.mark.parametrize("pair", names, indirect=True)


# I/O events

@clause("KIND-SOCK-IN-DATA", "POLLIN: new data arrived")
@kinds(*CONNECTED, "unix_dgram_pair", "udp")
def test_new_data(epoll, pair):
    epoll.add(pair.ours, EPOLLIN, data=1)
    assert (ready(pair.ours), epoll.wait()) == (POLLOUT, [])
    pair.theirs.send(b"x")
    assert epoll.wait(timeout=EVENTUALLY) == [(EPOLLIN, 1)]
    assert (ready(pair.ours), ready(pair.theirs)) == (POLLIN | POLLOUT, POLLOUT)
    pair.ours.recv(1)
    assert (ready(pair.ours), epoll.wait()) == (POLLOUT, [])


@clause("KIND-SOCK-IN-CONNECTED", "POLLIN: a connection setup has been completed")
def test_connection_setup(epoll, listener, keep):
    epoll.add(listener, EPOLLIN, data=1)
    assert (ready(listener), epoll.wait()) == (0, [])
    keep(socket.create_connection(listener.getsockname()))
    assert epoll.wait(timeout=EVENTUALLY) == [(EPOLLIN, 1)]
    assert ready(listener) == POLLIN
    keep(listener.accept()[0])
    assert (ready(listener), epoll.wait()) == (0, [])


@clause("KIND-SOCK-HUP-PEER", "POLLHUP: a disconnection request has been initiated by the other end")
@kinds(*CONNECTED)
def test_disconnection_request(pair, close):
    assert ready(pair.ours) == POLLOUT
    close(pair.theirs)
    settle(pair.ours, POLLIN)
    assert ready(pair.ours) == POLLIN | POLLOUT | POLLHUP | POLLRDHUP


@clause("KIND-SOCK-HUP-HALF", "POLLHUP: the other end has shut down one direction")
@kinds(*CONNECTED)
def test_one_direction(pair):
    pair.theirs.shutdown(socket.SHUT_WR)
    settle(pair.ours, POLLIN)
    assert ready(pair.ours) == POLLIN | POLLOUT | POLLHUP | POLLRDHUP


@clause("KIND-SOCK-HUP-BROKEN", "POLLHUP: a connection is broken; a write to it then also raises SIGPIPE")
def test_broken(tcp_reset, signals):
    assert ready(tcp_reset.ours) == POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP
    tcp_reset.ours.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    assert ready(tcp_reset.ours) == POLLIN | POLLOUT | POLLHUP | POLLRDHUP
    signals.catch(signal.SIGPIPE)
    with pytest.raises(BrokenPipeError):
        tcp_reset.ours.send(b"x")
    assert signals.caught == [signal.SIGPIPE]


@clause("KIND-SOCK-OUT", "POLLOUT: the socket has enough send buffer space for writing new data")
@kinds(*CONNECTED, "unix_dgram_pair")
def test_buffer_space(epoll, pair):
    epoll.add(pair.ours, EPOLLOUT, data=1)
    assert (ready(pair.ours), epoll.wait()) == (POLLOUT, [(EPOLLOUT, 1)])
    pair.ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    # what TCP has sent leaves the buffer whenever its acknowledgement comes: full is what stays full
    until(lambda: fill(pair.ours, 1024) == 0 and (ready(pair.ours), epoll.wait()) == (0, []),
          "a full buffer is not told writable")
    until(lambda: drain(pair.theirs) == 0 and polled(pair.ours, POLLOUT), "the buffer is empty")
    assert epoll.wait(timeout=EVENTUALLY) == [(EPOLLOUT, 1)]
    assert ready(pair.ours) == POLLOUT


@clause("KIND-SOCK-CONNECT-DONE", "an outgoing connect that finished is told")
def test_connect_done(epoll, tcp_connecting, listener, keep):
    assert ready(tcp_connecting) == 0
    sock = keep(connecting(listener.getsockname()))
    epoll.add(sock, EPOLLIN | EPOLLOUT, data=1)
    assert epoll.wait(timeout=EVENTUALLY) == [(EPOLLOUT, 1)]
    assert (sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), ready(sock)) == (0, POLLOUT)


@clause("KIND-SOCK-ERR", "POLLERR: an asynchronous error occurred")
@pytest.mark.parametrize("kind, mask, left", [
    ("tcp_refused", POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP, POLLIN | POLLOUT | POLLHUP | POLLRDHUP),
    ("udp_refused", POLLOUT | POLLERR, POLLOUT),
], ids=["tcp", "udp"])
def test_asynchronous_error(request, kind, mask, left):
    sock = request.getfixturevalue(kind)
    assert ready(sock) == mask
    assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ECONNREFUSED
    assert ready(sock) == left


@clause("KIND-SOCK-PRI", "POLLPRI: urgent data arrived; SIGURG is sent then")
def test_urgent_data(epoll, tcp, signals):
    signals.catch(signal.SIGURG)
    fcntl.fcntl(tcp.ours, fcntl.F_SETOWN, os.getpid())
    epoll.add(tcp.ours, EPOLLPRI, data=1)
    tcp.theirs.send(b"plain")
    settle(tcp.ours, POLLIN)
    assert (ready(tcp.ours), epoll.wait(), signals.caught) == (POLLIN | POLLOUT, [], [])
    tcp.theirs.send(b"!", socket.MSG_OOB)
    settle(tcp.ours, POLLPRI)
    assert (ready(tcp.ours), epoll.wait()) == (POLLIN | POLLPRI | POLLOUT, [(EPOLLPRI, 1)])
    until(lambda: signals.caught == [signal.SIGURG], "the signal arrives")
    assert tcp.ours.recv(1, socket.MSG_OOB) == b"!"
    assert (ready(tcp.ours), epoll.wait()) == (POLLIN | POLLOUT, [])


# Socket options

def unread(sock):
    count = Buffer(bytes(4))
    assert libc.ioctl(sock, termios.FIONREAD, count) == Returns(0)
    return int.from_bytes(count.bytes, "little")


@options("KIND-SOCK-RCVLOWAT", "a socket is told readable only if SO_RCVLOWAT bytes or more are there")
def test_low_water_mark(epoll, tcp):
    tcp.ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 10)
    epoll.add(tcp.ours, EPOLLIN, data=1)
    tcp.theirs.send(b"123456789")
    until(lambda: unread(tcp.ours) == 9, "nine bytes arrive")
    assert (ready(tcp.ours), epoll.wait()) == (POLLOUT, [])
    tcp.theirs.send(b"0")
    assert epoll.wait(timeout=EVENTUALLY) == [(EPOLLIN, 1)]
    assert ready(tcp.ours) == POLLIN | POLLOUT
    tcp.ours.recv(1)
    assert (ready(tcp.ours), epoll.wait()) == (POLLOUT, [])


def selecting(sock, which):
    return libc.select(nfds(sock), *in_one_set(which, sock), Timeval(0, 40_000))


def polling(sock, which):
    return libc.poll(PollFds((sock, (POLLIN, POLLOUT)[which])), 1, 40)


@options("KIND-SOCK-TIMEO", "SO_RCVTIMEO and SO_SNDTIMEO have no effect on select, poll and epoll_wait")
@pytest.mark.parametrize("call", ["select", "poll", "epoll_wait"])
@pytest.mark.parametrize("option, which", [(socket.SO_RCVTIMEO, 0), (socket.SO_SNDTIMEO, 1)],
                         ids=["SO_RCVTIMEO", "SO_SNDTIMEO"])
def test_timeouts(epoll, unix_pair, call, option, which):
    unix_pair.ours.setsockopt(socket.SOL_SOCKET, option, struct.pack("qq", 0, 1000))
    fill(unix_pair.ours)
    epoll.add(unix_pair.ours, (EPOLLIN, EPOLLOUT)[which])
    result = {"select": lambda: selecting(unix_pair.ours, which),
              "poll": lambda: polling(unix_pair.ours, which),
              "epoll_wait": lambda: libc.epoll_wait(epoll, Events(1), 1, 40)}[call]()
    assert result == Returns(0)
    assert result.seconds >= 0.04


@options("KIND-SOCK-ERRQUEUE-OPT", "with SO_SELECT_ERR_QUEUE an error gives POLLPRI besides POLLERR")
@pytest.mark.parametrize("kind, mask", [
    ("udp_refused", POLLOUT | POLLERR),
    ("tcp_refused", POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP)], ids=["udp", "tcp"])
def test_error_queue(request, kind, mask):
    sock = request.getfixturevalue(kind)
    assert ready(sock) == mask
    sock.setsockopt(socket.SOL_SOCKET, SO_SELECT_ERR_QUEUE, 1)
    assert ready(sock) == mask | POLLPRI
