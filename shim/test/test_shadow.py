"""What the library believes of interest lists, held against /proc/self/fdinfo after long random histories. A program
prints its seed and, at the first divergence, what the kernel has and what the library believes."""
import re

import pytest

HISTORIES = {"alone": 60000, "threads": 30000, "turns": 3000}


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("program, rounds", HISTORIES.items())
def test_the_shadow_is_what_the_kernel_has(program, rounds, seed, build, run):
    ran = run([build(f"shadow/{program}"), rounds, seed])
    assert ran.status == 0, ran.stdout.decode()
    compared = re.search(rb"compared (\d+) registrations, (\d+) of them orphans", ran.stdout)
    assert int(compared[1]) > 500, "a history that compares nothing proves nothing"
