# select(2): the sets and what readiness in each of them means; poll's bits behind them.
import errno
import os
import socket
from functools import partial

import pytest

from clause import clause
from descriptors import fill
from memory import FdSet, Timeval, in_one_set, nfds
from outcome import Returns
from readiness import selected
from sockets import connecting
from waiting import in_child

clause = partial(clause, page="select(2)")
posix = partial(clause, page="POSIX select", section="DESCRIPTION")


# File descriptor sets

@clause("SEL-NULL-SETS", "a NULL set pointer means that this class of condition is not watched",
        section="File descriptor sets")
@pytest.mark.parametrize("which, ready", [(0, 0), (1, 1), (2, 0)], ids=["readfds", "writefds", "exceptfds"])
def test_null_sets(route, unix_pair, which, ready):
    sets = in_one_set(which, unix_pair.ours)
    assert route.select(nfds(unix_pair.ours), *sets, Timeval(0)) == Returns(ready)
    assert len(list(sets[which])) == ready


@clause("SEL-IN-PLACE", "on success each set is overwritten and holds only the ready descriptors",
        section="File descriptor sets")
def test_in_place(route, pipe, idle_pipe):
    os.write(pipe.write_end, b"x")
    readfds = FdSet(pipe.read_end, idle_pipe.read_end)
    writefds = FdSet(pipe.write_end, idle_pipe.read_end)
    assert route.select(64, readfds, writefds, None, Timeval(1)) == Returns(2)
    assert readfds == {pipe.read_end}
    assert writefds == {pipe.write_end}


@clause("SEL-NFDS-LIMIT", "only descriptors below nfds are looked at", section="Arguments")
def test_only_below_nfds(route, pipe, closed_fd):
    os.write(pipe.write_end, b"x")
    readfds = FdSet(pipe.read_end, closed_fd, 1000)
    assert route.select(pipe.read_end, readfds, None, None, Timeval(0)) == Returns(0)
    readfds = FdSet(pipe.read_end, closed_fd)
    assert route.select(nfds(pipe.read_end), readfds, None, None, Timeval(0)) == Returns(1)


@clause("SEL-BIG-SETS", "the kernel takes sets of any length, as nfds says",
        section="C library/kernel differences")
def test_big_sets(route, nofile, keep, pipe):
    nofile(2600)
    os.write(pipe.write_end, b"x")
    high = keep(os.dup2(pipe.read_end, 2501))
    readfds = FdSet(high, pipe.write_end, size=512)
    # in a child: an emulator with room for 1024 bits died of it
    result = in_child(route.select, 2502, readfds, None, None, Timeval(0))
    assert result == Returns(1)
    assert readfds == {high}


@clause("SEL-FD-SETSIZE", "the C library's fd_set has FD_SETSIZE, that is 1024, bits", section="BUGS")
def test_fd_setsize(compiler):
    source = '#include <stdio.h>\n#include <sys/select.h>\nint main(void) {' \
             'printf("%d %zu", FD_SETSIZE, 8 * sizeof(fd_set)); }'
    assert compiler.runs(source) == "1024 1024"


@clause("SEL-SYS-TIME-H", "sys/time.h gives fd_set too", section="NOTES")
@pytest.mark.parametrize("header, accepted",
                         [("sys/time.h", True), ("sys/select.h", True), ("stddef.h", False)])
def test_sys_time_h(compiler, header, accepted):
    source = f"#include <{header}>\nfd_set set;\n"
    assert compiler.compiles(source, "-D_DEFAULT_SOURCE") is accepted


# Readiness for reading

@clause("SEL-READ-READY", "a descriptor from which a read would not block stays in readfds",
        section="Arguments")
def test_read_ready(route, pipe):
    os.write(pipe.write_end, b"x")
    assert selected(pipe.read_end, route) == {"read"}


@clause("SEL-READ-EOF", "end of file counts as ready for reading", section="Arguments")
def test_read_eof(route, pipe, close):
    close(pipe.write_end)
    assert selected(pipe.read_end, route) == {"read"}
    assert os.read(pipe.read_end, 1) == b""


@clause("SEL-READ-CLEARED", "a descriptor with nothing to read is taken out of readfds", section="Arguments")
def test_read_cleared(route, pipe):
    readfds = FdSet(pipe.read_end)
    assert route.select(nfds(pipe.read_end), readfds, None, None, Timeval(0, 1000)) == Returns(0)
    assert readfds == set()


@posix("SEL-LISTEN-READABLE", "a listening socket is readable once accept would not block")
def test_listen_readable(route, listener, keep):
    assert selected(listener, route) == set()
    keep(socket.create_connection(listener.getsockname()))
    assert selected(listener, route) == {"read"}


