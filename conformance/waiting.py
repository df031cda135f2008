# Threads and children that block in a call, and how to know that they do: nobody sleeps and hopes.
import faulthandler
import mmap
import os
import pickle
import resource
import signal
import threading
import time
from pathlib import Path

import pytest

from clause import observation
from libc import WAITS
from outcome import Killed
from surroundings import DEADLINE

RELEASE = signal.SIGRTMAX - 3  # ends the wait of a thread the test left behind
STEADY = 25  # looks in a row that must find a thread asleep where /proc does not tell in which call


def until(true, what):
    """Waits, in small naps, until true() is; the deadline fails the test."""
    end = time.monotonic() + DEADLINE / 2
    while not true():
        if time.monotonic() > end:
            raise AssertionError(f"not in {DEADLINE / 2:g} s: {what}")
        time.sleep(0.001)


def state(pid, tid):
    """R, S, T, Z … as in proc(5); X when it is gone."""
    try:
        return Path(f"/proc/{pid}/task/{tid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "X"


def _number(pid, tid):
    """The system call it is in; None where this kernel does not say."""
    try:
        return Path(f"/proc/{pid}/task/{tid}/syscall").read_text().split()[0]
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return None


def asleep(pid, tid):
    """Whether that thread sleeps inside a wait of the family, not for instance on the interpreter's lock."""
    if state(pid, tid) != "S":
        return False
    if (number := _number(pid, tid)) is not None:
        return number.isdigit() and int(number) in WAITS and state(pid, tid) == "S"
    for _ in range(STEADY):
        time.sleep(0.001)
        if state(pid, tid) != "S":
            return False
    return True


class Waiter:
    """A thread in call(*arguments)."""

    def __init__(self, call, *arguments):
        self.outcome = self.tid = None
        self.thread = threading.Thread(target=self._run, args=(call, arguments), daemon=True)
        self.thread.start()
        until(lambda: self.tid, "the thread runs")

    def _run(self, call, arguments):
        self.tid = threading.get_native_id()
        try:
            self.outcome = ("value", call(*arguments))
        except BaseException as error:  # a skip or a failed assertion belongs to the test's own thread
            self.outcome = ("raised", error)

    def asleep(self):
        return not self.returned() and asleep(os.getpid(), self.tid)

    def returned(self):
        return self.outcome is not None

    def signal(self, number):
        signal.pthread_kill(self.thread.ident, number)

    def result(self):
        """What the call gave; waits for it."""
        until(self.returned, "the waiting call returns")
        self.thread.join()
        how, what = self.outcome
        if how == "raised":
            raise what
        return what

    def release(self):
        if not self.returned():
            self.signal(RELEASE)
        until(self.returned, "a thread left in its call lets go")
        self.thread.join()


class Child:
    """A forked process in call(*arguments); its answer comes back through shared memory, not a descriptor."""

    def __init__(self, call, *arguments):
        self.answer, self.status = mmap.mmap(-1, 1 << 20), None
        self.pid = self.tid = os.fork()
        if self.pid == 0:
            self._run(call, arguments)

    def _run(self, call, arguments):
        faulthandler.disable()  # a death by signal is an answer here, not a crash to explain
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        try:
            outcome = ("value", call(*arguments))
        except BaseException as error:
            outcome = ("raised", error)
        try:
            self.answer.write(pickle.dumps((outcome, vars(observation))))
        except Exception as error:  # what cannot be pickled is told by its text
            self.answer.write(pickle.dumps((("raised", AssertionError(f"{error}: {outcome}")), {})))
        os._exit(0)

    def asleep(self):
        return asleep(self.pid, self.pid)

    def returned(self):
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.status = status if pid else None
        return self.status is not None

    def signal(self, number):
        os.kill(self.pid, number)

    def kill(self):
        """Ends it and reaps it."""
        if not self.returned():
            self.signal(signal.SIGKILL)
            until(self.returned, "a killed child is gone")

    def result(self):
        """What the call gave in the child, or Killed(signal)."""
        until(self.returned, "the child ends")
        if os.WIFSIGNALED(self.status):
            return Killed(os.WTERMSIG(self.status))
        if status := os.WEXITSTATUS(self.status):
            raise AssertionError(f"the child ended with status {status} in the call")
        (how, what), seen = pickle.loads(self.answer[:])
        vars(observation).update(seen)
        if how == "raised":
            raise what
        return what

    release = kill


def in_child(call, *arguments):
    """What call(*arguments) gives in a forked child: its value, its exception, or Killed(signal)."""
    child = Child(call, *arguments)
    try:
        return child.result()
    finally:
        child.kill()


def settled(waiters):
    """Waits until each has returned or sleeps in its call; gives how many returned."""
    until(lambda: all(waiter.returned() or waiter.asleep() for waiter in waiters), "every waiter has settled")
    return sum(waiter.returned() for waiter in waiters)


def _blocked(waiter):
    until(lambda: waiter.returned() or waiter.asleep(), "the call blocks")
    if waiter.returned():
        raise AssertionError(f"{waiter.result()} at once, where the call should have waited")
    return waiter


@pytest.fixture
def _started(no_leak):
    before = signal.signal(RELEASE, lambda *_: None)
    waiters = []
    yield waiters
    for waiter in waiters:
        waiter.release()
    signal.signal(RELEASE, before)


@pytest.fixture
def waiting(_started):
    """waiting(libc.poll, fds, 1, -1): a thread asleep in that call; .result(), .returned(), .signal(n)."""
    def start(call, *arguments):
        _started.append(Waiter(call, *arguments))
        return _blocked(_started[-1])
    return start


@pytest.fixture
def waiting_child(_started):
    """The same in a forked process, which shares the descriptors and the buffers made before."""
    def start(call, *arguments):
        _started.append(Child(call, *arguments))
        return _blocked(_started[-1])
    return start


@pytest.fixture
def new_child(_started):
    """new_child(function): a process that runs it, not waited for; .pid, .kill(), .result()."""
    def start(call, *arguments):
        _started.append(Child(call, *arguments))
        return _started[-1]
    return start
