"""What the library takes of memory: resident bytes at the start, for a descriptor, a thread; TLS."""
import re
import statistics
import subprocess

from budgets import mark
from measure import printed

TITLE = "resident bytes with the library less those without; TLS from readelf"
DESCRIPTORS, THREADS = 15000, 100


def resident(bench, mode):
    done, _ = bench.run([bench.program("footprint"), str(DESCRIPTORS), str(THREADS)], mode)
    at = {when: printed(done.stdout, when)[-1][0] for when in ("start", "opened", "registered", "threads")}
    return {"bytes at the start": at["start"],
            "bytes for a descriptor": (at["opened"] - at["start"]) / DESCRIPTORS,
            "bytes for a registration": (at["registered"] - at["opened"]) / DESCRIPTORS,
            "bytes for a thread": (at["threads"] - at["registered"]) / THREADS}


def tls(library):
    headers = subprocess.run(["readelf", "-lW", library], capture_output=True, text=True, check=True).stdout
    segment = re.search(r"^ *TLS(?: +0x[0-9a-f]+){4} +0x([0-9a-f]+)", headers, re.M)
    return int(segment[1], 16) if segment else 0


def measure(bench):
    runs = [(resident(bench, "control"), resident(bench, "default")) for _ in range(bench.rounds)]
    result = {what: statistics.median(shimmed[what] - native[what] for native, shimmed in runs)
              for what in runs[0][0]}
    return {**result, "bytes of TLS": tls(bench.library)}, {}


def values(result):
    for what, added in result.items():
        yield what, {"added": added}


def lines(result):
    for what, added in result.items():
        yield f"{what:34}{added:+12.1f}{mark('footprint', what, {'added': added})}"
