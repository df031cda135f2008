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


def test_a_ghost_is_told_from_its_close_back_to_its_birth_with_who_holds_it(build, run):
    ghost = found(run([build("programs/ghost_data")]), "ghost-registration")
    holder = [what for what in told(ghost) if what.startswith("duplicated: descriptor ")]
    assert told(ghost) == ["closed", *holder, "registered", "created"] and len(holder) == 1
    assert all(related["stack"] for related in ghost["related"])


def test_an_instance_leaked_when_the_program_has_kept_it(build, run):
    findings = run([build("rules/epoll-fd-leak-exec")], {"level": "note"}).findings
    kept = [finding for finding in findings if finding["severity"] == "warning"]
    at_exec = [finding for finding in findings if finding["severity"] == "note"]
    assert [(f["confirmed_by"], told(f)) for f in kept] == [("fcntl, kcmp", ["created"])]
    assert {f["confirmed_by"] for f in at_exec} == {"fcntl"} and kept[0]["pid"] not in [f["pid"] for f in at_exec]


def test_a_reused_number_is_told_with_both_its_files(build, run):
    findings = run([build("rules/fd-reuse-stale-event")]).findings
    assert len(findings) == 4
    for finding in findings:
        lives = [what.split(" for EPOLL")[0] for what in told(finding)]
        assert lives == ["reused: the number was given to another file", "closed", "registered"], finding
        assert finding["confirmed_by"] == "return value"


def test_a_waiter_is_told_with_its_own_stack_and_thread(build, run):
    findings = run([build("rules/close-while-waiting")]).findings
    assert [finding["severity"] for finding in findings] == ["error", "error", "warning", "error"]
    for finding, wait in zip(findings, ("poll", "select", "epoll_wait", "poll")):
        assert f"waits for it in {wait}," in finding["message"]
        waited = next(related for related in finding["related"] if related["what"].startswith("waited for"))
        assert waited["what"].startswith("waited for by thread ")
        assert len(waited["stack"]) > 1, "captured by the thread that waits: its callers are there"
        assert finding["confirmed_by"] == "/proc/self/task"
