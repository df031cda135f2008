"""The chat server of a well-known select tutorial, ported to Python 3 with its bugs.

Do not repair it: demo.py shows what each bug does, chat_server_fixed.py is the same program as it should be.
"""
import select

import chat_start

IDLE_SECONDS = 20
EVENTS = select.POLLIN | select.POLLPRI | select.POLLERR | select.POLLHUP


def serve(listener, poller):
    connections = {listener.fileno(): listener}
    poller.register(listener, EVENTS)
    while True:
        events = poller.poll(IDLE_SECONDS * 1000)
        if not events:
            break
        for fd, event in events:
            connection = connections[fd]
            if connection is listener:
                client, address = listener.accept()
                print("%s:%d joins" % address, flush=True)
                client.setblocking(False)
                connections[client.fileno()] = client
                poller.register(client, EVENTS)
            elif event == select.POLLIN:
                data = connection.recv(1024)
                if data:
                    print("%s:%d says" % connection.getpeername(), data, flush=True)
                    if data == b"exit":
                        poller.unregister(connection)
                        del connections[fd]
                        connection.close()
                    else:
                        connection.send(data)


if __name__ == "__main__":
    chat_start.run(serve, reuse_address=False)
