"""POLLCHECK_OPTIONS: what is not understood is said in one line and changes nothing."""
import re

import pytest

from conftest import ROOT

KEYS = re.findall(r"^OPTION\((\w+),", (ROOT / "shim/options.def").read_text(), re.M)

BAD = {
    "unknown key": ("foo=1", "unknown key 'foo'; POLLCHECK_OPTIONS=help=1 lists the keys"),
    "key without a value": ("level", "level=: expected note, warning, error"),
    "no such choice": ("level=loud", "level=loud: expected note, warning, error"),
    "no number": ("spin_threshold=many", "spin_threshold=many: expected a number"),
    "neither 0 nor 1": ("off=2", "off=2: expected 0 or 1"),
    "empty path": ("report_path=", "report_path=: expected a path"),
}


@pytest.mark.parametrize("given, said", BAD.values(), ids=BAD.keys())
def test_a_bad_option_is_said_in_one_line(given, said, run):
    ran = run(["/bin/echo", "still runs"], env={"POLLCHECK_OPTIONS": given})
    assert (ran.status, ran.stdout) == (0, b"still runs\n")
    assert ran.stderr.decode().count("\n") == 1 and said in ran.stderr.decode()


def test_help_lists_every_key(run):
    said = run(["/bin/true"], env={"POLLCHECK_OPTIONS": "help=1"}).stderr.decode()
    assert re.findall(r"^pollcheck:   (\w+)=", said, re.M) == KEYS


def test_good_options_are_silent(run):
    assert run(["/bin/true"], env={"POLLCHECK_OPTIONS": "level=note:spin_threshold=64:color=never"}).stderr == b""


def test_missing_suppressions_file_is_said(run, tmp_path):
    said = run(["/bin/true"], env={"POLLCHECK_OPTIONS": f"suppressions={tmp_path}/none"}).stderr.decode()
    assert said.count("\n") == 1 and "cannot be read" in said
