"""The same loops as whole processes: alone, under the library, under the tools one would use instead."""
import shutil
import statistics

from measure import Unmeasured, printed

# Tracer and program share one core: strace takes 20 us a call so, 110 us on two; this favours the peers.
TITLE = "whole processes on one core, in rounds: median of the ratios to native (least-most)"
ROWS = ("epoll_wait, 1 ready", "epoll_wait + read", "epoll_ctl MOD", "poll of 1, 1 ready",
        "poll of 64, 1 ready", "select of 1, 1 ready", "read 1 byte, pipe", "write + epoll_wait + read, echo")
CALLS = "epoll_wait,poll,pselect6,epoll_ctl,read,write"
FUNCTIONS = "epoll_wait+poll+select+epoll_ctl+read+write"
PEERS = (  # name, command before the program, times the row is called, package
    ("pollcheck", [], 100000, None),
    ("pollcheck record", [], 100000, None),
    ("LTTng-UST", ["shim/bench/lttng", "{build}/bench/lttng.so"], 100000, "liblttng-ust-dev lttng-tools"),
    ("ThreadSanitizer build", ["setarch", "-R"], 100000, "gcc"),
    ("uftrace", ["uftrace", "record", "--force", "-d", "{scratch}/uftrace"], 20000, "uftrace"),
    ("valgrind memcheck", ["valgrind", "-q"], 20000, "valgrind"),
    ("strace --seccomp-bpf", ["strace", "--seccomp-bpf", "-f", "-e", "trace=%desc", "-o", "{scratch}/o"],
     4000, "strace"),
    ("strace", ["strace", "-f", "-e", "trace=%desc", "-o", "{scratch}/o"], 4000, "strace"),
    ("perf trace", ["perf", "trace", "-o", "{scratch}/o", "-e", CALLS], 10000, "linux-perf"),
    ("ltrace", ["ltrace", "-f", "-e", FUNCTIONS, "-o", "{scratch}/o"], 1000, "ltrace"),
)
# LTTng-UST has no wrappers of these calls: lttng.c is the least that has its tracepoints.
MODE = {"pollcheck": "default", "pollcheck record": "trace"}


def command(bench, peer, row):
    name, before, times, _ = peer
    program = "blocks-tsan" if name.startswith("ThreadSanitizer") else "blocks"
    before = [part.replace("{build}", str(bench.build)) for part in before]
    return before + [bench.program(program), "alone", row, str(times)]


def once(bench, peer, row):
    done, _ = bench.run(command(bench, peer, row), MODE.get(peer[0], "control"))
    return printed(done.stdout, "alone")[0][0]


def one_row(bench, row, peers):
    """{peer: (least, median, most)} of the rounds' ratios."""
    native, ratios = [], {peer[0]: [] for peer in peers}
    for _ in range(bench.rounds):
        native.append(once(bench, ("native", [], 100000, None), row))
        for peer in peers:
            ratios[peer[0]].append(once(bench, peer, row) / native[-1])
    return {"native": statistics.median(native),
            **{name: (min(of), statistics.median(of), max(of)) for name, of in ratios.items()}}


def measure(bench):
    here = [peer for peer in PEERS if not peer[1] or shutil.which(peer[1][0])]
    result = {"absent": {peer[0]: f"apt-get install {peer[3]}" for peer in PEERS if peer not in here}}
    missing = {}
    for peer in list(here):
        try:
            once(bench, peer, ROWS[0])
        except Unmeasured as why:
            here.remove(peer)
            missing[peer[0]] = why
    result["rows"] = {row: one_row(bench, row, here) for row in ROWS}
    return result, missing


def short(number):
    return f"{number:.2f}" if number < 10 else f"{number:.0f}"


def lines(result):
    rows = list(result["rows"])
    yield f"{'':24}" + "".join(f"{row.replace(', 1 ready', ''):>22.21}" for row in rows)
    yield f"{'native, ns':24}" + "".join(f"{result['rows'][row]['native']:22.0f}" for row in rows)
    for peer in [name for name in result["rows"][rows[0]] if name != "native"]:
        cells = (result["rows"][row][peer] for row in rows)
        yield f"{peer:24}" + "".join(f"{short(median) + f' ({short(least)}-{short(most)})':>22}"
                                     for least, median, most in cells)
    for peer, how in result["absent"].items():
        yield f"{peer:24}absent: {how}"


def values(result):
    return ()
