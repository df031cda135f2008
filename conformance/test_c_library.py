# What the C library adds to the calls, and what whoever interposes them must know of it; in no page.
import os
import struct
from errno import EINVAL, ENOSYS, EPERM
from functools import partial
from pathlib import Path
from signal import SIGABRT

import pytest

from clause import clause
from descriptors import fill, new
from libc import COLUMN, NUMBERS, libc, raw
from masks import BITS, EPOLLIN, POLLIN, POLLOUT
from memory import EVENT, LIBC, Buffer, Events, FdSet, PollFds, Timespec, Timeval, nfds
from outcome import Fails, Killed, Returns
from readiness import polled
from system import here
from waiting import in_child

clause = partial(clause, page="none", level="unsaid")
FORTIFIED = "-O2", "-U_FORTIFY_SOURCE", "-D_FORTIFY_SOURCE=2"
PLAIN = "-O2", "-U_FORTIFY_SOURCE"


# The header

@clause("LIB-EVENT-SIZE", "struct epoll_event is packed on x86-64, 12 bytes, as the kernel writes it")
def test_event_size(route, compiler, epoll, pipe):
    source = "#include <stddef.h>\n#include <stdio.h>\n#include <sys/epoll.h>\nint main(void)\n" \
        '{ printf("%zu %zu", sizeof(struct epoll_event), offsetof(struct epoll_event, data)); }'
    assert compiler.runs(source) == ("12 4" if here("x86_64") else "16 8")
    epoll.add(pipe.write_end, POLLOUT, data=0x1122334455667788)
    events = Events(1)
    assert route.epoll_wait(epoll, events, 1, 0) == Returns(1)
    assert events.bytes[EVENT.size - 8:] == bytes.fromhex("8877665544332211")


@clause("LIB-FLAGS-EQUAL", "every event bit of epoll has the value of its namesake of poll")
@pytest.mark.parametrize("name", [name for name, bit in BITS.items() if bit < 1 << 28 and name != "NVAL"])
def test_flags_equal(compiler, name):
    source = "#include <poll.h>\n#include <sys/epoll.h>\n_Static_assert({} == {}, \"\");\n"
    assert compiler.compiles(source.format(f"EPOLL{name}", f"POLL{name}"), "-D_GNU_SOURCE")
    assert compiler.compiles(source.format(f"EPOLL{name}", BITS[name]), "-D_GNU_SOURCE")
    assert not compiler.compiles(source.format(f"EPOLL{name}", BITS[name] + 1), "-D_GNU_SOURCE")


@clause("LIB-EPIOC-MACROS", "the ioctl requests of epoll are in the header from glibc 2.40 on")
@pytest.mark.parametrize("name", ["EPIOCSPARAMS", "EPIOCGPARAMS", "sizeof(struct epoll_params)"])
def test_epioc_macros(compiler, name):
    source = "#include <sys/epoll.h>\n#include <sys/ioctl.h>\nunsigned long request = {};\n"
    assert compiler.compiles(source.format("FIONREAD"), "-D_GNU_SOURCE")
    assert compiler.compiles(source.format(name), "-D_GNU_SOURCE") is here("glibc>=2.40")


# Fortified programs

MACRO = "#include <sys/select.h>\n#include <stdio.h>\nstatic fd_set set;\n" \
    "int main(void) {{ volatile int fd = {}; {}; puts(\"through\"); return 0; }}\n"


@clause("LIB-FDELT-ABORT", "fortified FD_SET, FD_CLR and FD_ISSET abort on a number not in 0 to 1023")
@pytest.mark.parametrize("macro", ["FD_SET(fd, &set)", "FD_CLR(fd, &set)", "fd = FD_ISSET(fd, &set)"])
@pytest.mark.parametrize("fd, aborts", [(0, False), (1023, False), (1024, True), (-1, True)])
def test_fdelt(compiler, macro, fd, aborts):
    assert compiler.runs(MACRO.format(fd, macro), *FORTIFIED) == (Killed(SIGABRT) if aborts else "through")


POLL = "#include <poll.h>\n#include <stdio.h>\nint main(void)\n" \
    "{{ struct pollfd fds[2] = {{{{.fd = -1}}, {{.fd = -1}}}}; volatile nfds_t nfds = {nfds};\n" \
    "  struct timespec zero = {{0}}; (void)zero; printf(\"%d\", {call}); return 0; }}\n"


@clause("LIB-POLL-CHK-ABORT", "fortified poll and ppoll abort when nfds is above the known size of the array")
@pytest.mark.parametrize("call", ["poll(fds, nfds, 0)", "ppoll(fds, nfds, &zero, NULL)"])
@pytest.mark.parametrize("nfds, expected", [(2, "0"), (3, Killed(SIGABRT))], ids=["2", "3"])
def test_poll_chk(compiler, call, nfds, expected):
    assert compiler.runs(POLL.format(nfds=nfds, call=call), *FORTIFIED) == expected


CALLERS = {
    "poll": "int f(nfds_t n) { struct pollfd fds[2]; fds[0].fd = 0; return poll(fds, n, 0); }",
    "ppoll": "int f(nfds_t n) { struct pollfd fds[2]; fds[0].fd = 0; return ppoll(fds, n, 0, 0); }",
    "select": "int f(int n) { fd_set set; FD_ZERO(&set); return select(n, &set, 0, 0, 0); }",
    "pselect": "int f(int n) { fd_set set; FD_ZERO(&set); return pselect(n, &set, 0, 0, 0, 0); }",
    "epoll_wait": "int f(int n) { struct epoll_event e[2]; return epoll_wait(3, e, n, 0); }",
    "epoll_pwait": "int f(int n) { struct epoll_event e[2]; return epoll_pwait(3, e, n, 0, 0); }",
}


