# A fixture for every kind of descriptor that is not a socket, and the count of descriptors around each test.
import fcntl
import os
import pty as pseudo_terminal
import signal
import struct
from collections import namedtuple

import pytest

from libc import libc
from memory import Buffer, SigSet, descriptor
from outcome import Fails, Returns

Pipe = namedtuple("Pipe", "read_end write_end")
Pty = namedtuple("Pty", "master slave")
PidFd = namedtuple("PidFd", "fd child")


def open_descriptors():
    found = {}
    for name in os.listdir("/proc/self/fd"):
        try:
            found[int(name)] = os.readlink(f"/proc/self/fd/{name}")
        except FileNotFoundError:  # the listing's own descriptor
            pass
    return found


@pytest.fixture(autouse=True)
def no_leak():
    """Set up before every other fixture, so that it looks last."""
    before = open_descriptors()
    yield
    leaked = {fd: link for fd, link in open_descriptors().items() if before.get(fd) != link}
    lost = set(before) - set(open_descriptors())
    assert not leaked and not lost, f"descriptors leaked: {leaked}, closed though not its own: {lost}"


class Keeper:
    def __init__(self):
        self.kept = []

    def keep(self, opened):
        """Closes `opened` (a number or an object with close) after the test; returns it."""
        self.kept.append(opened)
        return opened

    def close(self, opened):
        """Closes it now; afterwards its number may be another's."""
        self.kept = [other for other in self.kept if other is not opened and other != opened]
        opened.close() if hasattr(opened, "close") else os.close(opened)

    def close_all(self):
        for opened in reversed(self.kept):
            opened.close() if hasattr(opened, "close") else os.close(opened)


@pytest.fixture
def keeper():
    keeper = Keeper()
    yield keeper
    keeper.close_all()


@pytest.fixture
def keep(keeper, no_leak):
    """keep(os.dup(fd)): closed after the test unless close(fd) was called."""
    return keeper.keep


@pytest.fixture
def close(keeper):
    """close(pipe.write_end): closes a descriptor that a fixture or keep() would close later."""
    return keeper.close


def new(result):
    """The descriptor a call returned; a call this system lacks ends as ENOSYS, which skips."""
    if isinstance(result, Fails):
        raise OSError(result.errno, os.strerror(result.errno))
    return result.value


def fill(fd, chunk=65536):
    """Writes until nothing fits, then byte by byte; returns how many bytes went in."""
    fd, written = descriptor(fd), 0
    os.set_blocking(fd, False)
    while chunk:
        try:
            written += os.write(fd, bytes(chunk))
        except BlockingIOError:
            chunk //= 16
    return written


def drain(fd):
    """Reads until nothing is left or the end is reached; returns how many bytes came out."""
    fd, count = descriptor(fd), 0
    os.set_blocking(fd, False)
    try:
        while chunk := os.read(fd, 65536):
            count += len(chunk)
    except BlockingIOError:
        pass
    return count


@pytest.fixture
def new_pipe(keep):
    """A factory: new_pipe() as often as needed."""
    return lambda flags=0: Pipe(*map(keep, os.pipe2(os.O_CLOEXEC | flags)))


@pytest.fixture
def pipe(new_pipe):
    return new_pipe()


@pytest.fixture
def idle_pipe(new_pipe):
    """A second pipe, for what must not be reported."""
    return new_pipe()


@pytest.fixture
def fifo(tmp_path):
    """The path of a FIFO; keep(os.open(fifo, os.O_RDONLY | os.O_NONBLOCK))."""
    os.mkfifo(tmp_path / "fifo")
    return tmp_path / "fifo"


@pytest.fixture
def pty(keep):
    return Pty(*map(keep, pseudo_terminal.openpty()))


@pytest.fixture
def eventfd(keep):
    """A counter at 0; os.eventfd_write(fd, n), os.eventfd_read(fd)."""
    return keep(os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC))


@pytest.fixture
def timerfd(keep):
    """An unarmed timer; arm(fd, nanoseconds) starts it."""
    return keep(new(libc.timerfd_create(1, os.O_NONBLOCK)))


def arm(timerfd, nanoseconds):
    setting = Buffer(struct.pack("<qqqq", 0, 0, nanoseconds // 10**9, nanoseconds % 10**9))
    assert libc.timerfd_settime(timerfd, 0, setting, None) == Returns(0)


@pytest.fixture
def signalfd(keep, signals):
    """Watches SIGUSR1, which is blocked; signal.raise_signal(signal.SIGUSR1) makes it readable."""
    signals.block(signal.SIGUSR1)
    return keep(new(libc.signalfd(-1, SigSet({signal.SIGUSR1}), os.O_NONBLOCK)))


@pytest.fixture
def inotify(keep, tmp_path):
    """Watches tmp_path for new files."""
    fd = keep(new(libc.inotify_init1(os.O_NONBLOCK)))
    new(libc.inotify_add_watch(fd, bytes(tmp_path), 0x100))
    return fd


@pytest.fixture
def pidfd(keep, new_child):
    """.fd of a process that sleeps until .child.kill() or .child.signal(n)."""
    child = new_child(signal.pause)
    return PidFd(keep(os.pidfd_open(child.pid)), child)


@pytest.fixture
def regular_file(keep, tmp_path):
    (tmp_path / "file").write_bytes(b"content")
    return keep(os.open(tmp_path / "file", os.O_RDWR))


@pytest.fixture
def directory(keep, tmp_path):
    return keep(os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY))


@pytest.fixture
def memfd(keep):
    return keep(os.memfd_create("conformance"))


@pytest.fixture
def o_path(keep, tmp_path):
    return keep(os.open(tmp_path, os.O_PATH))


@pytest.fixture
def dev_null(keep):
    return keep(os.open("/dev/null", os.O_RDWR))


@pytest.fixture
def closed_fd(pipe):
    """A number that was a descriptor and stays free: too high for the next open, yet inside the table."""
    fd = fcntl.fcntl(pipe.read_end, fcntl.F_DUPFD, 60)
    os.close(fd)
    return fd
