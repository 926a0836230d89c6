"""500 half heads, 500 half bodies, idle connections and answers that nobody takes: all are closed in time.

Meanwhile another client reads a case. The limits are set short, so that the fault takes a minute and no more.
"""

import json
import socket
import time
import uuid

from flood import Measure, read
from world import Fault, cases_of_alma, machine, until

HALVES = 500
IDLE = 100
HEAD_SECONDS, STALL_SECONDS = 4, 6
READER_P99_MS = 100
# Long enough to fill the buffers of both sides many times.
DOCUMENT_BYTES = 40_000_000


def is_closed(connection):
    """Whether the other side has closed it, whatever it said before."""
    connection.setblocking(False)
    try:
        while connection.recv(65_536):
            pass
        return True
    except BlockingIOError:
        return False
    except OSError:
        return True


def closed_in(what, held, seconds):
    """The seconds until all of them were closed."""
    begin = time.monotonic()
    left = list(held)

    def none():
        left[:] = [connection for connection in left if not is_closed(connection)]
        return not left

    until(what, none, seconds, 0.1)
    return time.monotonic() - begin


def begin(address, text, takes=None):
    """A connection on which so much was sent; it has room for so many bytes, where that is said."""
    connection = socket.socket()
    if takes is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, takes)
    connection.settimeout(5)
    connection.connect(address)
    connection.sendall(text)
    return connection


def halves(world, server):
    """Half heads, half bodies, and connections that say nothing more."""
    host = f"host: {server.address[0]}\r\n".encode()
    heads = [begin(server.address, b"GET /livez HTTP/1.1\r\n" + host) for _ in range(HALVES)]
    body = b"POST /graphql HTTP/1.1\r\n" + host + b"content-type: application/json\r\ncontent-length: 1000\r\n\r\n{"
    bodies = [begin(server.address, body) for _ in range(HALVES)]
    took = closed_in("half heads are closed", heads, HEAD_SECONDS + 10)
    world.check("half heads are closed", True, f"{HALVES} within {took:.1f} s; the limit is {HEAD_SECONDS} s")
    took = closed_in("half bodies are closed", bodies, STALL_SECONDS + 10)
    world.check("half bodies are closed", True, f"{HALVES} within {took:.1f} s more; the limit is {STALL_SECONDS} s from the beginning")
    idle = [begin(server.address, b"GET /livez HTTP/1.1\r\n" + host + b"\r\n") for _ in range(IDLE)]
    idle += [socket.create_connection(server.address, 5) for _ in range(IDLE)]
    took = closed_in("idle connections are closed", idle, HEAD_SECONDS + 10)
    world.check("idle connections are closed", True, f"{2 * IDLE} within {took:.1f} s; the limit is {HEAD_SECONDS} s")


def drips(world, server):
    """A byte now and then is as good as nothing."""
    connection = begin(server.address, b"GET /livez HTTP/1.1\r\nx-long: ")
    begun = time.monotonic()
    try:
        while time.monotonic() - begun < HEAD_SECONDS + 10:
            connection.sendall(b"a")
            time.sleep(0.5)
        world.check("a head that drips is closed", False)
    except OSError:
        world.check("a head that drips is closed", True, f"after {time.monotonic() - begun:.1f} s")


def answers(world, server, case):
    """Large answers that nobody takes: a document of some megabytes."""
    client = server.client()
    query = f"commandId={uuid.uuid4()}&title=Brev&occurred=2024-11-05"
    body = b"En linje i et langt brev.\n" * (DOCUMENT_BYTES // 26)
    status, _, filed = client.request("POST", f"/documents/{case}?{query}", body, {"content-type": "text/plain"})
    if status != 201:
        raise Fault(f"the document was not filed: {status} {filed[:300]}")
    event = json.loads(filed)["receipt"]["event"]
    head = f"GET /documents/{case}/{event} HTTP/1.1\r\nhost: localhost\r\n\r\n".encode()
    held = [begin(server.address, head, 4_096) for _ in range(4)]
    until("the first bytes of the answers are there", lambda: all(connection.recv(1, socket.MSG_PEEK) for connection in held), 60)
    # That the other side has given up cannot be seen without taking something.
    time.sleep(STALL_SECONDS * 1.5)
    rest = [taken(connection) for connection in held]
    # What lay in the buffers of the system can still be read; the rest never left.
    figure = f"within {STALL_SECONDS * 1.5:.0f} s; at most {max(rest) / 1_048_576:.1f} of {len(body) / 1_048_576:.1f} MB had left"
    world.check("answers that nobody takes are given up", max(rest) < len(body), figure)


def taken(connection):
    """How many bytes there are to be read."""
    count = 0
    connection.settimeout(5)
    try:
        while piece := connection.recv(65_536):
            count += len(piece)
    except OSError:
        pass
    return count


def run(world):
    """One after the other, while somebody reads."""
    directory = world.imported()
    server = world.serve(directory, "--head-seconds", str(HEAD_SECONDS), "--stall-seconds", str(STALL_SECONDS), "--connections-max", "1100")
    case, _ = cases_of_alma()
    reader = Measure(read(server, case), 0.02)
    reader.start()
    halves(world, server)
    drips(world, server)
    reader.end()
    world.check("another client reads in time", reader.at(0.99) <= READER_P99_MS and not reader.wrong, f"{reader.figures()}, {machine()}")
    answers(world, server, case)
    code, seconds = server.stop()
    world.check("SIGTERM ends it", code == 0, f"{seconds:.1f} s")
    crowded(world, world.serve(directory, "--connections-max", "50", "--head-seconds", "8"))


def crowded(world, server):
    """Every connection is taken: health is told all the same, and others are told that it is busy."""
    held = [socket.create_connection(server.address, 5) for _ in range(50)]
    refused = lambda: [body for status, body in [server.client().graphql("{ log { size } }")] if status == 503]  # noqa: E731
    said = until("others are turned away", refused, 5)
    world.check("others are told that it is busy", said[0]["errors"][0]["extensions"]["code"] == "BUSY")
    status, _ = server.health()
    world.check("health is told while every connection is taken", status == 200, status)
    closed_in("they are closed", held, 20)
    status, _ = server.client().graphql("{ log { size } }")
    world.check("and then it serves again", status == 200, status)
    server.stop()
