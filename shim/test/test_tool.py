"""Under pollcheck a program lives as if started by hand: status, signals, stops, streams, inheritance."""
import ctypes
import os
import pty
import re
import resource
import select
import signal
import subprocess
import sys

import pytest

from command import LIMIT, clean_environment, command, pollcheck, run_plainly  # noqa: F401


def test_every_exit_status_is_kept(pollcheck):
    assert [pollcheck("sh", "-c", f"exit {n}").status for n in range(256)] == list(range(256))


@pytest.mark.parametrize("name", "HUP INT QUIT ABRT KILL SEGV PIPE TERM USR1 RTMIN".split())
def test_death_by_signal_is_kept(pollcheck, name):
    number = getattr(signal, f"SIG{name}")
    assert pollcheck("sh", "-c", f"kill -{number:d} $$").status == -number


def test_death_by_signal_dumps_no_second_core(command, tmp_path):
    def allow_cores():
        resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    child = subprocess.Popen([command, "sh", "-c", "kill -SEGV $$"], cwd=tmp_path, preexec_fn=allow_cores,
                             env=clean_environment(), stderr=subprocess.DEVNULL)
    _, status = os.waitpid(child.pid, 0)
    assert os.WTERMSIG(status) == signal.SIGSEGV and not os.WCOREDUMP(status)


def test_streams_pass_through(command):
    data = os.urandom(1 << 20)
    ended = subprocess.run([command, "sh", "-c", "cat; echo said >&2"], input=data, capture_output=True,
                           env=clean_environment(), timeout=LIMIT)
    assert (ended.stdout, ended.stderr, ended.returncode) == (data, b"said\n", 0)


def test_a_quiet_program_has_quiet_company(pollcheck):
    ended = pollcheck("--error-exitcode=9", "true")
    assert (ended.status, ended.stdout, ended.stderr) == (0, "", "")


def inherit_ignored_signals():
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)


@pytest.mark.parametrize("prepare", [
    lambda: None,
    inherit_ignored_signals,
    lambda: signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1, signal.SIGCHLD, signal.SIGTERM]),
    lambda: os.close(0),
    lambda: (os.close(0), os.close(2)),
    lambda: os.dup2(1, 77),
    lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)),
], ids=["nothing", "ignored", "blocked", "no-stdin", "no-stdin-no-stderr", "descriptor-77", "few-files"])
def test_what_a_program_inherits_is_unchanged(pollcheck, build, prepare):
    state = build("tool/state")
    inherit = {"preexec_fn": prepare, "restore_signals": False, "close_fds": False}
    with_command, without = pollcheck(state, **inherit), run_plainly(state, **inherit)
    assert with_command == without and without.status == 0


class Talker:
    """shim/test/tool/signals.c: it prints each signal it gets."""

    def __init__(self, command, program, **popen):
        popen.setdefault("stdout", subprocess.PIPE)
        self.ours = subprocess.Popen([command, program], env=clean_environment(), text=True, **popen)

    def hear_pid(self):
        self.program = int(self.ours.stdout.readline().split()[1])

    def hears(self, number, value=0):
        assert self.ours.stdout.readline() == f"{int(number)} {value}\n"

    def ends(self):
        self.ours.send_signal(signal.SIGUSR2)
        self.hears(signal.SIGUSR2)
        assert self.ours.wait(LIMIT) == 7


@pytest.fixture
def talker(command, build):
    started = []

    def start(**popen):
        started.append(Talker(command, build("tool/signals"), **popen))
        started[0].hear_pid()
        return started[0]
    yield start
    for one in started:
        if one.ours.poll() is None:
            os.kill(one.program, signal.SIGKILL)
            one.ours.kill()
            one.ours.wait()
        one.ours.stdout.close()


def test_signals_sent_to_the_command_are_forwarded(talker):
    program = talker()
    for name in "TERM HUP INT QUIT USR1 ALRM WINCH CONT ABRT PROF RTMAX".split():
        number = getattr(signal, f"SIG{name}")
        program.ours.send_signal(number)
        program.hears(number)
    program.ends()


