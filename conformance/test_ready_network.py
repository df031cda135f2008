# Exact masks no page gives: TCP and UDP sockets in each of their states, on the loopback interface.
import socket
from errno import ECONNREFUSED, ECONNRESET, EPIPE
from functools import partial
from pathlib import Path

import pytest

from agreement import ready
from clause import clause
from masks import EPOLLIN, POLLERR, POLLHUP, POLLIN, POLLOUT, POLLPRI, POLLRDHUP
from readiness import polled
from sockets import reset, settle
from waiting import until

clause = partial(clause, page="none", level="unsaid")
SHUT = POLLIN | POLLOUT | POLLRDHUP
EVENTUALLY = 10_000


def pending_error(sock):
    return sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)


# TCP: before the connection

@clause("RDY-TCP-FRESH", "neither connected nor listening: OUT+HUP")
def test_fresh(fresh_tcp):
    assert ready(fresh_tcp) == POLLOUT | POLLHUP


@clause("RDY-TCP-LISTEN-IDLE", "listening without a connection: nothing")
def test_idle_listener(listener):
    assert ready(listener) == 0


@clause("RDY-TCP-LISTEN-PENDING", "listening with a connection waiting: IN, even if its peer is gone already")
@pytest.mark.parametrize("end", ["open", "closed", "reset"])
def test_pending_connection(epoll, listener, keep, end):
    epoll.add(listener, EPOLLIN, data=1)
    assert epoll.wait() == []
    client = socket.create_connection(listener.getsockname())
    {"open": keep, "closed": socket.socket.close, "reset": reset}[end](client)
    assert epoll.wait(timeout=EVENTUALLY) == [(EPOLLIN, 1)]
    assert ready(listener) == POLLIN
    keep(listener.accept()[0])
    assert (ready(listener), epoll.wait()) == (0, [])


@clause("RDY-TCP-LISTEN-SHUT", "a listener after SHUT_RD: OUT+HUP, as if it were fresh")
def test_shut_listener(epoll, listener):
    epoll.add(listener, 0, data=1)
    assert (ready(listener), epoll.wait()) == (0, [])
    listener.shutdown(socket.SHUT_RD)
    assert ready(listener) == POLLOUT | POLLHUP
    assert epoll.wait() == [(POLLHUP, 1)]


@clause("RDY-TCP-CONNECTING", "a connect in progress: nothing")
def test_connecting(tcp_connecting):
    assert ready(tcp_connecting) == 0


@clause("RDY-TCP-REFUSED", "a refused connect: IN+OUT+ERR+HUP+RDHUP, and ERR+HUP if nothing was asked for")
def test_refused(tcp_refused):
    assert ready(tcp_refused) == SHUT | POLLERR | POLLHUP
    assert polled(tcp_refused, 0) == POLLERR | POLLHUP


@clause("RDY-TCP-REFUSED-READ-ERR", "asking a refused socket for SO_ERROR clears ERR, the rest stays")
def test_refused_and_asked(tcp_refused):
    assert pending_error(tcp_refused) == ECONNREFUSED
    assert ready(tcp_refused) == SHUT | POLLHUP
    assert pending_error(tcp_refused) == 0


# TCP: connected, shut, reset

@clause("RDY-TCP-CONNECTED", "connected and idle: OUT, on both ends")
def test_connected(tcp):
    assert (ready(tcp.ours), ready(tcp.theirs)) == (POLLOUT, POLLOUT)


@clause("RDY-TCP-PEER-SHUTWR", "the peer shut its writing half: IN+OUT+RDHUP and no HUP; OUT there")
def test_peer_shut(tcp_half_closed):
    assert (ready(tcp_half_closed.ours), ready(tcp_half_closed.theirs)) == (SHUT, POLLOUT)


@clause("RDY-TCP-BOTH-SHUT", "both directions shut: HUP too, on both ends")
def test_both_shut(epoll, tcp_half_closed):
    epoll.add(tcp_half_closed.ours, 0, data=1)
    epoll.add(tcp_half_closed.theirs, 0, data=2)
    assert epoll.wait() == []
    tcp_half_closed.ours.shutdown(socket.SHUT_WR)
    settle(tcp_half_closed.theirs, POLLHUP)
    assert [ready(end) for end in tcp_half_closed] == [SHUT | POLLHUP] * 2
    until(lambda: len(epoll.wait()) == 2, "both ends have been woken")
    assert sorted(epoll.wait()) == [(POLLHUP, 1), (POLLHUP, 2)]


@clause("RDY-TCP-OWN-SHUTWR", "our own writing half shut: still OUT")
def test_own_writing_half(tcp):
    tcp.ours.shutdown(socket.SHUT_WR)
    settle(tcp.theirs, POLLIN)
    assert (ready(tcp.ours), ready(tcp.theirs)) == (POLLOUT, SHUT)
    with pytest.raises(BrokenPipeError):
        tcp.ours.send(b"x")


