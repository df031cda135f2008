# The readiness promised by the pages of userfaultfd, ptys, the mounts file, cgroups, random and perf events.
import ctypes
import mmap
import os
import signal
import struct
import termios
import threading
from functools import partial
from pathlib import Path

import pytest

from agreement import looking, ready
from clause import clause
from libc import libc, raw
from masks import EPOLLIN, EPOLLPRI, POLLERR, POLLIN, POLLOUT, POLLPRI
from memory import LIBC, Buffer
from outcome import Returns
from rare_descriptors import (CLONE_NEWNS, UFFDIO_REGISTER, UFFDIO_ZEROPAGE, PerfEvent, made, mount,
                              privately, userfaultfd)
from readiness import Sets, polled
from waiting import Child

EVENTUALLY = 10_000
uffd = partial(clause, page="userfaultfd(2)", section="Reading from the userfaultfd structure")
INTERFACES = pytest.mark.parametrize("interface", ["poll", "select", "epoll"])
NOTHING = {"poll": 0, "select": Sets(), "epoll": []}
READABLE = {"poll": POLLIN, "select": Sets({"read"}), "epoll": [(POLLIN, 1)]}
PRIORITY = {"poll": POLLIN | POLLPRI, "select": Sets({"read", "except"}), "epoll": [(POLLIN | POLLPRI, 1)]}


# userfaultfd(2)

