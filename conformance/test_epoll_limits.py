# What epoll_create(2) and epoll_ctl(2) answer when descriptors, files, watches or memory run out.
import fcntl
import os
import select
from contextlib import contextmanager
from errno import EMFILE, ENFILE, ENOENT, ENOMEM, ENOSPC
from functools import partial
from pathlib import Path

import pytest

from clause import clause
from descriptors import new
from libc import LIBC
from masks import EPOLL_CTL_ADD, EPOLL_CTL_MOD, EPOLLIN
from memory import Event
from outcome import Fails, Returns
from privileges import CAP_SYS_ADMIN, drop
from readiness import Epoll
from surroundings import may_disturb
from waiting import in_child

create = partial(clause, page="epoll_create(2)", section="ERRORS")
control = partial(clause, page="epoll_ctl(2)", section="ERRORS")
FILE_MAX = Path("/proc/sys/fs/file-max")
MAX_USER_WATCHES = Path("/proc/sys/fs/epoll/max_user_watches")
WATCHES = 20000  # a limit no other user of the machine feels while it stands
A_USER = 2_000_000  # and above: users nobody else is
# where control groups are, what limits memory in one, what lifts the limit, what keeps members alive
CONTROL_GROUPS = [("/sys/fs/cgroup/memory", "memory.limit_in_bytes", b"-1", "memory.oom_control", b"1"),
                  ("/sys/fs/cgroup", "memory.max", b"max", "/proc/self/oom_score_adj", b"-1000")]
MCL_CURRENT = 1
CREATE = pytest.mark.parametrize("call, argument", [("epoll_create", 1), ("epoll_create1", 0)])


@contextmanager
def system_limit(path):
    """Gives put(value), and put() which restores; only one process at a time changes such limits."""
    may_disturb(f"lowers {path} for everyone")
    try:
        fd, lock = os.open(path, os.O_RDWR), os.open(FILE_MAX.parent, os.O_RDONLY)
    except OSError as error:
        pytest.skip(f"{path} cannot be set: {error.strerror}")
    fcntl.flock(lock, fcntl.LOCK_EX)
    before = int(os.pread(fd, 100, 0))

    def put(value=before):
        os.pwrite(fd, b"%d" % value, 0)
    try:
        yield put
    finally:
        put()
        os.close(fd)
        os.close(lock)


# Descriptors and files

@create("EPCR-EMFILE", "at the limit of open descriptors the error is EMFILE")
@CREATE
def test_descriptor_limit(route, keep, nofile, call, argument):
    lowest_free = os.dup(0)
    os.close(lowest_free)
    nofile(lowest_free)
    assert getattr(route, call)(argument) == Fails(EMFILE)
    nofile(lowest_free + 1)
    assert keep(new(getattr(route, call)(argument))) == lowest_free


@create("EPCR-EMFILE-INSTANCES", "at max_user_instances, which was 128, the error is EMFILE")
def test_instance_limit(route, keep, new_epoll):
    for _ in range(128):
        new_epoll()
    result = route.epoll_create1(0)
    if isinstance(result, Returns):
        keep(result.value)
    assert result == Fails(EMFILE)


@create("EPCR-ENFILE", "at the system-wide limit of open files the error is ENFILE")
@CREATE
def test_file_limit(route, root, call, argument):
    def at_the_limit():
        drop(CAP_SYS_ADMIN)  # it would exempt us from the limit, which uid 0 alone may still set
        put(0)
        result = getattr(route, call)(argument)
        put()
        return result
    with system_limit(FILE_MAX) as put:
        assert in_child(at_the_limit) == Fails(ENFILE)


# Watches

