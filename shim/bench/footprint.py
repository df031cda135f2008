"""What the library takes of memory: resident bytes at the start, for a descriptor, a thread; TLS."""
import re
import statistics
import subprocess

from budgets import mark
from measure import Unmeasured, printed

TITLE = "resident bytes with the library less those without; TLS from readelf"
# What the first ones touch is a program's cost once: the tables of call sites above all, some pages of them
# when a place is met again. The rest fill whole pages, and share none with what is counted beside them.
FIRST, DESCRIPTORS, THREADS = 1024, 234 * 64, 100


def resident(bench, mode):
    counts = map(str, (THREADS, FIRST // 2, FIRST // 2, DESCRIPTORS))
    done, _ = bench.run([bench.program("footprint"), *counts], mode)
    at = {when: [said[0] for said in printed(done.stdout, when)]
          for when in ("start", "opened", "registered", "threads")}
    start, opened, (_, first, registered) = at["start"][-1], at["opened"][2], at["registered"]
    return {"bytes at the start": start,
            f"bytes for the first {FIRST} registered": first - start,
            "bytes for a descriptor": (opened - first) / DESCRIPTORS,
            "bytes for a registration": (registered - opened) / DESCRIPTORS,
            "bytes for a thread": (at["threads"][0] - registered) / THREADS}


def tls(library):
    headers = subprocess.run(["readelf", "-lW", library], capture_output=True, text=True, check=True).stdout
    segment = re.search(r"^ *TLS(?: +0x[0-9a-f]+){4} +0x([0-9a-f]+)", headers, re.M)
    return int(segment[1], 16) if segment else 0


def measure(bench):
    try:
        runs = [(resident(bench, "control"), resident(bench, "default")) for _ in range(bench.rounds)]
    except Unmeasured as why:
        return {}, {"all": why}
    result = {what: statistics.median(shimmed[what] - native[what] for native, shimmed in runs)
              for what in runs[0][0]}
    return {**result, "bytes of TLS": tls(bench.preload)}, {}


def values(result):
    for what, added in result.items():
        yield what, {"added": added}


def lines(result):
    for what, added in result.items():
        yield f"{what:34}{added:+12.1f}{mark('footprint', what, {'added': added})}"
