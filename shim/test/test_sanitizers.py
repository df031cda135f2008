"""The library under Valgrind, and a library built with the sanitizers: no report may be about it."""
import resource
import subprocess
import xml.etree.ElementTree as xml
from pathlib import Path

import pytest

from conftest import BUILD, TEST, make
from test_rules import expected

RULES = sorted(f"rules/{path.stem}" for path in (TEST / "rules").glob("*.c"))
HOSTILE = [f"hostile/{name}" for name in ("plain", "unseen", "threads", "late", "lookup", "handlers",
                                          "longjmp", "crowd")]
# To helgrind a relaxed atomic access (C11) is a plain one. Races in these are the thread sanitizer's to judge.
THREADED = [name for name in RULES
            if any(word in (TEST / f"{name}.c").read_text() for word in ("pthread_create", '"sleeper.h"'))]
SANITIZERS = {
    "thread": ("-g -O1 -fsanitize=thread", ["libtsan.so"]),
    "address": ("-g -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined",
                ["libasan.so", "libubsan.so"]),
}
TOOLS = {
    "memcheck": ["--leak-check=full", "--errors-for-leak-kinds=definite,indirect"],
    "helgrind": ["--history-level=approx"],
}


def application_frame(frames, program):
    """Where in the program the error came from: the same place natively is the program's own error."""
    for frame in frames:
        if Path(frame.findtext("obj", "")).name == program.name:
            return frame.findtext("fn"), frame.findtext("line"), frame.findtext("ip")[-3:]
    return None


def few_descriptors():
    """Valgrind's kernel keeps the limit it began with, and nfds-over-rlimit needs an array beyond that."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 4096), hard))


def run_in_valgrind(run, tool, program, folder, preload, *arguments):
    """The run, and Valgrind's errors as (kind, place in the program, whether the library is on the stack, text)."""
    report = folder / f"{tool}-{preload}.%p.xml"
    ran = run(["valgrind", f"--tool={tool}", *TOOLS[tool], "--trace-children=yes", "--xml=yes",
               f"--xml-file={report}", program, *arguments], {"level": "note"}, preload=preload,
              preexec_fn=few_descriptors)
    files = sorted(folder.glob(f"{tool}-{preload}.*.xml"))
    assert files, "Valgrind did not run"
    return ran, list(errors(files, program))


def errors(files, program):
    for file in files:
        text = file.read_text()
        if "</valgrindoutput>" not in text:  # a process that was killed or executed another
            text += "</valgrindoutput>"
        for error in xml.fromstring(text).iter("error"):
            frames = list(error.iter("frame"))
            ours = any("libpollcheck" in frame.findtext("obj", "") for frame in frames)
            place = application_frame(frames, program)
            yield error.findtext("kind"), place, ours, xml.tostring(error).decode()


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("name", sorted({*RULES, "hostile/plain", "hostile/unseen"}))
def test_valgrind_has_nothing_to_say_about_the_library(name, tool, build, run, tmp_path):
    program = build(name)
    ran, found = run_in_valgrind(run, tool, program, tmp_path, True)
    watched = [error for error in found if error[2]]
    if tool == "helgrind" and name in THREADED:
        watched = [error for error in watched if error[0] != "Race"]
    natively = {error[:2] for error in run_in_valgrind(run, tool, program, tmp_path, False)[1]} if watched else set()
    for kind, place, _, text in watched:
        assert (kind, place) in natively, text
    if tool == "memcheck" and name in RULES:
        assert {finding["rule"] for finding in ran.findings} == {expected(TEST / f"{name}.c")}


@pytest.mark.parametrize("name", RULES)
def test_the_right_use_is_silent_in_valgrind(name, build, run, tmp_path):
    ran, _ = run_in_valgrind(run, "memcheck", build(name), tmp_path, True, "right")
    assert (ran.status, ran.findings) == (0, [])


@pytest.fixture(scope="session")
def sanitized(build):
    """sanitized("thread"): what to preload. ASan's run-time library must come first. TSan's must come last:
    its epoll_wait, poll, read, … take no notice of synchronisation in what they call, were that we."""
    def build_library(kind):
        flags, runtimes = SANITIZERS[kind]
        folder = BUILD / kind
        make(folder / "libpollcheck.so", folder=folder, flags=[f"CFLAGS={flags}"])
        paths = [subprocess.run(["cc", f"-print-file-name={name}"], check=True, capture_output=True,
                                text=True).stdout.strip() for name in runtimes]
        ours = [build("hostile/limit_first", "-shared", "-fPIC", "-DLIBRARY"), folder / "libpollcheck.so"]
        return [*ours, *paths] if kind == "thread" else [*paths, *ours]
    return build_library


def assert_no_report(run, program, preloads, options, folder):
    flags = f"log_path={folder}/sanitizer:detect_leaks=0:exitcode=66:die_after_fork=0"
    env = {"TSAN_OPTIONS": f"{flags}:suppressions={TEST}/tsan.supp", "ASAN_OPTIONS": flags, "UBSAN_OPTIONS": flags}
    watched = run([program], options, preloads=preloads, env=env, timeout=300)
    reports = [file.read_text() for file in folder.glob("sanitizer.*")]
    about_us = [text for text in reports
                if "libpollcheck" in text or "shim/" in text.replace("shim/test/", "")]
    assert not about_us, about_us[0][:6000]
    assert watched.status == run([program], preload=False).status, watched.stderr[-2000:].decode()


@pytest.mark.parametrize("options", [{}, {"log": "text", "log_path": "log"}, {"trace": "trace", "trace_size": 1}],
                         ids=["report", "log", "trace"])
@pytest.mark.parametrize("kind", SANITIZERS)
@pytest.mark.parametrize("name", HOSTILE)
def test_no_report_where_it_is_hard(name, kind, options, build, run, sanitized, tmp_path):
    assert_no_report(run, build(name), sanitized(kind), options, tmp_path)


# the misuse itself is a race, of close with a wait
@pytest.mark.parametrize("name", sorted({*THREADED} - {"rules/close-while-waiting"}))
def test_no_report_by_the_thread_sanitizer(name, build, run, sanitized, tmp_path):
    assert_no_report(run, build(name), sanitized("thread"), {"level": "note"}, tmp_path)


@pytest.mark.parametrize("name", RULES)
def test_no_report_by_the_address_sanitizer(name, build, run, sanitized, tmp_path):
    """One thread each: nothing for the thread sanitizer."""
    assert_no_report(run, build(name), sanitized("address"), {}, tmp_path)
