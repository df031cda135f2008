"""What make bench does where the machine allows less."""
import ctypes
import os
import resource
import subprocess
import sys

import pytest

from conftest import BUILD, ROOT, make

sys.path.insert(0, str(ROOT / "shim/bench"))
import blocks  # noqa: E402
import footprint  # noqa: E402
from measure import Bench  # noqa: E402

PR_CAPBSET_DROP, CAP_SYS_RESOURCE = 24, 24
LIMITED = 4096
FIGURES = {what: {"median": 1.0, "p10": 1.0, "p90": 1.0} for what in ("native", "ratio", "added")}


def limited():
    """Without the capability, which root may have, a hard limit is one."""
    ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_SYS_RESOURCE, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, LIMITED))


@pytest.fixture(scope="module")
def program():
    make(BUILD / "bench/blocks")
    return BUILD / "bench/blocks"


def run(program, row, **environment):
    return subprocess.run([program, "paired", row, "1"], preexec_fn=limited, capture_output=True, text=True,
                          env={**os.environ, **environment})


@pytest.mark.parametrize("row, instances", [
    ("epoll_wait, 1 ready of 15000", 4), ("epoll_ctl MOD, 15000 watched", 4),
    ("epoll_wait, 1 ready of 1000", 1),
])
def test_where_descriptors_are_few_more_instances_hold_the_registrations(program, library, row, instances):
    done = run(program, row, LD_PRELOAD=str(library))
    assert (done.returncode, done.stderr) == (0, "")
    spread = [line for line in done.stdout.splitlines() if line.startswith("spread")]
    assert spread == ([f"spread {instances} {LIMITED - 200}"] if instances > 1 else [])


def figures(spread):
    return {"default": {**FIGURES, "said": "", "spread": spread}}


def test_the_table_says_which_rows_had_several_instances():
    result = {"one": figures([]), "many": figures([[6.0, 19800.0]])}
    assert [line for line in blocks.lines(result) if "instances" in line] == [
        "many: 6 epoll instances hold the registrations, of 19800 descriptors; one is waited for or changed"]


def test_a_descriptor_takes_no_more_than_its_record(library):
    make(BUILD / "bench/footprint")
    result, missing = footprint.measure(Bench(BUILD, library, rounds=3, core=min(os.sched_getaffinity(0))))
    if missing:
        pytest.skip(str(missing["all"]))
    a_page = 4096 / footprint.DESCRIPTORS
    assert 0 < result["bytes for a descriptor"] <= 64 + a_page
    assert 0 < result["bytes for a registration"] <= 32 + a_page


def test_footprint_is_left_out_where_descriptors_are_few(library, monkeypatch):
    make(BUILD / "bench/footprint")
    monkeypatch.setattr(footprint, "DESCRIPTORS", 1 << 28)
    result, missing = footprint.measure(Bench(BUILD, library, rounds=1, core=min(os.sched_getaffinity(0))))
    assert not result and missing["all"].here and "needs ulimit -Hn" in str(missing["all"])
