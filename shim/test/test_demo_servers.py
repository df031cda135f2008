"""The demo's chat servers without pollcheck: the tutorial's has its bugs, the fixed one has none of them."""
import errno
import os
import resource
import select
import socket
import struct
import sys
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

DEMO = Path(__file__).resolve().parents[1] / "demo"
sys.path.insert(0, str(DEMO))

import chat_cases  # noqa: E402
import chat_server  # noqa: E402
import chat_server_fixed  # noqa: E402
import chat_start  # noqa: E402
from chat_process import PATIENCE, ChatServer, wait_for  # noqa: E402

FEW = 100  # wake-ups, where a handful is needed and a spin makes that many in a millisecond


def named(cases):
    return pytest.mark.parametrize("case", cases, ids=lambda case: case.name.replace(" ", "-"))


@pytest.fixture
def held():
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def seed(tmp_path):
    with ChatServer(DEMO / "chat_server.py", tmp_path) as server:
        yield server


@pytest.fixture
def fixed(tmp_path):
    with ChatServer(DEMO / "chat_server_fixed.py", tmp_path, end=b"\n") as server:
        yield server


def serves_and_rests(server, held):
    chat_cases.greet(server, held)
    return wait_for("the server to rest", server.rests)


def reset(client):
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def dies_of(server, error):
    server.process.wait(PATIENCE)
    return error in server.output()


@named([case for case in chat_cases.CASES if case.rule])
def test_seed_spins(seed, held, case):
    case.play(seed, held)
    wait_for("the server to burn its core", lambda: seed.cpu_seconds() >= 0.2)
    seed.stop()
    assert seed.wakeups > 1000


def test_seed_spins_until_its_deadline(tmp_path, held):
    with ChatServer(DEMO / "chat_server.py", tmp_path, deadline=1) as server:
        chat_cases.play_close(server, held)
        server.process.wait(PATIENCE)
        server.stop()
    assert server.wakeups > 1000


def test_seed_is_right_on_a_clean_exit(seed, held):
    chat_cases.play_exit(seed, held)
    assert serves_and_rests(seed, held)
    seed.stop()
    assert seed.wakeups < FEW


def test_seed_does_not_find_exit_behind_another_message(seed, held):
    client = chat_cases.greet(seed, held)
    client.sendall(b"byeexit")
    chat_cases.receive(client, b"byeexit")


def test_seed_dies_when_a_client_never_reads(seed, held):
    client = chat_cases.greet(seed, held)
    with suppress(OSError):
        while True:
            client.sendall(bytes(64 * 1024))
    assert dies_of(seed, "BlockingIOError")


def leave_room_for_one_client(server):
    highest = max(int(fd) for fd in os.listdir("/proc/%d/fd" % server.process.pid))
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (highest + 2, highest + 2))


def test_seed_dies_when_descriptors_run_out(seed, held):
    leave_room_for_one_client(seed)
    chat_cases.greet(seed, held)
    held.enter_context(socket.create_connection(("127.0.0.1", seed.port)))
    assert dies_of(seed, "Too many open files")


class Ended(Exception):
    """The wait after the last event of a test."""


class ResettingPoll(chat_start.CountingPoll):
    """Resets the client between the wait that reports its data and the server's next call."""

    def __init__(self, listener, client):
        super().__init__()
        self.listener, self.client = listener, client
        self.timeouts = set()

    def poll(self, timeout=None):
        self.timeouts.add(timeout)
        if self.client.fileno() < 0 and not self._poll.poll(0):
            raise Ended
        events = super().poll(timeout)
        if any(fd != self.listener.fileno() for fd, _ in events):
            reset(self.client)
        return events


@pytest.fixture
def listener():
    with chat_start.listening_socket(0, reuse_address=True) as sock:
        yield sock


@pytest.fixture
def client(listener):
    with socket.create_connection(listener.getsockname()) as sock:
        sock.sendall(b"hello\n")
        yield sock


def test_seed_dies_of_a_reset_behind_data(listener, client):
    with pytest.raises(OSError) as raised:
        chat_server.serve(listener, ResettingPoll(listener, client))
    assert raised.value.errno == errno.ENOTCONN


def test_seed_takes_silence_for_the_end(listener, client, monkeypatch):
    monkeypatch.setattr(chat_server, "IDLE_SECONDS", 0.05)
    assert chat_server.serve(listener, chat_start.CountingPoll()) is None
    assert client.recv(6) == b"hello\n"


@named(chat_cases.CASES)
def test_fixed_serves_and_rests(fixed, held, case):
    case.play(fixed, held)
    assert serves_and_rests(fixed, held)
    fixed.stop()
    assert fixed.wakeups < FEW


def test_fixed_finds_exit_behind_another_message(fixed, held):
    client = chat_cases.greet(fixed, held)
    client.sendall(b"bye\nexit\n")
    chat_cases.receive(client, b"bye\n")
    assert client.recv(1) == b""


def test_fixed_joins_the_pieces_of_a_message(fixed, held):
    client = chat_cases.greet(fixed, held)
    client.sendall(b"hel")
    chat_cases.greet(fixed, held)
    client.sendall(b"lo\n")
    chat_cases.receive(client, b"hello\n")


def test_fixed_drops_a_client_whose_message_never_ends(fixed, held):
    client = chat_cases.greet(fixed, held)
    with suppress(ConnectionError):
        client.sendall(bytes(2 * chat_server_fixed.MESSAGE_MAX))
        assert client.recv(1) == b""
    assert serves_and_rests(fixed, held)


def fill(client):
    """Sends, reading nothing, until the server takes no more; answers what was sent."""
    room = select.poll()
    room.register(client, select.POLLOUT)
    line = b"0123456789abcdef" * 64 + b"\n"
    sent = bytearray()
    client.setblocking(False)
    while room.poll(300):
        rest = line[len(sent) % len(line):]
        sent += rest[:client.send(rest)]
    client.settimeout(PATIENCE)
    return sent


def test_fixed_sends_every_echo_to_a_client_that_reads_late(fixed, held):
    client = chat_cases.greet(fixed, held)
    sent = fill(client)
    client.shutdown(socket.SHUT_WR)
    assert serves_and_rests(fixed, held)
    chat_cases.receive(client, sent[:sent.rindex(b"\n") + 1])
    assert client.recv(1) == b""


@pytest.mark.parametrize("first", [lambda client: None, lambda client: client.shutdown(socket.SHUT_WR)],
                         ids=["reset", "half-close-then-reset"])
def test_fixed_drops_a_client_that_resets_with_echoes_unsent(fixed, held, first):
    client = chat_cases.greet(fixed, held)
    fill(client)
    first(client)
    name = "%s:%d" % client.getsockname()
    reset(client)
    wait_for("the client to be dropped", lambda: name + " leaves" in fixed.output())
    assert serves_and_rests(fixed, held)


def test_fixed_pauses_accept_when_descriptors_run_out(fixed, held):
    leave_room_for_one_client(fixed)
    first = chat_cases.greet(fixed, held)
    second = held.enter_context(socket.create_connection(("127.0.0.1", fixed.port), PATIENCE))
    second.sendall(b"me too\n")
    wait_for("two pauses", lambda: fixed.output().count("no more clients") >= 2)
    first.close()
    chat_cases.receive(second, b"me too\n")
    fixed.stop()
    assert fixed.wakeups < FEW


def test_fixed_survives_a_reset_behind_data_and_has_no_timeout(listener, client):
    poller = ResettingPoll(listener, client)
    with pytest.raises(Ended):
        chat_server_fixed.serve(listener, poller)
    assert poller.timeouts == {None}
