# select(2): the timeout, the sleep without sets, and what is left of the interval afterwards.
import os
import signal
from errno import EINTR
from functools import partial

import pytest

from clause import clause
from descriptors import fill
from libc import raw
from memory import FdSet, Timeval, nfds
from outcome import Fails, Returns

clause = partial(clause, page="select(2)")
posix = partial(clause, page="POSIX select", section="DESCRIPTION")
LONG_MAX = 2**63 - 1


# The timeout

@clause("SEL-TIMEOUT-ZERO", "a zero timeout looks and returns at once", section="Arguments")
def test_timeout_zero(route, pipe):
    result = route.select(nfds(pipe.read_end), FdSet(pipe.read_end), None, None, Timeval(0))
    assert result == Returns(0)
    assert result.seconds < 1


@clause("SEL-TIMEOUT-EXPIRES", "with nothing ready the call returns 0 after the interval",
        section="RETURN VALUE")
@pytest.mark.parametrize("usec", [1, 999, 10_000])
def test_timeout_expires(route, pipe, usec):
    result = route.select(nfds(pipe.read_end), FdSet(pipe.read_end), None, None, Timeval(0, usec))
    assert result == Returns(0)
    assert result.seconds >= usec / 1e6


@posix("SEL-TIMEOUT-CLEARS-SETS", "after a timeout all three sets are empty")
def test_timeout_clears_sets(route, pipe, idle_pipe):
    fill(pipe.write_end)
    sets = FdSet(idle_pipe.read_end), FdSet(pipe.write_end), FdSet(pipe.read_end, pipe.write_end)
    assert route.select(64, *sets, Timeval(0, 1000)) == Returns(0)
    assert [set(members) for members in sets] == [set(), set(), set()]


@clause("SEL-TIMEOUT-NOT-EARLY", "the interval is rounded up, so the call never returns before it is over",
        section="Arguments")
def test_timeout_not_early(route):
    early = [usec for usec in range(1, 2000, 37)
             if route.select(0, None, None, None, Timeval(0, usec)).seconds < usec / 1e6]
    assert early == []


@clause("SEL-TIMEOUT-NULL", "a NULL timeout waits without limit", section="Arguments")
def test_timeout_null(route, pipe, waiting):
    readfds = FdSet(pipe.read_end)
    waiter = waiting(route.select, nfds(pipe.read_end), readfds, None, None, None)
    os.write(pipe.write_end, b"x")
    assert waiter.result() == Returns(1)
    assert readfds == {pipe.read_end}


@clause("SEL-TIMEOUT-UPDATED", "Linux stores the time left in the timeout, on success and on expiry",
        section="The timeout")
@pytest.mark.parametrize("ready", [True, False], ids=["success", "expiry"])
def test_timeout_updated(route, pipe, ready):
    os.write(pipe.write_end, b"x" * ready)
    timeout = Timeval(30) if ready else Timeval(0, 5000)
    assert route.select(nfds(pipe.read_end), FdSet(pipe.read_end), None, None, timeout) == Returns(int(ready))
    assert (10 < timeout.seconds <= 30) if ready else timeout == (0, 0)


@clause("SEL-TIMEOUT-UPDATED-EINTR", "the time left is stored also when a signal ends the call",
        section="BUGS")
def test_timeout_updated_on_eintr(route, signals, waiting):
    signals.catch(signal.SIGUSR1)
    timeout = Timeval(300)
    waiter = waiting(route.select, 0, None, None, None, timeout)
    waiter.signal(signal.SIGUSR1)
    result = waiter.result()
    assert result == Fails(EINTR)
    assert 300 - result.seconds - 0.01 <= timeout.seconds < 300


@posix("SEL-LONG-TIMEOUT", "intervals of 31 days and more are accepted; a longer one is capped, not refused")
@pytest.mark.parametrize("seconds", [31 * 86400, LONG_MAX], ids=["31 days", "LONG_MAX"])
def test_long_timeout(route, pipe, waiting, seconds):
    waiter = waiting(route.select, nfds(pipe.read_end), FdSet(pipe.read_end), None, None, Timeval(seconds))
    os.write(pipe.write_end, b"x")
    assert waiter.result() == Returns(1)


@clause("SEL-AS-SLEEP", "without sets a timeout makes a sleep", section="Emulating usleep(3)")
def test_as_sleep(route):
    result = route.select(0, None, None, None, Timeval(0, 10_000))
    assert result == Returns(0)
    assert result.seconds >= 0.01


@posix("SEL-SLEEP-FOREVER", "with all sets and the timeout NULL the call waits for a signal")
def test_sleep_forever(route, signals, waiting):
    signals.catch(signal.SIGUSR1)
    waiter = waiting(route.select, 0, None, None, None, None)
    waiter.signal(signal.SIGUSR1)
    assert waiter.result() == Fails(EINTR)


@posix("SEL-ALARM-INDEPENDENT", "the timeout does not disturb alarm or an interval timer")
def test_alarm_independent(route, signals):
    signals.catch(signal.SIGALRM)
    signal.setitimer(signal.ITIMER_REAL, 300)
    assert route.select(0, None, None, None, Timeval(0, 20_000)) == Returns(0)
    # again and again: on a busy machine the first may come before the call
    left, again = signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)
    assert 200 < left <= 299.98 and again == 0
    result = route.select(0, None, None, None, Timeval(15))
    signal.setitimer(signal.ITIMER_REAL, 0)
    assert result == Fails(EINTR)
    assert set(signals.caught) == {signal.SIGALRM}


@clause("SEL-STICKY-TIMEOUTS", "under STICKY_TIMEOUTS an interrupted call leaves the timeout alone",
        page="personality(2)")
@pytest.mark.parametrize("persona, kept", [(0x4000000, True), (0, False)], ids=["sticky", "plain"])
def test_sticky_timeouts(route, signals, waiting_child, persona, kept):
    signals.catch(signal.SIGUSR1)
    timeout = Timeval(300)

    def interrupted():
        raw.personality(persona)
        return route.select(0, None, None, None, timeout)
    child = waiting_child(interrupted)
    child.signal(signal.SIGUSR1)
    assert child.result() == Fails(EINTR)
    assert (timeout == (300, 0)) is kept
