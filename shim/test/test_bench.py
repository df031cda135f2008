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
import budgets  # noqa: E402
import footprint  # noqa: E402
import run as bench  # noqa: E402
import servers  # noqa: E402
from measure import Bench  # noqa: E402

PR_CAPBSET_DROP, CAP_SYS_RESOURCE = 24, 24
LIMITED = 4096


def limited():
    """Without the capability, which root may have, a hard limit is one."""
    ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_SYS_RESOURCE, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, LIMITED))


@pytest.fixture(scope="module")
def program():
    make(BUILD / "bench/blocks")
    return BUILD / "bench/blocks"


def paired(program, row, **environment):
    return subprocess.run([program, "paired", row, "1"], preexec_fn=limited, capture_output=True, text=True,
                          env={**os.environ, **environment})


@pytest.mark.parametrize("row, instances", [
    ("epoll_wait, 1 ready of 15000", 4), ("epoll_ctl MOD, 15000 watched", 4),
    ("epoll_wait, 1 ready of 1000", 1),
])
def test_where_descriptors_are_few_more_instances_hold_the_registrations(program, library, row, instances):
    done = paired(program, row, LD_PRELOAD=str(library))
    assert (done.returncode, done.stderr) == (0, "")
    spread = [line for line in done.stdout.splitlines() if line.startswith("spread")]
    assert spread == ([f"spread {instances} {LIMITED - 200}"] if instances > 1 else [])


def figures(ratio, spread=()):
    of = {"median": ratio, "p10": ratio, "p90": ratio}
    return {"native": of, "ratio": of, "added": of, "said": "", "spread": list(spread)}


def row(floor, default, spread=()):
    ratios = {"control": 1, "floor": floor, "default": default}
    return {mode: figures(ratio, spread) for mode, ratio in ratios.items()}


def test_the_table_says_which_rows_had_several_instances():
    result = {"one": row(1, 1), "many": row(1, 1, [[6.0, 19800.0]])}
    assert [line for line in blocks.lines(result) if "instances" in line] == [
        "many: 6 epoll instances hold the registrations, of 19800 descriptors; one is waited for or changed"]


def test_each_row_is_shown_beside_the_floor():
    result = {"epoll_wait, 1 ready of 10": row(1.02, 1.06), "epoll_wait, 1 ready of 1000": row(1.03, 1.09)}
    lines = list(blocks.lines(result))
    head = next(line for line in lines if "native ns" in line).split()
    assert head == ["native", "ns", "control", "floor", "default"]
    assert any("1.020 (1.02-1.02)" in line and "1.060 (1.06-1.06)" in line for line in lines)
    further = next(line for line in lines if line.startswith("1000 registrations, not 10"))
    assert "+0.03" in further and further.endswith("floor +0.01")


@pytest.mark.parametrize("traced, said", [
    (1.1, "ratio 1.200, at most 1.08 (floor 1.020)"),
    (1.3, "traced ratio 1.300, at most 1.15 (floor 1.020)"),
])
def test_what_is_over_budget_is_said_with_the_floor(capsys, traced, said):
    modes = {**row(1.02, 1.2), "trace": figures(traced)}
    bench.say_verdicts(bench.verdicts({"blocks": {"epoll_wait, 1 ready": modes}}, ["blocks"]))
    assert said in capsys.readouterr().out


def server(**rates):
    def of(rate):
        return {what: {"median": rate, "p10": rate, "p90": rate} for what in ("rate", "p99", "cpu")}
    return {"native": of(1000), **{variant: of(rate) for variant, rate in rates.items()}, "said": ""}


def test_a_server_is_shown_beside_the_floor(capsys):
    result = {"redis GET, 1 client": server(control=1, floor=0.99, default=0.97, trace=0.96)}
    assert [line.split("1000/s")[0].split()[-1] for line in list(servers.lines(result))[1:]] == [
        "control", "floor", "default", "trace"]
    bench.say_verdicts(bench.verdicts({"servers": result}, ["servers"]))
    said = capsys.readouterr().out
    assert "throughput lost 0.030, at most 0.02 (floor 0.010)" in said
    assert "throughput lost, recorded 0.040, at most 0.03 (floor 0.010)" in said


@pytest.mark.skipif(os.cpu_count() < 2, reason="server and client have a core each")
def test_each_round_has_servers_of_its_own(library, monkeypatch):
    make(BUILD / "bench/echo", BUILD / "bench/load", BUILD / "bench/floor.so")
    echo = next(server for server in servers.SERVERS if server[0].startswith("echo"))
    begun, start = [], servers.start
    monkeypatch.setattr(servers, "start", lambda bench, command, mode: begun.append(mode) or start(bench, command, mode))
    figures = servers.one_server(Bench(BUILD, library, 2, core=0), (*echo[:4], 1, 10))
    assert sorted(begun) == sorted(2 * list(servers.VARIANTS.values()))
    assert figures["said"] == "" and figures["floor"]["rate"]["median"] > 0


def test_what_has_no_floor_is_said_without(capsys):
    over = bench.verdicts({"footprint": {"bytes of TLS": 129}}, ["footprint"])
    bench.say_verdicts(over)
    assert capsys.readouterr().out.endswith("bytes of TLS: added 129.000, at most 128\n")
    assert [verdict[4] for verdict in over] == [budgets.AIM]


def test_every_call_that_is_compared_has_its_floor():
    """What the wrapper does not define would be libc's own: a floor of nothing."""
    make(BUILD / "bench/floor.so")
    defined = subprocess.run(["nm", "-D", "--defined-only", BUILD / "bench/floor.so"], capture_output=True,
                             text=True, check=True).stdout.split()
    called = {"epoll_wait", "epoll_ctl", "poll", "select", "read", "write", "recv", "send", "dup", "close"}
    assert called <= set(defined)


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
