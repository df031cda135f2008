"""Shows what pollcheck says of a chat server when its clients leave in each of the ways they can."""
import argparse
import json
import os
import re
import signal
import sys
import tempfile
import textwrap
import time
from contextlib import ExitStack
from pathlib import Path
from typing import List, NamedTuple

from chat_cases import CASES, greet
from chat_process import ChatServer, wait_for

FOLDER = Path(__file__).resolve().parent
SEED, FIXED = "chat_server.py", "chat_server_fixed.py"
TITLES = {SEED: "pollcheck watches %s, a tutorial's server" % SEED,
          FIXED: "pollcheck watches %s while the same clients leave: nothing to say" % FIXED}
MESSAGE_END = {SEED: b"", FIXED: b"\n"}
BOLD, RED, GREEN = 1, 31, 32


class Watched(NamedTuple):
    """One client leaving one server, and what came of it."""
    server: str
    case: str
    expected: str
    said: List[str]  # the rules in pollcheck's text
    ok: bool
    wakeups: int
    seconds: float
    text: str
    problem: str  # what did not come to pass, "" if all did


def play(case, server, rule, held, seconds):
    """Plays the client, then waits until `rule` was reported or, where none is expected, until the server
    is seen to serve another client and to rest. Answers what went wrong."""
    try:
        case.play(server, held)
        if rule:
            wait_for(rule, lambda: "[%s]" % rule in server.report(), seconds)
        else:
            greet(server, held)
            wait_for("the server to rest", server.rests, seconds)
    except (OSError, RuntimeError) as error:
        return str(error)
    return ""


def watch(script, case, library, seconds):
    rule, hint = (case.rule, case.hint) if script == SEED else ("", "")
    with ExitStack() as held:
        folder = held.enter_context(tempfile.TemporaryDirectory(prefix="pollcheck-demo-"))
        server = held.enter_context(ChatServer(FOLDER / script, folder, library, end=MESSAGE_END[script]))
        begin = time.monotonic()
        problem = play(case, server, rule, held, seconds)
        lasted = time.monotonic() - begin
        server.stop()
        text = server.report()
    said = list(dict.fromkeys(re.findall(r" \[([a-z-]+)\]$", text, re.MULTILINE)))
    ok = not problem and hint in text and said == ([rule] if rule else [])
    return Watched(script, case.name, rule, said, ok, server.wakeups, lasted, text, problem)


def painter(stream):
    """A function that colours text, on a terminal only."""
    if stream.isatty() and os.environ.get("TERM") != "dumb" and "NO_COLOR" not in os.environ:
        return lambda colour, text: "\033[%dm%s\033[0m" % (colour, text)
    return lambda colour, text: text


def tell(number, case, watched, paint):
    print(paint(BOLD, "\n%d. %s" % (number, case.name)))
    print("   the client", case.client)
    print("   the server", case.server)
    print("   %d wake-ups in %.2f s; pollcheck says:" % (watched.wakeups, watched.seconds))
    print(textwrap.indent(watched.text.strip() or "(nothing)", " " * 6), flush=True)
    if watched.problem:
        print(paint(RED, "   " + watched.problem), flush=True)


def tell_table(rows, paint):
    line = "%-20s  %-12s  %-21s  %-21s  %8s  %s"
    print(paint(BOLD, "\n" + line % ("server", "case", "expected", "pollcheck said", "wake-ups", "verdict")))
    for row in rows:
        verdict = paint(GREEN, "right") if row.ok else paint(RED, "WRONG")
        print(line % (row.server, row.case, row.expected or "nothing", " ".join(row.said) or "nothing",
                      row.wakeups, verdict))
    print("%d of %d right" % (sum(row.ok for row in rows), len(rows)))


def watch_all(library, seconds, paint, quiet):
    rows = []
    for script in SEED, FIXED:
        if not quiet:
            print(paint(BOLD, "\n" + TITLES[script]), flush=True)
        for number, case in enumerate(CASES, 1):
            rows.append(watch(script, case, library, seconds))
            if not quiet and (script == SEED or not rows[-1].ok):
                tell(number, case, rows[-1], paint)
    return rows


def command_line():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--library", dest="preload", metavar="LIBRARY", required=True,
                         help="libpollcheck.so, as `make` builds it")
    options.add_argument("--json", action="store_true", help="print the table as JSON and nothing else")
    options.add_argument("--wait", type=float, default=5, metavar="SECONDS",
                         help="how long a finding may take (default: %(default)s)")
    arguments = options.parse_args()
    if not os.path.isfile(arguments.preload):
        give_up("%s does not exist: build it with `make`" % arguments.preload)
    return arguments


def give_up(reason):
    print("demo.py:", reason, file=sys.stderr)
    sys.exit(2)


def main():
    arguments = command_line()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    paint = painter(sys.stdout)
    try:
        rows = watch_all(arguments.preload, arguments.wait, paint, arguments.json)
    except RuntimeError as error:
        give_up(error)
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    except BrokenPipeError:  # the reader had enough; what is still buffered has no one to go to
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(128 + signal.SIGPIPE)
    if arguments.json:
        print(json.dumps([row._asdict() for row in rows], indent=1))
    else:
        tell_table(rows, paint)
    sys.exit(not all(row.ok for row in rows))


if __name__ == "__main__":
    main()
