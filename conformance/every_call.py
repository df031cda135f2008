# One wait in seven spellings: each call of the family waiting for the same descriptor to become readable.
from errno import ENOSYS

import pytest

from masks import EPOLLIN, POLLIN
from memory import Events, FdSet, PollFds, Timespec, Timeval, nfds
from outcome import Fails


def _timeval(seconds):
    return None if seconds is None else Timeval(*divmod(round(seconds * 10**6), 10**6))


def _timespec(seconds):
    return None if seconds is None else Timespec(*divmod(round(seconds * 10**9), 10**9))


def _milliseconds(seconds):
    return -1 if seconds is None else round(seconds * 1000)


ARGUMENTS = {
    "select": lambda fd, epfd, seconds, mask: [nfds(fd), FdSet(fd), None, None, _timeval(seconds)],
    "pselect": lambda fd, epfd, seconds, mask: [nfds(fd), FdSet(fd), None, None, _timespec(seconds), mask],
    "poll": lambda fd, epfd, seconds, mask: [PollFds((fd, POLLIN)), 1, _milliseconds(seconds)],
    "ppoll": lambda fd, epfd, seconds, mask: [PollFds((fd, POLLIN)), 1, _timespec(seconds), mask],
    "epoll_wait": lambda fd, epfd, seconds, mask: [epfd, Events(1), 1, _milliseconds(seconds)],
    "epoll_pwait": lambda fd, epfd, seconds, mask: [epfd, Events(1), 1, _milliseconds(seconds), mask],
    "epoll_pwait2": lambda fd, epfd, seconds, mask: [epfd, Events(1), 1, _timespec(seconds), mask],
}
EVERY_CALL = pytest.mark.parametrize("call", ARGUMENTS)


def each(*calls):
    """The mark for a test that is about these calls."""
    return pytest.mark.parametrize("call", calls)


@pytest.fixture
def ask(route, call):
    """The function `call` by that route; where epoll_pwait2, the newest, is missing the test is skipped."""
    function = getattr(route, call)
    if call == "epoll_pwait2" and function(-1, None, 0, None, None) == Fails(ENOSYS):
        pytest.skip("this system has no epoll_pwait2")
    return function


@pytest.fixture
def asked(ask, call, epoll, pipe):
    """asked(seconds, sigmask): the call and its arguments, which wait for the pipe to become readable."""
    epoll.add(pipe.read_end, EPOLLIN, data=1)

    def given(seconds=None, sigmask=None, fd=pipe.read_end):
        return ask, *ARGUMENTS[call](fd, epoll, seconds, sigmask)
    return given
