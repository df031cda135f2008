"""The ways in which a client can leave a chat server, what the tutorial's server makes of each, and the
rule that names it."""
import select
import socket
import struct
import subprocess
import sys
from pathlib import Path
from typing import Callable, NamedTuple

from chat_process import PATIENCE, wait_for

CHAT_CLIENT = str(Path(__file__).resolve().with_name("chat_client.py"))


class Case(NamedTuple):
    name: str
    client: str  # what the client does
    server: str  # what the tutorial's server does then
    rule: str  # the finding expected, "" for none
    hint: str  # a word its text must hold, "" for none
    play: Callable  # play(server, held): what must stay open is entered into the ExitStack held


def receive(client, expected):
    data = b""
    while len(data) < len(expected):
        piece = client.recv(len(expected) - len(data))
        if not piece:
            break
        data += piece
    if data != expected:
        raise RuntimeError("the server answered %r instead of %r" % (data, expected))


def greet(server, held):
    """A connection that has said hello and read the echo."""
    client = held.enter_context(socket.create_connection(("127.0.0.1", server.port), PATIENCE))
    client.sendall(b"hello" + server.end)
    receive(client, b"hello" + server.end)
    return client


def await_echo(client):
    """Returns when the echo has arrived, and leaves it unread."""
    arrival = select.poll()
    arrival.register(client, select.POLLIN)
    if not arrival.poll(PATIENCE * 1000):
        raise RuntimeError("no echo within %d s" % PATIENCE)


def chat_client(server, held, output):
    command = [sys.executable, "-B", CHAT_CLIENT, "--port", str(server.port)]
    lines = ["--lines"] if server.end else []
    client = held.enter_context(subprocess.Popen(command + lines, stdin=subprocess.PIPE, stdout=output,
                                                 universal_newlines=True, start_new_session=True))
    held.callback(client.kill)
    return client


def play_exit(server, held):
    client = chat_client(server, held, subprocess.DEVNULL)
    client.communicate("hello\nexit\n", timeout=PATIENCE)


def play_close(server, held):
    greet(server, held).close()


def play_half_close(server, held):
    greet(server, held).shutdown(socket.SHUT_WR)


def play_kill(server, held):
    printed = Path(server.folder, "client")
    with printed.open("w") as output:
        client = chat_client(server, held, output)
    client.stdin.write("hello\n")
    client.stdin.flush()
    wait_for("the client to print its echo", lambda: "hello" in printed.read_text())
    client.kill()
    client.wait()


def play_reset(server, held):
    client = greet(server, held)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def play_unread_echo(server, held):
    client = greet(server, held)
    client.sendall(b"are you there?" + server.end)
    await_echo(client)
    client.close()


def play_urgent(server, held):
    greet(server, held).send(b"!", socket.MSG_OOB)


def play_one_segment(server, held):
    client = greet(server, held)
    client.sendall(b"bye" + server.end + b"exit" + server.end)
    await_echo(client)
    client.close()


EOF, HUP, URGENT = "eof-not-handled", "hup-err-not-handled", "oob-urgent-spin"
EQUALITY = "revents-mask-test-wrong"

CASES = [
    Case("clean exit", "says hello, reads the echo, says exit and closes",
         "unregisters and closes the connection: the one way out that is right", "", "", play_exit),
    Case("close", "closes without saying exit (FIN)",
         "gets POLLIN and empty reads for ever, and never closes the socket", EOF, "", play_close),
    Case("half-close", "shuts its sending side down and waits for the rest",
         "gets POLLIN and empty reads for ever; the client waits for ever", EOF, "", play_half_close),
    Case("killed", "is killed (SIGKILL) after it has read everything",
         "sees what it sees on close: the kernel sends the FIN", EOF, "", play_kill),
    Case("reset", "resets the connection (SO_LINGER 0)",
         "gets POLLIN|POLLERR|POLLHUP, which is not == POLLIN, and ignores it for ever",
         HUP, EQUALITY, play_reset),
    Case("unread echo", "closes before it has read its echo (the kernel sends RST)",
         "gets POLLIN|POLLERR|POLLHUP and ignores it for ever", HUP, EQUALITY, play_unread_echo),
    Case("urgent byte", "sends one urgent byte (MSG_OOB) and stays",
         "asked for POLLPRI, never reads the byte: one byte from afar costs a core",
         URGENT, "", play_urgent),
    Case("one segment", "sends bye and exit in one segment, leaves with the echo unread",
         "echoes byeexit, sees no exit in it, then ignores the RST for ever",
         HUP, EQUALITY, play_one_segment),
]
