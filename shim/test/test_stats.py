"""`pollcheck stats`: the numbers of traces whose every event is known."""
import json
import re

import pytest

from command import command, pollcheck  # noqa: F401
from tracefile import Trace
from traces import traced  # noqa: F401

IN = 1
MS = 1_000_000


class Loop:
    """A thread's waits on epoll instance 4, each with what it served and how long that took."""

    def __init__(self, folder, tid=4711):
        self.trace, self.now, self.tid = Trace(folder / "4711.0"), 1000, tid
        self.trace.site(1, "main")
        self.trace.site(2, "serve")

    def wait(self, waited, fds, result=None, **changes):
        self.now += waited
        ready = [{"fd": fd, "events": IN, "data": fd} for fd in fds]
        self.trace.event("epoll_wait", self.now, tid=self.tid, duration=waited, site=1, epfd=4, maxevents=8, timeout=-1,
                         result=len(fds) if result is None else result, ready=ready, **changes)

    def read(self, after, fd, result=1, name="read", took=0):
        self.now += after + took
        self.trace.event(name, self.now, tid=self.tid, duration=took, site=2, fd=fd, result=result)

    def work(self, time):
        self.now += time


@pytest.fixture
def stats(pollcheck):
    def read(*words):
        ended = pollcheck("stats", "--json", *words)
        assert (ended.status, ended.stderr) == (0, "")
        return json.loads(ended.stdout)
    return read


def test_waits_are_told_apart(stats, tmp_path):
    loop = Loop(tmp_path / "t")
    for _ in range(3):
        loop.wait(MS, [5, 6])
        loop.read(1000, 5)
    loop.wait(MS, [5])  # served by nobody
    loop.wait(MS, [5])
    loop.read(1000, 5, result=0)  # end of file: nothing is gained
    loop.wait(2 * MS, [])
    loop.wait(MS, [], result=-1, error=4)
    (found,) = stats(loop.trace.close().parent)["loops"]
    assert {key: found[key] for key in ("name", "waits", "ready", "timeouts", "failed", "empty")} == {
        "name": "epoll instance 4", "waits": 7, "ready": 5, "timeouts": 1, "failed": 1, "empty": 2}
    assert (found["events"]["count"], found["events"]["sum"], found["events"]["max"]) == (6, 8, 2)
    assert found["events"]["octaves"] == [1, 2, 3]  # none; one; two or three
    assert (found["wait"]["sum"], found["wait"]["max"]) == (8 * MS, 2 * MS)
    assert found["lag"]["count"] == 6  # the last turn did not end


@pytest.mark.parametrize("act", [
    lambda loop: loop.read(1, 5, name="write"),
    lambda loop: loop.read(1, 5, name="accept4", result=0),
    lambda loop: loop.read(1, 5, name="eventfd_read", result=0),
    lambda loop: loop.read(1, 5, name="close", result=0),
    lambda loop: loop.trace.event("epoll_ctl", loop.now, epfd=4, op=2, fd=5, result=0),
    lambda loop: loop.trace.event("sendfile", loop.now, **{"in": 9, "out": 5, "result": 10}),
    lambda loop: loop.trace.event("descriptor_closed", loop.now, fd=5, generation=1),
])
def test_what_serves_an_event(stats, tmp_path, act):
    loop = Loop(tmp_path / "t")
    loop.wait(MS, [5])
    act(loop)
    loop.wait(MS, [])
    assert stats(loop.trace.close().parent)["loops"][0]["empty"] == 0


@pytest.mark.parametrize("result, name", [(0, "read"), (-1, "read"), (-1, "accept"), (0, "recv"), (-1, "close")])
def test_what_serves_none(stats, tmp_path, result, name):
    loop = Loop(tmp_path / "t")
    loop.wait(MS, [5])
    loop.read(1, 5, name=name, result=result)
    loop.wait(MS, [])
    assert stats(loop.trace.close().parent)["loops"][0]["empty"] == 1


def test_quantiles_are_at_most_an_eighth_too_high(stats, tmp_path):
    loop, lags = Loop(tmp_path / "t"), [17 * n * n + 3 for n in range(1, 1001)]
    for lag in lags:
        loop.wait(100, [])
        loop.work(lag)
    loop.wait(100, [])
    found = stats(loop.trace.close().parent)["loops"][0]["lag"]
    assert (found["count"], found["sum"], found["max"]) == (1000, sum(lags), lags[-1])
    for key, exact in ("p50", lags[499]), ("p99", lags[989]):
        assert exact <= found[key] <= exact * 9 / 8
    assert sum(found["octaves"]) == 1000


