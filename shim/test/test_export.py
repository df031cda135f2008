"""`pollcheck export --perfetto`: what the Trace Event Format asks of a file, and what of the trace is in it."""
import collections
import json

import pytest

from command import command, pollcheck, run_plainly  # noqa: F401
from test_show import make_trace

EPOLL, DESCRIPTOR = 1 << 24, 1 << 25
NEEDED = {"X": {"ts", "dur"}, "i": {"ts", "s"}, "s": {"ts", "id", "cat"}, "f": {"ts", "id", "cat", "bp"}, "M": {"args"}}


@pytest.fixture(scope="module")
def events(command, tmp_path_factory):
    folder = tmp_path_factory.mktemp("export")
    ended = run_plainly(command, "export", "--perfetto", "-o", folder / "trace.json", make_trace(folder / "trace"))
    assert (ended.status, ended.stdout, ended.stderr) == (0, "", "")
    written = json.loads((folder / "trace.json").read_text())
    assert written["displayTimeUnit"] == "ns"
    return written["traceEvents"]


def test_every_event_has_what_its_phase_needs(events):
    for event in events:
        assert NEEDED[event["ph"]] | {"pid", "tid", "name"} <= event.keys(), event
        assert event.get("ts", 0) >= 0 and event.get("dur", 0) >= 0


# The trace begins with its first event, a microsecond after Trace's clock.

def test_calls_are_slices_of_their_threads(events):
    calls = [event for event in events if event.get("cat") == "call"]
    assert [event["name"] for event in calls] == (
        "epoll_create1 epoll_ctl epoll_ctl epoll_wait read epoll_pwait2 poll select write close".split())
    wait = calls[3]
    assert (wait["tid"], wait["dur"], round(wait["ts"] + wait["dur"])) == (4711, 990, 999)
    assert wait["args"]["call"].startswith("epoll_wait(4, [{events=EPOLLIN")


def test_slices_of_a_track_nest(events):
    """Else the viewers drop some of them."""
    tracks = collections.defaultdict(list)
    for event in events:
        if event["ph"] == "X":
            tracks[event["tid"]].append((event["ts"], -event["dur"]))
    for slices in tracks.values():
        open_until = []
        for start, negative in sorted(slices):
            while open_until and open_until[-1] <= start + 1e-6:
                open_until.pop()
            assert not open_until or start - negative <= open_until[-1] + 1e-6
            open_until.append(start - negative)


def test_a_flow_leads_from_the_wait_to_the_read_that_served_it(events):
    starts = {event["id"]: event for event in events if event["ph"] == "s"}
    ends = {event["id"]: event for event in events if event["ph"] == "f"}
    assert starts.keys() == ends.keys() and len(starts) == 1
    slices = {event["name"]: event for event in events if event["ph"] == "X"}
    for flow, name in (starts[1], "epoll_wait"), (ends[1], "read"):
        at = slices[name]
        assert flow["tid"] == at["tid"] and at["ts"] <= flow["ts"] <= at["ts"] + at["dur"]


def test_tracks_are_named(events):
    names = {event["tid"]: event["args"]["name"] for event in events if event["name"] == "thread_name"}
    assert names[4711] == "thread 4711" and names[4712] == "thread 4712"
    assert names[EPOLL + 4] == "epoll instance 4" and names[DESCRIPTOR + 5] == "descriptor 5"
    assert {event["tid"] for event in events if event["ph"] in "Xi"} <= names.keys()


def test_a_finding_is_an_instant_of_its_thread(events):
    (finding,) = [event for event in events if event.get("cat") == "finding"]
    assert (finding["name"], finding["tid"], finding["ph"]) == ("eof-not-handled", 4712, "i")


def test_a_descriptor_has_its_life(events):
    (life,) = [event for event in events if event["ph"] == "X" and event["tid"] == DESCRIPTOR + 5]
    assert life["name"] == "5 tcp 127.0.0.1:80<-127.0.0.1:5000" and round(life["ts"] + life["dur"]) == 4999


def test_standard_output_is_where_it_goes_without_a_name(pollcheck, tmp_path):
    ended = pollcheck("export", "--perfetto", make_trace(tmp_path / "trace"))
    assert len(json.loads(ended.stdout)["traceEvents"]) > 20


def test_a_full_disk_is_said(pollcheck, tmp_path):
    ended = pollcheck("export", "--perfetto", "-o", "/dev/full", make_trace(tmp_path / "trace"))
    assert ended.status == 125 and "/dev/full: not all of it could be written" in ended.stderr
