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
}


@pytest.mark.parametrize("form", FORMS)
def test_a_form_gets_its_finding_and_no_other(form, build, run):
    ran = run([build("programs/forms"), form], options={"level": "warning"})
    assert ran.status == 0, ran.stderr
    assert {(finding["rule"], finding["severity"]) for finding in ran.findings} == FORMS[form]
