"""Runs the pollcheck command for the tests of shim/tool."""
import dataclasses
import os
import subprocess

import pytest

from conftest import BUILD, make

LIMIT = 60  # seconds: no run here waits for anything but its own test


@dataclasses.dataclass
class Ended:
    status: int  # negative: killed by that signal
    stdout: str
    stderr: str


def clean_environment(**changes):
    ours = ("LD_PRELOAD", "POLLCHECK_OPTIONS", "TMPDIR", "NO_COLOR")
    return {key: value for key, value in os.environ.items() if key not in ours} | changes


def run_plainly(*words, env=None, **popen):
    popen.setdefault("stdin", subprocess.DEVNULL)
    popen = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | popen
    ended = subprocess.run([str(word) for word in words], env=clean_environment(**(env or {})), text=True,
                           errors="replace", timeout=LIMIT, **popen)
    return Ended(ended.returncode, ended.stdout, ended.stderr)


@pytest.fixture(scope="session")
def command():
    """The path of build/pollcheck, with its library beside it."""
    make(BUILD / "pollcheck", BUILD / "libpollcheck.so")
    return BUILD / "pollcheck"


@pytest.fixture(scope="session")
def pollcheck(command):
    """pollcheck("--level=note", program, ...) runs to its end."""
    return lambda *words, **popen: run_plainly(command, *words, **popen)
