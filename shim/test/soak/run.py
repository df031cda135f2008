"""make soak: a correct server under the library for a long time, with clients that are killed at random. Its memory
must not grow, its shadow not drift, nothing be said of it, and every misuse it plants at its end be found."""
import argparse
import json
import os
import random
import re
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parents[2] / "ci"))
from commands import command, positive

CLIENTS, SPARE = 6, 1200  # of the descriptors, those that are not idle registrations
CLIENT = """
import os, random, socket
while True:
    with socket.socket(socket.AF_UNIX) as peer:
        peer.connect("socket")
        for _ in range(random.randrange(1, 30)):
            sent = os.urandom(random.randrange(1, 3000))
            peer.sendall(sent)
            got = b""
            while len(got) < len(sent):
                got += (more := peer.recv(65536))
                assert more, "the server hung up"
            assert got == sent, "the echo differs"
        if random.random() < 0.5: peer.shutdown(socket.SHUT_WR)
"""
GROWTH_PER_MINUTE = 64 * 1024  # bytes; a table that fills up in the second half would show tens of times that


class Clients:
    """Processes that talk to the server; one of them is killed now and then, wherever it is."""

    def __init__(self, folder, random):
        self.folder, self.random, self.killed = folder, random, 0
        self.processes = [self.start() for _ in range(CLIENTS)]

    def start(self):
        return subprocess.Popen([sys.executable, "-c", CLIENT], cwd=self.folder, stderr=subprocess.PIPE)

    def one_dies(self):
        number = self.random.randrange(CLIENTS)
        victim = self.processes[number]
        ended = victim.poll()
        if ended is not None:
            raise SystemExit(f"soak: a client failed: {victim.stderr.read().decode()[-500:]}")
        victim.kill()
        victim.communicate()
        self.killed += 1
        self.processes[number] = self.start()

    def end(self):
        for process in self.processes:
            process.kill()
            process.wait()


def own_bytes(pid):
    """Not Private_*: what a forked child shares for a moment leaves it and comes back."""
    return int(re.search(r"^Anonymous: +(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)[1]) * 1024


def raise_limit(descriptors):
    """The server inherits it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard >= descriptors:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, descriptors))
    except ValueError:
        raise SystemExit(f"soak: {descriptors} open files are needed and {hard} allowed: ulimit -Hn, or run as root")


def growth(samples):
    """Bytes a minute in the second half, as the slope between the medians of its two halves: the first half is where
    tables and caches get the size they need."""
    half = samples[len(samples) // 2:]
    early, late = half[:len(half) // 2], half[len(half) // 2:]
    minutes = (statistics.median(at for at, _ in late) - statistics.median(at for at, _ in early)) / 60
    return (statistics.median(size for _, size in late) - statistics.median(size for _, size in early)) / minutes


def watch(server, clients, chance, seconds):
    samples, begun = [], time.monotonic()
    while server.poll() is None and time.monotonic() < begun + seconds - 1:
        time.sleep(0.25)
        clients.one_dies() if chance.random() < 0.3 else None
        samples.append((time.monotonic() - begun, own_bytes(server.pid)))
    return samples


def arguments():
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__.split("\n")[0])
    parser.add_argument("--build", type=Path, default=Path("build"))
    parser.add_argument("--seconds", type=positive, default=600)
    parser.add_argument("--descriptors", type=positive, default=20000)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 31))
    return parser.parse_args()


def environment(args, folder):
    kept = {name: value for name, value in os.environ.items() if name not in ("LD_PRELOAD", "POLLCHECK_OPTIONS")}
    return {**kept, "LD_PRELOAD": str((args.build / "libpollcheck.so").resolve()),
            "POLLCHECK_OPTIONS": f"report_path={folder}/report:report_format=json"}


def said(folder):
    """Findings of the server and of the processes it forked, by process."""
    return [json.loads(line) for path in sorted(folder.glob("report*")) for line in path.read_text().splitlines()]


def verdicts(server, printed, findings, samples):
    """(what, whether it held, what was seen), one for each promise."""
    planted = re.findall(r"^planted (\S+)$", printed, re.M)
    rules = {finding["rule"] for finding in findings if "rule" in finding}
    # the planted ones come last, and only from the server itself
    slope = growth(samples)
    summary = re.search(r"^compared .*$", printed, re.M)
    yield "it ends well", server.returncode == 0, f"status {server.returncode}"
    yield "the shadow is what the kernel has", bool(summary), summary[0] if summary else printed[-1500:]
    yield "memory does not grow", slope < GROWTH_PER_MINUTE, f"{slope / 1024:+.1f} KiB a minute in the second half"
    missed = sorted(set(planted) - rules)
    yield "every planted misuse is found", planted and not missed, f"missed: {', '.join(missed) or 'none'}"
    yield "nothing else is said", rules <= set(planted), ", ".join(sorted(rules - set(planted))) or "nothing"


def main():
    args = arguments()
    raise_limit(args.descriptors)
    chance = random.Random(args.seed)
    print(f"soak: {args.seconds} s, {args.descriptors} descriptors, seed {args.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="pollcheck-soak-") as name:
        folder = Path(name)
        with open(folder / "output", "w+") as output:
            words = [args.build.resolve() / "test/soak/server", args.seconds, args.seed, args.descriptors - SPARE]
            server = subprocess.Popen(list(map(str, words)), cwd=folder, stdout=output, stderr=subprocess.STDOUT,
                                      env=environment(args, folder))
            while not (folder / "socket").exists() and server.poll() is None:
                time.sleep(0.05)
            clients = Clients(folder, chance)
            try:
                samples = watch(server, clients, chance, args.seconds)
                server.wait(timeout=120)
            finally:
                server.kill()
                clients.end()
        printed, findings = (folder / "output").read_text(), said(folder)
    rounds = re.findall(r"^round: .*$", printed, re.M)
    print(f"soak: {len(rounds)} rounds, {clients.killed} clients killed; {rounds[-1] if rounds else printed[-800:]}")
    held = list(verdicts(server, printed, findings, samples))
    for what, right, seen in held:
        print(f"  {'held' if right else 'NOT '}  {what}: {seen}")
    return 0 if all(right for _, right, _ in held) else 1


if __name__ == "__main__":
    command("soak", main)
