# Asking select, poll and epoll what is ready now, in the fewest words; and the fixture `epoll`.
import pytest

from descriptors import new
from libc import libc, raw
from masks import EPOLL_CLOEXEC, EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD
from memory import Event, Events, FdSet, PollFds, Timeval, descriptor
from outcome import Fails, Returns


class Sets(frozenset):
    def __repr__(self):
        return f"{{{', '.join(sorted(self))}}}"


def selected(fd, route=libc):
    """The names of the sets in which select(2) leaves fd: {"read", "write", "except"}; at once."""
    size = max(128, descriptor(fd) // 64 * 8 + 8)
    sets = {name: FdSet(fd, size=size) for name in ("read", "write", "except")}
    result = route.select(descriptor(fd) + 1, *sets.values(), Timeval(0))
    if isinstance(result, Fails):
        return result
    found = Sets(name for name, members in sets.items() if fd in members)
    assert result == Returns(len(found)), f"{result} for {found}"
    return found


def polled(fd, events, route=libc, timeout=0):
    """The revents poll(2) gives for one descriptor; at once unless a timeout is given."""
    fds = PollFds((fd, events))
    result = route.poll(fds, 1, timeout)
    if isinstance(result, Fails):
        return result
    assert result == Returns(int(fds.revents[0] != 0)), f"{result} for revents {fds.revents[0]}"
    return fds.revents[0]


class Epoll:
    """An epoll instance; stands for its descriptor in every call."""

    def __init__(self, fd, route):
        self.fd, self.route = fd, route

    def fileno(self):
        return self.fd

    def ctl(self, op, fd, events, data=None):
        """The result of epoll_ctl; data is the descriptor itself unless given."""
        return self.route.epoll_ctl(self.fd, op, fd, Event(events, fd if data is None else data))

    def add(self, fd, events, data=None):
        assert self.ctl(EPOLL_CTL_ADD, fd, events, data) == Returns(0)

    def mod(self, fd, events, data=None):
        assert self.ctl(EPOLL_CTL_MOD, fd, events, data) == Returns(0)

    def delete(self, fd):
        assert self.route.epoll_ctl(self.fd, EPOLL_CTL_DEL, fd, None) == Returns(0)

    def wait(self, maxevents=16, timeout=0):
        """What epoll_wait reports now, as [(events, data)]; or Fails(errno)."""
        events = Events(maxevents)
        result = self.route.epoll_wait(self.fd, events, maxevents, timeout)
        return result if isinstance(result, Fails) else list(events)

    def __repr__(self):
        return f"Epoll({self.fd})"


@pytest.fixture
def new_epoll(request, keep):
    """A factory: new_epoll() as often as needed. Goes by `route` where the test has one, else by libc."""
    route = request.getfixturevalue("route") if "route" in request.fixturenames else libc
    return lambda: Epoll(keep(new(route.epoll_create1(EPOLL_CLOEXEC))), route)


@pytest.fixture
def epoll(new_epoll):
    return new_epoll()


@pytest.fixture(params=[libc, raw], ids=repr)
def route(request):
    """Runs the test twice: through the C library and by the system call itself."""
    return request.param
