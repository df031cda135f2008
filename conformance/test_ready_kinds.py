# Exact masks no page gives: counters, timers, processes, terminals, epoll instances and the rarer kinds.
import os
import signal
import struct
import termios
import threading
from errno import EBADF, EPERM
from functools import partial

import pytest

from agreement import by_epoll, ready
from clause import clause
from descriptors import arm
from libc import raw
from masks import EPOLLIN, EVERY_ANSWER, POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDNORM
from memory import Buffer
from outcome import Fails
from rare_descriptors import PerfEvent, fanotify, made, userfaultfd
from readiness import polled
from system import by_kernel
from waiting import state, until

clause = partial(clause, page="none", level="unsaid")
EVENTUALLY = 10_000
PIDFD_THREAD = os.O_EXCL


# Counters, timers, processes

@clause("RDY-EVENTFD-MASKS", "eventfd: at 0 OUT, at its maximum IN, between them IN+OUT")
@pytest.mark.parametrize("value, mask", [
    (0, POLLOUT), (1, POLLIN | POLLOUT), (2**64 - 3, POLLIN | POLLOUT), (2**64 - 2, POLLIN)])
def test_eventfd(eventfd, value, mask):
    os.eventfd_write(eventfd, value)
    assert ready(eventfd) == mask


@clause("RDY-TIMERFD-NEVER-OUT", "timerfd and signalfd are never writable")
def test_never_writable(timerfd, signalfd):
    assert (ready(timerfd), ready(signalfd)) == (0, 0)
    arm(timerfd, 1)
    signal.raise_signal(signal.SIGUSR1)
    assert polled(timerfd, POLLIN, timeout=EVENTUALLY) == POLLIN
    assert (ready(timerfd), ready(signalfd)) == (POLLIN, POLLIN)


@clause("RDY-PIDFD-HUP", "pidfd: IN for a zombie, IN+HUP when it has been reaped", since="5.3")
def test_pidfd(epoll, pidfd):
    epoll.add(pidfd.fd, 0, data=1)
    assert ready(pidfd.fd) == 0
    pidfd.child.signal(signal.SIGKILL)
    assert polled(pidfd.fd, POLLIN, timeout=EVENTUALLY) == POLLIN
    assert (ready(pidfd.fd), epoll.wait()) == (POLLIN, [])
    pidfd.child.kill()
    assert ready(pidfd.fd) == by_kernel({"0": POLLIN, "6.9": POLLIN | POLLHUP})
    assert epoll.wait() == by_kernel({"0": [], "6.9": [(POLLHUP, 1)]})


@clause("RDY-PIDFD-THREAD", "pidfd: of a thread readable when it ends, of a leader when its group is empty",
        since="6.9")
@pytest.mark.parametrize("role", ["thread", "leader"])
def test_pidfd_of_a_thread(keep, pipe, new_child, role):
    {"thread": one_thread_ends, "leader": leader_ends}[role](keep, pipe, new_child)


def one_thread_ends(keep, pipe, new_child):
    thread = threading.Thread(target=os.read, args=(pipe.read_end, 1))
    thread.start()
    pidfd = keep(os.pidfd_open(thread.native_id, PIDFD_THREAD))
    before = ready(pidfd)
    os.write(pipe.write_end, b"x")
    thread.join()
    until(lambda: state(os.getpid(), thread.native_id) == "X", "the thread is gone")
    assert (before, ready(pidfd)) == (0, POLLIN | POLLHUP)


def leader_ends(keep, pipe, new_child):
    def leave():
        threading.Thread(target=lambda: (os.read(pipe.read_end, 1), os._exit(0))).start()
        raw.exit(0)  # of this thread alone
    child = new_child(leave)
    process, leader = (keep(os.pidfd_open(child.pid, flags)) for flags in (0, PIDFD_THREAD))
    until(lambda: state(child.pid, child.pid) == "Z", "the leader ends")
    # 6.15 waits for the whole group; its stable series of 6.12 took that over
    at_once = by_kernel({"6.9": POLLIN, "6.12.117": 0, "6.13": POLLIN, "6.15": 0})
    assert (ready(process), ready(leader)) == (0, at_once)
    os.write(pipe.write_end, b"x")
    assert polled(process, POLLIN, timeout=EVENTUALLY) == POLLIN
    assert (ready(process), ready(leader)) == (POLLIN, POLLIN)


# Terminals

@clause("RDY-PTY-NO-SLAVE", "a pty master whose slave nobody has opened yet: OUT, no HUP")
def test_no_slave_yet(keep):
    assert ready(keep(os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY))) == POLLOUT


