# The arrays and structures the calls take, in memory that betrays a wrong read or write:
# each ends where its page ends, an unmapped page follows it, canaries stand before it.
import ctypes
import mmap
import platform
import struct

from masks import Mask

LIBC = ctypes.CDLL(None, use_errno=True)
CANARY = 0xA5
PROT_NONE, PROT_READ, PROT_WRITE = 0, 1, 2
WILD = 8  # an address that is never mapped
# packed only on x86-64, where 32-bit programs must see the same layout
EVENT = struct.Struct("<IQ" if platform.machine() == "x86_64" else "<I4xQ")
POLLFD = struct.Struct("<iHH")
GARBAGE = 0x5A5A  # stands in revents before a call, so that one never written is seen


def descriptor(target):
    return target.fileno() if hasattr(target, "fileno") else int(target)


def nfds(*fds):
    """The first argument of select for these: the highest number, plus 1."""
    return max(map(descriptor, fds)) + 1


class Buffer:
    def __init__(self, content):
        room = (len(content) // mmap.PAGESIZE + 1) * mmap.PAGESIZE
        # shared, so that what a forked child's call wrote is visible here
        self.pages = mmap.mmap(-1, room + mmap.PAGESIZE)
        self.base = ctypes.addressof(ctypes.c_char.from_buffer(self.pages))
        self.room, self.start = room, room - len(content)
        self.address = self.base + self.start
        self.pages[:self.start] = bytes([CANARY]) * self.start
        self.pages[self.start:room] = bytes(content)
        self.readable = self.writable = True
        self._protect(self.base + room, mmap.PAGESIZE, PROT_NONE)

    @staticmethod
    def _protect(address, length, protection):
        if LIBC.mprotect(ctypes.c_void_p(address), ctypes.c_size_t(length), protection):
            raise OSError(ctypes.get_errno(), "mprotect")

    def protect(self, protection):
        """PROT_READ makes it memory the kernel cannot write, PROT_NONE memory it cannot read."""
        self.readable = protection != PROT_NONE
        self.writable = bool(protection & PROT_WRITE)
        self._protect(self.base, self.room, protection)
        return self

    @property
    def bytes(self):
        # a failed assertion prints every buffer, those nobody may read as well
        return self.pages[self.start:self.room] if self.readable else b""

    def intact(self):
        return not self.writable or self.pages[:self.start] == bytes([CANARY]) * self.start


class FdSet(Buffer):
    """FdSet(3, sock, size=128): the members it holds are compared with ==, `in` and iteration."""

    def __init__(self, *fds, size=128):
        bits = bytearray(size)
        for fd in map(descriptor, fds):
            bits[fd >> 3] |= 1 << (fd & 7)
        super().__init__(bits)

    def __iter__(self):
        bits = int.from_bytes(self.bytes, "little")
        return (fd for fd in range(bits.bit_length()) if bits >> fd & 1)

    def __contains__(self, fd):
        return descriptor(fd) in set(self)

    def __eq__(self, members):
        return set(self) == set(map(descriptor, members))

    def __repr__(self):
        return f"FdSet({', '.join(map(str, self))})"


def in_one_set(which, *fds):
    """The three set arguments, of which only the one at `which` is given: 0 read, 1 write, 2 except."""
    return [FdSet(*fds) if position == which else None for position in range(3)]


class _Time(Buffer):
    def __init__(self, seconds, fraction=0):
        super().__init__(struct.pack("<qq", seconds, fraction))

    @property
    def value(self):
        return struct.unpack("<qq", self.bytes)

    @property
    def seconds(self):
        return self.value[0] + self.value[1] / self.UNITS

    def __eq__(self, value):
        return self.value == value

    def __repr__(self):
        return f"{type(self).__name__}{self.value}"


class Timeval(_Time):
    """Timeval(sec, usec); compare with a tuple."""
    UNITS = 10**6


class Timespec(_Time):
    """Timespec(sec, nsec); compare with a tuple."""
    UNITS = 10**9


class PollFds(Buffer):
    """PollFds((fd, POLLIN), (fd, POLLOUT)): an array of struct pollfd with garbage in revents."""

    def __init__(self, *entries):
        super().__init__(b"".join(POLLFD.pack(descriptor(fd), events, GARBAGE) for fd, events in entries))

    @property
    def entries(self):
        return [(fd, Mask(events), Mask(revents)) for fd, events, revents in POLLFD.iter_unpack(self.bytes)]

    @property
    def revents(self):
        return [revents for _, _, revents in self.entries]


class Event(Buffer):
    """Event(EPOLLIN, data): the struct epoll_event that epoll_ctl reads."""

    def __init__(self, events, data=0):
        super().__init__(EVENT.pack(events, descriptor(data) & (1 << 64) - 1))


class Events(Buffer):
    """Events(4): room for what epoll_wait returns; compare with a list of (events, data)."""

    def __init__(self, room):
        super().__init__(bytes([CANARY]) * (EVENT.size * room))

    def blank(self):
        if self.writable:
            self.pages[self.start:self.room] = bytes([CANARY]) * (self.room - self.start)

    def slots(self):
        content = self.bytes
        return [content[at:at + EVENT.size] for at in range(0, len(content), EVENT.size)]

    @property
    def written(self):
        untouched = bytes([CANARY]) * EVENT.size
        return [index for index, slot in enumerate(self.slots()) if slot != untouched]

    def __iter__(self):
        slots = self.slots()
        return ((Mask(events), data) for events, data in (EVENT.unpack(slots[i]) for i in self.written))

    def __eq__(self, events):
        return list(self) == [(mask, descriptor(data)) for mask, data in events]

    def __repr__(self):
        return repr(list(self))


class SigSet(Buffer):
    """SigSet({SIGUSR1}): a sigset_t; the kernel reads its first eight bytes."""

    def __init__(self, signals=()):
        super().__init__(sum(1 << number - 1 for number in signals).to_bytes(128, "little"))
