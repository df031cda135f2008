# Kinds of descriptor that take a bare system call, privileges or a namespace of one's own to be made.
import mmap
import os
import struct
from errno import EACCES, EINVAL, ENODEV, ENOSYS, ENOTTY, EPERM, errorcode

import pytest

from descriptors import new
from libc import raw
from memory import Buffer
from outcome import Fails, Returns
from waiting import in_child

CLONE_NEWNS, CLONE_NEWUTS = 0x20000, 0x4000000
MS_REC, MS_PRIVATE = 0x4000, 0x40000
UFFD_USER_MODE_ONLY = 1
UFFDIO_API, UFFDIO_REGISTER, UFFDIO_ZEROPAGE = 0xC018AA3F, 0xC020AA00, 0xC020AA04
PERF_EVENT_IOC_ENABLE, PERF_EVENT_IOC_DISABLE = 0x2400, 0x2401
FAN_CLOEXEC, FAN_NONBLOCK, FAN_MARK_ADD, FAN_OPEN = 1, 2, 1, 0x20
PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS, PERF_SAMPLE_IP, PERF_FLAG_FD_CLOEXEC = 1, 2, 1, 8
DISABLED, EXCLUDE_KERNEL, EXCLUDE_HV = 1, 1 << 5, 1 << 6


def made(result):
    """What a call returned; skips where the system lacks it, or the kind, or this user may not."""
    if isinstance(result, Fails):
        if result.errno in (ENOSYS, ENODEV, ENOTTY, EINVAL, EACCES, EPERM):
            pytest.skip(f"this kind cannot be made here: {errorcode[result.errno]}")
        raise OSError(result.errno, os.strerror(result.errno))
    return result.value


def unshare(namespace):
    result = raw.unshare(namespace)
    if namespace == CLONE_NEWNS and result == Returns(0):  # else mounts spread to the namespace it came from
        return raw.mount(None, b"/", None, MS_REC | MS_PRIVATE, None)
    return result


def privately(namespace, call, *arguments):
    """call(*arguments) in a child with a mount or UTS namespace of its own: what it changes goes with it."""
    def unshared():
        new(unshare(namespace))
        return call(*arguments)
    made(in_child(unshare, namespace))  # tried apart, because a skip cannot come out of a child
    return in_child(unshared)


def mount(kind, target):
    new(raw.mount(b"conformance", bytes(target), kind, 0, None))


def message_queue(keep, maxmsg):
    """An empty queue for maxmsg messages of up to eight bytes, without a name."""
    name = b"conformance-%d" % os.getpid()
    fd = keep(made(raw.mq_open(name, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_NONBLOCK, 0o600,
                              Buffer(struct.pack("<8q", 0, maxmsg, 8, 0, 0, 0, 0, 0)))))
    made(raw.mq_unlink(name))
    return fd


def fanotify(keep, path):
    """Told of each opening of the file at path."""
    fd = keep(made(raw.fanotify_init(FAN_CLOEXEC | FAN_NONBLOCK, os.O_RDONLY)))
    made(raw.fanotify_mark(fd, FAN_MARK_ADD, FAN_OPEN, -1, bytes(path)))
    return fd


def userfaultfd(keep, flags):
    """For faults of this process's own code, which no privilege is needed for; past its first handshake."""
    fd = keep(made(raw.userfaultfd(os.O_CLOEXEC | UFFD_USER_MODE_ONLY | flags)))
    made(raw.ioctl(fd, UFFDIO_API, Buffer(struct.pack("<3Q", 0xAA, 0, 0))))
    return fd


class PerfEvent:
    """Counts this thread's page faults in its own code; each is an overflow with a notification."""

    def __init__(self, keep):
        period, wakeup_events, flags = 1, 1, DISABLED | EXCLUDE_KERNEL | EXCLUDE_HV
        attributes = struct.pack("<IIQQQQQIIQ", PERF_TYPE_SOFTWARE, 64, PERF_COUNT_SW_PAGE_FAULTS, period,
                                 PERF_SAMPLE_IP, 0, flags, wakeup_events, 0, 0)
        opened = raw.perf_event_open(Buffer(attributes), 0, -1, -1, PERF_FLAG_FD_CLOEXEC)
        self.fd = keep(made(opened))
        keep(mmap.mmap(self.fd, 2 * mmap.PAGESIZE))  # without a ring there is nothing to be notified of

    def fileno(self):
        return self.fd

    def overflow(self):
        with mmap.mmap(-1, mmap.PAGESIZE) as untouched:
            made(raw.ioctl(self, PERF_EVENT_IOC_ENABLE, 0))
            untouched[0] = 1
            made(raw.ioctl(self, PERF_EVENT_IOC_DISABLE, 0))
