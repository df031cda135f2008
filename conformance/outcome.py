# What a call answered, written as its page writes it: Returns(1), Fails(EINVAL), Killed(SIGSEGV).
import errno as errno_names
import signal
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Returns:
    value: int
    seconds: float = field(default=0.0, compare=False)

    def __repr__(self):
        return f"Returns({self.value})"


@dataclass(frozen=True)
class Fails:
    errno: int
    seconds: float = field(default=0.0, compare=False)

    def __repr__(self):
        return f"Fails({errno_names.errorcode.get(self.errno, self.errno)})"


@dataclass(frozen=True)
class Killed:
    signal: int

    def __repr__(self):
        return f"Killed({signal.Signals(self.signal).name})"
