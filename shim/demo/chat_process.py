"""A chat server as a process of its own, with the library preloaded or without."""
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

INTERRUPTS = {signal.SIGINT, signal.SIGTERM}
PATIENCE = 10  # seconds until a state that should have come counts as missing


def wait_for(what, state, seconds=PATIENCE):
    """Returns state() as soon as it is true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = state()
        if value:
            return value
        time.sleep(0.002)
    raise RuntimeError("waited %g s for %s" % (seconds, what))


class ChatServer:
    """`end` ends a message. Everything it and the library write lies in `folder`."""

    def __init__(self, script, folder, library=None, options="", end=b"", deadline=6 * PATIENCE):
        self.folder = str(folder)
        self.end = end
        self.wakeups = None
        self._output = Path(self.folder, "output")
        self._report = Path(self.folder, "report")
        library = library and os.path.realpath(library)
        self.process = None
        try:
            self._start(script, self._environment(library, options), deadline)
            self.port = int(self._wait_for_line("its port", r"listening on 127\.0\.0\.1:(\d+)\n"))
            self._check_preload(library)
        except BaseException:  # an interrupt too: nobody else knows the process yet
            self.__exit__()
            raise

    def _environment(self, library, options):
        environment = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
        if library:
            # ld.so splits at spaces and colons, POLLCHECK_OPTIONS at colons: relative names have none
            Path(self.folder, "libpollcheck.so").symlink_to(library)
            environment["LD_PRELOAD"] = "./libpollcheck.so"
            environment["POLLCHECK_OPTIONS"] = "report_path=report" + options
        return environment

    def _check_preload(self, library):
        if library and library not in self._proc("maps"):
            complaint = [line for line in self.output().splitlines() if "ld.so" in line]
            raise RuntimeError("%s did not get into %s, which must be a dynamically linked glibc program of "
                               "the same architecture; run the demo with another python3. %s"
                               % (library, sys.executable, " ".join(complaint)))

    def _proc(self, name):
        return Path("/proc", str(self.process.pid), name).read_text()

    def _start(self, script, environment, deadline):
        command = [sys.executable, "-B", str(script), "--port", "0", "--deadline", str(deadline)]
        with self._output.open("w") as output:
            # An interrupt inside Popen would lose the process it has just made.
            signal.pthread_sigmask(signal.SIG_BLOCK, INTERRUPTS)
            try:
                self.process = subprocess.Popen(
                    command, cwd=self.folder, env=environment, stdin=subprocess.DEVNULL, stdout=output,
                    stderr=subprocess.STDOUT, start_new_session=True,
                    preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, INTERRUPTS))
            finally:
                signal.pthread_sigmask(signal.SIG_UNBLOCK, INTERRUPTS)

    def _wait_for_line(self, what, pattern):
        def found():
            ended = self.process.poll() is not None
            match = re.search(pattern, self.output())
            if ended and not match:
                raise RuntimeError("the server ended before %s came:\n%s" % (what, self.output()))
            return match
        return wait_for(what, found).group(1)

    def output(self):
        return self._output.read_text()

    def report(self):
        return self._report.read_text() if self._report.exists() else ""

    def rests(self):
        """It sleeps in poll: a loop that spins is always running or ready to run."""
        return self._proc("stat").rpartition(")")[2].split()[0] == "S"

    def cpu_seconds(self):
        fields = self._proc("stat").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        """Ends it and learns how often its poll returned."""
        self.process.terminate()
        self.process.wait(PATIENCE)
        self.wakeups = int(self._wait_for_line("its count of wake-ups", r"(\d+) wake-ups\n"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process:
            self.process.kill()
            self.process.wait()
