"""SARIF: the document is what the published schema says and what GitHub code scanning takes, and how a run ended.
tool/records.c plays the library where no real finding would do."""
import json
import os
import signal
import subprocess
import time

import pytest

from command import LIMIT, clean_environment, command, pollcheck  # noqa: F401
from sarif import EOF, GHOST, MISUSES, rules_of, sarif, valid  # noqa: F401

# --- what GitHub's documentation demands (SARIF support for code scanning; limits on results) ---

def locations_in(value):
    """All location objects below value."""
    if isinstance(value, dict):
        if "physicalLocation" in value:
            yield value
        for below in value.values():
            yield from locations_in(below)
    elif isinstance(value, list):
        for below in value:
            yield from locations_in(below)


def assert_code_scanning_takes(run):
    assert run["tool"]["driver"]["name"] == "pollcheck" and run["tool"]["driver"]["version"]
    for rule in rules_of(run):
        assert rule["id"] and rule["help"]["text"] and rule["help"]["markdown"]
        for part in "shortDescription", "fullDescription":
            assert 0 < len(rule[part]["text"]) <= 1024
        assert rule["defaultConfiguration"]["level"] in ("note", "warning", "error")
        assert rule["properties"]["problem.severity"] in ("recommendation", "warning", "error")
    for result in run["results"]:
        assert rules_of(run)[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"] and len(result["locations"]) == 1
        assert result["partialFingerprints"]["primaryLocationLineHash"]
        for location in locations_in(result):
            assert location["physicalLocation"]["artifactLocation"]["uri"]
            assert location["physicalLocation"]["region"]["startLine"] >= 1
    assert len(run["results"]) <= 25000


def test_nothing_found_is_a_document_too(sarif):
    run = sarif("/bin/true")
    assert run["results"] == [] and len(rules_of(run)) > 30
    assert_code_scanning_takes(run)


def test_one_rule_for_each_slug(sarif, pollcheck):
    listed = [json.loads(line) for line in pollcheck("rules", "--json").stdout.splitlines()]
    assert [(rule["id"], rule["defaultConfiguration"]["level"]) for rule in rules_of(sarif("/bin/true"))] == \
        [(row["rule"], row["severity"]) for row in listed]


def test_help_is_what_explain_says(sarif, pollcheck):
    for rule in rules_of(sarif("/bin/true")):
        assert rule["help"]["text"] == pollcheck("explain", rule["id"]).stdout


@pytest.mark.parametrize("program", [GHOST, EOF, "rules/double-close-race", "rules/fork-shared-epoll"])
def test_real_findings(program, sarif, build):
    run = sarif(build(program), options=["--level=note"])
    assert {result["ruleId"] for result in run["results"]} == {os.path.basename(program)}
    assert_code_scanning_takes(run)


def test_as_many_as_there_can_be(sarif, build):
    run = sarif(build("tool/records"), "errors", "1100")
    assert len(run["results"]) == 1024 and len(json.dumps(run)) < 10_000_000
    assert_code_scanning_takes(run)
    assert any("76 findings were lost" in text for text in notified(run))


@pytest.mark.parametrize("words", [["garbage", "1"], ["garbage", "2"], ["garbage", "1", "error", "x"]])
def test_garbage_makes_no_bad_document(words, sarif, build):
    assert_code_scanning_takes(sarif(build("tool/records"), *words))


# --- suppressed ---

@pytest.mark.parametrize("line", ["*:waits_for_no_events", "*:misuses.c"], ids=["library", "command"])
def test_suppressed_results_are_there_as_such(line, sarif, build, tmp_path):
    known = tmp_path / "known"
    known.write_text(line + "\n")
    run = sarif(build(MISUSES, "-g", "-rdynamic"), "several", options=[f"--suppressions={known}"])
    by_rule = {result["ruleId"]: result["suppressions"] for result in run["results"]}
    assert [entry["kind"] for entry in by_rule["maxevents-invalid"]] == ["external"]
    assert (by_rule["negative-fd-in-set"] == []) == (line != "*:misuses.c")


def test_text_and_json_do_not_show_what_sarif_shows_as_suppressed(pollcheck, build, tmp_path):
    (tmp_path / "known").write_text("*:*\n")
    ended = pollcheck("--sarif=found", "--json=lines", f"--suppressions={tmp_path}/known", "--error-exitcode=9",
                      build(MISUSES), "once", cwd=tmp_path)
    assert (ended.status, ended.stderr) == (0, "") and (tmp_path / "lines").read_text() == ""
    assert len(json.loads((tmp_path / "found").read_text())["runs"][0]["results"]) == 1


# --- how it ended ---

def notified(run):
    return [entry["message"]["text"] for entry in run["invocations"][0]["toolExecutionNotifications"]]


@pytest.mark.parametrize("words, options, expected", [
    (["exit", "3"], [], {"exitCode": 3}),
    (["error", "x", "exit", "3"], [], {"exitCode": 3}),
    (["error", "x", "exit", "3"], ["--error-exitcode=9"], {"exitCode": 9}),
    (["kill", "11"], [], {"exitSignalNumber": 11, "exitSignalName": "SIGSEGV"}),
    (["kill", str(int(signal.SIGRTMIN))], [], {"exitSignalNumber": int(signal.SIGRTMIN)}),
])
def test_how_the_command_ended(words, options, expected, sarif, build):
    invocation, = sarif(build("tool/records"), *words, options=options)["invocations"]
    assert {key: invocation[key] for key in invocation if key.startswith("exit")} == expected
    assert invocation["executionSuccessful"] is True and invocation["arguments"][-1] == words[-1]
    assert invocation["startTimeUtc"] <= invocation["endTimeUtc"]


def test_a_program_that_was_not_reached_is_no_clean_bill(sarif, build):
    invocation, = sarif(build("tool/hello", "-static"))["invocations"]
    assert invocation["executionSuccessful"] is False
    assert "nothing was watched" in invocation["toolExecutionNotifications"][0]["message"]["text"]


def test_coverage_is_a_notification(sarif, build):
    assert any(text.startswith("Coverage: calls through") for text in notified(sarif(build(MISUSES), "once")))


# --- where to ---

def test_without_a_file_it_takes_standard_error(pollcheck, build):
    ended = pollcheck("--sarif", build(MISUSES), "once")
    assert len(json.loads(ended.stderr)["runs"][0]["results"]) == 1


def test_two_forms_do_not_share_standard_error(pollcheck):
    ended = pollcheck("--json", "--sarif", "true")
    assert ended.status == 2 and ended.stderr.count("\n") == 1 and "--sarif=FILE" in ended.stderr


def test_report_format_asks_the_command_for_it(pollcheck, build, tmp_path):
    options = {"POLLCHECK_OPTIONS": f"report_format=sarif:report_path={tmp_path}/out"}
    ended = pollcheck(build(MISUSES), "once", env=options)
    assert len(json.loads((tmp_path / "out").read_text())["runs"][0]["results"]) == 1
    assert "help: " in ended.stderr  # as with --sarif=FILE
    ended = pollcheck(build(MISUSES), "once", env={"POLLCHECK_OPTIONS": "report_format=sarif"})
    assert len(json.loads(ended.stderr)["runs"][0]["results"]) == 1
    ended = pollcheck("--sarif=mine", build(MISUSES), "once", env=options, cwd=tmp_path)
    assert (tmp_path / "mine").exists()


def test_the_library_alone_says_that_it_cannot(run, build):
    text = run([build(MISUSES), "once"], {"report_path": None, "report_format": "sarif"}).stderr.decode()
    assert text.startswith("pollcheck: report_format=sarif: the pollcheck command writes that") and "help: " in text
    assert text.count("report_format") == 1


def test_what_outlives_the_command_spoils_no_document(command, build, tmp_path):
    document, reader_end = tmp_path / "found", os.pipe()
    options = f"report_path={document}:report_format=sarif"
    with open(tmp_path / "stderr", "w") as stderr:
        subprocess.run([command, build(MISUSES), "stays"], stdin=reader_end[0], stderr=stderr, timeout=LIMIT,
                       stdout=subprocess.DEVNULL, env=clean_environment(POLLCHECK_OPTIONS=options), check=True)
    whole = document.read_text()
    for end in reader_end:
        os.close(end)
    json.loads(whole)
    deadline = time.monotonic() + LIMIT
    while not any("coverage: " in file.read_text() for file in tmp_path.glob("found.*")):
        assert time.monotonic() < deadline, "the daemon reported nothing"
        time.sleep(0.01)
    assert document.read_text() == whole
