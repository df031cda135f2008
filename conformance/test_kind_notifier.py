# The readiness promised by the pages of eventfd, timerfd, signalfd, pidfd, inotify, fanotify, message queues.
import os
import signal
import struct
from functools import partial

import pytest

from agreement import ready
from clause import clause
from descriptors import arm, new
from libc import raw
from masks import EPOLLIN, EPOLLOUT, POLLERR, POLLIN, POLLOUT
from memory import Buffer
from outcome import Returns
from rare_descriptors import fanotify, made, message_queue
from readiness import polled
from waiting import in_child, state, until

EVENTUALLY = 10_000
FULL = 2**64 - 2
eventfds = partial(clause, page="eventfd(2)", section="DESCRIPTION")
timerfds = partial(clause, page="timerfd_create(2)", section="Operating on a timer file descriptor")
signalfds = partial(clause, page="signalfd(2)")


# eventfd(2)

@eventfds("KIND-EVENTFD-IN", "readable when the counter is above 0")
def test_eventfd_readable(epoll, eventfd):
    epoll.add(eventfd, EPOLLIN, data=1)
    assert (ready(eventfd), epoll.wait()) == (POLLOUT, [])
    os.eventfd_write(eventfd, 1)
    assert (ready(eventfd), epoll.wait()) == (POLLIN | POLLOUT, [(EPOLLIN, 1)])
    assert os.eventfd_read(eventfd) == 1
    assert (ready(eventfd), epoll.wait()) == (POLLOUT, [])


@eventfds("KIND-EVENTFD-OUT", "writable while at least a 1 can be added without blocking")
def test_eventfd_writable(epoll, eventfd):
    epoll.add(eventfd, EPOLLOUT, data=1)
    os.eventfd_write(eventfd, FULL - 1)
    assert (ready(eventfd), epoll.wait()) == (POLLIN | POLLOUT, [(EPOLLOUT, 1)])
    os.eventfd_write(eventfd, 1)
    assert (ready(eventfd), epoll.wait()) == (POLLIN, [])
    with pytest.raises(BlockingIOError):
        os.eventfd_write(eventfd, 1)
    assert os.eventfd_read(eventfd) == FULL
    assert (ready(eventfd), epoll.wait()) == (POLLOUT, [(EPOLLOUT, 1)])


def read_and_signal(file, eventfd):
    """Kernel AIO adds 1 to the counter when a read completes, and asks nobody whether that fits."""
    context, target = Buffer(bytes(8)), Buffer(bytes(1))
    assert new(raw.io_setup(1, context)) == 0
    number = int.from_bytes(context.bytes, "little")
    control = Buffer(struct.pack("<QIIHhIQQqQII", 0, 0, 0, 0, 0, file, target.address, 1, 0, 0, 1, eventfd))
    assert raw.io_submit(number, 1, Buffer(struct.pack("<Q", control.address))) == Returns(1)
    assert raw.io_destroy(number) == Returns(0)


@eventfds("KIND-EVENTFD-OVERFLOW", "an overflow of the counter is POLLERR, and both readable and writable")
def test_eventfd_overflow(epoll, eventfd, regular_file):
    epoll.add(eventfd, EPOLLOUT, data=1)
    os.eventfd_write(eventfd, FULL)
    assert (ready(eventfd), epoll.wait()) == (POLLIN, [])
    read_and_signal(regular_file, eventfd)
    assert ready(eventfd) == POLLIN | POLLERR
    assert os.eventfd_read(eventfd) == FULL + 1
    assert (ready(eventfd), epoll.wait()) == (POLLOUT, [(EPOLLOUT, 1)])


# timerfd_create(2)

@timerfds("KIND-TIMERFD-IN", "readable once the timer has expired, not before")
def test_timerfd_readable(epoll, timerfd):
    epoll.add(timerfd, EPOLLIN, data=1)
    arm(timerfd, 300 * 10**9)
    assert (ready(timerfd), epoll.wait()) == (0, [])
    arm(timerfd, 10**6)
    assert epoll.wait(timeout=EVENTUALLY) == [(EPOLLIN, 1)]
    assert ready(timerfd) == POLLIN
    assert os.read(timerfd, 8) == (1).to_bytes(8, "little")
    assert (ready(timerfd), epoll.wait()) == (0, [])


@timerfds("KIND-TIMERFD-RESET", "setting the timer anew takes back an expiry nobody has read")
@pytest.mark.parametrize("nanoseconds", [300 * 10**9, 0], ids=["later", "disarmed"])
def test_timerfd_reset(epoll, timerfd, nanoseconds):
    epoll.add(timerfd, EPOLLIN, data=1)
    arm(timerfd, 1)
    assert epoll.wait(timeout=EVENTUALLY) == [(EPOLLIN, 1)]
    arm(timerfd, nanoseconds)
    assert (ready(timerfd), epoll.wait()) == (0, [])
    with pytest.raises(BlockingIOError):
        os.read(timerfd, 8)


# signalfd(2)

@signalfds("KIND-SIGNALFD-IN", "readable while one or more of its signals are pending for the process",
           section="DESCRIPTION")
