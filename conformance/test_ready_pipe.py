# Exact masks no page gives: pipes, FIFOs and unix sockets in each of their states.
import fcntl
import mmap
import os
import socket
from errno import ECONNRESET
from functools import partial

import pytest

from agreement import ready
from clause import clause
from descriptors import drain, fill
from masks import EPOLLIN, EPOLLOUT, POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDHUP
from readiness import selected

clause = partial(clause, page="none", level="unsaid")
SHUT = POLLIN | POLLOUT | POLLRDHUP


@pytest.fixture
def open_fifo(keep, fifo):
    """open_fifo(os.O_RDONLY): never waits for the other side."""
    return lambda flags: keep(os.open(fifo, flags | os.O_NONBLOCK))


@pytest.fixture
def hung_up(open_fifo, close):
    """The read end of a FIFO whose writer left."""
    reader = open_fifo(os.O_RDONLY)
    close(open_fifo(os.O_WRONLY))
    return reader


# Pipes

@clause("RDY-PIPE-READ", "read end: idle nothing, data IN, data and no writer IN+HUP, neither HUP")
def test_read_end(pipe, close):
    assert ready(pipe.read_end) == 0
    os.write(pipe.write_end, b"x")
    assert ready(pipe.read_end) == POLLIN
    close(pipe.write_end)
    assert ready(pipe.read_end) == POLLIN | POLLHUP
    assert drain(pipe.read_end) == 1
    assert ready(pipe.read_end) == POLLHUP


@clause("RDY-PIPE-WRITE", "write end: room OUT, full nothing; without a reader OUT+ERR and ERR")
@pytest.mark.parametrize("full", [False, True], ids=["room", "full"])
def test_write_end(pipe, close, full):
    if full:
        fill(pipe.write_end)
    room = 0 if full else POLLOUT
    assert ready(pipe.write_end) == room
    close(pipe.read_end)
    assert ready(pipe.write_end) == room | POLLERR


@clause("RDY-PIPE-FULL-PAGE", "a full pipe is writable again only when a whole page of it is free")
def test_full_page(epoll, pipe):
    epoll.add(pipe.write_end, EPOLLOUT, data=1)
    assert fill(pipe.write_end, mmap.PAGESIZE) == fcntl.fcntl(pipe.write_end, fcntl.F_GETPIPE_SZ)
    os.read(pipe.read_end, 1)
    assert (ready(pipe.write_end), epoll.wait()) == (0, [])
    os.read(pipe.read_end, mmap.PAGESIZE - 2)
    assert (ready(pipe.write_end), epoll.wait()) == (0, [])
    os.read(pipe.read_end, 1)
    assert (ready(pipe.write_end), epoll.wait()) == (POLLOUT, [(EPOLLOUT, 1)])


# FIFOs

@clause("RDY-FIFO-NO-WRITER-YET", "the reader of a FIFO that had no writer yet is not hung up")
def test_no_writer_yet(open_fifo):
    assert ready(open_fifo(os.O_RDONLY)) == 0


@clause("RDY-FIFO-HUP", "when the last writer has closed, the reader is hung up")
def test_last_writer(open_fifo, close):
    reader, first, last = open_fifo(os.O_RDONLY), open_fifo(os.O_WRONLY), open_fifo(os.O_WRONLY)
    close(first)
    assert ready(reader) == 0
    os.write(last, b"x")
    close(last)
    assert ready(reader) == POLLIN | POLLHUP
    drain(reader)
    assert ready(reader) == POLLHUP


@clause("RDY-FIFO-HUP-CLEARS", "a new writer takes the hang up back")
def test_new_writer(open_fifo, hung_up):
    assert ready(hung_up) == POLLHUP
    writer = open_fifo(os.O_WRONLY)
    assert ready(hung_up) == 0
    os.write(writer, b"x")
    assert ready(hung_up) == POLLIN


@clause("RDY-FIFO-HUP-PER-OPEN", "a reader that came after the writers left sees no HUP, an older one does")
def test_later_reader(open_fifo, hung_up):
    assert (ready(open_fifo(os.O_RDONLY)), ready(hung_up)) == (0, POLLHUP)


@clause("RDY-FIFO-RDWR", "opened O_RDWR, a FIFO never hangs up: it is its own writer")
def test_read_write(open_fifo, close):
    both = open_fifo(os.O_RDWR)
    assert ready(both) == POLLOUT
    close(open_fifo(os.O_WRONLY))
    close(open_fifo(os.O_RDONLY))
    assert ready(both) == POLLOUT
    os.write(both, b"x")
    assert ready(both) == POLLIN | POLLOUT
    fill(both)
    assert ready(both) == POLLIN


# Unix sockets

