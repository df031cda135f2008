"""The trace tells what the log tells of the same run."""
import errno
import json
import os
import re

import pytest

from traces import is_of_family, traced  # noqa: F401

BITS = {"IN": 1, "PRI": 2, "OUT": 4, "ERR": 8, "HUP": 16, "NVAL": 32, "RDNORM": 64, "RDBAND": 128,
        "WRNORM": 256, "WRBAND": 512, "MSG": 1024, "RDHUP": 0x2000}
SETS = {"readfds": BITS["IN"], "writefds": BITS["OUT"], "exceptfds": BITS["PRI"]}


def named(mask):
    """The bits of a mask of the log; those without a name are in there as a number."""
    return sum(int(bit, 0) if bit[0].isdigit() else BITS[bit.removeprefix("EPOLL").removeprefix("POLL")]
               for bit in mask.split("|"))


# --- select's arguments and answer, which the log has in strace's notation alone ---

def in_brackets(pairs, event, count):
    fds = [one["fd"] for one in pairs if one["events"] & event]
    return f"[{' '.join(map(str, fds[:6]))}{' ...' if count > 6 else ''}]"


def asked_set(fields, name):
    if not fields["sets"] & SETS[name]:
        return "NULL"
    unread = fields[name] < 0 or fields["nfds"] < 0
    return "..." if unread else in_brackets(fields["asked"], SETS[name], fields[name])


def time_in(seconds, fraction, unit):
    return f"{{tv_sec={seconds}, tv_{'usec' if unit == 'timeval' else 'nsec'}={fraction}}}"


def asked_timeout(fields):
    unit = fields["timeout_is"]
    words = {"none": "NULL", "unread": "..."}
    return words.get(unit) or time_in(fields["timeout_seconds"], fields["timeout_fraction"], unit)


def answer(fields):
    if fields["result"] < 0:
        return f"-1 {fields['error']} ({os.strerror(getattr(errno, fields['error']))})"
    if fields["result"] == 0:
        return "0 (Timeout)"
    counts = {event: sum(1 for one in fields["ready"] if one["events"] & event) for event in SETS.values()}
    parts = [f"{word} {in_brackets(fields['ready'], event, counts[event])}"
             for word, event in zip(("in", "out", "except"), SETS.values()) if counts[event]]
    if fields["left_seconds"] >= 0:
        parts.append("left " + time_in(fields["left_seconds"], fields["left_fraction"], "timeval"))
    return f"{fields['result']} ({', '.join(parts)})"


def notation(name, fields):
    sets = ", ".join(asked_set(fields, set_) for set_ in SETS)
    mask = ", MASK" if name.startswith("pselect") else ""
    return f"{name}({fields['nfds']}, {sets}, {asked_timeout(fields)}{mask}) = {answer(fields)}"


def logged_notation(entry):
    told = re.sub(r"0x[0-9a-f]+", "...", entry["notation"])
    return re.sub(r"(, )(NULL|\.\.\.|~?\[[^]]*\])\) = ", r"\1MASK) = ", told) if "pselect" in told else told


# --- all calls ---

def as_logged(event):
    """What the log's object has of a call, from its event."""
    fields = event.fields
    entry = {"call": event.name, "result": fields["result"]}
    for key in ("epfd", "op", "fd", "maxevents", "nfds"):
        if key in fields:
            entry[key] = fields[key]
    if "argument" in fields:
        entry["flags" if event.name == "epoll_create1" else "size"] = fields["argument"]
    if fields.get("timeout_is") == "milliseconds":
        entry["timeout"] = fields["timeout_fraction"]
    elif "timeout" in fields:
        entry["timeout"] = fields["timeout"]
    if fields["result"] < 0:
        entry["errno"] = fields["error"]
    if fields["result"] > 0 and "ready" in fields:
        entry["ready"] = [{"fd": one["fd"], "events": one["events"]} for one in fields["ready"][:12]]
    if "sets" in fields:
        entry["notation"] = notation(event.name, fields)
    return entry


def logged(entry):
    told = {key: entry[key] for key in entry if key not in ("pid", "tid", "time", "duration", "notation")}
    for one in told.get("ready", []):
        one["events"] = named(one["events"])
    if told.get("op", "").isdigit():
        told["op"] = int(told["op"])
    if "select" in told["call"]:
        told["notation"] = logged_notation(entry)
    return told


def by_process(pairs):
    found = {}
    for pid, one in pairs:
        found.setdefault(pid, []).append(one)
    return found


@pytest.mark.parametrize("program", ["programs/family", "programs/long_lists", "transparency/select",
                                     "rules/eof-not-handled", "rules/fd-reuse-stale-event"])
def test_events_are_what_the_log_has(program, traced, tmp_path):
    log = tmp_path / "log"
    found, _, _ = traced(program, options={"log": "json", "log_path": log})
    entries = map(json.loads, log.read_text().splitlines())
    in_trace = by_process((event.pid, as_logged(event)) for event in found if is_of_family(event))
    in_log = by_process((entry["pid"], logged(entry)) for entry in entries)
    assert in_trace.keys() == in_log.keys()
    for pid, calls in in_log.items():
        assert len(in_trace[pid]) == len(calls)
        for traced_call, call in zip(in_trace[pid], calls):
            assert traced_call == call


def test_times_are_those_of_the_log(traced, tmp_path):
    log = tmp_path / "log"
    found, _, _ = traced("programs/family", options={"log": "json", "log_path": log})
    calls = [event for event in found if is_of_family(event)]
    for event, entry in zip(calls, map(json.loads, log.read_text().splitlines())):
        assert event.fields["duration"] <= entry["duration"] * 1e9 + 1000
        assert event.time - 1000 <= entry["time"] * 1e9
    assert all(one.time <= other.time for one, other in zip(calls, calls[1:]))


def test_of_large_sets_the_first_are_kept_and_all_are_counted(traced):
    found, _, _ = traced("programs/long_lists")
    fields = next(event.fields for event in found if event.name == "select")
    assert fields["readfds"] == fields["result"] == len(fields["ready"]) > 90 and len(fields["asked"]) == 16
    assert fields["asked"] == fields["ready"][:16]
