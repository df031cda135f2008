"""Reads traces for the tests, with babeltrace2 and its Python bindings."""
import dataclasses
import re
import subprocess

import bt2
import pytest

from command import clean_environment

WAITS = {"epoll_wait", "epoll_pwait", "epoll_pwait2"}
FAMILY = WAITS | {"poll", "ppoll", "select", "pselect", "epoll_create", "epoll_create1", "epoll_ctl"}


@dataclasses.dataclass
class Event:
    name: str
    time: int  # nanoseconds since the epoch, of its end
    pid: int
    context: dict  # of its packet
    fields: dict


def plain(field):
    """A field as Python has it; an enumeration by its label, or its number where it has none."""
    if isinstance(field, bt2._EnumerationFieldConst):
        return field.labels[0] if field.labels else int(field)
    if isinstance(field, bt2._StructureFieldConst):
        return {name: plain(value) for name, value in field.items()}
    if isinstance(field, bt2._ArrayFieldConst):
        return [plain(value) for value in field]
    return str(field) if isinstance(field, bt2._StringFieldConst) else int(field)


def events(folder):
    """All events of all processes, in order of time."""
    contexts = {}
    for message in bt2.TraceCollectionMessageIterator(str(folder)):
        if isinstance(message, bt2._PacketBeginningMessageConst):
            contexts[message.packet.stream.addr] = plain(message.packet.context_field)
        if not isinstance(message, bt2._EventMessageConst):
            continue
        event = message.event
        yield Event(event.name, message.default_clock_snapshot.ns_from_origin,
                    int(event.stream.trace.environment["vpid"]), contexts[event.stream.addr],
                    plain(event.payload_field))


def is_of_family(event):
    return event.name.lstrip("_") in FAMILY


def complaints(folder):
    """What babeltrace2 says on standard error while it reads all of it."""
    done = subprocess.run(["babeltrace2", str(folder)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          text=True, timeout=120)
    return done.stderr if done.returncode == 0 else f"status {done.returncode}\n{done.stderr}"


def numbers(found):
    """The numbers that test/trace's programs poll with, in the order of the trace."""
    return [-event.fields["asked"][0]["fd"] for event in found if event.name == "poll"]


def shown(command, folder):
    """As `pollcheck show` has it, which is fast: the numbers each thread polled with, and what was said."""
    by_thread = {}
    with subprocess.Popen([command, "show", folder], env=clean_environment(), text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as show:
        for line in show.stdout:
            tid, number = re.match(r"(\d+) +\S+ poll\(\[\{fd=-(\d+)\}", line).groups()
            by_thread.setdefault(tid, []).append(int(number) & 0xffffff)
        told = show.stderr.read()
    assert show.returncode == 0
    return by_thread, told


def accounted(found):
    """Events that are there, and those that were overwritten or discarded, as the packets tell."""
    calls = [event for event in found if event.name != "site"]
    return len(calls), max(event.context["overwritten"] for event in calls)


@pytest.fixture
def traced(run, build, tmp_path):
    """traced(program, ...): its trace, which babeltrace2 reads without a word, and how it ended."""
    def run_traced(program, *arguments, options=None, warnings="", **more):
        folder = tmp_path / f"{program.replace('/', '-')}{'-'.join(map(str, arguments))}.trace"
        ended = run([build(program), *arguments], {"trace": folder, **(options or {})}, **more)
        assert complaints(folder) == warnings
        return list(events(folder)), ended, folder
    return run_traced
