"""The modes a program is run in, one run of it, and the spread of what it printed."""
import os
import re
import shutil
import statistics
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

# name, POLLCHECK_OPTIONS (None: no preload at all, so that "control" compares libc with itself)
MODES = {
    "control": None,
    "off": "off=1",
    "default": "",
    "notes": "level=note",
    "log": "log=text:log_path={scratch}/log",
    "trace": "trace={scratch}",
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
    library: Path
    rounds: int
    core: int

    def program(self, name):
        return str(self.build / "bench" / name)

    def modes(self):
        """Those of MODES whose option the library knows, by its own help=1."""
        asked = self.environment("help=1")
        keys = subprocess.run(["/bin/true"], env=asked, capture_output=True, text=True).stderr
        if "report_path" not in keys:
            raise Unmeasured(f"{self.library} does not answer POLLCHECK_OPTIONS=help=1: can it be preloaded?")
        return {name: options for name, options in MODES.items()
                if not options or re.search(rf"\b{options.split('=')[0]}\b", keys)}

    def environment(self, options, preload=True):
        env = {name: value for name, value in os.environ.items()
               if name not in ("LD_PRELOAD", "POLLCHECK_OPTIONS")}
        if options is not None:
            env.update(POLLCHECK_OPTIONS=options, **({"LD_PRELOAD": str(self.library)} if preload else {}))
        return env

    def run(self, command, options=None, preload=True, cores=None):
        """One run with a scratch folder, on our core or on `cores`: (completed process, findings)."""
        scratch = Path(tempfile.mkdtemp(prefix="pollcheck-bench-"))
        try:
            if options is not None:
                options = f"report_path={scratch}/report:" + options.format(scratch=scratch)
            command = [part.format(scratch=scratch) for part in command]
            done = subprocess.run(command, env=self.environment(options, preload), timeout=600,
                                  preexec_fn=lambda: os.sched_setaffinity(0, cores or {self.core}),
                                  capture_output=True, text=True, errors="replace")
            if done.returncode:
                why = f"{' '.join(command)}: status {done.returncode}: {done.stderr.strip()[-300:]}"
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
