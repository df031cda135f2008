"""The library on other ABIs: aarch64 under qemu-user, i386 run by this kernel, musl. `ci/setup ports`
installs what this needs; without it a developer's run skips, one with CI set fails."""
import dataclasses
import json
import os
import platform
import re
import shutil
import subprocess

import pytest

from command import command, pollcheck  # noqa: F401
from conftest import BUILD, ROOT, make
from test_rules import OPTIONS, PROGRAMS, expected
from test_transparency import assert_same, rows
from traces import complaints, events

MUSL_FLAGS = ("-idirafter", "/usr/include", "-idirafter", f"/usr/include/{platform.machine()}-linux-gnu")
OPTIMISED = ("-O1", "-g")  # without, the headers do not fortify
TIME64 = ("-D_TIME_BITS=64", "-D_FILE_OFFSET_BITS=64")


@dataclasses.dataclass(frozen=True)
class Port:
    """A compiler, flags for the programs, and what runs them."""
    name: str
    compiler: str
    flags: tuple = ()
    emulator: tuple = ()
    silent: frozenset = frozenset()  # rules whose proof the emulator does not serve
    same: tuple = ()  # programs of test/transparency that end by themselves and print no garbage there


# qemu-user has no process_vm_readv(2), with which the arguments of a refused call, and of select before the
# call, are read
UNREADABLE = frozenset({"close-while-waiting", "epoll-ctl-error-ignored", "epollexclusive-misuse",
                        "missing-wakeup", "nonblock-leak-stdio", "select-nfds-wrong",
                        "select-set-not-reinitialised", "select-timeval-reused", "timeval-not-normalised",
                        "userspace-buffer-before-wait"})
# musl's select leaves the timeval as it was
KEPT = frozenset({"select-timeval-reused"})
# an address is no wider than a descriptor
NARROW = frozenset({"epoll-data-union", "uninitialised-event"})
PORTS = [
    Port("aarch64", "aarch64-linux-gnu-gcc", (), ("qemu-aarch64", "-L", "/usr/aarch64-linux-gnu"), UNREADABLE,
         ("descriptor_life", "fortified", "input", "poll", "process", "signals", "stdio_close", "variadic")),
    Port("i386", "i686-linux-gnu-gcc", silent=NARROW,
         same=("cancellation", "epoll", "fortified", "input", "output", "signals", "stdio_close")),
    Port("i386", "i686-linux-gnu-gcc", TIME64, silent=NARROW,
         same=("cancellation", "epoll", "fortified", "output", "signals", "stdio_close")),
    Port("musl", "musl-gcc", MUSL_FLAGS, silent=KEPT),
]
# waits whose timeout is not in the log: select's was to be read before the call, the others are missing
UNLOGGED = {"aarch64": {"select", "epoll_pwait2"}, "musl": {"epoll_pwait2"}}


def name_of(value):
    if isinstance(value, Port):
        return value.name + "-time64" * (value.flags == TIME64)
    return getattr(value, "stem", None)


on_every_port = pytest.mark.parametrize("port", PORTS, ids=name_of)


def with_each(argument, values_of):
    """Every port with each value it has for the argument."""
    pairs = [(port, value) for port in PORTS for value in values_of(port)]
    return pytest.mark.parametrize(("port", argument), pairs, ids=name_of)


@pytest.fixture
def start(build, run):
    """start(port, "ports/raw", arguments…, preload=False): the program's run; with the port's library unless
    preload is False."""
    def start_program(port, program, *arguments, preload=True, **others):
        wanted = [port.compiler, *port.emulator[:1]]
        missing = [command for command in wanted if not shutil.which(command)]
        if missing:
            (pytest.fail if os.environ.get("CI") else pytest.skip)(f"no {missing[0]}: run `ci/setup ports`")
        argv = [build(program, *OPTIMISED, *port.flags, compiler=port.compiler), *arguments]
        library = library_of(port)
        if port.emulator:
            # the emulator is a program of this machine: the preload is for what it runs alone
            others["env"] = {"LD_PRELOAD": ""} if preload else {}
            argv = [*port.emulator, *(["-E", f"LD_PRELOAD={library}"] if preload else []), *argv]
        return run(argv, preload=preload, preloads=[library], **others)
    return start_program


