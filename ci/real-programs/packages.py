# What the programs need on the machine: Debian packages, and trees built from Debian's sources.
import contextlib
import os
import pathlib
import shlex
import shutil
import subprocess
import sys

POLICY = pathlib.Path("/usr/sbin/policy-rc.d")
CACHE = pathlib.Path("/var/cache/pollcheck-real-programs")
SOURCE = pathlib.Path(__file__).with_name("source")
TOOLS = {"iproute2", "util-linux"}  # ip and ss, unshare


@contextlib.contextmanager
def no_daemons():
    """While packages are installed Debian asks policy-rc.d whether a daemon may start; 101 says no."""
    before = (POLICY.read_bytes(), POLICY.stat().st_mode) if POLICY.exists() else None
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        if before:
            POLICY.write_bytes(before[0])
            POLICY.chmod(before[1])
        else:
            POLICY.unlink()


def apt(*arguments):
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "-q", "-y", *arguments], check=True, stdout=sys.stderr,
                   stdin=subprocess.DEVNULL, env=quiet)


def installed(package):
    state = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Status}", package], capture_output=True)
    return state.stdout == b"installed"


def install(programs):
    wanted = TOOLS.union(*(program["packages"] for program in programs))
    if missing := sorted(package for package in wanted if not installed(package)):
        with no_daemons():
            apt("update")
            apt("install", "--no-install-recommends", *missing)


def build(program):
    """The built tree is kept for the next time; half a tree never is, since `built` is written last."""
    folder = CACHE / program["name"]
    if "build" not in program or (folder / "built").exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for step in (shlex.join([str(SOURCE), *program["sources"]]), program["build"]):
        subprocess.run(["bash", "-euo", "pipefail", "-c", step], check=True, cwd=folder, stdout=sys.stderr)
    (folder / "built").touch()
