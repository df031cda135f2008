# What Python's select module promises of all its calls: exceptions, limits, constants.
import os
import select
import signal
from functools import partial

import pytest

from clause import clause
from descriptors import fill
from masks import BITS

clause = partial(clause, page="select (Python)", section="module")
INTERFACES = pytest.mark.parametrize("interface", ["select", "poll", "epoll"])


def told(interface, fd, name, *timeout):
    """What an interface, asked for reading (IN) or writing (OUT), says of one descriptor."""
    if interface == "select":
        return select.select([fd] * (name == "IN"), [fd] * (name == "OUT"), [], *timeout)
    poller = select.poll() if interface == "poll" else select.epoll()
    try:
        poller.register(fd, getattr(select, f"{interface.upper()}{name}"))
        return poller.poll(*timeout)
    finally:
        if interface == "epoll":
            poller.close()


@clause("PY-ERROR-ALIAS", "select.error is OSError")
def test_error():
    assert select.error is OSError


@clause("PY-PIPE-BUF", "a pipe told writable takes PIPE_BUF bytes, at least 512, without blocking")
@INTERFACES
def test_pipe_buf(pipe, interface):
    assert select.PIPE_BUF >= 512
    fill(pipe.write_end)
    full = told(interface, pipe.write_end, "OUT", 0)
    while told(interface, pipe.write_end, "OUT", 0) == full:
        assert os.read(pipe.read_end, 64)
    assert os.write(pipe.write_end, bytes(select.PIPE_BUF)) == select.PIPE_BUF


class Raised(Exception):
    pass


@clause("PY-PEP475-RAISE", "if the handler of a signal raises, the exception comes out of the call")
@INTERFACES
def test_raising_handler(signals, pipe, interface):
    def handler(*_):
        raise Raised
    signals.catch(signal.SIGALRM)
    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    with pytest.raises(Raised):
        told(interface, pipe.read_end, "IN")


@clause("PY-OVERFLOW", "a timeout beyond its C type raises OverflowError, the longest within it does not")
@pytest.mark.parametrize("interface, longest, beyond", [
    ("select", 2**62 // 10**9, 2**63), ("poll", 2**31 - 1, 2**31), ("epoll", 2147483.647, 2147483.648)],
    ids=["select", "poll", "epoll"])
def test_overflow(pipe, interface, longest, beyond):
    assert told(interface, pipe.write_end, "OUT", longest) == told(interface, pipe.write_end, "OUT")
    with pytest.raises(OverflowError):
        told(interface, pipe.write_end, "OUT", beyond)


@clause("PY-CONSTANTS", "the POLL and EPOLL names exist and have the values of the platform")
def test_constants():
    poll = {f"POLL{name}": bit for name, bit in BITS.items() if bit < BITS["EXCLUSIVE"]}
    epoll = {f"EPOLL{name}": bit for name, bit in BITS.items() if name not in ("NVAL", "WAKEUP")}
    expected = {**poll, **epoll, "EPOLL_CLOEXEC": os.O_CLOEXEC}
    assert {name: getattr(select, name, None) for name in expected} == expected
