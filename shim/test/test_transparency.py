"""Every entry point, called in good and bad ways, natively and under the library: nothing may differ."""
import re
import subprocess

import pytest

from conftest import ROOT, TEST

PROGRAMS = sorted(path.stem for path in (TEST / "transparency").glob("*.c"))
JUDGED_PROGRAMS = ["epoll", "poll", "select", "signals"]
MODES = {
    "report in text": {"report_format": "text"},
    "report in json": {"report_format": "json"},
    "notes too": {"level": "note"},
    "log in text": {"log": "text", "log_path": "log"},
    "log in json": {"log": "json", "log_path": "log", "level": "error"},
    "off": {"off": 1},
}


def rows():
    """The names of calls.def that this ABI has."""
    text = subprocess.run(["cc", "-E", "-P", "-x", "c", "-include", "time.h", ROOT / "shim/calls.def"],
                          check=True, capture_output=True, text=True).stdout
    return re.findall(r"^CALL\((\w+)", text, re.MULTILINE)


@pytest.fixture(scope="module")
def native():
    """Each program's native run, made once."""
    return {}


def natively(native, run, program):
    if program not in native:
        native[program] = run([program], preload=False)
    return native[program]


def assert_same(expected, observed):
    """Names the first line that differs; whole outputs would fill screens."""
    __tracebackhide__ = True
    pairs = zip(expected.splitlines() + [b"(end)"], observed.splitlines() + [b"(end)"])
    for native_line, line in pairs:
        if native_line != line:
            pytest.fail(f"native:           {native_line.decode()}\nwith the library: {line.decode()}")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("program", PROGRAMS)
def test_same_with_and_without(program, mode, build, run, native):
    path = build(f"transparency/{program}")
    expected, observed = natively(native, run, path), run([path], MODES[mode])
    assert_same(expected.stdout, observed.stdout)
    assert_same(expected.stderr, observed.stderr)
    assert observed.status == expected.status == 0


@pytest.mark.parametrize("program", PROGRAMS)
def test_findings_are_all_that_is_added_to_standard_error(program, build, run, native):
    path = build(f"transparency/{program}")
    expected = natively(native, run, path)
    observed = run([path], {"report_path": None, "report_format": None})
    assert_same(expected.stdout, observed.stdout)
    assert observed.status == expected.status
    lines = iter(observed.stderr.splitlines())
    for line in expected.stderr.splitlines():
        assert line in lines, f"lost from standard error, or out of order: {line}"


@pytest.mark.parametrize("program", JUDGED_PROGRAMS)
def test_the_log_has_the_calls(program, build, run, tmp_path):
    log = tmp_path / "log"
    run([build(f"transparency/{program}")], {"log": "text", "log_path": log})
    logged = set(re.findall(r"\b(\w+)\(", log.read_text()))
    assert {"epoll": "epoll_pwait2", "signals": "pselect"}.get(program, program) in logged


def test_every_row_is_called(build, run, native):
    printed = b"".join(natively(native, run, build(f"transparency/{p}")).stdout for p in PROGRAMS)
    called = set(re.findall(rb"^(\w+)\(", printed, re.MULTILINE))
    assert len(rows()) > 90
    assert [name for name in rows() if name.encode() not in called] == []


def test_fortified_callers_use_the_checked_names(build):
    symbols = subprocess.run(["nm", "-D", "--undefined-only", build("transparency/fortified")], check=True,
                             capture_output=True, text=True).stdout
    for name in ("__poll_chk", "__ppoll_chk", "__fdelt_chk", "__read_chk", "__recv_chk", "__recvfrom_chk",
                 "__open_2", "__openat64_2"):
        assert f" {name}@" in symbols
