"""make bench: what the library costs, beside native and beside the tools one would use instead.

Ratios are what holds on a machine whose speed wanders; everything in a table was measured in this run."""
import argparse
import importlib
import json
import os
import platform
import re
import subprocess
import sys
import time
from pathlib import Path

import budgets
import plot
from measure import Bench, Unmeasured

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "ci"))
from commands import command, positive

PARTS = ("blocks", "threads", "quiet", "startup", "footprint", "peers")
SLOW_PARTS = ("servers",)


def arguments():
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__.split("\n")[0])
    parser.add_argument("--build", type=Path, default=Path("build"), help="folder that make filled")
    parser.add_argument("--library", dest="preload", metavar="LIBRARY", type=Path,
                        help="library to preload, default BUILD/libpollcheck.so")
    parser.add_argument("--rounds", type=positive, default=5, help="how often each figure is taken (default 5)")
    parser.add_argument("--only", help=f"parts, comma between: {','.join(PARTS + SLOW_PARTS)}")
    parser.add_argument("--servers", action="store_true", help="redis and nginx too (minutes)")
    parser.add_argument("--strict", action="store_true", help="status 1 when a limit is exceeded")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="write an SVG of the main ratios there")
    return parser.parse_args()


def wanted_parts(args):
    known = PARTS + SLOW_PARTS
    wanted = args.only.split(",") if args.only else known if args.servers else PARTS
    unknown = [part for part in wanted if part not in known]
    if unknown:
        print(f"make bench: no part '{unknown[0]}'; the parts are {', '.join(known)}", file=sys.stderr)
        sys.exit(2)
    return wanted


def said(command):
    return subprocess.run(command, capture_output=True, text=True).stdout.strip().split("\n")[0]


def machine():
    processor = re.search(r"^model name\s*: (.*)", Path("/proc/cpuinfo").read_text(), re.M)
    return {"when": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "kernel": platform.release(),
            "machine": platform.machine(), "processor": processor[1] if processor else "unknown",
            "cores": os.cpu_count(), "libc": " ".join(platform.libc_ver()), "load": os.getloadavg()[0],
            "commit": said(["git", "describe", "--always", "--dirty"]),
            "command": " ".join(["run.py", *sys.argv[1:]])}


def show(part, module, result, missing):
    print(f"\n{part}: {module.TITLE}")
    for line in module.lines(result) if result else ():
        print(f"  {line}".rstrip())
    for name, why in missing.items():
        print(f"  {name}: {'not on this machine' if why.here else 'NOT MEASURED'}: {why}")
    sys.stdout.flush()


def run_parts(bench, wanted):
    figures, broken = {}, []
    for part in wanted:
        module = importlib.import_module(part)
        result, missing = module.measure(bench)
        show(part, module, result, missing)
        figures[part] = result
        figures.setdefault("missing", {})[part] = {name: str(why) for name, why in missing.items()}
        broken += [f"{part}: {name}" for name, why in missing.items() if not why.here]
    return figures, broken


def verdicts(figures, wanted):
    return [(part, row, *budget[2:], quantities[budget[2]], quantities.get("floor " + budget[2]))
            for part in wanted
            for row, quantities in importlib.import_module(part).values(figures[part])
            for budget in budgets.over(part, row, quantities)]


def say_verdicts(over):
    print("\nbudgets: " + ("all kept" if not over else "! is over a limit, ~ over an aim"))
    for part, row, quantity, most, kind, value, floor in over:
        beside = "" if floor is None else f" (floor {floor:.3f})"
        print(f"  {kind} {part}: {row}: {quantity} {value:.3f}, at most {most}{beside}")


def main():
    args = arguments()
    wanted = wanted_parts(args)
    library = (args.preload or args.build / "libpollcheck.so").resolve()
    if not library.exists():
        print(f"make bench: {library} is missing; run make first", file=sys.stderr)
        return 2
    bench = Bench(args.build.resolve(), library, args.rounds, core=max(os.sched_getaffinity(0)))
    about = machine()
    print("  ".join(f"{name}: {value}" for name, value in about.items()))
    if about["load"] > 0.5:
        print(f"the machine is busy (load {about['load']:.1f}): whole processes will spread widely")
    try:
        figures, broken = run_parts(bench, wanted)
    except Unmeasured as why:
        print(f"make bench: {why}", file=sys.stderr)
        return 1
    over = verdicts(figures, wanted)
    say_verdicts(over)
    if args.json:
        args.json.write_text(json.dumps({"about": about, **figures, "over budget": over}, indent=1) + "\n")
    if args.plot:
        args.plot.write_text(plot.drawn({"about": about, **figures}))
    if broken:
        print(f"make bench: not measured: {'; '.join(broken)}", file=sys.stderr)
    exceeded = args.strict and any(budgets.LIMIT in verdict for verdict in over)
    return 1 if broken or exceeded else 0


if __name__ == "__main__":
    command("make bench", main)
