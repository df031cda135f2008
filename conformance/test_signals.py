# signal(7): which waits a signal interrupts, which it does not, and what a stop does to them.
import os
from errno import EINTR
from functools import partial
from signal import SIG_DFL, SIGCHLD, SIGCONT, SIGSTOP, SIGUSR1, SIGWINCH, getsignal, raise_signal

import pytest

from clause import clause
from every_call import EVERY_CALL, each
from masks import EPOLLET, EPOLLIN, POLLIN, POLLOUT
from memory import Events, PollFds
from outcome import Fails, Returns
from waiting import settled, state, until

unsaid = partial(clause, page="none", level="unsaid")
INTERRUPTION = "Interruption of system calls and library functions by"
clause = partial(clause, page="signal(7)", section=f"{INTERRUPTION} signal handlers")
stopped = partial(clause, section=f"{INTERRUPTION} stop signals")


# SA_RESTART

def interrupted(asked, signals, waiting, seconds):
    signals.catch(SIGUSR1, restart=True)
    waiter = waiting(*asked(seconds))
    waiter.signal(SIGUSR1)
    assert waiter.result() == Fails(EINTR)
    assert signals.caught == [SIGUSR1]


TIMEOUTS = pytest.mark.parametrize("seconds", [None, 300], ids=["no limit", "300 s"])


@clause("SIG-NO-RESTART-SELECT", "a handler with SA_RESTART does not make select and pselect start again")
@each("select", "pselect")
@TIMEOUTS
def test_select_is_not_restarted(asked, signals, waiting, seconds):
    interrupted(asked, signals, waiting, seconds)


@clause("SIG-NO-RESTART-POLL", "a handler with SA_RESTART does not make poll and ppoll start again")
@each("poll", "ppoll")
@TIMEOUTS
def test_poll_is_not_restarted(asked, signals, waiting, seconds):
    interrupted(asked, signals, waiting, seconds)


@clause("SIG-NO-RESTART-EPOLL", "a handler with SA_RESTART does not make epoll_wait and its like start again")
@each("epoll_wait", "epoll_pwait", "epoll_pwait2")
@TIMEOUTS
def test_epoll_is_not_restarted(asked, signals, waiting, seconds):
    interrupted(asked, signals, waiting, seconds)


# Stop signals

def stop_and_continue(child):
    child.signal(SIGSTOP)
    until(lambda: state(child.pid, child.pid) == "T", "the child stops")
    child.signal(SIGCONT)


@stopped("SIG-STOP-CONT-EPOLL", "a stop and SIGCONT, without a handler, end epoll_wait with EINTR")
@each("epoll_wait", "epoll_pwait")
@TIMEOUTS
def test_stop_ends_epoll(asked, signals, waiting_child, seconds):
    signals.default(SIGCONT)
    child = waiting_child(*asked(seconds))
    stop_and_continue(child)
    assert child.result() == Fails(EINTR)


@stopped("SIG-STOP-CONT-OTHERS", "select, poll and their variants go on waiting after a stop and SIGCONT")
@each("select", "pselect", "poll", "ppoll")
@TIMEOUTS
def test_stop_does_not_end_others(asked, pipe, signals, waiting_child, seconds):
    signals.default(SIGCONT)
    child = waiting_child(*asked(seconds))
    for _ in range(2):
        stop_and_continue(child)
        until(lambda: child.returned() or state(child.pid, child.pid) == "S", "the child sleeps again")
    os.write(pipe.write_end, b"x")
    assert child.result() == Returns(1)


@clause("SIG-IGNORED-NO-EINTR", "a signal that is ignored, by choice or by default, does not interrupt")
@EVERY_CALL
@pytest.mark.parametrize("number", [SIGUSR1, SIGCHLD, SIGWINCH], ids=lambda number: number.name)
def test_ignored(asked, pipe, signals, waiting, number):
    if number == SIGUSR1:
        signals.ignore(number)
    assert number == SIGUSR1 or getsignal(number) == SIG_DFL
    waiter = waiting(*asked())
    waiter.signal(number)
    assert settled([waiter]) == 0
    os.write(pipe.write_end, b"x")
    assert waiter.result() == Returns(1)


# In no page

@unsaid("TMO-SUCCESS-KEEPS-PENDING", "a call that returns an event leaves what only its mask admits pending")
@each("pselect", "ppoll", "epoll_pwait", "epoll_pwait2")
@pytest.mark.parametrize("seconds", [0, None], ids=["at once", "no limit"])
def test_success_keeps_pending(asked, pipe, signals, seconds):
    signals.catch(SIGUSR1)
    signals.block(SIGUSR1)
    raise_signal(SIGUSR1)
    os.write(pipe.write_end, b"x")
    call, *given = asked(seconds, set())
    assert call(*given) == Returns(1)
    assert signals.caught == [] and signals.pending() == {SIGUSR1}


@unsaid("TMO-PWAIT-ZERO-PENDING", "at timeout 0 a pending signal ends pselect and ppoll, not epoll_pwait")
@pytest.mark.parametrize("call, result, caught", [
    ("pselect", Fails(EINTR), [SIGUSR1]), ("ppoll", Fails(EINTR), [SIGUSR1]),
    ("epoll_pwait", Returns(0), []), ("epoll_pwait2", Returns(0), [])])
def test_zero_timeout_and_pending(asked, signals, call, result, caught):
    signals.catch(SIGUSR1)
    signals.block(SIGUSR1)
    raise_signal(SIGUSR1)
    call, *given = asked(0, set())
    assert call(*given) == result
    assert signals.caught == caught and signals.pending() == {SIGUSR1} - set(caught)


@unsaid("TMO-POLL-EINTR-REVENTS", "a poll that fails with EINTR has written revents: zeros")
@each("poll", "ppoll")
def test_eintr_writes_revents(ask, call, pipe, idle_pipe, signals, waiting):
    signals.catch(SIGUSR1)
    fds = PollFds((pipe.read_end, POLLIN), (-1, POLLOUT), (idle_pipe.read_end, 0))
    waiter = waiting(ask, fds, 3, *([-1] if call == "poll" else [None, None]))
    waiter.signal(SIGUSR1)
    assert waiter.result() == Fails(EINTR)
    assert fds.revents == [0, 0, 0]


@unsaid("TMO-EINTR-WITH-READY", "when data and a signal race either may win, and neither is lost")
@pytest.mark.parametrize("signal_first", [True, False], ids=["signal first", "data first"])
def test_signal_and_data(route, epoll, eventfd, signals, new_child, signal_first):
    signals.catch(SIGUSR1)
    epoll.add(eventfd, EPOLLIN | EPOLLET, data=1)
    steps = [lambda: os.kill(os.getppid(), SIGUSR1), lambda: os.eventfd_write(eventfd, 1)]
    if not signal_first:
        steps.reverse()
    seen = set()
    for rounds in range(1, 13):
        child, events = new_child(lambda: [step() for step in steps]), Events(1)
        seen.add(route.epoll_wait(epoll, events, 1, -1))
        child.result()
        assert list(events) + epoll.wait() == [(EPOLLIN, 1)]
        assert signals.caught == [SIGUSR1] * rounds
    assert seen <= {Returns(1), Fails(EINTR)}