def test_the_slowest_handlers_have_their_descriptor_and_call_site(stats, tmp_path):
    loop = Loop(tmp_path / "t")
    loop.wait(MS, [5, 6, 7])
    loop.read(1000, 5, took=500)
    loop.work(3 * MS)          # still 5's: 1000 + 500 + 3 ms
    loop.read(0, 6, took=500)
    loop.work(7 * MS)          # 6's: 500 + 7 ms
    loop.wait(MS, [])
    found = stats(loop.trace.close().parent)
    assert [(h["fd"], h["took"], h["tid"], h["events"], h["site"]) for h in found["slowest"]] == [
        (6, 7 * MS + 500, 4711, "EPOLLIN", "serve (server+0x1139)"),
        (5, 3 * MS + 1500, 4711, "EPOLLIN", "serve (server+0x1139)")]
    longest = {d["fd"]: d["longest_handler"] for d in found["descriptors"]}
    assert longest == {5: 3 * MS + 1500, 6: 7 * MS + 500, 7: 0}


def test_descriptors_of_one_number_are_two(stats, tmp_path):
    loop = Loop(tmp_path / "t")
    for generation in 1, 2:
        loop.trace.event("descriptor_born", loop.now, fd=5, generation=generation, kind=1, site=1)
        for _ in range(generation):
            loop.wait(MS, [5])
            loop.read(1, 5)
            loop.read(1, 5, name="write")
        loop.trace.event("descriptor_closed", loop.now, fd=5, generation=generation, site=1)
    found = stats(loop.trace.close().parent)["descriptors"]
    assert [(d["fd"], d["is"], d["reported"], d["served"], d["reads"], d["writes"]) for d in found] == [
        (5, "tcp", 2, 2, 2, 2), (5, "tcp", 1, 1, 1, 1)]


def test_polling_threads_are_loops_of_their_own(stats, tmp_path):
    trace = Trace(tmp_path / "t" / "4711.0")
    for tid, waits in (4711, 2), (4712, 3):
        for n in range(waits):
            trace.event("poll", 1000 * n + 1000, tid=tid, duration=10, nfds=1, timeout=5, result=0,
                        asked=[{"fd": 5, "events": IN}])
    found = stats(trace.close().parent)["loops"]
    assert [(loop["name"], loop["waits"], loop["timeouts"]) for loop in found] == [
        ("poll in thread 4712", 3, 3), ("poll in thread 4711", 2, 2)]


def test_what_select_reports_counts_for_its_descriptors(pollcheck, stats, traced, tmp_path):
    _, _, folder = traced("trace/selects", 100, "local")
    pollcheck("report", "-o", tmp_path / "page", folder)
    page = json.loads(re.search(r'id="data">(.*?)</script>', (tmp_path / "page").read_text(), re.S)[1])
    (loop,) = stats(folder)["loops"]
    assert (loop["waits"], loop["ready"], loop["events"]["sum"]) == (100, 100, 100)
    assert loop["name"].startswith("select in thread ")
    for found in stats(folder), page:
        assert [one["reported"] for one in found["descriptors"] if one["fd"] == 3] == [100]


def test_text_has_the_same_numbers(pollcheck, tmp_path):
    loop = Loop(tmp_path / "t")
    for _ in range(4):
        loop.wait(MS, [5])
        loop.read(1000, 5)
    text = pollcheck("stats", loop.trace.close().parent).stdout
    assert "4 waits: 4 ready (100.0 %), 0 timeouts (0.0 %), 0 failed; 0 empty wake-ups (0.0 %)" in text
    assert re.search(r"^ +1 +4 \|@{40}\|$", text, re.M)
    assert re.search(r"^ +5 +4 +0 +4 +0 +1.00 us$", text, re.M)
    assert text.count("serve (server+0x1139)") == 4


def test_difference(pollcheck, stats, tmp_path):
    for name, waits in ("before", 4), ("after", 1):
        loop = Loop(tmp_path / name)
        for _ in range(waits):
            loop.wait(MS, [5])
            loop.read(1000, 5)
        loop.trace.close()
    text = pollcheck("stats", "--diff", tmp_path / "before", tmp_path / "after").stdout
    rows = {name.strip(): rest.split() for name, rest in re.findall(r"^  (.{24})(.*)$", text, re.M)}
    assert rows["waits"] == ["4", "1", "-75.0", "%"] and rows["waited, at most"] == "1.00 ms 1.00 ms +0.0 %".split()
    both = stats("--diff", tmp_path / "before", tmp_path / "after")
    assert [both[key]["loops"][0]["waits"] for key in ("before", "after")] == [4, 1]


def test_an_empty_trace_has_no_numbers(pollcheck, tmp_path):
    ended = pollcheck("stats", Trace(tmp_path / "t" / "1.0").close().parent)
    assert (ended.status, ended.stderr) == (0, "") and "0 events" in ended.stdout
