"""`pollcheck show`: lines as the log has them, filters, traces that grow."""
import re
import subprocess

import pytest

from command import LIMIT, clean_environment, command, pollcheck, run_plainly  # noqa: F401
from tracefile import Trace

START = 1795449924  # seconds: where Trace's clock begins
IN, PRI, OUT = 1, 2, 4


def make_trace(folder):
    """A process of two threads, with one of everything."""
    trace = Trace(folder / "4711.0")
    trace.site(1, "main")
    trace.site(2, "serve")
    trace.event("descriptor_born", 1000, fd=4, generation=1, kind=14, site=1)
    trace.event("epoll_create1", 1000, duration=900, site=1, argument=0o2000000, result=4)
    trace.event("descriptor_born", 2000, fd=5, generation=1, kind=1, site=1)
    trace.event("epoll_ctl", 3000, duration=500, site=1, epfd=4, op=1, fd=5, result=0,
                asked=[{"events": IN, "data": 5}])
    trace.event("epoll_ctl", 4000, duration=500, site=1, epfd=4, op=2, fd=9, result=-1, error=9)
    trace.event("epoll_wait", 1_000_000, duration=990_000, site=1, epfd=4, maxevents=64, timeout=-1, result=1,
                ready=[{"fd": 5, "events": IN, "data": 5}])
    trace.event("read", 1_010_000, duration=2000, site=2, fd=5, result=100)
    trace.event("epoll_pwait2", 2_000_000, duration=900_000, site=1, epfd=4, maxevents=8, timeout_is=3,
                timeout_seconds=0, timeout_fraction=900000, result=0, sigmask=[1 << 14])
    trace.event("poll", 3_000_000, tid=4712, duration=100_000, site=1, nfds=2, timeout=100, result=1,
                asked=[{"fd": 5, "events": IN}, {"fd": 6, "events": OUT}], ready=[{"fd": 6, "events": OUT}])
    trace.event("select", 3_500_000, tid=4712, duration=100_000, site=1, nfds=8, sets=IN | OUT | PRI, readfds=3,
                writefds=1, exceptfds=0, timeout_is=2, timeout_seconds=1, timeout_fraction=5, left_seconds=1, result=2,
                asked=[{"fd": 3, "events": IN}, {"fd": 5, "events": IN}, {"fd": 6, "events": OUT}],
                ready=[{"fd": 6, "events": OUT}, {"fd": 7, "events": IN}])
    trace.event("finding", 4_000_000, tid=4712, number=1, severity=2, epfd=4, fd=5, result=1, count=1,
                rule="eof-not-handled", message="descriptor 5 is at end of file", call="epoll_wait(4)",
                fd_is="tcp 127.0.0.1:80<-127.0.0.1:5000", confirmed_by="poll")
    trace.event("write", 4_100_000, duration=1000, site=2, fd=5, result=-1, error=32)
    trace.event("close", 5_000_000, duration=100, site=2, fd=5, result=0)
    trace.event("descriptor_closed", 5_000_000, fd=5, generation=1, site=2)
    trace.event("forked", 6_000_000, child=4800)
    trace.close()
    return folder


@pytest.fixture(scope="module")
def trace(tmp_path_factory):
    return make_trace(tmp_path_factory.mktemp("show") / "trace")


@pytest.fixture
def show(pollcheck, trace):
    def lines(*options):
        ended = pollcheck("show", *options, trace)
        assert (ended.status, ended.stderr) == (0, "")
        return [line.split(" ", 1)[1] for line in re.sub(r"(?m)^(\d+) +\d+\.", r"\1 ", ended.stdout).splitlines()]
    return lines


def test_lines_are_those_of_strace(show):
    assert show() == [
        "000001 --- descriptor 4 is born: epoll instance ---",
        "000001 epoll_create1(EPOLL_CLOEXEC) = 4 <0.000000>",
        "000002 --- descriptor 5 is born: tcp ---",
        "000003 epoll_ctl(4, EPOLL_CTL_ADD, 5, {events=EPOLLIN, data={u32=5, u64=5}}) = 0 <0.000000>",
        "000004 epoll_ctl(4, EPOLL_CTL_DEL, 9, NULL) = -1 EBADF (Bad file descriptor) <0.000000>",
        "001000 epoll_wait(4, [{events=EPOLLIN, data={u32=5, u64=5}}], 64, -1) = 1 <0.000990>",
        "001010 read(5, ...) = 100 <0.000002>",
        "002000 epoll_pwait2(4, [], 8, {tv_sec=0, tv_nsec=900000}, [TERM]) = 0 <0.000900>",
        "003000 poll([{fd=5, events=POLLIN}, {fd=6, events=POLLOUT}], 2, 100) = 1 ([{fd=6, revents=POLLOUT}]) "
        "<0.000100>",
        "003500 select(8, [3 5 ...], [6], [], {tv_sec=1, tv_usec=5}) = 2 (in [7], out [6], "
        "left {tv_sec=1, tv_usec=0}) <0.000100>",
        "004000 --- error: descriptor 5 is at end of file [eof-not-handled] ---",
        "004100 write(5, ...) = -1 EPIPE (Broken pipe) <0.000001>",
        "005000 close(5) = 0 <0.000000>",
        "005000 --- descriptor 5 is closed ---",
        "006000 --- process 4800 is forked ---",
    ]


