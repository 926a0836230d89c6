"""Nothing by itself: faults that are told to a running server, and clients that keep what they were told."""

import json
import pathlib
import random
import threading
import time
import uuid

from world import NOTE, READ, note_input

# What may be answered when something fails: a fault with a name of its own, never a wrong statement about the case.
ALLOWED = {"NOT_WRITTEN", "OUTCOME_UNKNOWN", "STORE_STOPPED", "BUSY", "CLOCK_REFUSED", "INTERNAL", "TRY_AGAIN", "DEADLINE"}


class Told:
    """The file by which a server is told what fails."""

    def __init__(self, world):
        self.path = world.dir / f"told-{uuid.uuid4()}"
        self.number, self.lines = 0, {}
        self._write()
        self.environment = world.shim("faults", FAULTS=self.path)

    def _write(self):
        # Replaced as a whole, because the server reads it at any moment.
        fresh = pathlib.Path(f"{self.path}.new")
        fresh.write_text("".join(f"{line}\n" for line in self.lines.values() if line))
        fresh.rename(self.path)

    def writes(self, error, count, part):
        """So many writes below a part of a path fail; -1 for all of them."""
        self.number += 1
        self._tell("write", f"write {self.number} {error} {count} {part}")

    def reads(self, error, count, part):
        """The same of reads."""
        self.number += 1
        self._tell("read", f"read {self.number} {error} {count} {part}")

    def clock(self, seconds):
        """The wall clock stands so far ahead."""
        self._tell("clock", f"clock {seconds}")

    def syncs(self, least, most):
        """A sync takes so many milliseconds."""
        self._tell("sync", f"sync {least} {most}")

    def nothing(self, kind):
        """Ends one kind of fault."""
        self._tell(kind, "")

    def _tell(self, kind, line):
        self.lines[kind] = line
        self._write()


def code_of(answer):
    """The code of a top-level error or of a refusal; none for a receipt."""
    errors = answer.get("errors") or []
    if errors:
        return (errors[0].get("extensions") or {}).get("code", "?")
    outcome = next(iter((answer.get("data") or {}).values()), None) or {}
    refusals = outcome.get("userErrors") or []
    return refusals[0]["code"] if refusals else None


def unready(server):
    """Status and text of /readyz where it is not ready; none where it is."""
    status, said = server.health()
    return (status, said) if status == 503 else None


class Writer(threading.Thread):
    """Takes notes, and keeps every receipt and every other answer."""

    def __init__(self, server, case, until):
        super().__init__(daemon=True)
        self.client, self.case, self.until = server.client(30.0), case, until
        self.receipts, self.codes, self.open = {}, {}, []

    def run(self):
        """Until the time is over; a command that got no receipt is sent again with the same id."""
        command = str(uuid.uuid4())
        while time.monotonic() < self.until():
            try:
                status, answer = self.client.graphql(NOTE, note_input(self.case, command, f"Notat {command}."))
            except (OSError, ValueError):
                self.open.append(command)
                command = str(uuid.uuid4())
                time.sleep(0.05)
                continue
            code = code_of(answer)
            if status == 200 and code is None:
                self.receipts[command] = answer["data"]["takeNote"]["receipt"]
                command = str(uuid.uuid4())
                continue
            self.codes[code] = self.codes.get(code, 0) + 1
            if code == "OUTCOME_UNKNOWN":
                self.open.append(command)
                command = str(uuid.uuid4())
            time.sleep(random.random() * 0.02)


class Reader(threading.Thread):
    """Reads a case that exists."""

    def __init__(self, server, case, until, pause=0.0):
        super().__init__(daemon=True)
        self.client, self.case, self.until, self.pause = server.client(30.0), case, until, pause
        self.times, self.codes, self.missing = [], {}, 0

    def run(self):
        """Until the time is over."""
        while time.monotonic() < self.until():
            begin = time.monotonic()
            try:
                status, answer = self.client.graphql(READ, {"id": self.case})
            except (OSError, ValueError):
                time.sleep(0.05)
                continue
            self.times.append((time.monotonic() - begin) * 1000)
            code = code_of(answer) if answer.get("errors") else None
            if code:
                self.codes[code] = self.codes.get(code, 0) + 1
            elif status == 200 and answer["data"]["case"] is None:
                self.missing += 1
            if self.pause:
                time.sleep(self.pause)


def once(world, directory, server, case, receipts):
    """Everything that was acknowledged is there, once, with the same receipt."""
    client = server.client()
    lost = [command for command, receipt in receipts.items() if not same(client, case, command, receipt)]
    world.check(f"{len(receipts)} acknowledged notes are there with the same receipt", not lost, f"{len(lost)} are not" if lost else "")
    timeline = "query($id: ID!) { case(id: $id) { timeline { told { line } } } }"
    _, answer = client.graphql(timeline, {"id": case})
    lines = [entry["told"]["line"] or "" for entry in answer["data"]["case"]["timeline"]]
    counts = {command: sum(line.endswith(f"{command}.") for line in lines) for command in receipts}
    twice = [command for command, count in counts.items() if count != 1]
    world.check("each of them stands in the case once", not twice, json.dumps(twice[:3]) if twice else "")
    client.close()


def same(client, case, command, receipt):
    """A note that is sent again is answered as it was."""
    status, answer = client.graphql(NOTE, note_input(case, command, f"Notat {command}."))
    if status != 200 or not answer.get("data"):
        return False
    outcome = answer["data"]["takeNote"]
    return outcome["repeated"] and outcome["receipt"] == receipt