@clause("RDY-UNIX-IDLE", "a connected and idle stream socket: OUT")
def test_idle(unix_pair):
    assert (ready(unix_pair.ours), ready(unix_pair.theirs)) == (POLLOUT, POLLOUT)


@clause("RDY-UNIX-PEER-SHUTWR", "the peer shut its writing half: IN+OUT+RDHUP here, OUT there")
def test_peer_shut(epoll, unix_pair):
    epoll.add(unix_pair.ours, EPOLLIN, data=1)
    assert epoll.wait() == []
    unix_pair.theirs.shutdown(socket.SHUT_WR)
    assert (ready(unix_pair.ours), ready(unix_pair.theirs)) == (SHUT, POLLOUT)
    assert epoll.wait() == [(EPOLLIN, 1)]


@clause("RDY-UNIX-BOTH-SHUT", "both shut their writing half: IN+OUT+RDHUP+HUP")
def test_both_shut(epoll, unix_pair):
    epoll.add(unix_pair.ours, 0, data=1)
    unix_pair.theirs.shutdown(socket.SHUT_WR)
    assert epoll.wait() == []
    unix_pair.ours.shutdown(socket.SHUT_WR)
    assert (ready(unix_pair.ours), ready(unix_pair.theirs)) == (SHUT | POLLHUP, SHUT | POLLHUP)
    assert epoll.wait() == [(POLLHUP, 1)]


@clause("RDY-UNIX-PEER-CLOSED", "the peer closed: IN+OUT+RDHUP+HUP; select says readable and writable")
def test_peer_closed(epoll, unix_pair, close):
    epoll.add(unix_pair.ours, 0, data=1)
    assert epoll.wait() == []
    close(unix_pair.theirs)
    assert ready(unix_pair.ours) == SHUT | POLLHUP
    assert selected(unix_pair.ours) == {"read", "write"}
    assert epoll.wait() == [(POLLHUP, 1)]


@clause("RDY-UNIX-PEER-CLOSED-UNREAD", "the peer closed without reading what we sent: ERR as well")
def test_peer_closed_unread(unix_pair, close):
    unix_pair.ours.send(b"never read")
    close(unix_pair.theirs)
    assert ready(unix_pair.ours) == SHUT | POLLERR | POLLHUP
    assert unix_pair.ours.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == ECONNRESET
    assert ready(unix_pair.ours) == SHUT | POLLHUP


@clause("RDY-UNIX-UNCONNECTED", "never connected: a stream socket OUT+HUP, a datagram socket OUT")
@pytest.mark.parametrize("kind, mask", [
    (socket.SOCK_STREAM, POLLOUT | POLLHUP), (socket.SOCK_SEQPACKET, POLLOUT | POLLHUP),
    (socket.SOCK_DGRAM, POLLOUT)], ids=["stream", "seqpacket", "datagram"])
def test_unconnected(keep, kind, mask):
    assert ready(keep(socket.socket(socket.AF_UNIX, kind))) == mask


@clause("RDY-UNIX-LISTENER-CLOSED", "the listener closes before it accepted: HUP, and ERR for ECONNRESET")
def test_listener_closed(keep, close, tmp_path):
    listener, client = (keep(socket.socket(socket.AF_UNIX)) for _ in range(2))
    listener.bind(str(tmp_path / "s"))
    listener.listen(1)
    client.connect(str(tmp_path / "s"))
    assert (ready(client), ready(listener)) == (POLLOUT, POLLIN)
    close(listener)
    assert ready(client) == SHUT | POLLERR | POLLHUP
    assert client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == ECONNRESET


@clause("RDY-UNIX-DGRAM-PEER-CLOSED", "a datagram socket whose peer closed: just OUT")
def test_datagram_peer_closed(unix_dgram_pair, close):
    assert ready(unix_dgram_pair.ours) == POLLOUT
    close(unix_dgram_pair.theirs)
    assert ready(unix_dgram_pair.ours) == POLLOUT


@clause("RDY-UNIX-SEQPACKET", "a seqpacket socket is told as a stream socket is, shut, closed or unread")
@pytest.mark.parametrize("event, mask", [
    ("peer shut", SHUT), ("both shut", SHUT | POLLHUP), ("closed", SHUT | POLLHUP),
    ("closed unread", SHUT | POLLERR | POLLHUP)])
def test_seqpacket(unix_seqpacket_pair, close, event, mask):
    ours, theirs = unix_seqpacket_pair
    assert ready(ours) == POLLOUT
    if event == "closed unread":
        ours.send(b"never read")
    if "shut" in event:
        theirs.shutdown(socket.SHUT_WR)
    else:
        close(theirs)
    if event == "both shut":
        ours.shutdown(socket.SHUT_WR)
    assert ready(ours) == mask
