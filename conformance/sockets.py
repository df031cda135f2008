# A fixture for every kind of socket in every state the pages speak of; all on the loopback interface.
import socket
import struct
from collections import namedtuple

import pytest

from masks import POLLERR, POLLHUP, POLLIN, POLLRDHUP
from memory import PollFds, Timespec
from libc import raw
from outcome import Returns

Pair = namedtuple("Pair", "ours theirs")
LOOPBACK = ("127.0.0.1", 0)


def settle(sock, events):
    """Waits until the network has shown `events`: loopback usually has at once, a loaded machine later."""
    # ppoll by the raw route: it exists everywhere, and what a preload does to poll stays out of the fixtures
    assert raw.ppoll(PollFds((sock, events)), 1, Timespec(10), None) == Returns(1)


def reset(sock):
    """Closes so that the peer gets a reset."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def connecting(address):
    sock = socket.socket()
    sock.setblocking(False)
    sock.connect_ex(address)
    return sock


def _unix(keep, kind):
    return Pair(*map(keep, socket.socketpair(socket.AF_UNIX, kind)))


@pytest.fixture
def unix_pair(keep):
    return _unix(keep, socket.SOCK_STREAM)


@pytest.fixture
def unix_dgram_pair(keep):
    return _unix(keep, socket.SOCK_DGRAM)


@pytest.fixture
def unix_seqpacket_pair(keep):
    return _unix(keep, socket.SOCK_SEQPACKET)


@pytest.fixture
def fresh_tcp(keep):
    """Neither connected nor listening."""
    return keep(socket.socket())


@pytest.fixture
def listener(keep):
    sock = keep(socket.socket())
    sock.bind(LOOPBACK)
    sock.listen(8)
    return sock


@pytest.fixture
def new_tcp(keep, listener):
    """A factory of connected pairs; ours is the one that called connect."""
    def connect():
        ours = keep(socket.create_connection(listener.getsockname()))
        ours.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return Pair(ours, keep(listener.accept()[0]))
    return connect


@pytest.fixture
def tcp(new_tcp):
    return new_tcp()


@pytest.fixture
def tcp_half_closed(tcp):
    """The peer shut its writing half."""
    tcp.theirs.shutdown(socket.SHUT_WR)
    settle(tcp.ours, POLLRDHUP)
    return tcp


@pytest.fixture
def tcp_reset(tcp, close):
    """The peer reset the connection; theirs is closed."""
    reset(tcp.theirs)
    settle(tcp.ours, POLLHUP)
    return tcp


@pytest.fixture
def closed_port(keep):
    """An address of which we know that nobody listens there."""
    sock = keep(socket.socket())
    sock.bind(LOOPBACK)
    return sock.getsockname()


@pytest.fixture
def tcp_refused(keep, closed_port):
    """A non-blocking connect that was refused; nobody has asked for SO_ERROR yet."""
    sock = keep(connecting(closed_port))
    settle(sock, POLLERR)
    return sock


@pytest.fixture
def tcp_connecting(keep):
    """A connect that stays in progress: the listener's queue of one is full, so it drops the next SYN."""
    full = keep(socket.socket())
    full.bind(LOOPBACK)
    full.listen(0)
    keep(socket.create_connection(full.getsockname()))
    settle(full, POLLIN)
    return keep(connecting(full.getsockname()))


@pytest.fixture
def udp(keep):
    """Two datagram sockets connected to each other."""
    ours, theirs = (keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(2))
    ours.bind(LOOPBACK)
    theirs.bind(LOOPBACK)
    ours.connect(theirs.getsockname())
    theirs.connect(ours.getsockname())
    return Pair(ours, theirs)


@pytest.fixture
def udp_refused(keep):
    """A datagram went where nobody listens: the ICMP error waits on the socket."""
    # bound and closed at once: a port kept by a bound UDP socket would take the datagram
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as vanishing:
        vanishing.bind(LOOPBACK)
        address = vanishing.getsockname()
    sock = keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    sock.connect(address)
    sock.send(b"anyone there?")
    settle(sock, POLLERR)
    return sock
