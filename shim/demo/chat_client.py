"""The chat client of the same tutorial, ported to Python 3 with its bugs: type a line, see its echo.

`exit` leaves. chat_server_fixed.py, whose messages are lines, needs --lines.
"""
import argparse
import socket


def chat(server, end):
    while True:
        message = input("> ")
        server.send((message + end).encode())
        if message == "exit":
            break
        print(server.recv(1024).decode().rstrip(), flush=True)
    server.close()


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--port", type=int, default=9002, help="the server's (default: %(default)s)")
    options.add_argument("--lines", action="store_true", help="end every message with a newline")
    arguments = options.parse_args()
    chat(socket.create_connection(("127.0.0.1", arguments.port)), "\n" if arguments.lines else "")
