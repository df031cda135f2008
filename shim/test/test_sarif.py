"""SARIF: the document is what the published schema says and what GitHub code scanning takes, places can be
found, fingerprints stay the same. tool/records.c plays the library where no real finding would do."""
import json
import os
import re
import signal
import subprocess
import time

import jsonschema
import pytest

from command import LIMIT, clean_environment, command, pollcheck, run_plainly  # noqa: F401
from conftest import BUILD, ROOT, TEST, make

MISUSES, GHOST, EOF = "programs/misuses", "rules/ghost-registration", "rules/eof-not-handled"


@pytest.fixture(scope="session")
def valid():
    """Checks a document against the schema, formats (uri, date-time) included."""
    make(BUILD / "sarif-schema.json")
    schema = json.loads((BUILD / "sarif-schema.json").read_text())
    return jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker()).validate


@pytest.fixture
def sarif(pollcheck, tmp_path, valid):
    """sarif(program, words, options=[...]): the only run of a valid document."""
    def run(program, *words, options=(), **popen):
        file = tmp_path / "found.sarif"
        popen = {"cwd": ROOT} | popen
        pollcheck(f"--sarif={file}", "--report=/dev/null", *options, program, *words, **popen)
        document = json.loads(file.read_text())
        valid(document)
        one, = document["runs"]
        return one
    return run


def rules_of(run):
    return run["tool"]["driver"]["rules"]


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


# --- places ---

def marked_line(mark):
    lines = (TEST / "tool/records.c").read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if mark in line)


def test_a_source_below_the_folder_is_named_from_there(sarif, build):
    run = sarif(build("tool/records"), "error", "x")
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "shim/test/tool/records.c", "uriBaseId": "SRCROOT"}
    assert place["region"]["startLine"] == marked_line("LINE OF THE CALL")
    assert run["originalUriBaseIds"]["SRCROOT"]["uri"] == f"file://{ROOT}/"


def test_a_source_elsewhere_has_its_whole_path_escaped(sarif, build, tmp_path):
    folder = tmp_path / "50% of ümlauts & spaces"
    folder.mkdir()
    source = folder / "a file.c"
    source.write_text((TEST / "programs/misuses.c").read_text())
    subprocess.run(["cc", "-g", "-w", "-pthread", "-D_GNU_SOURCE", "-o", folder / "it", source], check=True)
    run = sarif(folder / "it", "once", cwd="/usr")
    artifact = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact == {"uri": "file://" + "".join(
        chr(byte) if chr(byte).isalnum() and byte < 128 or chr(byte) in "-._~/" else f"%{byte:02X}"
        for byte in str(source).encode())}


def stripped(build, tmp_path):
    """The program without debug information and symbols, as a distribution ships it."""
    program = tmp_path / "stripped"
    subprocess.run(["strip", "-o", program, build(MISUSES)], check=True)
    return program


def build_id(program):
    notes = subprocess.run(["readelf", "-n", program], capture_output=True, text=True, check=True).stdout
    return re.search(r"Build ID: (\w+)", notes)[1]


def test_a_stripped_program_is_placed_by_module_and_address(sarif, build, tmp_path):
    program = stripped(build, tmp_path)
    result, = sarif(program, "once")["results"]
    location, = result["locations"]
    place = location["physicalLocation"]
    assert place["artifactLocation"]["uri"] == f"file://{program}" and place["address"]["kind"] == "instruction"
    name = f"stripped+{place['address']['relativeAddress']:#x}"
    assert place["address"]["fullyQualifiedName"] == name
    assert [logical["name"] for logical in location["logicalLocations"]] == [name]
    frame = result["stacks"][0]["frames"][0]
    assert frame["properties"] == {"offset": place["address"]["relativeAddress"], "build_id": build_id(program)}
    symbol = subprocess.run(["addr2line", "-fe", build(MISUSES), hex(place["address"]["relativeAddress"] - 1)],
                            capture_output=True, text=True, check=True).stdout
    assert symbol.splitlines()[0] == "waits_for_no_events"  # what its user does with a symbol file


def test_a_python_program_is_placed_at_its_own_line(sarif, tmp_path):
    script = tmp_path / "waits.py"
    script.write_text("import ctypes\nlibrary = ctypes.CDLL(None)\nepfd = library.epoll_create1(0)\n"
                      "def wait():\n    library.epoll_wait(epfd, None, 0, 0)\nwait()\n")
    result, = sarif("/usr/bin/python3", script, cwd=tmp_path)["results"]
    location, = result["locations"]
    assert location["physicalLocation"]["artifactLocation"] == {"uri": "waits.py", "uriBaseId": "SRCROOT"}
    assert location["physicalLocation"]["region"]["startLine"] == 5
    assert location["logicalLocations"][0] == {"name": "wait", "fullyQualifiedName": "waits.py:5", "kind": "function"}


# --- the life of the descriptor ---

def test_the_code_flow_goes_from_the_beginning_to_the_event(sarif, build):
    result, = sarif(build(GHOST))["results"]
    flow, = result["codeFlows"]
    thread, = flow["threadFlows"]
    steps = [step["location"]["message"]["text"] for step in thread["locations"]]
    assert [step["executionOrder"] for step in thread["locations"]] == list(range(1, len(steps) + 1))
    words = [step.split()[0] for step in steps]
    assert words.index("created") < words.index("registered") < words.index("closed") < len(words) - 1
    assert steps[-1] == result["message"]["text"]
    assert all(step["stack"]["frames"] for step in thread["locations"])


# --- fingerprints ---

def prints(run):
    return [result["partialFingerprints"] for result in run["results"]]


def test_fingerprints_stay_the_same(sarif, build, tmp_path):
    """Also with the program elsewhere, and where addresses are drawn anew."""
    program, copied = build(MISUSES), tmp_path / "misuses"
    copied.write_bytes(program.read_bytes())
    copied.chmod(0o755)
    seen = [prints(sarif(where, "several", options=["--level=note"])) for where in (program, program, copied)]
    assert seen[0] == seen[1] == seen[2] and len(seen[0]) == 3
    assert len({one["ruleAndAddress/v1"] for one in seen[0]}) == 3


def test_another_build_keeps_the_first_fingerprint(sarif, tmp_path):
    seen = []
    for level in "-O0", "-O2":
        program = tmp_path / level / "misuses"
        program.parent.mkdir()
        subprocess.run(["cc", level, "-g", "-w", "-pthread", "-D_GNU_SOURCE", "-o", program,
                        TEST / "programs/misuses.c"], check=True)
        seen += prints(sarif(program, "once"))
    assert seen[0]["primaryLocationLineHash"] == seen[1]["primaryLocationLineHash"]
    assert seen[0]["ruleAndAddress/v1"] != seen[1]["ruleAndAddress/v1"]


def test_two_in_one_function_are_told_apart(sarif, build):
    hashes = [one["primaryLocationLineHash"] for one in prints(sarif(build("tool/records"), "errors", "2"))]
    assert [text.split(":")[1] for text in hashes] == ["1", "2"] and len({text.split(":")[0] for text in hashes}) == 1


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
