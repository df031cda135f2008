"""Waits: each form of the rules that have several, and inject=eintr."""
import sys

import pytest

# program, severity, part of the message, confirmed_by
FORMS = [
    ("select-set-not-reinitialised", "error", "nothing is watched at all", "zero-timeout poll"),
    ("select-set-not-reinitialised", "warning", "not watched any more", "zero-timeout poll"),
    ("select-set-not-reinitialised", "error", "waits without limit for nothing", "fcntl"),
    ("select-timeval-reused", "error", "is passed to it again, and nothing is left", "count"),
    ("select-timeval-reused", "warning", "ran out once and was not set again", "count"),
    ("wait-eintr-fatal", "warning", "closed the epoll instance", "rt_sigaction"),
    ("wait-eintr-fatal", "warning", "the program ended", "rt_sigaction"),
    ("pollfd-slot-uninitialised", "warning", "and nobody looks", "zero-timeout poll"),
    ("pollfd-slot-uninitialised", "warning", "standard input is closed", "return value"),
    ("pollfd-slot-uninitialised", "note", "were they ever filled in", None),
    ("maxevents-invalid", "error", "whose frame ends after", "stack frame"),
    ("maxevents-invalid", "warning", "full batches are fetched", "zero-timeout poll"),
    ("timeout-overflow", "error", "a timeout of -1 seconds", "return value"),
    ("timeout-overflow", "note", "which is 24 days", "argument"),
    ("fd-setsize-overflow", "note", "descriptors beyond 1023, such as 1100", "argument"),
    ("connect-completion-unchecked", "warning", "it was not", "return value"),
    ("nested-epoll-limit", "note", "65 other epoll instances", None),
]
POLLS = "import select; print(select.poll().poll(20), [select.poll().poll(20) for _ in range(3)])"
GIVES_UP = "import ctypes; print(ctypes.CDLL(None).poll(None, 0, 10000))"


@pytest.mark.parametrize("program, severity, message, proof", FORMS)
def test_each_form_is_found(program, severity, message, proof, build, run):
    options = {"level": "note" if severity == "note" else "warning"}
    found = [(f["severity"], f.get("confirmed_by")) for f in run([build(f"rules/{program}")], options).findings
             if message in f["message"]]
    assert found == [(severity, proof)]


def test_a_wait_that_has_not_returned_is_shown_as_such(build, run):
    deaf = [f for f in run([build("rules/select-set-not-reinitialised")]).findings if "without limit" in f["message"]]
    assert [f["call"].endswith(", NULL) = ?") for f in deaf] == [True]


def test_inject_refuses_each_place_once(run, tmp_path):
    log = tmp_path / "log"
    ran = run([sys.executable, "-c", POLLS], {"inject": "eintr", "log": "text", "log_path": log})
    assert (ran.status, ran.stdout, ran.findings) == (0, b"[] [[], [], []]\n", [])
    calls = [line for line in log.read_text().splitlines() if " poll(" in line]
    assert [("EINTR" in call) for call in calls] == [True] + [False] * 4


def test_inject_finds_who_gives_up(run):
    ran = run([sys.executable, "-c", GIVES_UP], {"inject": "eintr"})
    assert ran.stdout == b"-1\n"
    assert [(f["rule"], f["confirmed_by"]) for f in ran.findings] == [("wait-eintr-fatal", "injected EINTR")]


def test_inject_ends_what_no_handler_can_end_only_where_a_stop_does(run):
    none_caught = GIVES_UP.replace("import ctypes", "import ctypes, signal; signal.signal(2, 0)").replace("10000", "20")
    ran = run([sys.executable, "-c", none_caught], {"inject": "eintr"})
    assert (ran.stdout, ran.findings) == (b"0\n", [])
    none_caught = "import select, signal; signal.signal(2, 0); print(select.epoll().poll(0.02))"
    ran = run([sys.executable, "-c", none_caught], {"inject": "eintr", "log": "text"})
    assert ran.stdout == b"[]\n" and b"EINTR" in ran.stderr


def test_inject_lets_probes_pass(run):
    ran = run([sys.executable, "-c", GIVES_UP.replace("10000", "0")], {"inject": "eintr"})
    assert (ran.stdout, ran.findings) == (b"0\n", [])
