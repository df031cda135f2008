"""What a program left undone: how long it may be a pause, and when nothing of its own can bring it back."""
import pytest

RULES = {"edge-triggered-not-drained", "oneshot-not-rearmed", "write-interest-missing"}


@pytest.mark.parametrize("seconds, without_limit, for_a_moment", [
    (1, "note", "note"), (5, "warning", "note"), (30, "error", "warning"),
])
def test_the_longer_it_lies_the_surer(seconds, without_limit, for_a_moment, build, run):
    findings = run([build("programs/forgotten"), seconds], {"level": "note"}, timeout=90).findings
    by_wait = {limit: [f for f in findings if f["rule"] in RULES and f["call"].split(")")[0].endswith(limit)]
               for limit in (", -1", ", 1")}
    for limit, severity in (", -1", without_limit), (", 1", for_a_moment):
        assert {f["rule"] for f in by_wait[limit]} == RULES, findings
        assert {f["severity"] for f in by_wait[limit]} == {severity}