def test_a_recorded_program_reads_as_its_log_does(run, build, pollcheck, tmp_path):
    """But for what a trace does not keep, which is shown as three dots."""
    run([build("programs/family")], {"log": "text", "log_path": tmp_path / "log", "trace": tmp_path / "trace"})
    made = re.compile(r"\d+ +(\d+\.\d+) (\w+\(.*) <\d+\.\d+>")
    logged = [made.fullmatch(line).groups() for line in (tmp_path / "log").read_text().splitlines()]
    ended = pollcheck("show", tmp_path / "trace")
    family = re.compile(r"p?poll|p?select|epoll_")
    shown = [line for line in map(made.fullmatch, ended.stdout.splitlines()) if line and family.match(line[2])]
    assert ended.stderr == "" and len(logged) == len(shown) > 40
    kept = 0
    for (_, expected), line in zip(logged, shown):
        expected = expected.replace("poll(NULL, 0,", "poll([], 0,")
        if "select" in expected and "0x" not in expected:
            assert line[2] == expected
        assert re.fullmatch(re.escape(line[2]).replace(r"\.\.\.", ".*?"), expected), (line[2], expected)
        kept += "..." not in line[2]
    assert kept > len(shown) / 2


@pytest.mark.parametrize("options, calls", [
    (["--fd=6"], "poll select"),
    (["--fd=6,9"], "epoll_ctl poll select"),
    (["--fd=4"], "born"),
    (["--epfd=4", "--call=epoll_wait,epoll_ctl"], "epoll_ctl epoll_ctl epoll_wait"),
    (["--epfd=4", "--since=5ms"], ""),
    (["--call", "read"], "read"),
    (["--tid=4712"], "poll select error"),
    (["--tid=4711", "--errors"], "epoll_ctl write"),
    (["--errors"], "epoll_ctl write"),
    (["--rule=eof-not-handled"], "error"),
    (["--rule=ghost-registration"], ""),
    (["--since=0.0045"], "close closed forked"),
    (["--since=4.5ms", "--until=5500us"], "close closed"),
    ([f"--since={START}.0055"], "forked"),
    ([f"--until={START}.000001500"], "born epoll_create1"),
])
def test_filters(show, options, calls):
    words = re.compile(r"(\w+)\(|--- (error)|(?:is|process \d+ is) (born|closed|forked)")
    assert " ".join("".join(filter(None, words.search(line).groups())) for line in show(*options)) == calls


def refused(ended, *parts, status=2):
    assert (ended.status, ended.stdout) == (status, "")
    assert ended.stderr.startswith("pollcheck: ") and ended.stderr.count("\n") == 1, ended.stderr
    for part in parts:
        assert part in ended.stderr, ended.stderr


@pytest.mark.parametrize("words, parts", [
    (["show"], ["show: name a trace", "usage"]),
    (["show", "/no/such"], ["/no/such", "No such file", "trace="]),
    (["show", "/etc/passwd"], ["/etc/passwd", "not a folder"]),
    (["show", "/proc/self/fdinfo"], ["no trace is in there"]),
    (["show", "a", "b"], ["unexpected 'b'"]),
    (["show", "--fd=x", "."], ["--fd=x", "numbers"]),
    (["show", "--fd=-1", "."], ["--fd=-1", "numbers"]),
    (["show", "--since=soon", "."], ["--since=soon", "seconds"]),
    (["show", "--call=epol_wait", "."], ["epol_wait", "did you mean epoll_wait"]),
    (["show", "--rule=eof", "."], ["did you mean"]),
    (["show", "--epdf=3", "."], ["--epdf", "did you mean --epfd"]),
    (["show", "--json", "."], ["--json", "did you mean"]),
    (["show", "-x", "."], ["-x", "show --help"]),
    (["show", "--fd"], ["--fd", "needs a value"]),
    (["show", "--errors=1", "."], ["--errors", "no value"]),
    (["stats", "--diff", "."], ["name two traces"]),
    (["stats", ".", "."], ["unexpected '.'"]),
    (["report", "-o", "", "."], ["name of a file"]),
    (["export", "."], ["--perfetto"]),
])
def test_bad_words_are_refused_in_one_line(pollcheck, words, parts):
    refused(pollcheck(*words), *parts)


@pytest.mark.parametrize("word", ["show", "stats", "report", "export"])
def test_help_has_a_line_for_each_option(pollcheck, word):
    ended = pollcheck(word, "--help")
    assert ended.status == 0 and ended.stdout.startswith(f"usage: pollcheck {word} ")
    assert "  --help\n" in ended.stdout


def test_a_reader_that_goes_away_ends_it(command, trace):
    ended = run_plainly("bash", "-c", f"set -o pipefail; {command} show {trace} | head -1")
    assert ended.stdout.count("\n") == 1 and ended.stderr == ""


def test_what_the_recorder_discarded_is_said(pollcheck, tmp_path):
    trace = Trace(tmp_path / "1.0", packet_events=2)
    for i in range(4):
        trace.event("read", 1000 * i + 1000, fd=5, result=1)
    trace.discarded_by_packet = [0, 7]
    ended = pollcheck("show", trace.close())
    assert ended.stdout.count("read(") == 4 and "7 events were discarded" in ended.stderr


# --- a trace that grows ---

def test_following_shows_each_event_once_until_the_program_has_ended(command, build, tmp_path):
    program = build("programs/paced_pipe")
    trace = tmp_path / "trace"
    writer = subprocess.Popen([program, "3000"], stdin=subprocess.PIPE, env=clean_environment(
        LD_PRELOAD=str(command.parent / "libpollcheck.so"), POLLCHECK_OPTIONS=f"trace={trace}"))
    while not list(trace.glob("*/metadata")):
        assert writer.poll() is None
    with subprocess.Popen([command, "show", "-f", trace], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env=clean_environment()) as reader:
        first = reader.stdout.readline()  # while it runs
        assert writer.poll() is None
        writer.communicate(timeout=LIMIT)
        rest, told = reader.stdout.read(), reader.stderr.read()
    assert told == "" and reader.returncode == 0
    assert first + rest == run_plainly(command, "show", trace).stdout
    assert rest.count("epoll_wait(") == 3000