def library_of(port):
    folder = BUILD / port.name
    make(folder / "libpollcheck.so", folder=folder, flags=[f"CC={port.compiler}", "CI=1"])
    return folder / "libpollcheck.so"


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def rows_of(port):
    text = output(port.compiler, "-E", "-P", "-x", "c", "-include", "time.h", ROOT / "shim/calls.def")
    return set(re.findall(r"^CALL\((\w+)", text, re.MULTILINE))


def rules_of(ran):
    return {finding["rule"] for finding in ran.findings}


@with_each("program", lambda port: PROGRAMS)
def test_the_misuse_gets_its_finding_and_no_other(port, program, start):
    ran = start(port, f"rules/{program.stem}", options=OPTIONS)
    assert ran.status == 0
    assert rules_of(ran) == (set() if program.stem in port.silent else {expected(program)})
    if ran.findings:
        assert program.stem in json.dumps(ran.findings[0]["stack"]), "a frame names the program"


@with_each("program", lambda port: ["ports/calls", "ports/raw", *(f"transparency/{p}" for p in port.same)])
def test_same_with_and_without(port, program, start):
    native, observed = start(port, program, preload=False), start(port, program)
    assert_same(native.stdout, observed.stdout)
    assert (native.status, observed.status) == (0, 0)


@with_each("program", lambda port: ["ports/raw", "ports/vfork"])
def test_right_calls_get_no_finding(port, program, start):
    ran = start(port, program, options=OPTIONS)
    assert (ran.status, ran.findings) == (0, [])


@on_every_port
def test_what_a_vfork_child_closed_is_still_known(port, start):
    ran = start(port, "ports/vfork", "wrong", options=OPTIONS)
    assert (ran.status, ran.stdout) == (0, b"vfork done\n")
    assert rules_of(ran) == {"del-after-close"}


@on_every_port
def test_registrations_through_one_function_are_told_apart(port, start):
    named = dataclasses.replace(port, flags=(*port.flags, "-rdynamic"))
    finding, = start(named, "programs/wrappers", "spins").findings
    chains = {entry["what"].split()[0]: [frame.get("function") for frame in entry["stack"]]
              for entry in finding["related"]}
    depth = 1 if port.name == "musl" else 2  # there nothing tells where its unwind tables are
    assert chains["registered"][:depth] == ["adds", "second_caller"][:depth]
    assert chains["created"][:depth] == ["opens", "second_caller"][:depth]


@on_every_port
def test_timeouts_and_sets_are_read_as_laid_out(port, start, tmp_path):
    ran = start(port, "ports/calls", options={**OPTIONS, "log": "text", "log_path": tmp_path / "log"})
    log = (tmp_path / "log").read_text()
    for call in {"ppoll", "pselect", "select", "epoll_pwait2"} - UNLOGGED.get(port.name, set()):
        unit = "usec" if call == "select" else "nsec"
        for seconds, fraction in (0, 3), (1, 4), (2147483647, 5):
            assert re.search(rf" _*{call}(64|_time64)?\(.*\{{tv_sec={seconds}, tv_{unit}={fraction}\}}", log)
    assert rules_of(ran) == (set() if port.emulator else {"invalid-fd-in-wait-set"})


@on_every_port
def test_a_trace_is_read_here(port, start, pollcheck, tmp_path):
    """By babeltrace2 and by the command of this machine; qemu-user lets nobody read the sets before the call."""
    folder = tmp_path / "trace"
    assert start(port, "trace/selects", 100, "local", options={**OPTIONS, "trace": folder}).status == 0
    assert complaints(folder) == ""
    found = [event for event in events(folder) if "select" in event.name]
    assert [event.fields["result"] for event in found] == [1] * 100
    shown = pollcheck("show", "--call=select", folder)
    assert (shown.status, shown.stderr) == (0, "")
    lines = re.findall(r" select\(4, (.*?), NULL, NULL, (.*)\) = 1 \(in \[3\], left \{.*?\}\) <", shown.stdout)
    assert lines == [("...", "...") if port.emulator else ("[3]", "{tv_sec=1, tv_usec=0}")] * 100