def registered(fd, watches):
    """That many registrations, in instances of their own."""
    fds, instances = [os.dup(fd) for _ in range(100)], []
    for _ in range(watches // len(fds)):
        instances.append(select.epoll())
        for duplicate in fds:
            instances[-1].register(duplicate)
    return instances


@control("EPCTL-ENOSPC", "when the user has max_user_watches registrations, one more fails with ENOSPC")
def test_watch_limit(route, root, pipe):
    def at_the_limit():
        os.setresuid(*3 * [A_USER + os.getpid()])
        epoll = Epoll(new(route.epoll_create1(0)), route)
        instances = registered(pipe.write_end, WATCHES)
        beyond = epoll.ctl(EPOLL_CTL_ADD, pipe.read_end, EPOLLIN)
        assert epoll.ctl(EPOLL_CTL_MOD, pipe.read_end, EPOLLIN) == Fails(ENOENT)
        instances[0].close()
        epoll.add(pipe.read_end, EPOLLIN)
        return beyond
    with system_limit(MAX_USER_WATCHES) as put:
        put(WATCHES)
        assert in_child(at_the_limit) == Fails(ENOSPC)


@clause("EP7-MAX-WATCHES", "max_user_watches counts a user's registrations in all instances and processes",
        page="epoll(7)", section="/proc interfaces")
def test_watches_of_a_user(route, root, pipe, epoll):
    def second_process():
        ours = Epoll(new(route.epoll_create1(0)), route)
        instances = registered(pipe.write_end, WATCHES // 2)
        assert len(instances) == WATCHES // 200
        return ours.ctl(EPOLL_CTL_ADD, pipe.read_end, EPOLLIN)

    def first_process():
        os.setresuid(*3 * [A_USER + os.getpid()])
        instances = registered(pipe.write_end, WATCHES // 2)
        beyond = in_child(second_process)
        freed = Epoll(instances[0].fileno(), route)
        freed.add(pipe.read_end, EPOLLIN)
        return beyond
    with system_limit(MAX_USER_WATCHES) as put:
        put(WATCHES)
        assert in_child(first_process) == Fails(ENOSPC)
        epoll.add(pipe.read_end, EPOLLIN)


# Memory

def written(file, value):
    """A file of the kernel's, opened and written; a plain open for writing would make one that is missing."""
    file = open(file, "r+b", buffering=0)
    file.write(value)
    return file


@pytest.fixture
def starved(root):
    """starved(call): what call() gives in a process for which the kernel may not allocate any more."""
    for parent, limit, *settings in CONTROL_GROUPS:
        group = Path(parent, f"pollcheck-{os.getpid()}")
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            written(group / limit, b"0").close()
            yield partial(in_child, starving, group, limit, *settings)
            return
        except FileNotFoundError:
            continue
        finally:
            group.rmdir()
    pytest.skip("no control group of memory can be made")


def starving(group, limit, lift, spare, spared, call):
    limit = open(group / limit, "r+b", buffering=0)
    # a page fault between the two writes could not be served either
    assert LIBC.mlockall(MCL_CURRENT) == 0
    try:
        written(group / spare, spared)
    except PermissionError:
        pytest.skip(f"{spare} cannot be set, and the kernel would kill rather than say ENOMEM")
    written(group / "cgroup.procs", b"0")
    result = call()
    limit.write(lift)
    return result


@create("EPCR-ENOMEM", "without memory for the instance the error is ENOMEM")
@CREATE
def test_no_memory_for_an_instance(route, starved, call, argument):
    assert starved(partial(getattr(route, call), argument)) == Fails(ENOMEM)


@control("EPCTL-ENOMEM", "without memory for the registration the error is ENOMEM, nothing is registered")
def test_no_memory_for_an_entry(route, starved, epoll, pipe):
    os.write(pipe.write_end, b"x")
    add = partial(route.epoll_ctl, epoll, EPOLL_CTL_ADD, pipe.read_end, Event(EPOLLIN, 1))
    assert starved(add) == Fails(ENOMEM)
    assert epoll.ctl(EPOLL_CTL_MOD, pipe.read_end, EPOLLIN) == Fails(ENOENT)
    epoll.add(pipe.read_end, EPOLLIN, data=2)
    assert epoll.wait() == [(EPOLLIN, 2)]
