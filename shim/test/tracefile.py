"""Writes traces as trace.def describes them, event by event, so that tests know what must be read."""
import re
import struct
import uuid

from conftest import ROOT

SCALARS = {"u8": "B", "u16": "H", "u32": "I", "u64": "Q", "i32": "i", "i64": "q", "x32": "I", "x64": "Q",
           "error": "H", "op": "i", "timeout": "B", "kind": "B", "severity": "B", "mask": "Q"}
ENUMERATIONS = ("op", "timeout", "severity")
WITHOUT_VALUE = {"fd", "epfd", "from", "result", "in", "out", "readfds", "writefds", "exceptfds", "left_seconds"}
SHIM = ROOT / "shim"


def parse_definitions():
    """({layout or element: [(kind, type, name)]}, {event: (layout, class)}, {enumeration: [(label, value)]})"""
    text = re.sub(r"/\*.*?\*/", "", (SHIM / "trace.def").read_text(), flags=re.S)
    parts, events, values, current = {}, {}, {"severity": [("note", 0), ("warning", 1), ("error", 2)]}, None
    for word, arguments in re.findall(r"^\s*(\w+)(?:\((.*?)\))?", text, re.M):
        given = [argument.strip().strip('"') for argument in arguments.split(",")]
        if word in ("LAYOUT", "ELEMENT"):
            current = parts.setdefault(given[0], [])
        elif word == "FIELD":
            current.append(("field", *given))
        elif word == "SEQUENCE":
            current.append(("sequence", *given))
        elif word == "STRING":
            current.append(("string", "string", given[0]))
        elif word == "RECORD":
            events[given[0]] = (given[1], int(given[2]))
        elif word == "VALUE":
            values.setdefault(given[0], []).append((given[1], int(given[2])))
    return parts, events, values


PARTS, EVENTS, VALUES = parse_definitions()


def call_layouts():
    """The layout of every call of calls.def, by its roles."""
    text = re.sub(r"/\*.*?\*/", "", (SHIM / "calls.def").read_text(), flags=re.S)
    for name, roles in re.findall(r"^CALL\((\w+), \w+, ?(.*)\)", text, re.M):
        by_roles = {"EPFD OP": "epoll_ctl", "FDS NFDS TIMEOUT SIGMASK": "ppoll", "FDS NFDS TIMEOUT": "poll",
                    "SELECT_NFDS": "select", "SIZE": "epoll_create", "FLAGS": "epoll_create"}
        layout = next((layout for start, layout in by_roles.items() if roles.startswith(start)), "io")
        if roles.startswith("EPFD EVENTS"):
            layout = "epoll_pwait" if "SIGMASK" in roles else "epoll_wait"
        yield name, "transfer" if name.startswith(("sendfile", "splice")) else layout


EVENTS |= {name: (layout, 0) for name, layout in call_layouts() if name not in EVENTS}
IDS = {name: i for i, name in enumerate(EVENTS)}


def tsdl_type(name):
    if name == "string":
        return name
    code = SCALARS[name]
    size, signed = struct.calcsize(code) * 8, "true" if code in "iq" else "false"
    integer = f"integer {{ size = {size}; align = 8; signed = {signed}; }}"
    if name not in ENUMERATIONS:
        return integer
    labels = ", ".join(f'"{label}" = {value}' for label, value in VALUES[name])
    return f"enum : {integer} {{ {labels} }}"


def tsdl_fields(name):
    lines = []
    for kind, type_, field in PARTS[name]:
        inner = f"struct {{ {tsdl_fields(type_)} }}" if type_ in PARTS else tsdl_type(type_)
        # an underscore, which readers take away: `event` alone is a word of the language
        lines.append(f"{inner} _{field}[_{field}_length];" if kind == "sequence" else f"{inner} _{field};")
    return " ".join(lines)


PACKET = "<I16sIQQQIIQQiIQQ"  # header and context of a packet
CONTENT_SIZE = struct.calcsize("<I16sIQQQ")  # where it stands
HEAD = struct.calcsize(PACKET)
CONTEXT = ("u64 timestamp_begin", "u64 timestamp_end", "u32 content_size", "u32 packet_size", "u64 packet_seq_num",
           "u64 events_discarded", "i32 tid", "u32 thread", "u64 events_before", "u64 overwritten")


