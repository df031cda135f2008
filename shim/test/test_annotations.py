"""pollcheck.h: what a program tells changes what is said of it, and nothing else; without the library it costs
the test of a pointer, whatever language, compiler, linker and code model."""
import itertools
import os
import shutil
import subprocess

import pytest

from conftest import ROOT, TEST

ANNOTATED = "annotations/annotated"
SPIN = "event-counter-not-read"
HEADER = TEST / "annotations/header.c"
MODELS = {"pie": ["-fPIE", "-pie"], "no-pic": ["-fno-pic", "-no-pie"], "pic": ["-fPIC", "-pie"]}
LANGUAGES = {"c99": ["-x", "c", "-std=c99"], "c23": ["-x", "c", "-std=c2x"], "c++98": ["-x", "c++", "-std=c++98"],
             "c++20": ["-x", "c++", "-std=c++20"]}


@pytest.fixture
def told(run, build):
    """Severities by rule of what is said of a way of annotated.c."""
    def run_way(way):
        watched = run([build(ANNOTATED), way], {"level": "note"})
        assert watched.status == 0
        return [(finding["rule"], finding["severity"]) for finding in watched.findings], watched
    return run_way


@pytest.mark.parametrize("way, findings", [
    ("spins", [(SPIN, "error")]),
    ("ignores", []),
    ("ignores-another", [(SPIN, "error")]),
    ("drains", []),
    ("wakes", []),
    ("idle", [(SPIN, "warning")]),
    ("serves", []),
    ("another", []),
    ("over", []),
    ("closed", []),
    ("errno", []),
])
def test_what_is_told_changes_what_is_said(way, findings, told):
    assert told(way)[0] == findings


def test_a_finding_says_that_idleness_was_declared(told):
    finding, = told("idle")[1].findings
    assert finding["count"] == 2 and finding["confirmed_by"] == "zero-timeout poll"
    assert finding["hint"] == f"the program had declared epoll instance {finding['epfd']} idle"


@pytest.mark.parametrize("way", ["ignores", "drains", "idle", "errno"])
def test_without_the_library_nothing_happens(way, run, build):
    ended = run([build(ANNOTATED), way], preload=False)
    assert (ended.status, ended.stdout, ended.stderr) == (0, b"", b"")


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """header.c built in some way."""
    folder, numbers = tmp_path_factory.mktemp("header"), itertools.count()

    def build_header(compiler, *flags):
        program = folder / str(next(numbers))
        subprocess.run([compiler, "-Wall", "-Wextra", "-Werror", "-pedantic", f"-I{ROOT}/shim", "-o", program,
                        *flags, HEADER], check=True)
        return program
    return build_header


@pytest.fixture
def reaches(run, build):
    """Whether what the program tells arrives at a library that is preloaded; without one it must end well."""
    answer = build("annotations/answer", "-shared", "-fPIC")

    def arrives(program):
        assert run([program], preload=False).status == 0
        return run([program], preloads=[answer]).status == 41
    return arrives


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_languages_compilers_and_code_models(compiler, language, model, compiled, reaches):
    for level in "-O0", "-O2":
        assert reaches(compiled(compiler, level, *LANGUAGES[language], *MODELS[model]))


@pytest.mark.parametrize("linker", ["bfd", "gold", "lld"])
@pytest.mark.parametrize("model", MODELS)
def test_linkers(linker, model, compiled, reaches):
    assert reaches(compiled("clang", f"-fuse-ld={linker}", *MODELS[model]))


@pytest.mark.parametrize("flags", [["-flto"], ["-fno-plt"], ["-Wl,-z,now"], ["-Wl,--gc-sections"]])
def test_flags_that_change_how_symbols_are_reached(flags, compiled, reaches):
    assert reaches(compiled("gcc", "-O2", *flags))


def test_a_shared_object_may_tell_too(compiled, tmp_path):
    shared = compiled("gcc", "-shared", "-fPIC")
    symbols = subprocess.run(["nm", "-D", shared], capture_output=True, text=True, check=True).stdout
    assert [line.split() for line in symbols.splitlines() if "pollcheck" in line] == [["w", "pollcheck_annotate"]]


def test_a_static_program_links_and_runs(compiled, run):
    assert run([compiled("gcc", "-static")], preload=False).status == 0


@pytest.mark.parametrize("model", MODELS)
def test_a_32_bit_program(model, compiled):
    """Linked, not run: the symbol must be left to the dynamic linker."""
    if not shutil.which("i686-linux-gnu-gcc") and "CI" not in os.environ:
        pytest.skip("ci/setup i386 installs the compiler")
    program = compiled("i686-linux-gnu-gcc", "-O2", *MODELS[model])
    relocations = subprocess.run(["readelf", "-rW", program], capture_output=True, text=True, check=True).stdout
    assert "pollcheck_annotate" in relocations
