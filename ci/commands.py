"""What our commands share: one that starts servers, engines and folders leaves none of them behind when it is ended.

Ctrl-C reaches a command's children only where they share its process group, and a plain kill reaches none of
them. Both are made an exception here, so that what is open is closed on the way out."""
import argparse
import concurrent.futures
import contextlib
import os
import signal
import sys
import threading
from pathlib import Path


def positive(words):
    """How an argument says a number from 1 on."""
    if not words.isdecimal() or not int(words):
        raise argparse.ArgumentTypeError(f"{words!r} is no number from 1 on")
    return int(words)


class Ended(BaseException):
    """SIGINT, SIGTERM or SIGHUP came; its argument is the number. Not an Exception: nothing but a cleanup may stop it."""


def end(number, _):
    signal.signal(number, signal.SIG_DFL)  # the second one need not wait for a cleanup
    raise Ended(number)


def end_children():
    """SIGTERM for each child of this process, whichever thread started it: proc(5), task/[tid]/children."""
    for listed in Path("/proc/self/task").glob("*/children"):
        with contextlib.suppress(OSError):  # the thread, or the child, has just gone
            for child in listed.read_text().split():
                os.kill(int(child), signal.SIGTERM)


def each(function, items, jobs):
    """[function(item), ...], `jobs` at a time. Whoever is at work when the command is ended loses his children until
    he gives up, and is not listened to any more: what fails then says nothing of the item."""
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        try:
            tasks = [pool.submit(function, item) for item in items]
            # only the main thread runs handlers, and the signal wakes whichever thread took it: seen to be another
            while concurrent.futures.wait(tasks, timeout=0.5).not_done:
                pass
            return [task.result() for task in tasks]
        except Ended:
            sys.stdout = open(os.devnull, "w")
            pool.shutdown(wait=False, cancel_futures=True)
            while any(thread is not threading.main_thread() for thread in threading.enumerate()):
                end_children()
                threading.Event().wait(0.1)
            raise


def command(name, main):
    """Exits with main's status; when ended, with one line and 128 and the signal's number, as a shell says it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:  # as nohup(1) leaves it
            signal.signal(number, end)
    try:
        status = main()
    except Ended as by:
        end_children()
        sys.stdout.flush()
        print(f"{name}: ended by {signal.Signals(*by.args).name}", file=sys.stderr)
        status = 128 + by.args[0]
    sys.exit(status)
