# The pinned differences between the pages and the systems (deviations.toml), and what nobody can claim.
import re
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import system
from clause import CATALOGUE, FOLDER


@dataclass(frozen=True)
class Deviation:
    clause: str
    systems: list       # conditions of system.here(); one of them is true where this is pinned
    instead: str        # what is observed, as the result row prints it; … stands for any text
    cause: str
    case: str = "*"     # the parameters it is about, a glob over the part in brackets
    documented: str = ""  # the number of the divergence in the list of known ones

    def concerns(self, clause, case):
        return self.clause == clause and fnmatchcase(case, self.case) and any(map(system.here, self.systems))

    def is_what_happened(self, observed):
        pattern = ".*".join(map(re.escape, self.instead.split("…")))
        return re.fullmatch(pattern, observed or "", re.DOTALL) is not None


def load(file=FOLDER / "deviations.toml"):
    pins = [Deviation(**entry) for entry in tomllib.loads(Path(file).read_text()).get("deviation", [])]
    for pin in pins:
        if pin.clause not in CATALOGUE:
            raise ValueError(f"{file}: catalogue.tsv has no clause {pin.clause}")
    return pins


def unclaimed(file=FOLDER / "unclaimed.toml"):
    """Clause to the reason why no test claims it."""
    reasons = tomllib.loads(Path(file).read_text())
    for slug in reasons:
        if slug not in CATALOGUE:
            raise ValueError(f"{file}: catalogue.tsv has no clause {slug}")
    return {slug: entry["reason"] for slug, entry in reasons.items()}
