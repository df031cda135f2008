"""One decorated function per clause: how to add one.

    clause = partial(clause, page="epoll_ctl(2)")        # once, at the head of a file that is about one page

    @clause("EPCTL-EEXIST", "adding a registered descriptor again fails with EEXIST", section="ERRORS")
    def test_adding_twice(route, epoll, pipe):
        epoll.add(pipe.read_end, EPOLLIN, data=1)
        assert route.epoll_ctl(epoll, EPOLL_CTL_ADD, pipe.read_end, Event(EPOLLIN, 2)) == Fails(EEXIST)

The slug is a row of catalogue.tsv; the sentence is the page's, in our words; so is the assertion, even where
Linux does otherwise: deviations.toml then pins what is observed instead. Several cases are parameters, never
loops. Assert whole results with == (observed on the left): both sides go into the result row. A clause nobody
can observe from a program is a row of unclaimed.toml.
"""
from dataclasses import dataclass
from pathlib import Path

import pytest

import system

FOLDER = Path(__file__).parent
LEVELS = ("must", "may", "unsaid")
CATALOGUE = dict(line.split("\t")[:2] for line in (FOLDER / "catalogue.tsv").read_text().splitlines()[1:])
CLAIMED = {}


@dataclass(frozen=True)
class Clause:
    clause: str
    sentence: str
    page: str
    section: str
    level: str
    since: str | None
    where: str

    def binds(self):
        """Whether breaking it is a failure here; what no page says binds only those that are Linux."""
        return self.level == "must" or self.level == "unsaid" and system.here("linux")


def clause(slug, sentence, *, page, section="", level="must", since=None):
    """level: must (documented), may (left open), unsaid (in no page); since: the kernel that brought it."""
    def claim(function):
        where = f"{function.__module__}.{function.__name__}"
        if slug not in CATALOGUE:
            raise ValueError(f"{where}: catalogue.tsv has no clause {slug}")
        if slug in CLAIMED:
            raise ValueError(f"{where}: {CLAIMED[slug].where} already claims {slug}")
        if level not in LEVELS:
            raise ValueError(f"{where}: level is one of {', '.join(LEVELS)}, not {level}")
        if hasattr(function, "claimed"):
            raise ValueError(f"{where}: one function, one clause; it already claims {function.claimed}")
        CLAIMED[slug] = Clause(slug, sentence, page, section, level, since, where)
        function.claimed = slug
        return pytest.mark.clause(CLAIMED[slug])(function)
    return claim


def shown(value):
    """The order of a set changes from run to run; what is committed must not."""
    return f"{{{', '.join(sorted(map(str, value)))}}}" if isinstance(value, (set, frozenset)) else repr(value)


class Observation:
    """What the running test expected and saw; filled by failing comparisons and by observe()."""

    def __init__(self):
        self.clear()

    def clear(self):
        self.expected = self.observed = None
        self.varies = False

    def compared(self, observed, relation, expected):
        self.observed = shown(observed)
        self.expected = shown(expected) if relation == "==" else f"{relation} {shown(expected)}"


observation = Observation()


def observe(what):
    """Records what a system does where the pages leave it open: the verdict becomes `varies`."""
    observation.observed, observation.varies = str(what), True
