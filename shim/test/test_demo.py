"""The demo: pollcheck explains each way out of the tutorial's chat server and is silent on the fixed one."""
import json
import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "demo"))

import chat_cases  # noqa: E402
import demo  # noqa: E402
from chat_process import PATIENCE, ChatServer, wait_for  # noqa: E402

DEMO = demo.FOLDER / "demo.py"


def run_demo(library, folder, *options):
    command = [sys.executable, str(DEMO), "--library", str(library), *options]
    return subprocess.run(command, env=dict(os.environ, TMPDIR=str(folder)), capture_output=True, text=True,
                          timeout=120)


def working_folder(process):
    try:
        return os.readlink(process / "cwd")
    except OSError:  # it ended, or is not ours
        return ""


def left_in(folder):
    """The files in folder and the processes that work there, also after it was removed."""
    folders = map(working_folder, Path("/proc").glob("[0-9]*"))
    return list(folder.iterdir()) + [name for name in folders if name.startswith(str(folder))]


@pytest.fixture(scope="module")
def silent_library(tmp_path_factory):
    """A library that finds nothing."""
    library = tmp_path_factory.mktemp("silent library") / "lib:silent.so"
    subprocess.run(["cc", "-shared", "-o", str(library), "-x", "c", "/dev/null"], check=True)
    return library


def test_demo_table(library, tmp_path):
    result = run_demo(library, tmp_path, "--json")
    table = {(row["server"], row["case"]): (row["expected"], row["said"], row["ok"])
             for row in json.loads(result.stdout)}
    expected = {(server, case.name): (case.rule, [case.rule], True) if case.rule and server == demo.SEED
                else ("", [], True) for server in (demo.SEED, demo.FIXED) for case in chat_cases.CASES}
    assert table == expected
    assert result.returncode == 0
    assert not left_in(tmp_path)


def test_demo_for_people(library, tmp_path):
    result = run_demo(library, tmp_path)
    assert result.returncode == 0, result.stdout
    assert "revents-mask-test-wrong" in result.stdout
    assert "\033" not in result.stdout
    assert not result.stderr


def test_finding_as_json(library, tmp_path):
    with ExitStack() as held:
        seed = ChatServer(demo.FOLDER / demo.SEED, tmp_path, library, ":report_format=json")
        server = held.enter_context(seed)
        chat_cases.play_reset(server, held)
        wait_for("the finding", lambda: "\n" in server.report())
        finding = json.loads(server.report().splitlines()[0])
    assert finding["rule"] == "hup-err-not-handled"
    assert "revents-mask-test-wrong" in finding["hint"]
    assert "127.0.0.1:%d" % server.port in finding["fd_is"]


def test_demo_fails_when_pollcheck_says_nothing(tmp_path, silent_library):
    result = run_demo(silent_library, tmp_path, "--wait", "0.1")
    assert result.returncode == 1
    assert result.stdout.count("WRONG") == sum(bool(case.rule) for case in chat_cases.CASES)
    assert not left_in(tmp_path)


def test_demo_names_a_missing_library(tmp_path):
    result = run_demo(tmp_path / "nowhere.so", tmp_path)
    assert (result.returncode, result.stderr.count("\n")) == (2, 1)
    assert "nowhere.so does not exist" in result.stderr


def test_demo_says_when_the_library_cannot_be_preloaded(tmp_path):
    (tmp_path / "text.so").write_text("not a library")
    result = run_demo(tmp_path / "text.so", tmp_path)
    assert (result.returncode, result.stderr.count("\n")) == (2, 1)
    assert "did not get into " + sys.executable in result.stderr


def start_demo(library, folder):
    return subprocess.Popen([sys.executable, str(DEMO), "--library", str(library)], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, env=dict(os.environ, TMPDIR=str(folder)))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_demo_cleans_up_when_it_is_ended(tmp_path, silent_library, number):
    with start_demo(silent_library, tmp_path) as process:
        wait_for("the first server", lambda: list(tmp_path.glob("*/output")))
        process.send_signal(number)
        assert process.wait(PATIENCE) == 128 + number
        assert not process.stderr.read()
    assert not left_in(tmp_path)


def test_demo_ends_quietly_when_its_reader_leaves(tmp_path, silent_library):
    with start_demo(silent_library, tmp_path) as process:
        process.stdout.close()
        assert process.wait(PATIENCE) == 128 + signal.SIGPIPE
        assert not process.stderr.read()
    assert not left_in(tmp_path)
