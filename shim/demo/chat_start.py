"""What both chat servers share: the command line, the listening socket, the count of wake-ups."""
import argparse
import select
import signal
import socket
import sys


class CountingPoll:
    """select.poll() that counts how often a wait returned."""

    def __init__(self):
        self._poll = select.poll()
        self.register = self._poll.register
        self.modify = self._poll.modify
        self.unregister = self._poll.unregister
        self.wakeups = 0

    def poll(self, timeout=None):
        events = self._poll.poll(timeout)
        self.wakeups += 1
        return events


def listening_socket(port, reuse_address):
    listener = socket.socket()
    if reuse_address:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen()
    listener.setblocking(False)
    return listener


def run(serve, reuse_address):
    """Runs serve(listener, poller) until it returns, a SIGTERM comes, or the deadline passes."""
    options = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__.splitlines()[0])
    options.add_argument("--port", type=int, default=9002, help="0 takes a free one (default: %(default)s)")
    options.add_argument("--deadline", type=float, default=0, metavar="SECONDS", help="end after this time")
    arguments = options.parse_args()
    for signal_number in signal.SIGTERM, signal.SIGALRM:
        signal.signal(signal_number, lambda *_: sys.exit())
    signal.setitimer(signal.ITIMER_REAL, arguments.deadline)
    poller = CountingPoll()
    with listening_socket(arguments.port, reuse_address) as listener:
        print("listening on %s:%d" % listener.getsockname(), flush=True)
        try:
            serve(listener, poller)
        finally:
            print(poller.wakeups, "wake-ups", flush=True)
