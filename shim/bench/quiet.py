"""What is certain whatever the machine does: system calls, threads and instructions of the library's own."""
import re

from budgets import mark
from measure import Unmeasured, printed

TITLE = "counted: system calls of our own (strace -c), threads, instructions added to a call (callgrind)"
ROWS = ("epoll_wait, 1 ready", "epoll_wait, none ready", "epoll_wait + read", "epoll_ctl MOD",
        "epoll_ctl ADD + DEL", "poll of 1, 1 ready", "poll of 64, 1 ready", "select of 1, 1 ready",
        "read 1 byte, pipe", "write 1 byte, pipe", "recv 1 byte, socketpair", "send 1 byte, socketpair",
        "dup", "close", "close, one of two duplicates", "accept4, unix socket", "connect, unix socket")
FEW, MANY = 1000, 6000


def system_calls(bench, row, times, mode):
    """{name: count} of a run; strace sets the preload itself, so as not to be run under it."""
    library = bench.preloaded(mode)
    preload = ["-E", f"LD_PRELOAD={library}", "-E", "POLLCHECK_OPTIONS=report_path={scratch}/report"]
    shell = 'out=$0; "$@" && cat "$out" >&2'
    command = ["sh", "-c", shell, "{scratch}/o",
               "strace", "-f", "-c", "-U", "name,calls", "-o", "{scratch}/o",
               *(preload if library else []),
               bench.program("blocks"), "alone", row, str(times)]
    done, _ = bench.run(command)
    counted = dict(re.findall(r"^(\w+) +(\d+)$", done.stderr, re.M))
    counted.pop("total", None)
    return {name: int(count) for name, count in counted.items()}, int(printed(done.stdout, "threads")[0][0])


def difference(more, less):
    return {name: more.get(name, 0) - less.get(name, 0)
            for name in sorted({*more, *less}) if more.get(name, 0) != less.get(name, 0)}


def instructions(bench, row, mode):
    """callgrind counts inside the timed loop alone: no start-up, nothing of the row's preparations."""
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=timed*",
               bench.program("blocks"), "alone", row, str(FEW)]
    done, _ = bench.run(command, mode)
    return int(re.search(r"Collected : (\d+)", done.stderr)[1]) / FEW


def one_row(bench, row):
    few_native, few_shimmed = (system_calls(bench, row, FEW, mode)[0] for mode in ("control", "default"))
    start = difference(few_shimmed, few_native)
    native, native_threads = system_calls(bench, row, MANY, "control")
    shimmed, threads = system_calls(bench, row, MANY, "default")
    own = instructions(bench, row, "control")
    return {"at start": start, "in each": difference(difference(shimmed, native), start),
            "threads": threads - native_threads, "native instructions": own,
            "instructions": {mode: instructions(bench, row, mode) - own for mode in ("off", "default")}}


def measure(bench):
    result, missing = {}, {}
    for row in ROWS:
        try:
            result[row] = one_row(bench, row)
        except Unmeasured as why:
            missing[row] = why
    return result, missing


def values(result):
    for row, figures in result.items():
        per_call = sum(map(abs, figures["in each"].values())) / (MANY - FEW)
        yield row, {"system calls a call": per_call, "threads": figures["threads"],
                    "instructions": figures["instructions"]["default"]}


def lines(result):
    yield f"{'':34}{'system calls':>14}{'threads':>9}{'instructions':>14}{'(off)':>8}"
    for row, quantities in values(result):
        added = result[row]["instructions"]
        yield (f"{row:34}{quantities['system calls a call']:14.4f}{quantities['threads']:9}"
               f"{added['default']:14.1f}{added['off']:8.1f} {mark('quiet', row, quantities)}")
        if result[row]["in each"]:
            yield f"{'':34}{result[row]['in each']}"
    yield f"only when a program starts: {next(iter(result.values()))['at start']}"
