# EPOLLWAKEUP, which keeps the system from suspending: epoll_ctl(2), and epoll(7) on autosleep.
import os
from functools import partial
from pathlib import Path

import pytest

from clause import clause
from descriptors import drain
from interest import interest_list
from libc import libc
from masks import EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLWAKEUP
from outcome import Returns
from privileges import CAP_BLOCK_SUSPEND, drop
from waiting import in_child, until

clause = partial(clause, page="epoll_ctl(2)", section="DESCRIPTION", since="3.5")
SOURCES = Path("/sys/class/wakeup")
CAN_SUSPEND = Path("/sys/power/wakeup_count").exists()


@pytest.fixture
def named_fifo(root, keep, tmp_path):
    """(fd, name) of a FIFO; a wakeup source is called after its file, so nobody else's has this name."""
    if not (CAN_SUSPEND and SOURCES.is_dir()):
        pytest.skip("this kernel cannot suspend, or does not show its wakeup sources")
    name = f"pollcheck-{os.getpid()}"
    os.mkfifo(tmp_path / name)
    return keep(os.open(tmp_path / name, os.O_RDWR | os.O_NONBLOCK)), name


def sources(name):
    return [source for source in SOURCES.iterdir() if (source / "name").read_text().strip() == name]


def active_for(source):
    """Milliseconds for which it has kept the system awake by now without a break."""
    return int((source / "active_time_ms").read_text())


def keeps_awake(source):
    until(lambda: active_for(source) > 0, "the wakeup source is active")
    return True


def lets_sleep(source):
    """Were it active it would have been so for the length of this wait."""
    assert libc.poll(None, 0, 10) == Returns(0)
    return active_for(source) == 0


@clause("EPCTL-WAKEUP-EFFECT", "with EPOLLWAKEUP an event, pending or worked on, keeps the system awake")
def test_wakeup(named_fifo, epoll):
    fd, name = named_fifo
    epoll.add(fd, EPOLLIN, data=1)
    os.write(fd, b"x")
    assert sources(name) == []
    drain(fd)
    assert epoll.wait() == []
    epoll.mod(fd, EPOLLIN | EPOLLWAKEUP, data=1)
    source, = sources(name)
    assert lets_sleep(source)
    os.write(fd, b"x")
    assert keeps_awake(source)
    assert epoll.wait() == [(EPOLLIN, 1)]
    assert keeps_awake(source)
    epoll.delete(fd)
    assert sources(name) == []


@clause("EP7-WAKEUP-WINDOW", "EPOLLWAKEUP lasts until the wait after the one that told the event",
        page="epoll(7)", section="Interaction with autosleep")
def test_wakeup_window(named_fifo, epoll):
    fd, name = named_fifo
    epoll.add(fd, EPOLLIN | EPOLLWAKEUP, data=1)
    source, = sources(name)
    os.write(fd, b"x")
    assert epoll.wait() == [(EPOLLIN, 1)]
    assert os.read(fd, 10) == b"x"
    assert keeps_awake(source)
    assert epoll.wait() == []
    assert lets_sleep(source)


@clause("EPCTL-WAKEUP-DROPPED", "EPOLLWAKEUP is dropped silently where the caller may not block suspend",
        section="BUGS")
@pytest.mark.parametrize("capable", [True, False],
                         ids=["capable" if CAN_SUSPEND else "capable, no suspend", "incapable"])
def test_wakeup_dropped(route, root, epoll, pipe, capable):
    def entry():
        if not capable:
            drop(CAP_BLOCK_SUSPEND)
        epoll.add(pipe.read_end, EPOLLIN | EPOLLWAKEUP, data=1)
        return [mask for _, mask, _ in interest_list(epoll)]
    os.write(pipe.write_end, b"x")
    kept = in_child(entry)
    assert epoll.wait() == [(EPOLLIN, 1)]
    assert kept == [EPOLLIN | EPOLLERR | EPOLLHUP | (EPOLLWAKEUP if capable else 0)]
