"""The modes a program is run in, one run of it, and the spread of what it printed."""
import os
import re
import shutil
import statistics
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

# name, what is preloaded, POLLCHECK_OPTIONS. "control" compares libc with itself and shows what the
# method resolves, "floor" is a wrapper that only calls on: none that looks at the answer can be cheaper.
# "trace" overwrites a ring larger than a core's cache, as all but the first seconds of a day do; "filling" makes files.
LIBRARY, FLOOR = "library", "floor.so"
MODES = {
    "control": (None, ""),
    "floor": (FLOOR, ""),
    "default": (LIBRARY, ""),
    "off": (LIBRARY, "off=1"),
    "notes": (LIBRARY, "level=note"),
    "log": (LIBRARY, "log=text:log_path={scratch}/log"),
    "trace": (LIBRARY, "trace={scratch}/trace:trace_size=2"),
    "filling": (LIBRARY, "trace={scratch}/trace"),
}
CANNOT_HERE = 77  # exit status of the programs: the machine does not allow it


class Unmeasured(Exception):
    """A figure that should be there is not; `here` means the machine, not the library, is the cause."""

    def __init__(self, reason, here=False):
        super().__init__(reason)
        self.here = here


@dataclass
class Bench:
    build: Path
    preload: Path
    rounds: int
    core: int

    def program(self, name):
        return str(self.build / "bench" / name)

    def preloaded(self, mode):
        """The path of what `mode` preloads, or None."""
        name = MODES[mode][0]
        return str(self.preload) if name == LIBRARY else name and self.program(name)

    def modes(self):
        """Those of MODES whose option the library knows, by its own help=1."""
        asked = self.environment("default", "help=1")
        keys = subprocess.run(["/bin/true"], env=asked, capture_output=True, text=True).stderr
        if "report_path" not in keys:
            raise Unmeasured(f"{self.preload} does not answer POLLCHECK_OPTIONS=help=1: can it be preloaded?")
        return [mode for mode, (_, options) in MODES.items()
                if not options or re.search(rf"\b{options.split('=')[0]}=", keys)]

    def environment(self, mode, options):
        env = {name: value for name, value in os.environ.items()
               if name not in ("LD_PRELOAD", "POLLCHECK_OPTIONS")}
        library = self.preloaded(mode)
        return {**env, "LD_PRELOAD": library, "POLLCHECK_OPTIONS": options} if library else env

    def run(self, command, mode="control", cores=None):
        """One run with a scratch folder, on our core or on `cores`: (completed process, findings)."""
        scratch = Path(tempfile.mkdtemp(prefix="pollcheck-bench-"))
        try:
            options = f"report_path={scratch}/report:" + MODES[mode][1].format(scratch=scratch)
            command = [part.format(scratch=scratch) for part in command]
            done = subprocess.run(command, env=self.environment(mode, options), timeout=600,
                                  preexec_fn=lambda: os.sched_setaffinity(0, cores or {self.core}),
                                  capture_output=True, text=True, errors="replace")
            if done.returncode:
                why = f"status {done.returncode}: {done.stderr.strip()[-300:]} ({' '.join(command)})"
                raise Unmeasured(why, here=done.returncode == CANNOT_HERE)
            found = "".join(path.read_text(errors="replace") for path in scratch.glob("report*"))
            return done, found
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def printed(text, word):
    """The numbers after `word`, a list for each line that begins with it."""
    return [[float(number) for number in line.split()[1:]]
            for line in text.splitlines() if line.startswith(word + " ")]


def spread(values):
    """The median and where the middle eighty per cent lie."""
    tenths = statistics.quantiles(values, n=10) if len(values) > 1 else [values[0]] * 9
    return {"median": statistics.median(values), "p10": tenths[0], "p90": tenths[-1]}


def compared(pairs):
    """What (native, shimmed) pairs say."""
    return {"native": spread([native for native, _ in pairs]),
            "ratio": spread([shimmed / native for native, shimmed in pairs]),
            "added": spread([shimmed - native for native, shimmed in pairs])}


def shown(of):
    return f"{of['median']:.3f} ({of['p10']:.2f}-{of['p90']:.2f})"


def remark(row, said):
    """A path on which something was reported was not the quiet one: the table must say so."""
    return [f"? {row}: {said.strip().splitlines()[0][:150]}"] if said.strip() else []