@clause("RDY-TCP-OWN-SHUTRD", "our own reading half shut: IN+OUT+RDHUP here, the peer sees nothing of it")
def test_own_reading_half(epoll, tcp):
    epoll.add(tcp.ours, EPOLLIN, data=1)
    assert epoll.wait() == []
    tcp.ours.shutdown(socket.SHUT_RD)
    assert (ready(tcp.ours), ready(tcp.theirs)) == (SHUT, POLLOUT)
    assert epoll.wait() == [(EPOLLIN, 1)]


@clause("RDY-TCP-RESET", "the connection was reset: IN+OUT+ERR+HUP+RDHUP")
@pytest.mark.parametrize("how, error", [("linger", ECONNRESET), ("write to a closed peer", EPIPE)])
def test_reset(tcp, close, how, error):
    if how == "linger":
        reset(tcp.theirs)
    else:
        close(tcp.theirs)
        settle(tcp.ours, POLLIN)
        assert ready(tcp.ours) == SHUT
        tcp.ours.send(b"x")
    settle(tcp.ours, 0)
    assert ready(tcp.ours) == SHUT | POLLERR | POLLHUP
    assert pending_error(tcp.ours) == error


def states(port):
    """The states in which TCP sockets with that local port are, as /proc/net/tcp numbers them."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    return [int(line.split()[3], 16) for line in lines if line.split()[1].endswith(f":{port:04X}")]


@clause("RDY-TCP-TIME-WAIT", "a socket whose connection is in TIME-WAIT: IN+OUT+RDHUP+HUP")
def test_time_wait(tcp):
    tcp.ours.shutdown(socket.SHUT_WR)
    settle(tcp.theirs, POLLIN)
    tcp.theirs.shutdown(socket.SHUT_WR)
    settle(tcp.ours, POLLHUP)
    time_wait = 6
    until(lambda: time_wait in states(tcp.ours.getsockname()[1]), "the connection is in TIME-WAIT")
    assert ready(tcp.ours) == SHUT | POLLHUP


# TCP: urgent data

@clause("RDY-TCP-OOB", "urgent data alone: PRI+OUT and no IN; OUT once it was read")
def test_urgent_data(tcp):
    tcp.theirs.send(b"!", socket.MSG_OOB)
    settle(tcp.ours, POLLPRI)
    assert ready(tcp.ours) == POLLPRI | POLLOUT
    assert tcp.ours.recv(1, socket.MSG_OOB) == b"!"
    assert ready(tcp.ours) == POLLOUT


@clause("RDY-TCP-OOB-INLINE", "with SO_OOBINLINE urgent data is IN+PRI until it was read")
def test_urgent_data_inline(tcp):
    tcp.ours.setsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE, 1)
    tcp.theirs.send(b"before")
    tcp.theirs.send(b"!", socket.MSG_OOB)
    settle(tcp.ours, POLLPRI)
    assert ready(tcp.ours) == POLLIN | POLLPRI | POLLOUT
    assert tcp.ours.recv(100) == b"before"
    assert ready(tcp.ours) == POLLIN | POLLPRI | POLLOUT
    assert tcp.ours.recv(100) == b"!"
    assert ready(tcp.ours) == POLLOUT


# UDP

@clause("RDY-UDP-IDLE", "idle: OUT, connected or not")
@pytest.mark.parametrize("connected", [True, False])
def test_udp_idle(keep, udp, connected):
    assert ready(udp.ours if connected else keep(socket.socket(type=socket.SOCK_DGRAM))) == POLLOUT


@clause("RDY-UDP-EMPTY-DGRAM", "a datagram without content makes it readable")
def test_empty_datagram(epoll, udp):
    epoll.add(udp.ours, EPOLLIN, data=1)
    assert epoll.wait() == []
    udp.theirs.send(b"")
    assert epoll.wait(timeout=EVENTUALLY) == [(EPOLLIN, 1)]
    assert ready(udp.ours) == POLLIN | POLLOUT
    assert udp.ours.recv(1) == b""
    assert (ready(udp.ours), epoll.wait()) == (POLLOUT, [])


@clause("RDY-UDP-REFUSED", "a connected socket after an ICMP refusal: OUT+ERR, until recv has failed with it")
def test_udp_refused(udp_refused):
    assert ready(udp_refused) == POLLOUT | POLLERR
    with pytest.raises(ConnectionRefusedError):
        udp_refused.recv(1)
    assert ready(udp_refused) == POLLOUT


@clause("RDY-UDP-SHUT", "a connected socket after SHUT_RD: IN+OUT+RDHUP, after both: HUP too; its peer OUT")
@pytest.mark.parametrize("how, mask", [(socket.SHUT_RD, SHUT), (socket.SHUT_WR, POLLOUT),
                                       (socket.SHUT_RDWR, SHUT | POLLHUP)], ids=["RD", "WR", "RDWR"])
def test_udp_shut(udp, how, mask):
    udp.ours.shutdown(how)
    assert (ready(udp.ours), ready(udp.theirs)) == (mask, POLLOUT)
