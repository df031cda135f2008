# For the clauses about headers and macros: small C programs, where a compiler is at hand.
import os
import shutil
import subprocess

import pytest

from outcome import Killed, Returns


class Compiler:
    def __init__(self, command, folder):
        self.command, self.folder = command, folder

    def compiles(self, source, *flags):
        """Whether it is accepted without warning; nothing is defined for it but what flags say."""
        return self._run("-c", source, *flags).returncode == 0

    def _run(self, step, source, *flags):
        (self.folder / "program.c").write_text(source)
        return subprocess.run([*self.command, "-std=c11", "-Wall", "-Werror", *flags, step, "program.c",
                               "-o", "program"], cwd=self.folder, capture_output=True, text=True)

    def runs(self, source, *flags):
        """The program's standard output; Killed(signal) if it died, Returns(status) if it failed."""
        built = self._run("-pipe", source, "-D_GNU_SOURCE", *flags)
        assert built.returncode == 0, built.stderr
        ran = subprocess.run([self.folder / "program"], capture_output=True, text=True, timeout=20)
        if ran.returncode < 0:
            return Killed(-ran.returncode)
        return Returns(ran.returncode) if ran.returncode else ran.stdout.strip()


@pytest.fixture
def compiler(tmp_path):
    """compiler.compiles(source, "-D_XOPEN_SOURCE=700"), compiler.runs(source)."""
    command = os.environ.get("CC", "cc").split()
    if not shutil.which(command[0]):
        pytest.skip(f"no C compiler: {command[0]}")
    return Compiler(command, tmp_path)
