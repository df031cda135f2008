"""The guard of instruction counts notices what it is there for."""
import sys

import pytest

from conftest import ROOT

sys.path.insert(0, str(ROOT / "shim/bench"))
import guard  # noqa: E402
import quiet  # noqa: E402


@pytest.mark.parametrize("count, before, said", [
    (320, 320, ""), (329, 320, ""), (331, 320, "grew by 11.0"), (290, 320, ""), (280, 320, "fell by 40.0"),
    (25, 22, ""), (26, 22, "grew by 4.0"), (18, 22, "fell by 4.0"), (5, None, "not written down"),
])
def test_what_is_wrong_with_a_count(count, before, said):
    judged = guard.judge(count, before)
    assert said in judged and bool(said) == bool(judged)


def test_every_row_is_written_down():
    compiler, counts = guard.stored()
    assert compiler.startswith("GCC ")
    assert set(counts) == {(row, mode) for row in quiet.ROWS for mode in guard.MODES}


def test_a_growth_ends_in_a_failure(capsys):
    assert guard.compare({("close", "off"): 42.0, ("dup", "off"): 80.0},
                         {("close", "off"): 42.0, ("dup", "off"): 22.0}) == 1
    assert "grew by 58.0" in capsys.readouterr().out
