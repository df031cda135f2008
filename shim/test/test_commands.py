"""Those of our commands that start servers, engines or compilers, ended by one signal to them alone: nothing they
started goes on, no folder stays, and they say so in one line."""
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from conftest import BUILD, ROOT, make

# by what each calls itself: its words, and a word of the child that must be at work
COMMANDS = {
    "soak": (["shim/test/soak/run.py", "--build={build}", "--seconds=600", "--descriptors=3000"], "soak/server"),
    "make bench": (["shim/bench/run.py", "--build={build}", "--only=blocks"], "bench/blocks"),
    "fuzz": (["fuzz/run", "--build={engines}", "--seconds=600", "--jobs=3", "rules", "calls", "names"],
             "engine/names"),
    "teeth": (["fuzz/teeth", "--build={engines}", "--jobs=2"], "make -s -C"),
    "sensitivity": (["conformance/sensitivity/run.py"], "-m pytest"),
}
LIMIT = 60


@pytest.fixture
def engines(tmp_path):
    """A build folder whose engines find nothing for ten minutes."""
    folder = tmp_path / "engines/fuzz/engine"
    folder.mkdir(parents=True)
    for name in ("rules", "calls", "names"):
        (folder / name).write_text(f"#!/bin/bash\nexec -a engine/{name} sleep 600\n")
        (folder / name).chmod(0o755)
    return tmp_path / "engines"


def alive(folder):
    """The command lines of all processes that were started with this TMPDIR."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"TMPDIR={folder}\0".encode() in (process / "environ").read_bytes():
                yield (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:  # it has just ended, or is somebody else's
            continue


def until(holds):
    limit = time.monotonic() + LIMIT
    while not holds():
        assert time.monotonic() < limit
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("name", COMMANDS)
def test_an_ended_command_leaves_nothing_behind(name, number, engines, library, tmp_path):
    make(BUILD / "test/soak/server", BUILD / "bench/blocks")
    words, child = COMMANDS[name]
    words = [word.format(build=BUILD, engines=engines) for word in words]
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with open(tmp_path / "said", "w+") as said:
        command = subprocess.Popen(["/usr/bin/python3", *words], cwd=ROOT, stdout=said, stderr=said,
                                   env={**os.environ, "TMPDIR": str(scratch)})
        try:
            until(lambda: command.poll() is not None or any(child in line for line in alive(scratch)))
            command.send_signal(number)
            status = command.wait(timeout=LIMIT)
        finally:
            command.kill()
    text = (tmp_path / "said").read_text()
    assert (status, text.splitlines()[-1]) == (128 + number, f"{name}: ended by {number.name}"), text
    assert "Traceback" not in text
    until(lambda: not list(alive(scratch)))
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("words, error", [
    (["fuzz/run", "nonsense"], "nonsense: not in {engines}/fuzz/engine"),
    (["fuzz/run", "names", "nonsense"], "nonsense: not in {engines}/fuzz/engine"),
    (["fuzz/run", "--seconds=0", "names"], "argument --seconds: '0' is no number from 1 on"),
    (["fuzz/teeth", "nonsense"], "no fault is meant"),
    (["fuzz/teeth", "--part=3/2"], "argument --part: '3/2': there is no part 3 of 2"),
    (["fuzz/teeth", "--part=3"], "argument --part: '' is no number from 1 on"),
    (["ci/real-programs/run", "--jobs=x"], "argument --jobs: 'x' is no number from 1 on"),
    (["shim/bench/run.py", "--rounds=-1"], "argument --rounds: '-1' is no number from 1 on"),
    (["shim/test/soak/run.py", "--descriptors=0"], "argument --descriptors: '0' is no number from 1 on"),
])
def test_what_cannot_be_done_is_an_error(words, error, engines):
    words += [f"--build={engines}"] if words[0] == "fuzz/run" else []
    ran = subprocess.run(["/usr/bin/python3", *words], cwd=ROOT, capture_output=True, text=True, timeout=LIMIT)
    assert ran.returncode == 2
    assert error.format(engines=engines) in ran.stderr.splitlines()[-1]


@pytest.mark.parametrize("program, words, error", [
    ("fuzz/sweep", ["--every=3x"], "sweep: --every=3x is none of"),
    ("fuzz/sweep", ["--jobs=0"], "sweep: --jobs=0 is none of"),
    ("fuzz/replay/names", [], "replay: name the inputs of names"),
    ("fuzz/replay/names", ["/nowhere"], "/nowhere: No such file"),
])
def test_what_a_program_of_the_fuzzer_cannot_do_is_an_error(program, words, error):
    make(BUILD / program)
    ran = subprocess.run([BUILD / program, *words], capture_output=True, text=True, timeout=LIMIT)
    assert ran.returncode == 2 and ran.stderr.startswith(error), ran