@on_every_port
def test_judged_system_calls_are_seen(port, start, tmp_path):
    start(port, "ports/raw", options={"log": "text", "log_path": tmp_path / "log"})
    assert re.findall(r" (\w+)\(", (tmp_path / "log").read_text()) == [
        "epoll_create1", "epoll_ctl", "epoll_pwait", "ppoll", "pselect"]


@on_every_port
def test_a_probe_for_a_missing_call_learns_that_it_is_missing(port, start):
    """musl 1.2.3 has none of them, glibc all: then the answers are the kernel's."""
    names = ("epoll_pwait2", "close_range", "execveat")
    assert b"fcntl64 = -1, errno 9" in start(port, "ports/probe", "fcntl64").stdout  # musl: fcntl
    native, observed = (start(port, "ports/probe", *names, preload=p).stdout for p in (False, True))
    assert b"dlerror at the start: none" in observed
    if port.name == "musl":
        assert observed.count(b" = -1, errno 38") == len(names)
    else:
        assert_same(native, observed)


@on_every_port
def test_large_files_take_reports_and_the_log(port, start, tmp_path):
    """On 32-bit stat(2) and open(2) refuse them to who does not ask for large ones."""
    files = tmp_path / "log", tmp_path / "stderr"
    for file in files:
        file.touch()
        os.truncate(file, 3 << 30)
    options = {**OPTIONS, "log": "text", "log_path": files[0], "report_path": None, "report_format": None}
    with open(files[1], "ab") as stderr:
        start(port, "ports/vfork", "wrong", options=options, stderr=stderr)
    for file, words in zip(files, (b"epoll_ctl(", b"[del-after-close]")):
        with open(file, "rb") as written:
            written.seek(3 << 30)
            assert words in written.read()


@pytest.mark.parametrize("port", [port for port in PORTS if port.name == "i386" and not port.flags], ids=name_of)
def test_the_command_hears_a_program_of_the_other_elf_class(port, build, pollcheck, tmp_path):
    program = build("rules/del-after-close", *OPTIMISED, compiler=port.compiler)
    """Where $LIB leads each program to its own library, both map the one channel."""
    preload = f"LD_PRELOAD={library_of(port)}"
    assert pollcheck(f"--json={tmp_path / 'found'}", "--level=note", "--", "env", preload, program).status == 0
    found = [json.loads(line) for line in (tmp_path / "found").read_text().splitlines()]
    assert found[0]["rule"] == "del-after-close"
    assert program.name in json.dumps(found[0]["stack"])


@on_every_port
def test_exports_equal_the_table(port, start):
    start(port, "ports/probe")
    lines = output("nm", "-D", "--defined-only", library_of(port)).splitlines()
    names = {line.split()[-1] for line in lines} - {"_init", "_fini"}  # of musl's crti.o
    assert {name for name in names if not name.startswith("pollcheck_")} == rows_of(port)


@pytest.mark.parametrize("port", [port for port in PORTS if port.flags == TIME64], ids=name_of)
def test_programs_bind_to_every_time64_name(port, start):
    """__ppoll64_chk came with glibc 2.37."""
    ran = start(port, "ports/calls", env={"LD_DEBUG": "bindings", "LD_BIND_NOW": "1"})
    bound = re.findall(r"to \S+/libpollcheck.so \[0\]: normal symbol `(\w+)'", ran.stderr.decode())
    time64 = rows_of(port) - set(rows())
    assert len(time64) > 10
    assert time64 - set(bound) == {"__ppoll64_chk"}
