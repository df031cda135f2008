"""Findings about the life of a descriptor tell it: opened, registered, duplicated, closed, reused."""


def found(ran, rule):
    findings = [finding for finding in ran.findings if finding["rule"] == rule]
    assert len(findings) == 1, ran.findings
    return findings[0]


def told(finding):
    return [related["what"] for related in finding["related"]]


def test_an_event_of_a_ghost_carries_what_was_freed(build, run):
    ran = run([build("programs/ghost_data")], options={"level": "warning"})
    assert {finding["rule"] for finding in ran.findings} == {"ghost-registration", "use-after-free-event-data"}
    ghost, data = found(ran, "ghost-registration"), found(ran, "use-after-free-event-data")
    assert (data["severity"], data["confirmed_by"], data["fd"]) == ("warning", "fdinfo", ghost["fd"])
