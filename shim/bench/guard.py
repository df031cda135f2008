"""make bench-guard: instructions that the library adds to a call, counted by callgrind, against those that are
written down. Counts do not depend on how busy the machine is, so a change of them is a change of the code."""
import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

import quiet
from measure import Bench, Unmeasured

FILE = Path(__file__).with_name("instructions.tsv")
MODES = ("default", "off")
MORE, LESS = 0.03, 0.10  # shares by which a count may differ; a gain is to be written down, so that it is kept
FLOOR = 3  # instructions: what an unlucky hash costs on average


def compiled_by(library):
    """The compiler and its options, for the counts hold for one compiler on one architecture."""
    told = subprocess.run(["readelf", "-p", ".comment", library], capture_output=True, text=True, check=True).stdout
    compiler = re.search(r"\] +(.*)", told)[1]
    version = re.search(r"(\d+)\.\d+\.\d+$", compiler) or re.search(r"(\d+)\.", compiler)
    return f"{compiler.split(':')[0]} {version[1]} {os.uname().machine}"


def stored():
    lines = FILE.read_text().splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    return lines[0].removeprefix("# "), {(row, mode): float(count) for row, mode, count in rows}


def counted(bench):
    for row in quiet.ROWS:
        native = quiet.instructions(bench, row, "control")
        for mode in MODES:
            yield (row, mode), quiet.instructions(bench, row, mode) - native


def judge(count, before):
    """What is wrong with a count, "" when nothing is."""
    if before is None:
        return "is not written down"
    allowed = max(FLOOR, MORE * before)
    if count > before + allowed:
        return f"grew by {count - before:.1f}, {allowed:.1f} allowed"
    if count < before - max(FLOOR, LESS * before):
        return f"fell by {before - count:.1f}: write it down with --update"
    return ""


def write(compiler, counts):
    lines = [f"# {compiler}"] + [f"{row}\t{mode}\t{count:.1f}" for (row, mode), count in counts.items()]
    FILE.write_text("\n".join(lines) + "\n")
    print(f"{FILE.name}: {len(counts)} counts written")


def compare(counts, before):
    wrong = 0
    for key, count in counts.items():
        fault = judge(count, before.get(key))
        wrong += bool(fault)
        print(f"{key[0]:34}{key[1]:9}{count:8.1f}{before.get(key, float('nan')):8.1f}  {fault}".rstrip())
    return wrong


def main():
    parser = argparse.ArgumentParser(prog="make bench-guard", description=__doc__.split("\n")[0])
    parser.add_argument("--build", type=Path, default=Path("build"))
    parser.add_argument("--update", action="store_true", help="write the counts down")
    args = parser.parse_args()
    library = (args.build / "libpollcheck.so").resolve()
    bench = Bench(args.build.resolve(), library, rounds=1, core=max(os.sched_getaffinity(0)))
    compiler, before = stored() if FILE.exists() else ("", {})
    here = compiled_by(library)
    if not args.update and compiler != here:
        sys.exit(f"make bench-guard: the counts are for {compiler}, and this is {here}: build with that compiler")
    try:
        counts = dict(counted(bench))
    except Unmeasured as why:
        sys.exit(f"make bench-guard: {why}")
    if args.update:
        return write(here, counts)
    wrong = compare(counts, before)
    sys.exit(f"make bench-guard: {wrong} of {len(counts)} counts are not as written down" if wrong else 0)


if __name__ == "__main__":
    main()