def metadata(identity, offset, environment):
    def field(words):
        type_, name = words.split()
        clock = " map = clock.monotonic.value;" if name.startswith("timestamp") else ""
        return tsdl_type(type_).replace(" }", clock + " }") + f" {name};"
    entries = " ".join(f'{key} = {value if isinstance(value, int) else chr(34) + value + chr(34)};'
                       for key, value in environment.items())
    stamp = tsdl_type("u64").replace(" }", " map = clock.monotonic.value; }")
    text = f"""/* CTF 1.8 */
trace {{ major = 1; minor = 8; uuid = "{identity}"; byte_order = le;
  packet.header := struct {{ {tsdl_type("u32")} magic; {tsdl_type("u8")} uuid[16]; {tsdl_type("u32")} stream_id;
    {tsdl_type("u64")} stream_instance_id; }}; }};
env {{ {entries} }};
clock {{ name = monotonic; freq = 1000000000; offset = {offset}; }};
"""
    for class_ in 0, 1:
        text += f"""stream {{ id = {class_}; event.header := struct {{ {tsdl_type("u8")} id; {stamp} timestamp; }};
  packet.context := struct {{ {" ".join(map(field, CONTEXT))} }}; }};\n"""
        for name, (layout, of) in EVENTS.items():
            if of == class_:
                text += (f'event {{ name = "{name}"; id = {IDS[name]}; stream_id = {class_}; '
                         f"fields := struct {{ {tsdl_fields(layout)} }}; }};\n")
    return text


def packed(name, values):
    out = b""
    for kind, type_, field in PARTS[name]:
        value = values.get(field)
        if kind == "string":
            out += (value or "").encode() + b"\0"
        elif kind == "sequence":
            for item in value or []:
                out += packed(type_, item) if type_ in PARTS else struct.pack("<" + SCALARS[type_], item)
        elif field.endswith("_length"):
            out += struct.pack("<" + SCALARS[type_], len(values.get(field.removesuffix("_length")) or []))
        else:
            default = -1 if field in WITHOUT_VALUE else 0
            out += struct.pack("<" + SCALARS[type_], default if value is None else value)
    return out


class Trace:
    """A process's folder. event() times are nanoseconds since the start; close() writes packets."""

    def __init__(self, folder, pid=4711, offset=1795449924000000000, program="server", packet_events=100000):
        self.folder, self.pid, self.packet_events = folder, pid, packet_events
        self.identity = uuid.uuid4()
        folder.mkdir(parents=True)
        environment = {"hostname": "host", "procname": program[:15], "vpid": pid, "tracer_name": "pollcheck",
                       "domain": "ust", "program": program}
        (folder / "metadata").write_text(metadata(self.identity, offset, environment))
        self.streams = {}
        self.packets = 0
        self.discarded_by_packet = []

    def event(self, name, at, tid=None, **values):
        """Adds an event that ended at that time."""
        layout, class_ = EVENTS[name]
        tid = tid or self.pid
        body = struct.pack("<BQ", IDS[name], at) + packed(layout, values)
        self.streams.setdefault((class_, tid), []).append((at, body))

    def site(self, number, function, at=0, module="/usr/bin/server", offset=0x1139):
        frame = {"offset": offset, "module": module, "build_id": "", "function": function}
        self.event("site", at, site=number, stack=[frame])

    def close(self):
        threads = sorted({tid for _, tid in self.streams})
        for (class_, tid), events in self.streams.items():
            thread = threads.index(tid) + 1
            for number, first in enumerate(range(0, len(events), self.packet_events)):
                part = events[first:first + self.packet_events]
                self.write_packet(class_, thread, tid, number, first, part)
        return self.folder

    def write_packet(self, class_, thread, tid, number, before, events):
        discarded = dict(enumerate(self.discarded_by_packet)).get(number, 0)
        content = b"".join(body for _, body in events)
        size = struct.calcsize(PACKET) + len(content)
        whole = -(-size // 4096) * 4096
        head = struct.pack(PACKET, 0xC1FC1FC1, self.identity.bytes, class_, thread, events[0][0], events[-1][0],
                           size * 8, whole * 8, number, discarded, tid, thread, before, 0)
        (self.folder / str(self.packets)).write_bytes((head + content).ljust(whole, b"\0"))
        self.packets += 1
