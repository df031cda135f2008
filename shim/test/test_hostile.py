"""Programs and surroundings that break preloaded libraries: the program must end as it does alone."""
import os
import sys

import pytest

from conftest import needs_root, straced

ALONE = ["plain", "alternate_stack", "allocations", "cancel_many", "closed_stderr", "crowd", "early",
         "faults", "fork_threads", "handlers", "late", "limit_first", "locked", "longjmp", "lookup",
         "many_descriptors", "quiet", "registers", "small_stack", "threads", "unseen", "vfork_close"]
WITH_ARGUMENT = {
    "close_all": ["closefrom", "range", "unshare", "exec", "syscall", "loop"],
    "endings": ["return", "_exit", "kill", "abort", "exec", "quick", "group"],
    "sinks": ["size", "none"],
    "sandbox": ["list prctl", "list syscall", "refuse prctl", "refuse syscall", "strict prctl",
                "strict syscall"],
}
CASES = ALONE + [f"{name} {words}" for name, all_words in WITH_ARGUMENT.items() for words in all_words]
MODES = {
    "report": {},
    "log": {"log": "text", "log_path": "log", "level": "note"},
    "trace": {"trace": "trace", "trace_size": 1},
    "to standard error": {"report_path": None, "report_format": None},
}
LIBRARY = ["-shared", "-fPIC", "-DLIBRARY"]


def assert_same(run, argv, options=None, env=None, **more):
    """Runs it alone, then under the library, which must change neither output nor status."""
    __tracebackhide__ = True
    alone = run(argv, preload=False, env=env, **more)
    watched = run(argv, options, env=env, **more)
    assert watched.stdout == alone.stdout, watched.stderr[-2000:].decode(errors="replace")
    assert watched.status == alone.status, watched.stderr[-2000:].decode(errors="replace")
    return watched


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("case", CASES)
def test_ends_as_it_does_alone(case, mode, build, run):
    program, *arguments = case.split()
    options = {"report_format": "text", **MODES[mode]}  # a limit may leave half a line of json
    assert_same(run, [build(f"hostile/{program}"), *arguments], options)


def test_all_programs_are_run():
    """A program nobody lists would be built for nothing."""
    folder = os.path.dirname(__file__) + "/hostile"
    listed = set(ALONE) | set(WITH_ARGUMENT) | {"forked_reports", "inherited", "interposer", "jail", "plugin"}
    assert listed == {name[:-2] for name in os.listdir(folder) if name.endswith(".c")}


@pytest.mark.parametrize("way", WITH_ARGUMENT["endings"])
def test_what_was_found_is_reported_however_it_ends(way, build, run):
    assert run([build("hostile/endings"), way]).findings


@pytest.mark.parametrize("program", ["small_stack", "alternate_stack", "early", "late", "vfork_close",
                                     "fork_threads", "many_descriptors", "cancel_many", "longjmp", "threads"])
def test_findings_survive_the_surroundings(program, build, run):
    """A library that gave up in silence would pass all the others."""
    assert run([build(f"hostile/{program}")]).findings


def test_a_child_in_our_memory_does_not_end_the_watch(build, run):
    found = run([build("hostile/fork_threads")]).findings
    assert any("-5" in finding["call"] for finding in found)


def test_children_report_under_their_own_number(build, run):
    watched = run([build("hostile/forked_reports")])
    assert {finding["pid"] for finding in watched.findings} == set(map(int, watched.stdout.split()))


def test_right_use_of_unseen_descriptors_deserves_no_warning(build, run):
    assert run([build("hostile/unseen")]).findings == []


def test_a_file_that_got_number_2_is_not_standard_error(build, run):
    for options in ({"report_path": None, "report_format": None}, {"log": "text"}):
        watched = run([build("hostile/closed_stderr")], options, preexec_fn=lambda: os.close(2))
        assert watched.stdout == b"database holds 7 bytes\n" and watched.status == 0


@pytest.mark.parametrize("inner", ["plain", "lookup"])
def test_started_under_a_filter_that_kills(inner, build, run):
    """As a service manager does: what the library's start adds to the native calls would be fatal."""
    program, outer = build(f"hostile/{inner}"), build("hostile/inherited")
    assert_same(run, [outer, program])
    assert_same(run, [outer, program], {"report_path": None, "report_format": None})


@pytest.mark.parametrize("way", ["namespace", "deepbind", "lazy", "unload"])
def test_plugins(way, build, run):
    library = build("hostile/plugin", "-shared", "-fPIC")
    for options in ({}, {"log": "text", "log_path": "log"}):
        assert_same(run, [build("hostile/plugin"), way, library], options)


