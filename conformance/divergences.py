# The known divergences between what the pages say and what Linux does (divergences.tsv), by number.
from dataclasses import dataclass

from clause import FOLDER


@dataclass(frozen=True)
class Divergence:
    number: str
    documented: str
    observed: str
    clauses: list


def load(file=FOLDER / "divergences.tsv"):
    rows = [line.split("\t") for line in file.read_text().splitlines()[1:]]
    return {number: Divergence(number, documented, observed, clauses.split())
            for number, documented, observed, clauses in rows}
