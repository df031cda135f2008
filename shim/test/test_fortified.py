"""FD_SET out of range in a fortified program: the finding is written before the C library aborts."""
import signal

import pytest

FLAGS = ("-O2", "-U_FORTIFY_SOURCE", "-D_FORTIFY_SOURCE=3")
CASES = {"1100": ("fd-setsize-overflow", "descriptor 1100 was put into an fd_set"),
         "-1": ("negative-fd-in-set", "descriptor -1 was put into an fd_set")}


@pytest.mark.parametrize("number, rule, sentence", [(n, *expected) for n, expected in CASES.items()])
def test_the_finding_comes_before_the_abort(number, rule, sentence, build, run):
    ran = run([build("fortified/fdelt", *FLAGS), number])
    assert ran.status == -signal.SIGABRT
    assert [f["rule"] for f in ran.findings] == [rule]
    assert ran.findings[0]["message"].startswith(sentence)
    assert any("fdelt" in frame.get("module", "") for frame in ran.findings[0]["stack"])


def test_a_number_in_range_is_silent(build, run):
    ran = run([build("fortified/fdelt", *FLAGS), "0"])
    assert (ran.status, ran.findings) == (0, [])