@posix("SEL-OOBINLINE-READABLE", "with SO_OOBINLINE urgent data makes the socket readable")
@pytest.mark.parametrize("inline", [True, False])
def test_oobinline_readable(route, tcp, inline):
    tcp.ours.setsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE, inline)
    tcp.theirs.send(b"!", socket.MSG_OOB)
    exceptfds = FdSet(tcp.ours)
    assert route.select(nfds(tcp.ours), None, None, exceptfds, Timeval(10)) == Returns(1)
    assert ("read" in selected(tcp.ours, route)) is inline


# Readiness for writing

@clause("SEL-WRITE-READY", "a descriptor to which a write would not block stays in writefds",
        section="Arguments")
def test_write_ready(route, pipe):
    assert selected(pipe.write_end, route) == {"write"}


@clause("SEL-WRITE-CLEARED", "a descriptor without room for output is taken out of writefds",
        section="Arguments")
def test_write_cleared(route, pipe):
    fill(pipe.write_end)
    assert selected(pipe.write_end, route) == set()


@clause("SEL-WRITE-LARGE", "a large write to a writable descriptor may block or be cut short",
        section="Arguments")
def test_write_large(route, pipe):
    os.set_blocking(pipe.write_end, False)
    assert selected(pipe.write_end, route) == {"write"}
    assert os.write(pipe.write_end, bytes(2**20)) < 2**20


@posix("SEL-CONNECT-OK-WRITABLE", "a non-blocking connect that succeeded makes the socket writable")
def test_connect_ok(route, listener, keep):
    sock = keep(connecting(listener.getsockname()))
    writefds = FdSet(sock)
    assert route.select(nfds(sock), None, writefds, None, Timeval(10)) == Returns(1)
    assert writefds == {sock}
    assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0


@posix("SEL-CONNECT-FAIL-WRITABLE", "a failed non-blocking connect makes it writable; SO_ERROR says why")
def test_connect_fail(route, closed_port, keep):
    sock = keep(connecting(closed_port))
    assert route.select(nfds(sock), None, FdSet(sock), None, Timeval(10)) == Returns(1)
    assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ECONNREFUSED


# Exceptional conditions

@clause("SEL-EXCEPT-OOB", "exceptfds reports what poll calls POLLPRI, such as urgent data",
        section="Arguments")
def test_except_oob(route, tcp):
    tcp.theirs.send(b"!", socket.MSG_OOB)
    exceptfds = FdSet(tcp.ours, tcp.theirs)
    assert route.select(64, None, None, exceptfds, Timeval(10)) == Returns(1)
    assert exceptfds == {tcp.ours}


@clause("SEL-EXCEPT-CLEARED", "without an exceptional condition a descriptor is taken out of exceptfds",
        section="Arguments")
@pytest.mark.parametrize("kind", ["pipe", "tcp", "udp", "unix_pair", "dev_null"])
def test_except_cleared(route, request, kind):
    opened = request.getfixturevalue(kind)
    fd = opened[0] if isinstance(opened, tuple) else opened
    assert "except" not in selected(fd, route)


# Correspondence between select and poll notifications

@clause("SEL-SET-MAP-IN", "readable covers poll's IN, HUP and ERR", section="Correspondence")
def test_map_in(route, pipe, idle_pipe, close):
    assert selected(pipe.read_end, route) == set()
    close(pipe.write_end)
    close(idle_pipe.read_end)
    assert selected(pipe.read_end, route) == {"read"}
    assert selected(idle_pipe.write_end, route) == {"read", "write"}


@clause("SEL-SET-MAP-OUT", "writable covers poll's OUT and ERR, not HUP", section="Correspondence")
def test_map_out(route, pipe, idle_pipe, close):
    fill(idle_pipe.write_end)
    close(idle_pipe.read_end)
    assert "write" in selected(idle_pipe.write_end, route)
    close(pipe.write_end)
    assert "write" not in selected(pipe.read_end, route)


@clause("SEL-SET-MAP-EX", "exceptional covers poll's PRI alone", section="Correspondence")
def test_map_except(route, pipe, close, o_path):
    close(pipe.write_end)
    assert "except" not in selected(pipe.read_end, route)
    assert selected(o_path, route) == set()


# What POSIX adds

@posix("SEL-REGULAR-RW", "a regular file is always ready for reading and writing")
def test_regular_file(route, regular_file):
    assert {"read", "write"} <= selected(regular_file, route)


@posix("SEL-REGULAR-EXCEPT", "a regular file always has an exceptional condition too")
def test_regular_file_exceptional(route, regular_file):
    assert selected(regular_file, route) == {"read", "write", "except"}


@posix("SEL-SOCKET-ERROR-EXCEPT", "a pending socket error is an exceptional condition")
def test_socket_error_exceptional(route, tcp_refused):
    assert selected(tcp_refused, route) == {"read", "write", "except"}
