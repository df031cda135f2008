"""Long random histories: what the library believes of each interest list is what fdinfo(5) shows of it.
The programs of shim/test/shadow take [rounds [seed]], for longer runs than these, and print their seed."""
import re

import pytest

# rounds; the most the library may be unsure of, in 100: one-shots, other registrations
HISTORIES = {
    "alone": (12000, 60, 0),       # one-shots with shared data, none of the rest: the program sees to it
    "handler": (20000, 70, 2),
    "threads": (4000, 95, 2),      # most one-shots are armed again while they are armed, which nobody should
    "turns": (2000, 10, 0),        # as one-shots are meant
    "unseen": (400, 40, 2),
    "processes": (150, 60, 2),
    "many": (1, 0, 0),
}
SEEDS = (1, 4, None)  # None: another in each run, named in the output
SUMMARY = re.compile(r"compared (\d+) registrations, (\d+) of them orphans; "
                     r"uncertain: (\d+) of (\d+) one-shots, (\d+) of (\d+) others")


def history(run, build, name, seed, **more):
    rounds = HISTORIES[name][0]
    return run([build(f"shadow/{name}"), rounds, *([] if seed is None else [seed])], **more)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", HISTORIES)
def test_belief_is_what_the_kernel_has(name, seed, build, run):
    ran = history(run, build, name, seed)
    printed = ran.stdout.decode()
    assert ran.status == 0, printed + ran.stderr.decode(errors="replace")
    compared, orphans, *unsure = map(int, SUMMARY.search(printed).groups())
    assert compared > 500, printed
    if name in ("threads", "handler") or (name == "alone" and seed == 1):
        assert orphans, printed
    for share, uncertain, of in zip(HISTORIES[name][1:], unsure[::2], unsure[1::2]):
        assert uncertain * 100 <= share * of, printed


def test_a_lie_is_noticed(build, run):
    """The comparison itself: one registration is made where the library cannot see it."""
    ran = run([build("shadow/alone"), 500, 1, "lie"])
    assert ran.status == 1
    assert re.search(rb"^diverged: epfd \d+, fd \d+: the kernel has .* the library believes nothing; seed 1",
                     ran.stdout, re.M), ran.stdout


def test_without_the_library_there_is_nothing_to_compare(build, run):
    ran = history(run, build, "alone", 1, preload=False)
    assert ran.status == 2
    assert b"LD_PRELOAD" in ran.stderr
