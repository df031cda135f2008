"""redis, nginx, memcached and an echo server under load. All variants run at once and get short bursts in random order; a burst is
compared with the native one beside it, since the machine's speed changes within seconds. Each round has servers of its own: where
a process lies in memory makes it faster or slower for as long as it lives."""
import os
import random
import re
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from budgets import mark
from measure import MODES, Unmeasured, remark, shown, spread

TITLE = "on one core, client on the other, paired bursts: ratios to native (10-90 %); control = native twice, floor = only called on"
VARIANTS = {"native": "control", **{mode: mode for mode in ("control", "floor", "default", "trace")}}  # name, mode
BURSTS_OF_ONE = 5  # a burst is short and noisy: five from each server that is started, of which each round starts one
NGINX = """daemon off; master_process off; pid {scratch}/pid; error_log stderr crit;
events {{ worker_connections 512; }}
http {{ access_log off; client_body_temp_path {scratch}; proxy_temp_path {scratch};
fastcgi_temp_path {scratch}; uwsgi_temp_path {scratch}; scgi_temp_path {scratch};
server {{ listen 127.0.0.1:{port}; location / {{ return 200 "{body}"; }} }} }}
"""
REDIS = ["redis-server", "--bind", "127.0.0.1", "--save", "", "--dir", "{scratch}", "--port", "{port}"]
REDIS_CLIENT = ["redis-benchmark", "-p", "{port}", "-t", "get", "--csv", "-n", "{requests}",
                "-c", "{clients}"]
REDIS_SAYS = r'"GET","(?P<rate>[\d.]+)"(?:,"[\d.]+"){4},"(?P<p99>[\d.]+)"'
WRK_SAYS = r"99%\s+(?P<p99>[\d.]+)(?P<unit>us|ms|s)\b(?s:.*)Requests/sec:\s+(?P<rate>[\d.]+)"

LOAD = ["{programs}/load", "{port}", "{clients}", "{requests}"]
LOAD_SAYS = r"^rate (?P<rate>[\d.]+) p99 (?P<p99>[\d.]+)$"
# another user could make no more files of a trace: the burst would not be recorded
MEMCACHED = ["memcached", "-l", "127.0.0.1", "-p", "{port}", "-U", "0", "-u", "root"]

SERVERS = (  # name, server, client, what the client says, clients, requests in a burst
    ("redis GET, 50 clients", REDIS, REDIS_CLIENT, REDIS_SAYS, 50, 20000),
    ("redis GET, 1 client", REDIS, REDIS_CLIENT, REDIS_SAYS, 1, 5000),
    ("nginx 1 kB, 50 clients", ["nginx", "-p", "{scratch}", "-c", "{scratch}/conf"],
     ["wrk", "-t1", "-c{clients}", "-d1s", "--latency", "http://127.0.0.1:{port}/"], WRK_SAYS, 50, None),
    ("memcached get, 50 clients", MEMCACHED, [*LOAD, "get key\r\n", "END\r\n"], LOAD_SAYS, 50, 20000),
    ("echo of 64 bytes, 50 clients", ["{programs}/echo", "{port}"], [*LOAD, "x" * 63 + "\n", "\n"], LOAD_SAYS,
     50, 20000),
    ("echo of 64 bytes, 1 client", ["{programs}/echo", "{port}"], [*LOAD, "x" * 63 + "\n", "\n"], LOAD_SAYS,
     1, 5000),
)
PACKAGES = {"redis-benchmark": "redis-tools", "nginx": "nginx-light"}  # the others bear the program's name


@dataclass
class Running:
    process: subprocess.Popen
    port: int
    scratch: Path
    programs: Path

    def cpu_ns(self):
        return sum(int(path.read_text().split()[0])
                   for path in Path(f"/proc/{self.process.pid}/task").glob("*/schedstat"))

    def stop(self):
        self.process.terminate()
        self.process.wait()
        found = "".join(path.read_text() for path in self.scratch.glob("report*"))
        shutil.rmtree(self.scratch)
        return found


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_until_it_answers(running):
    deadline = time.monotonic() + 20
    while running.process.poll() is None and time.monotonic() < deadline:
        try:
            return socket.create_connection(("127.0.0.1", running.port), timeout=1).close()
        except OSError:
            time.sleep(0.01)
    raise Unmeasured(f"{running.process.args[0]} does not answer on port {running.port}")