@clause("RDY-PTY-SLAVE-CLOSED", "a pty master all of whose slaves are closed: OUT+HUP, until one is opened")
def test_slaves_closed(epoll, pty, keep, close):
    epoll.add(pty.master, 0, data=1)
    name = os.ttyname(pty.slave)
    second = keep(os.open(name, os.O_RDWR | os.O_NOCTTY))
    close(pty.slave)
    assert (ready(pty.master), epoll.wait()) == (POLLOUT, [])
    close(second)
    assert (ready(pty.master), epoll.wait()) == (POLLOUT | POLLHUP, [(POLLHUP, 1)])
    keep(os.open(name, os.O_RDWR | os.O_NOCTTY))
    assert (ready(pty.master), epoll.wait()) == (POLLOUT, [])


@clause("RDY-PTY-MASTER-CLOSED", "a pty slave whose master is closed: IN+OUT+ERR+HUP")
def test_master_closed(epoll, pty, close):
    epoll.add(pty.slave, 0, data=1)
    assert (ready(pty.slave), epoll.wait()) == (POLLOUT, [])
    close(pty.master)
    assert ready(pty.slave) == POLLIN | POLLOUT | POLLERR | POLLHUP
    assert epoll.wait() == [(POLLERR | POLLHUP, 1)]


@clause("RDY-PTY-CANON", "in canonical mode a terminal is readable only with a whole line")
def test_canonical_mode(pty):
    os.write(pty.master, b"half a line")
    assert ready(pty.slave) == POLLOUT
    os.write(pty.master, b"\n")
    assert ready(pty.slave) == POLLIN | POLLOUT
    assert os.read(pty.slave, 100) == b"half a line\n"
    os.write(pty.master, b"x")
    assert ready(pty.slave) == POLLOUT
    attributes = termios.tcgetattr(pty.slave)
    attributes[3] &= ~termios.ICANON
    termios.tcsetattr(pty.slave, termios.TCSANOW, attributes)
    assert ready(pty.slave) == POLLIN | POLLOUT


# Epoll instances, and kinds nobody thinks of

@clause("RDY-EPFD", "an epoll instance: nothing, or IN while it has an event to report, with RDNORM if asked")
def test_epoll_instance(epoll, pipe):
    epoll.add(pipe.read_end, EPOLLIN)
    assert (ready(epoll), polled(epoll, EVERY_ANSWER)) == (0, 0)
    os.write(pipe.write_end, b"x")
    assert (ready(epoll), polled(epoll, EVERY_ANSWER)) == (POLLIN, POLLIN | POLLRDNORM)
    os.read(pipe.read_end, 1)
    assert (ready(epoll), polled(epoll, EVERY_ANSWER)) == (0, 0)


AT_FDCWD, CLOEXEC = -100, 1
MAP_CREATE, ARRAY_OF_ONE = 0, struct.pack("<4I", 2, 4, 4, 1)
OTHER_KINDS = {
    "perf event": ([], lambda keep, file: PerfEvent(keep)),
    "userfaultfd": ([], lambda keep, file: userfaultfd(keep, os.O_NONBLOCK)),
    "fanotify": ([], fanotify),
    "io_uring": ([(POLLOUT, 1)], lambda keep, file: keep(made(raw.io_uring_setup(1, Buffer(bytes(120)))))),
    "bpf map": ([(POLLERR, 1)], lambda keep, file: keep(made(raw.bpf(MAP_CREATE, Buffer(ARRAY_OF_ONE), 16)))),
    "fsopen": (Fails(EPERM), lambda keep, file: keep(made(raw.fsopen(b"tmpfs", CLOEXEC)))),
    "fspick": (Fails(EPERM), lambda keep, file: keep(made(raw.fspick(AT_FDCWD, b"/", CLOEXEC)))),
    "memfd_secret": (Fails(EPERM), lambda keep, file: keep(made(raw.memfd_secret(os.O_CLOEXEC)))),
    "open_tree": (Fails(EBADF), lambda keep, file: keep(made(raw.open_tree(AT_FDCWD, b"/", os.O_CLOEXEC)))),
}


@clause("RDY-OTHER-KINDS", "perf events, userfaultfd, fanotify, io_uring and bpf maps can be added; contexts "
        "of file systems and secret memory give EPERM, a tree EBADF")
@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_other_kinds(keep, regular_file, tmp_path, kind):
    result, make = OTHER_KINDS[kind]
    assert by_epoll(make(keep, tmp_path / "file")) == result
