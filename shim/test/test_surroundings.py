"""Where a program runs: how it was linked, what it was given, what limits it and where reports can go."""
import os
import resource as limits
import sys

import pytest

from test_hostile import assert_same


# A dynamic musl program needs the library built with musl-gcc: test_ports.py; the command says so: test_tool_reach.py.
@pytest.mark.parametrize("flags,compiler", [(["-static"], "cc"), (["-static-pie"], "cc"),
                                            (["-static"], "musl-gcc"), (["-D_FORTIFY_SOURCE=3", "-O2"], "cc"),
                                            (["-Wl,-z,now"], "cc"), (["-no-pie"], "cc"),
                                            (["-fsanitize=undefined"], "cc"), (["-fsanitize=thread"], "cc")],
                         ids=lambda value: value if isinstance(value, str) else " ".join(value))
def test_other_linkages_just_run(flags, compiler, build, run):
    aliases = ["-include", "features.h"] if compiler == "cc" else ["-Dfcntl64=fcntl"]
    watched = assert_same(run, [build("hostile/plain", *flags, *aliases, compiler=compiler)])
    if "-static" in flags or "-static-pie" in flags:
        assert watched.stderr == b""


def test_program_with_the_address_sanitizer(build, run):
    program = build("hostile/plain", "-fsanitize=address")
    assert_same(run, [program], env={"ASAN_OPTIONS": "verify_asan_link_order=0"})


@pytest.mark.parametrize("variable", ["LD_BIND_NOW=1", "LD_BIND_NOT=1", "MALLOC_PERTURB_=165",
                                      "LD_DEBUG=statistics"])
def test_environment(variable, build, run):
    assert_same(run, [build("hostile/plain")], env=dict([variable.split("=")]))


def limited(resource, value):
    return lambda: limits.setrlimit(getattr(limits, resource), (value, value))


def least_address_space(run, program):
    """The smallest RLIMIT_AS, to 64 KiB, under which the program starts by itself."""
    too_small, enough = 0, 1 << 30
    while enough - too_small > 1 << 16:
        middle = (too_small + enough) // 2
        ends = run([program], preload=False, preexec_fn=limited("RLIMIT_AS", middle)).status == 0
        too_small, enough = (too_small, middle) if ends else (middle, enough)
    return enough


def test_tight_address_space(build, run):
    """Where ld.so has no room for the library too it says so and that is its right; else all is as ever."""
    program = build("hostile/plain")
    least = least_address_space(run, program)
    for more in [0, *(1 << shift for shift in range(16, 27))]:
        watched = run([program], preexec_fn=limited("RLIMIT_AS", least + more))
        refused = watched.status == 127 and b"error while loading shared libraries" in watched.stderr
        if not refused or more >= 4 << 20:
            assert (watched.stdout, watched.status) == (b"plain done\n", 0), f"{least} + {more} bytes"


def most_descriptors():
    most, hard = int(open("/proc/sys/fs/nr_open").read()), limits.getrlimit(limits.RLIMIT_NOFILE)[1]
    try:
        limits.setrlimit(limits.RLIMIT_NOFILE, (most, most))
    except (ValueError, PermissionError):
        limits.setrlimit(limits.RLIMIT_NOFILE, (hard, hard))


@pytest.mark.parametrize("at_start", [limited("RLIMIT_NOFILE", 3), limited("RLIMIT_NOFILE", 8),
                                      most_descriptors], ids=["3", "8", "most"])
def test_limit_of_descriptors_at_the_start(at_start, build, run):
    alone = run([build("hostile/plain")], preload=False, preexec_fn=at_start)
    watched = run([build("hostile/plain")], preexec_fn=at_start)
    # three leave no number for ld.so to open a library with
    assert (watched.stdout, watched.status) == (alone.stdout, alone.status) or alone.status == 127


@pytest.mark.parametrize("path", ["/dev/full", "/nonexistent/folder/report", "/proc/self/mem", "/", "fifo"])
def test_a_report_that_cannot_be_written(path, build, run, tmp_path):
    if path == "fifo":  # nobody reads it: to open it would be to wait for ever
        path = tmp_path / "fifo"
        os.mkfifo(path)
    assert_same(run, [build("hostile/plain")], {"report_path": path, "report_format": "text"},
                timeout=30)
    assert_same(run, [build("hostile/plain")], {"log": "text", "log_path": path, "report_format": "text"})


@pytest.mark.parametrize("options", ["", ":", "=", "a", "level", "level=", "level=loud", "spin_threshold=x",
                                     "spin_threshold=999999999999999999999", "log=text:" * 500,
                                     "report_path=", "x" * 100000, "suppressions=/nonexistent",
                                     "channel=/dev/null"], ids=lambda options: options[:30])
def test_options_nobody_should_give(options, build, run):
    assert_same(run, [build("hostile/plain")], env={"POLLCHECK_OPTIONS": options})


def test_standard_streams_closed_at_the_start(build, run):
    def close_all():
        os.closerange(0, 3)
    watched = run([build("hostile/endings"), "return"], {"report_path": None, "report_format": None},
                  preexec_fn=close_all)
    assert watched.status == run([build("hostile/endings"), "return"], preload=False,
                                 preexec_fn=close_all).status


@pytest.mark.parametrize("full", [False, True], ids=["reader gone", "full"])
@pytest.mark.parametrize("options", [{}, {"log": "text"}], ids=["report", "log"])
def test_standard_error_nobody_reads(full, options, build, run):
    """The program writes nothing there and lives; so it must with the library's report: no SIGPIPE."""
    reader, writer = os.pipe()
    if full:
        os.set_blocking(writer, False)
        with pytest.raises(BlockingIOError):
            while True:
                os.write(writer, b"x" * 4096)
    else:
        os.close(reader)
    options = {"report_path": None, "report_format": None, **options}
    watched = run([build("hostile/plain")], options, stderr=writer)
    os.close(writer)
    if full:
        os.close(reader)
    assert (watched.stdout, watched.status) == (b"plain done\n", 0)


def test_a_channel_that_is_none(build, run, tmp_path):
    for size in (0, 1, 4096, 100000):
        (tmp_path / "channel").write_bytes(bytes(size))
        assert_same(run, [build("hostile/plain")], {"channel": tmp_path / "channel"})


CHANGES_FOLDER = """
import ctypes, os
os.chdir("/")
libc = ctypes.CDLL(None)
libc.epoll_wait(libc.epoll_create1(0), None, 0, 0)
"""


def test_a_report_path_is_meant_from_where_the_program_started(run, tmp_path):
    run([sys.executable, "-c", CHANGES_FOLDER], {"report_path": "report"}, cwd=tmp_path)
    assert (tmp_path / "report").exists()


def test_findings_go_to_standard_error(build, run):
    """The least a user expects: the default report, on the default stream, and none on the other."""
    watched = run([build("hostile/plain")], {"report_path": None, "report_format": None})
    assert b"[maxevents-invalid]" in watched.stderr
    assert watched.stdout == b"plain done\n"