def test_signalfd_readable(epoll, signalfd, signals):
    epoll.add(signalfd, EPOLLIN, data=1)
    signals.block(signal.SIGUSR2)
    signal.raise_signal(signal.SIGUSR2)
    assert (ready(signalfd), epoll.wait()) == (0, [])
    signal.raise_signal(signal.SIGUSR1)
    assert (ready(signalfd), epoll.wait()) == (POLLIN, [(EPOLLIN, 1)])
    assert os.read(signalfd, 128)[0] == signal.SIGUSR1
    assert (ready(signalfd), epoll.wait()) == (0, [])
    signal.raise_signal(signal.SIGUSR1)
    assert signal.sigwait({signal.SIGUSR1}) == signal.SIGUSR1
    assert (ready(signalfd), epoll.wait()) == (0, [])

    def for_the_process():  # which must have no second thread that could take it
        os.kill(os.getpid(), signal.SIGUSR1)
        return ready(signalfd)
    assert in_child(for_the_process) == POLLIN


@signalfds("KIND-SIGNALFD-FORK-EPOLL", "a child's own signals are read from an inherited signalfd, yet an "
           "inherited epoll instance does not report it", section="epoll(7) semantics")
@pytest.mark.parametrize("told", [False, True], ids=["idle", "told before the fork"])
def test_signalfd_after_fork(epoll, signalfd, told):
    def in_the_child():
        before = polled(signalfd, POLLIN)
        signal.raise_signal(signal.SIGUSR1)
        return before, polled(signalfd, POLLIN), epoll.wait()
    epoll.add(signalfd, EPOLLIN, data=1)
    if told:
        signal.raise_signal(signal.SIGUSR1)
        assert epoll.wait() == [(EPOLLIN, 1)]
        os.read(signalfd, 128)
    assert in_child(in_the_child) == (0, POLLIN, [])


# pidfd_open(2)

@clause("KIND-PIDFD-IN", "readable when the process has ended", page="pidfd_open(2)",
        section="Use cases for PID file descriptors")
def test_pidfd_readable(epoll, pidfd):
    epoll.add(pidfd.fd, EPOLLIN, data=1)
    assert (ready(pidfd.fd), epoll.wait()) == (0, [])
    pidfd.child.signal(signal.SIGSTOP)
    until(lambda: state(pidfd.child.pid, pidfd.child.pid) == "T", "the child stops")
    assert (ready(pidfd.fd), epoll.wait()) == (0, [])
    pidfd.child.signal(signal.SIGKILL)
    assert epoll.wait(timeout=EVENTUALLY) == [(EPOLLIN, 1)]
    assert ready(pidfd.fd) == POLLIN


# inotify(7), fanotify(7), mq_overview(7)

@clause("KIND-INOTIFY-IN", "readable when events are there to be read", page="inotify(7)",
        section="NOTES")
def test_inotify_readable(epoll, inotify, tmp_path):
    epoll.add(inotify, EPOLLIN, data=1)
    assert (ready(inotify), epoll.wait()) == (0, [])
    (tmp_path / "new").touch()
    assert (ready(inotify), epoll.wait()) == (POLLIN, [(EPOLLIN, 1)])
    os.read(inotify, 4096)
    assert (ready(inotify), epoll.wait()) == (0, [])


@clause("KIND-FANOTIFY-IN", "readable when an event is there to be read", page="fanotify(7)",
        section="Monitoring an fanotify file descriptor for events")
def test_fanotify_readable(root, epoll, keep, close, regular_file, tmp_path):
    notifier = fanotify(keep, tmp_path / "file")
    epoll.add(notifier, EPOLLIN, data=1)
    assert (ready(notifier), epoll.wait()) == (0, [])
    (tmp_path / "file").read_bytes()
    assert (ready(notifier), epoll.wait()) == (POLLIN, [(EPOLLIN, 1)])
    close(keep(struct.unpack("<IBBHQii", os.read(notifier, 24))[5]))  # the event brings the opened file along
    assert (ready(notifier), epoll.wait()) == (0, [])


@clause("KIND-MQ", "a message queue is readable when not empty and writable when not full",
        page="mq_overview(7)", section="Linux implementation of message queue descriptors")
def test_message_queue(epoll, keep):
    queue, message = message_queue(keep, maxmsg=2), Buffer(bytes(8))
    epoll.add(queue, EPOLLIN | EPOLLOUT, data=1)
    assert (ready(queue), epoll.wait()) == (POLLOUT, [(EPOLLOUT, 1)])
    made(raw.mq_timedsend(queue, message, 8, 0, None))
    assert (ready(queue), epoll.wait()) == (POLLIN | POLLOUT, [(EPOLLIN | EPOLLOUT, 1)])
    made(raw.mq_timedsend(queue, message, 8, 0, None))
    assert (ready(queue), epoll.wait()) == (POLLIN, [(EPOLLIN, 1)])
    assert raw.mq_timedreceive(queue, message, 8, None, None) == Returns(8)
    assert (ready(queue), epoll.wait()) == (POLLIN | POLLOUT, [(EPOLLIN | EPOLLOUT, 1)])
    assert raw.mq_timedreceive(queue, message, 8, None, None) == Returns(8)
    assert (ready(queue), epoll.wait()) == (POLLOUT, [(EPOLLOUT, 1)])