def start(bench, command, mode):
    scratch, port = Path(tempfile.mkdtemp(prefix="pollcheck-bench-")), free_port()
    (scratch / "conf").write_text(NGINX.format(scratch=scratch, port=port, body="x" * 1024))
    options = f"report_path={scratch}/report:" + MODES[mode][1].format(scratch=scratch)
    environment = bench.environment(mode, options)
    programs = bench.build / "bench"
    words = [part.format(scratch=scratch, port=port, programs=programs) for part in command]
    process = subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL,
                               preexec_fn=lambda: os.sched_setaffinity(0, {0}))
    running = Running(process, port, scratch, programs)
    wait_until_it_answers(running)
    return running


def burst(running, server):
    """Requests a second, the 99th percentile in ms, the server's CPU ns a request."""
    _, _, client, says, clients, requests = server
    command = [part.format(port=running.port, clients=clients, requests=requests, programs=running.programs)
               for part in client]
    before, begun = running.cpu_ns(), time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, timeout=120,
                          preexec_fn=lambda: os.sched_setaffinity(0, {1}))
    spent, took = running.cpu_ns() - before, time.monotonic() - begun
    said = re.search(says, done.stdout, re.M)
    if not said:
        raise Unmeasured(f"{' '.join(command)} printed no rate: {done.stderr[-200:]}")
    rate = float(said["rate"])
    milliseconds = float(said["p99"]) * {"us": 0.001, "s": 1000}.get(said.groupdict().get("unit"), 1)
    return {"rate": rate, "p99": milliseconds, "cpu": spent / (requests or rate * took)}


def one_round(bench, server, bursts):
    """Adds the bursts of servers started for it; returns what the library said of them."""
    running = {}
    try:
        for variant in random.sample(list(VARIANTS), len(VARIANTS)):
            running[variant] = start(bench, server[1], VARIANTS[variant])
        for _ in range(BURSTS_OF_ONE):
            for variant in random.sample(list(VARIANTS), len(VARIANTS)):
                bursts[variant].append(burst(running[variant], server))
    finally:
        said = [one.stop() for one in running.values()]
    return "".join(said)


def one_server(bench, server):
    bursts = {variant: [] for variant in VARIANTS}
    said = "".join([one_round(bench, server, bursts) for _ in range(bench.rounds)])
    native = bursts.pop("native")
    ratios = {variant: {what: spread([one[what] / other[what] for one, other in zip(of, native)])
                        for what in native[0]} for variant, of in bursts.items()}
    ratios["native"] = {what: spread([one[what] for one in native]) for what in native[0]}
    return {**ratios, "said": said}


def measure(bench):
    result, missing = {}, {}
    for server in SERVERS:
        absent = [PACKAGES.get(program, program) for program in (server[1][0], server[2][0])
                  if not program.startswith("{programs}") and not shutil.which(program)]
        try:
            if absent or os.cpu_count() < 2:
                why = f"apt-get install {' '.join(absent)}" if absent else "two cores needed"
                raise Unmeasured(why, here=True)
            result[server[0]] = one_server(bench, server)
        except Unmeasured as why:
            missing[server[0]] = why
    return result, missing


def values(result):
    for server, figures in result.items():
        lost = {variant: 1 - figures[variant]["rate"]["median"] for variant in ("floor", "default", "trace")}
        late = {variant: figures[variant]["p99"]["median"] for variant in ("floor", "default")}
        yield server, {"throughput lost": lost["default"], "throughput lost, recorded": lost["trace"],
                       "p99 latency ratio": late["default"], "floor throughput lost": lost["floor"],
                       "floor throughput lost, recorded": lost["floor"], "floor p99 latency ratio": late["floor"]}


def lines(result):
    heads = "".join(f"{what:26}" for what in ("requests a second", "p99", "CPU a request"))
    yield f"{'':40}{'native':>22}  {heads}"
    for server, quantities in values(result):
        native = result[server]["native"]
        said = f"{native['rate']['median']:.0f}/s {native['cpu']['median'] / 1000:.1f} us CPU"
        for variant in list(VARIANTS)[1:]:
            named = server if variant == "control" else ""
            cells = "".join(f"{shown(of):26}" for of in result[server][variant].values())
            marked = mark("servers", server, quantities) if variant == "default" else ""
            yield f"{named:30}{variant:10}{said:>22}  {cells}{marked}"
        yield from remark(server, result[server]["said"])
