# What poll, epoll and select together say of one descriptor: the exact mask, where they agree.
import os

from descriptors import new
from libc import libc
from masks import (EPOLL_CLOEXEC, EPOLL_CTL_ADD, POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT, POLLPRI,
                   POLLRDHUP)
from outcome import Returns
from readiness import Epoll, Sets, polled, selected

ASKED = POLLIN | POLLPRI | POLLOUT | POLLRDHUP
REQUESTS = (0, POLLIN, POLLPRI, POLLOUT, POLLRDHUP)
UNASKED = POLLERR | POLLHUP | POLLNVAL
SETS = {"read": POLLIN | POLLERR | POLLHUP, "write": POLLOUT | POLLERR, "except": POLLPRI}


def ready(fd):
    """The mask poll gives of IN+PRI+OUT+RDHUP and the bits nobody asks for.

    A set of requests that gets more or less than its share of it, or an epoll instance or select that says
    otherwise, is answered with who says what; no mask is equal to that.
    """
    mask = polled(fd, ASKED)
    agreed = {"epoll": [(mask, 1)] if mask else [],
              "select": Sets(name for name, bits in SETS.items() if mask & bits),
              **{f"poll {asked}": mask & (asked | UNASKED) for asked in REQUESTS}}
    said = {"epoll": by_epoll(fd), "select": selected(fd),
            **{f"poll {asked}": polled(fd, asked) for asked in REQUESTS}}
    differing = {who: said[who] for who in agreed if said[who] != agreed[who]}
    return {"poll": mask, **differing} if differing else mask


def by_epoll(fd, asked=ASKED):
    """What a new epoll instance reports as [(events, 1)], or how it refuses the descriptor."""
    epoll = Epoll(new(libc.epoll_create1(EPOLL_CLOEXEC)), libc)
    try:
        added = epoll.ctl(EPOLL_CTL_ADD, fd, asked, 1)
        return epoll.wait() if added == Returns(0) else added
    finally:
        os.close(epoll.fd)


def looking(interface, epoll, fd):
    """Looks at fd through that interface alone: on some kinds it is looking that uses the event up."""
    if interface == "epoll":
        epoll.add(fd, ASKED, data=1)
    return {"poll": lambda timeout=0: polled(fd, ASKED, timeout=timeout),
            "select": lambda timeout=0: selected(fd),
            "epoll": lambda timeout=0: epoll.wait(timeout=timeout)}[interface]
