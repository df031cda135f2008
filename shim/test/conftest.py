"""What the shim's tests share: the library, how a program of shim/test is built, how one is run under it.
BUILD (as in the Makefile) names the build folder, POLLCHECK_LIBRARY another library to test."""
import dataclasses
import fcntl
import itertools
import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("BUILD", "build")
TEST = ROOT / "shim" / "test"
# nohup and a shell's background ignore these, which children would inherit (signal(7), execve(2))
for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
    if signal.getsignal(number) == signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="chroot, mount and setuid need root")


@dataclasses.dataclass
class Run:
    """How a program ended and what the library reported meanwhile, children included."""
    stdout: bytes
    stderr: bytes
    status: int  # negative: killed by that signal
    findings: list
    summaries: list


def as_make_names(path):
    """The build folder is among the compiler's flags: by another name than `make` gives it all would be built anew,
    under the feet of whoever runs what is there."""
    return os.path.relpath(path, ROOT) if Path(path).is_relative_to(ROOT) else str(path)


def make(*targets, folder=BUILD, flags=()):
    """Builds targets; parallel test processes take turns, make itself knows no lock."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / ".tests-lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = subprocess.run(["make", "-s", "-C", ROOT, f"BUILD={as_make_names(folder)}", *flags,
                               *map(as_make_names, targets)], capture_output=True, text=True)
    assert made.returncode == 0, made.stdout + made.stderr


def compile_variant(source, flags, compiler):
    """The Makefile's rule has one set of flags; a variant is named after its compiler and flags."""
    name = "".join(c if c.isalnum() else "-" for c in "".join([compiler, *flags]))
    target = BUILD / "test" / source.parent.name / f"{source.stem}.{name}"
    if target.exists() and target.stat().st_mtime > newest(source):
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = f"{target}.{os.getpid()}"
    command = [compiler, "-std=gnu11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-pthread", f"-I{ROOT}/shim",
               f"-I{TEST}", "-o", partial, str(source), *flags]
    made = subprocess.run(command, capture_output=True, text=True)
    assert made.returncode == 0, f"{command}\n{made.stderr}"
    os.replace(partial, target)
    return target


def newest(source):
    headers = [*source.parent.glob("*.h"), *(ROOT / "shim").glob("*.h"), *(ROOT / "shim").glob("*.def")]
    return max(path.stat().st_mtime for path in [source, *headers])


@pytest.fixture(scope="session")
def library():
    chosen = os.environ.get("POLLCHECK_LIBRARY")
    if not chosen:
        make(BUILD / "libpollcheck.so")
        return BUILD / "libpollcheck.so"
    path = Path(chosen).resolve()
    assert path.exists(), f"POLLCHECK_LIBRARY={chosen}: no such file; build it or unset the variable"
    return path


@pytest.fixture(scope="session")
def build():
    """build("rules/del-after-close") is the program's path; with flags or a compiler, that variant's."""
    def build_program(program, *flags, compiler="cc"):
        if flags or compiler != "cc":
            return compile_variant(TEST / f"{program}.c", flags, compiler)
        make(BUILD / "test" / program)
        return BUILD / "test" / program
    return build_program


def reports(path):
    """The JSON lines of a report file and of those its forked children wrote beside it."""
    files = [path, *sorted(path.parent.glob(path.name + ".*"))]
    for file in filter(Path.is_file, files):
        for line in file.read_text().splitlines():
            yield json.loads(line)


def straced(argv, environ, log, *options):
    """The command under strace, which gives it environ: strace itself is not to be run under the library."""
    given = [word for name, value in environ.items() for word in ("-E", f"{name}={value}")]
    return ["strace", *options, "-o", log, *given, *map(str, argv)]


@pytest.fixture
def run(library, tmp_path):
    """run(argv, options={...}): one run with the library preloaded, in a folder and with a report file
    of its own. An option that is None is not given at all."""
    numbers = itertools.count()

    def run_program(argv, options=None, preload=True, env=None, preloads=None, timeout=120, **popen):
        folder = tmp_path / f"run{next(numbers)}"
        folder.mkdir()
        options = {"report_path": folder / "report", "report_format": "json", **(options or {})}
        given = {key: value for key, value in options.items() if value is not None}
        environ = {k: v for k, v in os.environ.items() if k not in ("LD_PRELOAD", "POLLCHECK_OPTIONS")}
        if preload:
            environ["LD_PRELOAD"] = " ".join(map(str, preloads or [library]))
            environ["POLLCHECK_OPTIONS"] = ":".join(f"{key}={value}" for key, value in given.items())
        environ.update(env or {})
        popen.setdefault("stdin", subprocess.DEVNULL)
        popen.setdefault("cwd", folder)
        # files, not pipes: a child that outlives the program must not keep us reading
        with open(folder / "stdout", "wb+") as out, open(folder / "stderr", "wb+") as err:
            child = subprocess.Popen(list(map(str, argv)), stdout=popen.pop("stdout", out),
                                     stderr=popen.pop("stderr", err), env=environ,
                                     start_new_session=True, **popen)
            try:
                status = child.wait(timeout)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
                pytest.fail(f"{argv} did not end within {timeout} s; it printed:\n"
                            + (folder / "stdout").read_text(errors="replace")[-2000:])
        judged = []
        if given.get("report_format") == "json" and "report_path" in given:
            judged = list(reports(Path(given["report_path"])))
        return Run((folder / "stdout").read_bytes(), (folder / "stderr").read_bytes(), status,
                   [entry for entry in judged if "rule" in entry],
                   [entry for entry in judged if "rule" not in entry])
    return run_program
