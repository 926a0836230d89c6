"""2,000 notes to one case whose clients go away: another reader waits no longer, and SIGTERM ends in time.

The disk takes 20 ms for a sync, as a busy one does. The clients send a whole request and close the connection, as a
browser does that is reloaded, some hundreds at a time. Meanwhile one client reads another case, one records in it, and
one asks for health. Then SIGTERM comes in the middle of a second flood whose clients stay. What was acknowledged is
there once, and the audit is clean.
"""

import json
import selectors
import socket
import threading
import time
import uuid

from world import NOTE, READ, cases_of_alma, machine, more_cases, note_input, percentile, raw_graphql

NOTES = 2_000
# Connections that send at the same moment.
AT_ONCE = 500
SYNC_MS = 20
READER_P99_MS = 100
WRITER_P99_MS = 1_000
GRACE_SECONDS = 20


def flood(address, case, notes, stay):
    """Sends notes, so many at the same moment; clients go away at once unless they stay."""
    kept = []
    for wave in range(0, notes, AT_ONCE):
        connections = [socket.create_connection(address, 5) for _ in range(AT_ONCE)]
        requests = [raw_graphql(address, NOTE, note_input(case, text=f"Note {wave + number}.")) for number in range(AT_ONCE)]
        for connection, request in zip(connections, requests):
            connection.sendall(request)
        if stay:
            kept += connections
            continue
        # What has arrived is being worked on when the client goes.
        time.sleep(0.1)
        for connection in connections:
            connection.close()
    return kept


class Measure(threading.Thread):
    """Asks again and again, and notes how long each answer took.

    While it waits for one answer it would have asked for others: they count with the time that they would have
    waited, or one long silence would count as a single slow answer.
    """

    def __init__(self, ask, pause):
        super().__init__(daemon=True)
        self.ask, self.pause, self.times, self.wrong, self.done = ask, pause, [], [], False

    def run(self):
        """Until it is told to end."""
        while not self.done:
            begin = time.monotonic()
            try:
                said = self.ask()
            except OSError as error:
                said = repr(error)
            took = (time.monotonic() - begin) * 1000
            while took > 0:
                self.times.append(took)
                took -= max(self.pause * 1000, 1.0) * 4
            if said:
                self.wrong.append(said)
            time.sleep(self.pause)

    def end(self):
        """Its times, in milliseconds."""
        self.done = True
        self.join(60)
        return self.times

    def at(self, share):
        """The time below which this share lies, in milliseconds."""
        return percentile(self.times, share)

    def figures(self):
        """In words."""
        return f"p50 {self.at(0.5):.1f} ms, p99 {self.at(0.99):.1f} ms, max {max(self.times):.1f} ms of {len(self.times)}"


def read(server, case):
    """A reader of a case: answers what was wrong."""
    client = server.client()

    def ask():
        status, answer = client.graphql(READ, {"id": case})
        return None if status == 200 and answer.get("data") and answer["data"]["case"] else f"{status} {json.dumps(answer)[:200]}"

    return ask


def write(server, case, acknowledged):
    """Somebody who records in a case."""
    client = server.client()

    def ask():
        command = str(uuid.uuid4())
        status, answer = client.graphql(NOTE, note_input(case, command))
        if status == 200 and answer.get("data"):
            acknowledged[command] = answer["data"]["takeNote"]["receipt"]
            return None
        return f"{status} {json.dumps(answer)[:200]}"

    return ask


def health(server):
    """A probe."""
    client = server.client()

    def ask():
        status, _, body = client.request("GET", "/readyz")
        return None if status == 200 else f"{status} {body}"

    return ask


def answers(connections, seconds):
    """Status by count of what the connections are answered; 0 for those that are closed without an answer."""
    found, waiting = {}, selectors.DefaultSelector()
    for connection in connections:
        connection.setblocking(False)
        waiting.register(connection, selectors.EVENT_READ)
    end, left = time.monotonic() + seconds, len(connections)
    while left and time.monotonic() < end:
        for key, _ in waiting.select(0.2):
            try:
                head = key.fileobj.recv(65_536)
            except OSError:
                head = b""
            status = int(head.split(b" ")[1]) if head.startswith(b"HTTP/1.1 ") else 0
            if status == 200 and b"BUSY" in head:
                status = "200 BUSY"
            found[status] = found.get(status, 0) + 1
            waiting.unregister(key.fileobj)
            key.fileobj.close()
            left -= 1
    if left:
        found["none"] = left
    return found


def run(world):
    """Both floods."""
    directory = world.imported()
    slow = world.shim("slow_sync", SLOW_SYNC_MS=SYNC_MS)
    server = world.serve(directory, environment=slow)
    alma, facts = cases_of_alma()
    client = server.client()
    quiet, other = more_cases(client, 2, {name: facts[name] for name in ("caseNumber", "child", "ground", "kleNumber")})
    acknowledged = {}
    reader, writer, probe = Measure(read(server, quiet), 0.005), Measure(write(server, other, acknowledged), 0.02), Measure(health(server), 0.02)
    for measure in (reader, writer, probe):
        measure.start()
    time.sleep(1.0)
    calm = list(reader.times)
    reader.times.clear(), writer.times.clear(), probe.times.clear()
    begin = time.monotonic()
    flood(server.address, alma, NOTES, False)
    took = time.monotonic() - begin
    time.sleep(2.0)
    for measure in (reader, writer, probe):
        measure.end()
    world.say(f"{NOTES} notes in {took:.1f} s, {machine()}, {server.threads()} threads, {server.memory():.0f} MB")
    world.say(f"reader before: p50 {percentile(calm, 0.5):.1f} ms, p99 {percentile(calm, 0.99):.1f} ms")
    world.check("another case is read in time", reader.at(0.99) <= READER_P99_MS and not reader.wrong, reader.figures())
    world.check("health is told in time", probe.at(0.99) <= READER_P99_MS and not probe.wrong, probe.figures())
    world.check("another case is recorded in", writer.at(0.99) <= WRITER_P99_MS and not writer.wrong, writer.figures())
    for measure in (reader, writer, probe):
        for said in measure.wrong[:3]:
            world.say(f"wrong: {said}")
    kept = flood(server.address, alma, AT_ONCE, True)
    time.sleep(0.3)
    code, seconds = server.stop()
    found = answers(kept, 5.0)
    world.check("SIGTERM ends within the grace", code == 0 and seconds <= GRACE_SECONDS, f"exit {code} after {seconds:.1f} s; answers {found}")
    server = world.serve(directory)
    client = server.client()
    lost = [command for command, receipt in acknowledged.items() if repeated(client, other, command) != receipt]
    world.check("what was acknowledged is there once", not lost, f"{len(acknowledged)} commands, {len(lost)} lost")
    server.stop()
    world.audited(directory)


def repeated(client, case, command):
    """The receipt of a command that was carried out before; none when it was not."""
    _, answer = client.graphql(NOTE, note_input(case, command))
    payload = answer["data"]["takeNote"]
    return payload["receipt"] if payload["repeated"] else None
