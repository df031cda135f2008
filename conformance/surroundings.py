# What surrounds a test: signals and limits, both put back, privileges, and the deadline of the whole test.
import os
import resource
import signal
import struct

import pytest

from libc import raw
from memory import Buffer
from outcome import Returns

DEADLINE = float(os.environ.get("POLLCHECK_DEADLINE", 20))  # seconds a test may block
OVERDUE = signal.SIGRTMAX - 2  # qemu-user has no room for the highest two
SIGEV_THREAD_ID = 4
CLOCK_MONOTONIC = 1


class Overdue(Exception):
    pass


def _overdue(*_):
    raise Overdue(f"still waiting after {DEADLINE:g} s")


@pytest.fixture(autouse=True)
def deadline():
    """A timer of this thread alone: a call that waits for ever ends with EINTR and the test fails."""
    before = signal.signal(OVERDUE, _overdue)
    event = Buffer(struct.pack("<qiii44x", 0, OVERDUE, SIGEV_THREAD_ID, raw.gettid().value))
    number = Buffer(bytes(4))
    assert raw.timer_create(CLOCK_MONOTONIC, event, number) == Returns(0)
    timer = int.from_bytes(number.bytes, "little")
    again, first = (1, 0), (int(DEADLINE), int(DEADLINE % 1 * 10**9))
    assert raw.timer_settime(timer, 0, Buffer(struct.pack("<qqqq", *again, *first)), None) == Returns(0)
    yield
    raw.timer_delete(timer)
    signal.signal(OVERDUE, before)


class Signals:
    """Handlers, mask and pending signals of this thread; everything is put back after the test."""

    def __init__(self):
        self.handlers, self.caught = {}, []
        self.mask = signal.pthread_sigmask(signal.SIG_BLOCK, ())

    def _install(self, number, handler):
        before = signal.signal(number, handler)
        self.handlers.setdefault(number, before)

    def catch(self, *numbers, restart=False):
        """Counts them in `caught`; restart=True sets SA_RESTART."""
        for number in numbers:
            self._install(number, lambda seen, frame: self.caught.append(seen))
            signal.siginterrupt(number, not restart)

    def ignore(self, number):
        self._install(number, signal.SIG_IGN)

    def default(self, number):
        self._install(number, signal.SIG_DFL)

    def block(self, *numbers):
        return signal.pthread_sigmask(signal.SIG_BLOCK, numbers)

    def unblock(self, *numbers):
        return signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers)

    def blocked(self):
        return signal.pthread_sigmask(signal.SIG_BLOCK, ())

    def pending(self):
        return signal.sigpending()

    def restore(self):
        for timer in (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF):
            signal.setitimer(timer, 0)
        for number in signal.sigpending() - self.mask:
            signal.signal(number, signal.SIG_IGN)  # drops it
            self.handlers.setdefault(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, self.mask)
        for number, handler in self.handlers.items():
            signal.signal(number, handler)


@pytest.fixture
def signals():
    signals = Signals()
    yield signals
    signals.restore()


@pytest.fixture
def nofile():
    """nofile(64) sets the soft RLIMIT_NOFILE for the test; one that cannot be reached skips."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)

    def limit(number):
        if hard != resource.RLIM_INFINITY and number > hard:
            pytest.skip(f"RLIMIT_NOFILE cannot be raised to {number}: the hard limit is {hard}")
        resource.setrlimit(resource.RLIMIT_NOFILE, (number, hard))
    yield limit
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def root():
    if os.geteuid():
        pytest.skip("needs root")


def may_disturb(what):
    """Skips unless the whole machine may be disturbed for a moment, which is not for a test suite to decide."""
    if os.environ.get("POLLCHECK_MAY_DISTURB") != "1":
        pytest.skip(f"{what}; POLLCHECK_MAY_DISTURB=1 allows it, on a machine of one's own")


@pytest.fixture
def not_root():
    if not os.geteuid():
        pytest.skip("needs a plain user")
