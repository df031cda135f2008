"""How threads scale: turns of epoll_wait and read by many threads, on one epoll instance or one each."""
import os

from measure import compared, printed, remark, shown

TITLE = "epoll_wait + read by many threads at once, all cores: ratio to native (10-90 %)"
ROWS = [(kind, count) for kind in ("own", "shared") for count in (1, 2, 4, 16)]


def one_row(bench, kind, count):
    pairs, said = {"control": [], "default": []}, ""
    for _ in range(bench.rounds):
        for mode in pairs:
            done, found = bench.run([bench.program("threads"), kind, str(count), "20"], mode,
                                    cores=range(os.cpu_count()))
            pairs[mode] += printed(done.stdout, "pair")
            said += found
    return {"said": said, **{mode: compared(pairs[mode]) for mode in pairs}}


def measure(bench):
    return {f"{kind} instance, threads: {count}": one_row(bench, kind, count) for kind, count in ROWS}, {}


def values(result):
    return ()


def lines(result):
    for row, figures in result.items():
        default, control = figures["default"], figures["control"]
        yield (f"{row:34}{default['native']['median']:8.0f} ns  {shown(default['ratio'])}"
               f"  control {shown(control['ratio'])}")
        yield from remark(row, figures["said"])
