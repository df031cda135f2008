"""Misuses in other forms than in their rules' own programs, and what only looks like them."""
import pytest

# by the name of the form in programs/forms.c: the rules and how sure they are
FORMS = {
    "pipe_read_at_its_end": {("eof-not-handled", "error")},
    "pipe_hung_up": {("hup-err-not-handled", "error")},
    "pipe_without_reader": {("hup-err-not-handled", "error")},
    "terminal_hung_up": {("hup-err-not-handled", "error")},
    "listener_put_back_at_once": {("accept-emfile-spin", "error")},
    "listener_put_back_later": set(),
    "closed_twice_by_one_function": {("double-close-race", "error")},
    "all_closed_by_one_function": set(),
    "ghost_whose_datum_is_a_number": {("ghost-registration", "error")},
    "child_that_is_slow": set(),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_form_gets_its_finding_and_no_other(form, build, run):
    ran = run([build("programs/forms"), form], options={"level": "warning"})
    assert ran.status == 0, ran.stderr
    assert {(finding["rule"], finding["severity"]) for finding in ran.findings} == FORMS[form]


def test_an_event_is_not_said_to_be_with_a_thread_that_ended(build, run):
    ran = run([build("programs/forms"), "event_of_a_joined_thread"], options={"level": "note"})
    assert (ran.status, ran.findings) == (0, [])
