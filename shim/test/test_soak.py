"""The soak, short: what `make soak` promises of an hour, tried for some seconds; and that its verdicts can be bad."""
import importlib.util
import subprocess

import pytest

from conftest import BUILD, ROOT, make

SCRIPT = ROOT / "shim/test/soak/run.py"


@pytest.fixture(scope="module")
def soak():
    spec = importlib.util.spec_from_file_location("soak", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_some_seconds(library):
    make(BUILD / "test/soak/server")
    ran = subprocess.run(["/usr/bin/python3", SCRIPT, "--build", BUILD, "--seconds=6", "--descriptors=3000"],
                         capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.count("  held  ") == 5


def test_growth_is_that_of_the_second_half(soak):
    at_first = [(second, 1000000 * min(second, 30)) for second in range(60)]
    assert soak.growth(at_first) == 0
    assert soak.growth([(second, size + 2000 * second) for second, size in at_first]) == pytest.approx(120000)


class Ended:
    returncode = 0


@pytest.mark.parametrize("printed, findings, growing, wrong", [
    ("compared 9 registrations\nplanted a\n", ["a"], 0, set()),
    ("planted a\n", ["a"], 0, {"the shadow is what the kernel has"}),
    ("compared 9 registrations\nplanted a\nplanted b\n", ["a"], 0, {"every planted misuse is found"}),
    ("compared 9 registrations\n", [], 0, {"every planted misuse is found"}),
    ("compared 9 registrations\nplanted a\n", ["a", "b"], 0, {"nothing else is said"}),
    ("compared 9 registrations\nplanted a\n", ["a"], 5000, {"memory does not grow"}),
])
def test_each_verdict_can_be_bad(soak, printed, findings, growing, wrong):
    samples = [(second, growing * second) for second in range(60)]
    verdicts = soak.verdicts(Ended, printed, [{"rule": rule} for rule in findings], samples)
    assert {what for what, held, _ in verdicts if not held} == wrong
