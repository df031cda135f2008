# For the clauses about Python's select module: what its calls take, how long they took, how signals end them.
import signal
import time


class Wrapped:
    """Whatever has a fileno method will do as a descriptor."""

    def __init__(self, number):
        self.number = number

    def fileno(self):
        return self.number


def timed(call, *arguments):
    """What the call gives, and the seconds it took."""
    began = time.monotonic()
    result = call(*arguments)
    return result, time.monotonic() - began


def under_fire(signals, call, *arguments):
    """The same while a signal arrives every 10 ms: begun anew each time, a longer wait would never end."""
    signals.catch(signal.SIGALRM)
    signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
    result, seconds = timed(call, *arguments)
    signal.setitimer(signal.ITIMER_REAL, 0)
    assert set(signals.caught) == {signal.SIGALRM}, "no signal came"
    return result, seconds
