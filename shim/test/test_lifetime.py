"""Findings about the life of a descriptor tell it: opened, registered, duplicated, closed, reused."""
import re
import sys

from conftest import straced


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


WORKER = """import fcntl, os, select, time
loop = select.epoll()
fcntl.fcntl(loop, fcntl.F_SETFD, 0)
worker = os.fork()
if not worker:
    time.sleep(60)
for _ in range(30):
    loop.poll(0.1)
os.kill(worker, 9)"""


def test_a_worker_that_executes_nothing_is_asked_about_for_a_second(run, library, tmp_path):
    log = tmp_path / "strace"
    environ = {"LD_PRELOAD": library, "POLLCHECK_OPTIONS": f"report_path={tmp_path}/report"}
    argv = straced([sys.executable, "-c", WORKER], environ, log, "-e", "trace=openat,epoll_wait")
    assert run(argv, preload=False).status == 0
    calls = log.read_text().splitlines()
    asked = [number for number, call in enumerate(calls) if re.search(r"/proc/\d+/stat", call)]
    waits = [number for number, call in enumerate(calls) if "epoll_wait" in call]
    assert 1 <= len(asked) <= 11 and sum(number > asked[-1] for number in waits) >= 10


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