def touch_watched_page(fd):
    """A thread that waits in a page fault, and the struct uffdio_range of that page."""
    page = mmap.mmap(-1, mmap.PAGESIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    missing = 1
    request = Buffer(struct.pack("<4Q", address, mmap.PAGESIZE, missing, 0))
    assert raw.ioctl(fd, UFFDIO_REGISTER, request) == Returns(0)

    def touch(page):  # holds the page, which must not be unmapped under its feet
        LIBC.memchr(ctypes.c_void_p(address), 0, 1)
    toucher = threading.Thread(target=touch, args=(page,))
    toucher.start()
    return toucher, struct.pack("<2Q", address, mmap.PAGESIZE)


@uffd("KIND-UFFD-NONBLOCK", "with O_NONBLOCK it is readable when a fault event is there, not before")
def test_userfaultfd_nonblocking(keep, epoll):
    fd = userfaultfd(keep, os.O_NONBLOCK)
    epoll.add(fd, EPOLLIN, data=1)
    assert (ready(fd), epoll.wait()) == (0, [])
    toucher, page = touch_watched_page(fd)
    assert epoll.wait(timeout=EVENTUALLY) == [(EPOLLIN, 1)]
    assert ready(fd) == POLLIN
    pagefault = 0x12
    assert os.read(fd, 32)[0] == pagefault
    assert (ready(fd), epoll.wait()) == (0, [])
    assert raw.ioctl(fd, UFFDIO_ZEROPAGE, Buffer(page + bytes(16))) == Returns(0)
    toucher.join()


@uffd("KIND-UFFD-BLOCKING", "without O_NONBLOCK poll always gives POLLERR, select both readable and writable")
def test_userfaultfd_blocking(keep):
    assert ready(userfaultfd(keep, 0)) == POLLERR


# ioctl_tty(2)

@clause("KIND-PTY-PACKET", "control status to read makes a pty master in packet mode POLLPRI, an exceptional "
        "condition", page="ioctl_tty(2)", section="Pseudoterminal ioctls")
@pytest.mark.parametrize("packet", [True, False])
@pytest.mark.parametrize("queue, status", [
    (termios.TCIFLUSH, 1), (termios.TCOFLUSH, 2), (termios.TCIOFLUSH, 3)], ids=["input", "output", "both"])
def test_packet_mode(pty, epoll, packet, queue, status):
    mode = Buffer(struct.pack("<i", packet))
    made(libc.ioctl(pty.master, termios.TIOCPKT, mode))
    epoll.add(pty.master, EPOLLPRI, data=1)
    os.write(pty.slave, b"data")
    assert ready(pty.master) == POLLIN | POLLOUT
    assert os.read(pty.master, 10) == b"\0" * packet + b"data"
    assert (ready(pty.master), epoll.wait()) == (POLLOUT, [])
    termios.tcflush(pty.slave, queue)
    assert epoll.wait() == [(EPOLLPRI, 1)] * packet
    assert ready(pty.master) == (POLLIN | POLLPRI | POLLOUT if packet else POLLOUT)
    if packet:
        assert os.read(pty.master, 10) == bytes([status])
    assert (ready(pty.master), epoll.wait()) == (POLLOUT, [])


# proc(5), cgroups(7), random(4)

@clause("KIND-MOUNTS", "a mount or unmount is POLLPRI, an exceptional condition, on the mounts file",
        page="proc(5)", section="/proc/pid/mounts")
@INTERFACES
def test_mounts(root, epoll, tmp_path, interface):
    def in_the_namespace():
        look = looking(interface, epoll, os.open("/proc/self/mounts", os.O_RDONLY))
        before = look()
        mount(b"tmpfs", tmp_path)
        mounted = look()
        assert raw.umount2(bytes(tmp_path), 0) == Returns(0)
        return before, mounted, look()
    before, *changed = privately(CLONE_NEWNS, in_the_namespace)
    assert before == READABLE[interface]
    assert changed == [PRIORITY[interface]] * 2


@clause("KIND-CGROUP-EVENTS", "a changed key is POLLPRI and POLLERR on cgroup.events",
        page="cgroups(7)", section="cgroup.events file")
def test_cgroup_events(root, tmp_path):
    if "cgroup2" not in Path("/proc/filesystems").read_text():
        pytest.skip("no cgroup version 2 here")

    def in_the_namespace():
        mount(b"cgroup2", tmp_path)
        cgroup = tmp_path / f"conformance-{os.getpid()}"
        cgroup.mkdir()
        member = Child(signal.pause)
        try:
            watch_populated(cgroup, member)
        finally:
            member.kill()
            cgroup.rmdir()
    privately(CLONE_NEWNS, in_the_namespace)


def watch_populated(cgroup, member):
    fd = os.open(cgroup / "cgroup.events", os.O_RDONLY)

    def content():
        assert b"populated" in (text := os.pread(fd, 4096, 0))
        return int(text.split()[1])
    assert (content(), ready(fd)) == (0, POLLIN | POLLOUT)
    (cgroup / "cgroup.procs").write_text(str(member.pid))
    assert polled(fd, POLLPRI, timeout=EVENTUALLY) == POLLPRI | POLLERR
    assert ready(fd) == POLLIN | POLLPRI | POLLOUT | POLLERR
    assert (content(), ready(fd)) == (1, POLLIN | POLLOUT)
    member.kill()
    assert polled(fd, POLLPRI, timeout=EVENTUALLY) == POLLPRI | POLLERR
    assert (content(), ready(fd)) == (0, POLLIN | POLLOUT)


@pytest.fixture
def hungry():
    """A threshold above what the entropy pool has."""
    threshold = Path("/proc/sys/kernel/random/write_wakeup_threshold")
    if not threshold.exists():
        pytest.skip(f"no {threshold}")
    before = threshold.read_text()
    threshold.write_text("4096")
    yield
    threshold.write_text(before)


@clause("KIND-RANDOM-OUT", "with fewer bits of entropy than write_wakeup_threshold /dev/random is writable",
        page="random(4)", section="/proc interfaces")
def test_random(root, hungry, keep):
    assert ready(keep(os.open("/dev/random", os.O_RDWR))) == POLLIN | POLLOUT


# perf_event_open(2)

@clause("KIND-PERF", "POLLIN when an overflow made a notification, not before", page="perf_event_open(2)",
        section="Overflow handling")
@INTERFACES
def test_perf_event(keep, epoll, interface):
    event = PerfEvent(keep)
    look = looking(interface, epoll, event)
    assert look() == NOTHING[interface]
    event.overflow()
    assert look(EVENTUALLY) == READABLE[interface]
