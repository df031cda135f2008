"""The chat server as it should be: chat_server.py without its bugs. A message is a line.

Talk to it with `nc 127.0.0.1 9002` or `chat_client.py --lines`.
"""
import errno
import select
import time

import chat_start

MESSAGE_MAX = 64 * 1024  # a client that sends a longer line is dropped
UNSENT_MAX = 256 * 1024  # beyond this we read no more from a client until it has read its echoes
ACCEPT_PAUSE = 0.2  # seconds without accept when descriptors ran out
OUT_OF_DESCRIPTORS = errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM


class Client:
    def __init__(self, socket, address):
        self.socket = socket
        self.name = "%s:%d" % address
        self.mask = select.POLLIN
        self.received = b""  # the beginning of a message
        self.unsent = b""  # echoes the socket had no room for yet
        self.leaving = False  # it said exit or ended its side: only unsent is left to do

    def receive(self):
        data = self.socket.recv(16 * 1024)
        self.leaving = not data
        *messages, self.received = (self.received + data).split(b"\n")
        for message in messages:
            print(self.name, "says", message, flush=True)
            if message == b"exit":
                self.leaving = True
                break
            self.unsent += message + b"\n"
        if len(self.received) > MESSAGE_MAX:
            raise ConnectionAbortedError("message too long")

    def send(self):
        if self.unsent:
            self.unsent = self.unsent[self.socket.send(self.unsent):]

    def serve(self, event):
        """False when the connection is over."""
        try:
            # ERR and HUP alone: nobody is there to read an answer. Beside IN, its last words come first.
            if event & (select.POLLERR | select.POLLHUP) and not event & select.POLLIN:
                return False
            if event & select.POLLIN:
                self.receive()
            self.send()
        except BlockingIOError:
            pass  # no room: wanted() asks for OUT
        except OSError as error:
            print(self.name, error, flush=True)
            return False
        return bool(self.unsent) or not self.leaving

    def wanted(self):
        reads = not self.leaving and len(self.unsent) < UNSENT_MAX
        return (select.POLLIN if reads else 0) | (select.POLLOUT if self.unsent else 0)


class Server:
    def __init__(self, listener, poller):
        self.listener = listener
        self.poller = poller
        self.clients = {}
        self.accept_again = None  # when, if accepting is paused
        poller.register(listener, select.POLLIN)

    def accept(self):
        try:
            socket, address = self.listener.accept()
        except (BlockingIOError, ConnectionError):
            return  # it left between poll and accept
        except OSError as error:
            if error.errno not in OUT_OF_DESCRIPTORS:
                raise
            print("no more clients for now:", error, flush=True)
            self.poller.unregister(self.listener)
            self.accept_again = time.monotonic() + ACCEPT_PAUSE
            return
        socket.setblocking(False)
        client = self.clients[socket.fileno()] = Client(socket, address)
        print(client.name, "joins", flush=True)
        self.poller.register(socket, client.mask)

    def pause_left(self):
        """Milliseconds until accepting goes on, None when it is not paused."""
        if self.accept_again is None:
            return None
        left = self.accept_again - time.monotonic()
        if left > 0:
            return left * 1000
        self.accept_again = None
        self.poller.register(self.listener, select.POLLIN)
        return None

    def serve_client(self, fd, event):
        client = self.clients[fd]
        if not client.serve(event):
            self.poller.unregister(fd)
            self.clients.pop(fd).socket.close()
            print(client.name, "leaves", flush=True)
        elif client.wanted() != client.mask:
            client.mask = client.wanted()
            self.poller.modify(fd, client.mask)

    def close(self):
        for client in self.clients.values():
            client.socket.close()


def serve(listener, poller):
    server = Server(listener, poller)
    try:
        while True:
            for fd, event in poller.poll(server.pause_left()):
                if fd == listener.fileno():
                    server.accept()
                else:
                    server.serve_client(fd, event)
    finally:
        server.close()


if __name__ == "__main__":
    chat_start.run(serve, reuse_address=True)