@pytest.mark.parametrize("flags", [[], ["-DTO_ALIAS"]], ids=["same name", "alias"])
@pytest.mark.parametrize("first", ["ours", "theirs"])
def test_beside_another_preload(first, flags, build, run, library):
    other, program = build("hostile/interposer", *LIBRARY, *flags), build("hostile/interposer")
    alone = run([program], preload=False, env={"LD_PRELOAD": str(other)})
    both = run([program], preloads=[library, other] if first == "ours" else [other, library])
    assert (both.stdout, both.status) == (alone.stdout, alone.status)
    assert alone.stdout != b"interposed calls: 0\n"


def test_constructor_of_a_linked_library(build, run):
    early = build("hostile/early", *LIBRARY)
    assert_same(run, [build("hostile/early", str(early))])


@needs_root
@pytest.mark.parametrize("what", ["chroot", "setuid", "both"])
def test_after_giving_up_root(what, build, run):
    program = build("hostile/jail")
    assert_same(run, [program, what])
    told = assert_same(run, [program, what], {"report_path": None, "report_format": None})
    assert b"[maxevents-invalid]" in told.stderr


@needs_root
def test_a_set_user_id_program_just_runs(build, run, tmp_path):
    program = tmp_path / "program"
    program.write_bytes(build("hostile/plain").read_bytes())
    os.chown(program, 65534, 65534)
    program.chmod(0o4755)
    assert_same(run, [program])


SUBPROCESSES = """
import os, select, subprocess, threading
ready, _ = os.pipe(), os.pipe()
epoll = select.epoll(); epoll.register(ready[0], select.EPOLLIN)
poll = select.poll(); poll.register(ready[0])
os.write(ready[1], b"x")
def watch():
    for _ in range(2000): assert epoll.poll(0) and poll.poll(0) and select.select([ready[0]], [], [], 0)[0]
thread = threading.Thread(target=watch); thread.start()
for number in range(30):
    kept = (ready[0],) if number % 2 else ()
    done = subprocess.run(["/bin/sh", "-c", "echo out; exit 3"], close_fds=True, pass_fds=kept,
                          capture_output=True, start_new_session=number % 3 == 0)
    assert (done.returncode, done.stdout) == (3, b"out\\n")
    os.waitpid(os.posix_spawn("/bin/true", ["true"], os.environ), 0)
    pid = os.fork()
    if pid == 0: os._exit(7 if epoll.poll(0) == [(ready[0], 1)] else 8)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
thread.join()
assert epoll.poll(0) == [(ready[0], select.EPOLLIN)]
print("subprocesses done")
"""


def test_python_and_its_subprocesses(run):
    watched = assert_same(run, [sys.executable, "-c", SUBPROCESSES])
    assert watched.stdout == b"subprocesses done\n"


def between_marks(run, program, log, environ=None):
    """The names of the system calls strace saw between the program's two marks."""
    assert run(straced([program], environ or {}, log), preload=False).status == 0
    marked = log.read_text().split('write(-1, "mark", 4)')
    assert len(marked) == 3
    return [line.split("(")[0] for line in marked[1].splitlines()[1:]]


def test_no_system_call_is_added(build, run, library, tmp_path):
    """But a look at what select was asked now and then, as descriptors are opened: its answer overwrites that."""
    program = build("hostile/quiet")
    alone = between_marks(run, program, tmp_path / "alone")
    watched = between_marks(run, program, tmp_path / "watched",
                            {"LD_PRELOAD": library, "POLLCHECK_OPTIONS": f"report_path={tmp_path}/report"})
    looks = [name for name in watched if name in ("getpid", "process_vm_readv")]
    assert alone.count("pselect6") + alone.count("select") == 512
    assert [name for name in watched if name not in looks] == alone
    assert len(looks) <= (1 + 9) * 4, "the 512th, and of those that find a new descriptor the 1st, 2nd, … 256th"


def test_a_loop_around_select_that_opens_nothing_makes_no_system_call_of_ours(build, run, library, tmp_path):
    """Its sets are not its own variables, so the kernel alone could look at them."""
    program = build("programs/select_late")
    watched = between_marks(run, program, tmp_path / "watched",
                            {"LD_PRELOAD": library, "POLLCHECK_OPTIONS": f"report_path={tmp_path}/report"})
    assert watched == between_marks(run, program, tmp_path / "alone") and len(watched) == 10000


def test_a_select_is_looked_at_again_when_a_descriptor_was_opened(build, run):
    finding, = run([build("programs/select_late")]).findings
    assert finding["rule"] == "select-nfds-wrong"
