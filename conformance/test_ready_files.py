# Exact masks no page gives: devices and files, those of proc and sys too, and events that looking uses up.
import os
import socket
from errno import EBADF, EPERM
from functools import partial
from pathlib import Path

import pytest

from agreement import ASKED, by_epoll, looking, ready
from clause import clause
from masks import EPOLLIN, POLLERR, POLLIN, POLLNVAL, POLLOUT, POLLPRI
from outcome import Fails
from rare_descriptors import CLONE_NEWNS, CLONE_NEWUTS, PerfEvent, mount, privately
from readiness import Sets, polled, selected

clause = partial(clause, page="none", level="unsaid")
FOR_EVER = (POLLIN | POLLOUT, Sets({"read", "write"}), Fails(EPERM))  # what has no poll operation
CHANGED = POLLIN | POLLPRI | POLLERR


def answers(fd):
    """By poll, by select, by a new epoll instance."""
    return polled(fd, ASKED), selected(fd), by_epoll(fd)


# Devices and files

@clause("RDY-NULL-ZERO-FULL", "the null, zero and full devices: IN+OUT by poll, EPERM by epoll_ctl")
@pytest.mark.parametrize("device", ["null", "zero", "full"])
def test_memory_devices(keep, device):
    assert answers(keep(os.open(f"/dev/{device}", os.O_RDWR))) == FOR_EVER


@clause("RDY-RANDOM-URANDOM", "/dev/random can be added and is readable, /dev/urandom gives EPERM")
def test_random_devices(keep):
    random, urandom = (keep(os.open(f"/dev/{name}", os.O_RDONLY)) for name in ("random", "urandom"))
    assert (polled(random, POLLIN), by_epoll(random, EPOLLIN)) == (POLLIN, [(EPOLLIN, 1)])
    assert answers(urandom) == FOR_EVER


@clause("RDY-MEMFD", "memfd: IN+OUT by poll, EPERM by epoll_ctl")
def test_memfd(memfd):
    assert answers(memfd) == FOR_EVER


@clause("RDY-WRONLY-FILE", "a file is readable and writable whatever it was opened for")
@pytest.mark.parametrize("flags", [os.O_RDONLY, os.O_WRONLY], ids=["O_RDONLY", "O_WRONLY"])
def test_access_mode(keep, regular_file, tmp_path, flags):
    assert answers(keep(os.open(tmp_path / "file", flags))) == FOR_EVER


@clause("RDY-OPATH", "O_PATH: NVAL by poll, all three sets by select, EBADF by epoll_ctl")
def test_o_path(o_path):
    assert answers(o_path) == (POLLNVAL, Sets({"read", "write", "except"}), Fails(EBADF))
    assert polled(o_path, 0) == POLLNVAL


@clause("RDY-PROC-PLAIN", "a plain proc file: IN+OUT by poll, EPERM by epoll_ctl")
@pytest.mark.parametrize("name", ["maps", "status"])
def test_plain_proc_file(keep, name):
    assert answers(keep(os.open(f"/proc/self/{name}", os.O_RDONLY))) == FOR_EVER


@clause("RDY-SYSFS", "a sysfs file can be added, and is IN+PRI+OUT+ERR until it was read")
def test_sysfs(keep):
    attribute = Path("/sys/kernel/uevent_seqnum")
    if not attribute.exists():
        pytest.skip(f"no {attribute}: is sysfs mounted?")
    fd = keep(os.open(attribute, os.O_RDONLY))
    assert ready(fd) == POLLIN | POLLPRI | POLLOUT | POLLERR
    os.read(fd, 100)
    assert ready(fd) == POLLIN | POLLOUT


# Events that looking uses up

@clause("RDY-PROC-SYS", "sysctl files can be added; the hostname's is IN+PRI+ERR once after a change")
def test_sysctl(root, keep, epoll):
    def in_the_namespace():
        polls, waits = (looking(interface, epoll, os.open("/proc/sys/kernel/hostname", os.O_RDONLY))
                        for interface in ("poll", "epoll"))
        before = polls(), waits()
        # one change for both: it is told to every namespace, to a second test that runs beside this one too
        socket.sethostname("conformance")
        return [before, (polls(), waits()), (polls(), waits())]
    assert ready(keep(os.open("/proc/sys/kernel/pid_max", os.O_RDONLY))) == POLLIN | POLLOUT
    assert privately(CLONE_NEWUTS, in_the_namespace) == [
        (mask, [(mask, 1)]) for mask in (POLLIN | POLLOUT, CHANGED, POLLIN | POLLOUT)]


def look_over_its_shoulder(epoll, fd, change):
    """What a tool's poll sees after a change, then the program's epoll instance, then the tool again."""
    epoll.add(fd, ASKED, data=1)
    epoll.wait()
    change()
    return polled(fd, ASKED), epoll.wait(), polled(fd, ASKED)


def of_mounts(keep, epoll, tmp_path):
    def in_the_namespace():
        fd = os.open("/proc/self/mounts", os.O_RDONLY)
        return look_over_its_shoulder(epoll, fd, lambda: mount(b"tmpfs", tmp_path))
    return privately(CLONE_NEWNS, in_the_namespace)


def of_sysctl(keep, epoll, tmp_path):
    domain = Path("/proc/sys/kernel/domainname")

    def in_the_namespace():
        fd = os.open(domain, os.O_RDONLY)
        return look_over_its_shoulder(epoll, fd, lambda: domain.write_text("conformance"))
    return privately(CLONE_NEWUTS, in_the_namespace)


def of_perf(keep, epoll, tmp_path):
    event = PerfEvent(keep)
    return look_over_its_shoulder(epoll, event, event.overflow)


@clause("RDY-CONSUMED-BY-POLL", "a poll of a mounts, sysctl or perf descriptor uses its event up")
@pytest.mark.parametrize("observe_kind, seen", [
    (of_mounts, (CHANGED, [(POLLIN, 1)], POLLIN)),
    (of_sysctl, (CHANGED, [(POLLIN | POLLOUT, 1)], POLLIN | POLLOUT)),
    (of_perf, (POLLIN, [], 0))], ids=["mounts", "sysctl", "perf"])
def test_consumed(root, keep, epoll, tmp_path, observe_kind, seen):
    assert observe_kind(keep, epoll, tmp_path) == seen
