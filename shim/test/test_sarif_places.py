"""SARIF: places can be found, a code flow has the life of the descriptor, fingerprints stay the same."""
import re
import subprocess

from command import command, pollcheck  # noqa: F401
from conftest import ROOT, TEST
from sarif import GHOST, MISUSES, sarif, valid  # noqa: F401

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