def test_a_queued_signal_keeps_its_value(talker):
    program = talker()
    assert ctypes.CDLL(None).sigqueue(program.ours.pid, signal.SIGRTMAX, ctypes.c_void_p(4711)) == 0
    program.hears(signal.SIGRTMAX, 4711)
    program.ends()


def test_termination_reaches_a_program_that_dies_of_it(command):
    child = subprocess.Popen([command, "sh", "-c", "echo up; exec sleep 1000"], env=clean_environment(),
                             stdout=subprocess.PIPE, text=True)
    with child:
        assert child.stdout.readline() == "up\n"
        child.terminate()
        assert child.wait(LIMIT) == -signal.SIGTERM


def test_a_signal_the_program_sends_its_group_comes_once(command):
    script = "trap 'echo got' TERM; kill -TERM 0; echo end"
    ended = subprocess.run([command, "sh", "-c", script], capture_output=True, text=True, timeout=LIMIT,
                           env=clean_environment(), preexec_fn=os.setpgrp)
    assert (ended.stdout, ended.returncode) == ("got\nend\n", 0)


class Terminal:
    """What appears on the screen of a program started as a login shell would be."""

    def __init__(self, command, program):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(command, [str(command), str(program)], clean_environment())
        self.seen = b""

    def shows(self, pattern):
        while not re.search(pattern, self.seen):
            assert select.select([self.fd], [], [], LIMIT)[0], self.seen
            self.seen += os.read(self.fd, 4096)


@pytest.mark.parametrize("key, number", [(b"\x03", signal.SIGINT), (b"\x1c", signal.SIGQUIT)])
def test_a_key_at_the_terminal_reaches_the_program_once(command, build, key, number):
    terminal = Terminal(command, build("tool/signals"))
    terminal.shows(rb"pid \d+\r\n")
    os.write(terminal.fd, key)
    one_line = rb"(?<!\d)%d 0\r\n"
    terminal.shows(one_line % number)
    os.kill(terminal.pid, signal.SIGUSR2)
    terminal.shows(one_line % signal.SIGUSR2)
    assert len(re.findall(one_line % number, terminal.seen)) == 1
    _, status = os.waitpid(terminal.pid, 0)
    os.close(terminal.fd)
    assert os.waitstatus_to_exitcode(status) == 7


def state_of(pid):
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rpartition(") ")[2][0]


def test_the_command_stops_and_continues_with_the_program(talker):
    # a group of its own in our session: the kernel drops stops of groups that no shell watches
    program = talker(preexec_fn=os.setpgrp)
    for _ in range(2):
        os.kill(program.program, signal.SIGTSTP)
        _, status = os.waitpid(program.ours.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status) and os.WSTOPSIG(status) == signal.SIGTSTP
        program.ours.send_signal(signal.SIGCONT)
        program.hears(signal.SIGCONT)
    program.ends()


def test_a_program_paused_by_its_own_id_does_not_leave_the_command_stopped(talker):
    program = talker(preexec_fn=os.setpgrp, stdin=subprocess.DEVNULL)
    os.kill(program.program, signal.SIGSTOP)
    while state_of(program.program) != "T":
        pass
    os.kill(program.program, signal.SIGCONT)
    program.hears(signal.SIGCONT)
    program.ends()


HANGS_UP = """import fcntl, os, sys, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])"""


def test_the_hang_up_of_a_terminal_reaches_the_program(command):
    """The kernel tells the leader of the session alone, and where a terminal was opened for us that is us."""
    master, slave = pty.openpty()
    program = "trap 'echo hung up >&2; exit 7' HUP; echo waits >&2; while :; do sleep 0.05; done"
    words = [command, "--", "sh", "-c", program]
    ours = subprocess.Popen(["timeout", str(LIMIT), sys.executable, "-c", HANGS_UP, *words], stdin=slave, stdout=slave,
                            stderr=subprocess.PIPE, text=True)
    os.close(slave)
    assert ours.stderr.readline() == "waits\n"
    os.close(master)
    assert ours.stderr.readline() == "hung up\n"
    assert ours.wait(timeout=60) == 7
    ours.stderr.close()