@clause("LIB-CHK-SYMBOLS", "fortified programs call __poll_chk and __ppoll_chk; no other call has a variant")
@pytest.mark.parametrize("call", CALLERS)
def test_chk_symbols(compiler, tmp_path, call):
    source = "#include <poll.h>\n#include <sys/epoll.h>\n#include <sys/select.h>\n" + CALLERS[call] + "\n"

    def called(flags):
        assert compiler.compiles(source, "-D_GNU_SOURCE", *flags)
        symbols = (tmp_path / "program").read_bytes().split(b"\0")
        return {call.encode(), f"__{call}_chk".encode()} & set(symbols)
    assert called(PLAIN) == {call.encode()}
    assert called(FORTIFIED) == {f"__{call}_chk".encode() if call in ("poll", "ppoll") else call.encode()}


# Exported names, and the system calls behind them

@clause("LIB-CHK-BYPASS", "the C library exports the calls as __poll and __select too")
def test_other_names(pipe):
    os.write(pipe.write_end, b"x")
    fds, readfds = PollFds((pipe.read_end, POLLIN)), FdSet(pipe.read_end)
    assert libc.invoke("__poll", fds, 1, 0) == Returns(1)
    assert libc.invoke("__select", nfds(pipe.read_end), readfds, None, None, Timeval(0)) == Returns(1)
    assert fds.revents == [POLLIN] and readfds == {pipe.read_end}


@clause("LIB-PWAIT2-SYMBOL", "epoll_pwait2 is in glibc from 2.35 on; the system call is older", since="5.11")
def test_pwait2_symbol(epoll, pipe):
    epoll.add(pipe.write_end, POLLOUT, data=1)
    events = Events(1)
    assert raw.epoll_pwait2(epoll, events, 1, Timespec(0), None) == Returns(1)
    assert events == [(POLLOUT, 1)]
    assert hasattr(LIBC, "epoll_pwait2") is here("glibc>=2.35")


@clause("LIB-SELECT-VIA-PSELECT6", "glibc's select enters pselect6 with a timespec of its own, from 2.34 on")
def test_select_enters_pselect6(pipe, waiting):
    timeout = Timeval(300)
    waiter = waiting(libc.select, nfds(pipe.read_end), FdSet(pipe.read_end), None, None, timeout)
    told = Path(f"/proc/self/task/{waiter.tid}/syscall")
    if not told.exists():
        pytest.skip("this kernel does not tell in which call a thread is")
    number, *registers = told.read_text().split()
    assert (int(number) == NUMBERS["pselect6"][COLUMN]) is here("glibc>=2.34")
    assert (int(registers[4], 16) != timeout.address) is here("glibc>=2.34")
    os.write(pipe.write_end, b"x")
    assert waiter.result() == Returns(1)
    assert 0 < timeout.seconds < 300


def refuse(number, error):
    """Makes that system call fail from now on, as an old kernel (ENOSYS) or a container (EPERM) does."""
    load, if_equal, answer = 0x20, 0x15, 0x06
    steps = [(load, 0, 0, 0), (if_equal, 0, 1, number), (answer, 0, 0, 0x50000 | error),
             (answer, 0, 0, 0x7FFF0000)]
    program = Buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    no_new_privileges, set_seccomp, by_filter = 38, 22, 2
    new(libc.prctl(no_new_privileges, 1, None, 0, 0))
    pair = Buffer(struct.pack("HxxxxxxQ", len(steps), program.address))
    if libc.prctl(set_seccomp, by_filter, pair, 0, 0) == Fails(EINVAL):
        raise OSError(ENOSYS, "no seccomp filters")


@clause("LIB-PWAIT2-ENOSYS", "epoll_pwait2 hands on ENOSYS or EPERM from below; epoll_pwait still serves")
@pytest.mark.parametrize("error", [ENOSYS, EPERM], ids=["ENOSYS", "EPERM"])
def test_pwait2_refused(route, epoll, pipe, error):
    epoll.add(pipe.read_end, EPOLLIN, data=1)
    os.write(pipe.write_end, b"x")
    events = Events(1)

    def wait():
        refuse(NUMBERS["epoll_pwait2"][COLUMN], error)
        return (route.epoll_pwait2(epoll, events, 1, Timespec(0), None),
                route.epoll_pwait(epoll, events, 1, 0, None))
    assert in_child(wait) == (Fails(error), Returns(1))
    assert events == [(EPOLLIN, 1)]


@clause("LIB-PIPE-BUF-GUARANTEE", "a pipe reported writable takes PIPE_BUF bytes at once", page="POSIX write",
        section="DESCRIPTION", level="must")
@pytest.mark.parametrize("step", [7, 999, 4095, 4096, 5001])
def test_pipe_buf(route, pipe, step):
    fill(pipe.write_end)
    assert polled(pipe.write_end, POLLOUT, route) == 0
    wrote = []
    for _ in range(0, 3 * 4096, step):
        os.read(pipe.read_end, step)
        if polled(pipe.write_end, POLLOUT, route):
            wrote.append(os.write(pipe.write_end, bytes(4096)))
    assert wrote != []
    assert set(wrote) == {4096}
