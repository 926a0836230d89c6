"""What every fault needs: a server on a fresh directory and a free port, a client, and times.

Only loopback is used, only the standard library, and only processes that were started here are ended, by
their ids. Everything made lies in one temporary directory, which goes with the world.
"""

import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
ALMA = ROOT / "crates/sagsspor/dossiers/alma.jsonl"
MUNICIPALITY = "0999"
HOST = "log.test.invalid"
NOTE = "mutation($input: TakeNoteInput!) { takeNote(input: $input) { repeated receipt { position leafHash version } userErrors { code } } }"
OPEN = "mutation($input: OpenCaseInput!) { openCase(input: $input) { receipt { position stream } userErrors { code path } } }"
READ = "query($id: ID!) { case(id: $id) { version status childVoice { count } goals { status } } }"


class Fault(Exception):
    """Something is not as it must be."""


def percentile(values, share):
    """The time below which this share of the values lies."""
    ordered = sorted(values)
    return ordered[int((len(ordered) - 1) * share)] if ordered else float("nan")


def machine():
    """The machine's state, without which no time means anything."""
    load = os.getloadavg()
    return f"{os.cpu_count()} cores, load {load[0]:.1f} {load[1]:.1f} {load[2]:.1f}"


def until(what, holds, seconds=30.0, pause=0.02):
    """Waits until a condition holds, and answers what it answered."""
    end = time.monotonic() + seconds
    while True:
        answer = holds()
        if answer:
            return answer
        if time.monotonic() > end:
            raise Fault(f"after {seconds} s still not: {what}")
        time.sleep(pause)


class Client:
    """One connection that is kept alive, for one thread."""

    def __init__(self, address, timeout=60.0):
        self.address, self.timeout, self.connection = address, timeout, None

    def request(self, method, path, body=None, headers=None):
        """Answers status, headers and body; a connection that the server closed is opened again once."""
        for again in (True, False):
            if self.connection is None:
                self.connection = http.client.HTTPConnection(*self.address, timeout=self.timeout)
            try:
                self.connection.request(method, path, body, headers or {})
                answer = self.connection.getresponse()
                return answer.status, dict(answer.getheaders()), answer.read()
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                self.close()
                if not again:
                    raise
            except OSError:
                self.close()
                raise

    def graphql(self, query, variables=None):
        """Answers status and body of a GraphQL request."""
        body = json.dumps({"query": query, "variables": variables or {}})
        status, _, text = self.request("POST", "/graphql", body, {"content-type": "application/json"})
        return status, json.loads(text)

    def close(self):
        """Gives the connection up."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def note_input(case, command=None, text="Et notat."):
    """The input of a note; every note is a command of its own unless the id is given."""
    return {"input": {"commandId": command or str(uuid.uuid4()), "stream": case, "occurred": "2024-11-05", "facts": {"kind": "FACT", "text": text}}}


def raw_graphql(address, query, variables):
    """The bytes of a GraphQL request."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    head = f"POST /graphql HTTP/1.1\r\nhost: {address[0]}:{address[1]}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Server:
    """The program, serving a directory."""

    def __init__(self, world, directory, options=(), environment=None, before=()):
        self.world, self.directory, self.lines = world, pathlib.Path(directory), []
        place = ["--data", str(self.directory / "data"), "--keys", str(self.directory / "keys"), "--host", HOST, "--municipality", MUNICIPALITY]
        command = [*before, str(world.program), "serve", *place, "--listen", "127.0.0.1:0", *options]
        self.child = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **(environment or {})}, start_new_session=True
        )
        world.children.append(self.child)
        line = self.child.stdout.readline()
        if "http://" not in line:
            self.child.wait(10)
            raise Fault(f"the server did not start: {line!r} {self.child.stderr.read()}")
        host, port = line.split("http://")[1].split("/")[0].rsplit(":", 1)
        self.address = (host, int(port))
        for stream in (self.child.stdout, self.child.stderr):
            threading.Thread(target=self._read, args=(stream,), daemon=True).start()

    def _read(self, stream):
        for line in stream:
            self.lines.append(line.rstrip())

    def client(self, timeout=60.0):
        """A client of this server."""
        return Client(self.address, timeout)

    def ready(self, seconds=60.0):
        """Waits until it is ready."""
        client = self.client()
        until("the server is ready", lambda: client.request("GET", "/readyz")[0] == 200, seconds)
        client.close()
        return self

    def health(self):
        """Status and text of /readyz."""
        client = self.client(5.0)
        status, _, body = client.request("GET", "/readyz")
        client.close()
        return status, body.decode()

    def memory(self):
        """Resident memory in megabytes."""
        for line in pathlib.Path(f"/proc/{self.child.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise Fault("the server is gone")

    def threads(self):
        """How many threads it has."""
        return len(os.listdir(f"/proc/{self.child.pid}/task"))

    def signal(self, number):
        """Sends it a signal."""
        os.kill(self.child.pid, number)

    def stop(self, seconds=90.0):
        """Asks it to stop; answers exit code and seconds."""
        begin = time.monotonic()
        self.signal(signal.SIGTERM)
        code = self.child.wait(seconds)
        return code, time.monotonic() - begin

    def kill(self):
        """As the loss of the process does."""
        self.child.kill()
        self.child.wait(30)


class World:
    """A directory, the program, and what was found."""

    def __init__(self, program, seconds):
        self.program, self.seconds, self.children, self.failed = pathlib.Path(program), seconds, [], []
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="sagsspor-faults-"))
        self.number = 0

    def shim(self, name, **settings):
        """The environment under which a small C file of this folder stands in front of the C library."""
        library = self.dir / f"{name}.so"
        if not library.exists():
            source = pathlib.Path(__file__).resolve().parent / f"{name}.c"
            subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", str(library), str(source), "-ldl"], check=True)
        return {"LD_PRELOAD": str(library), **{key: str(value) for key, value in settings.items()}}

    def fresh(self):
        """A directory that nobody has used."""
        self.number += 1
        directory = self.dir / str(self.number)
        directory.mkdir()
        return directory

    def run(self, directory, *arguments):
        """Runs another command of the program on a directory; answers what it printed."""
        place = ["--data", str(directory / "data"), "--keys", str(directory / "keys"), "--host", HOST, "--municipality", MUNICIPALITY]
        done = subprocess.run([str(self.program), *arguments, *place], capture_output=True, text=True, timeout=600)
        return done.returncode, done.stdout + done.stderr

    def imported(self):
        """A directory with the case of Alma in it."""
        directory = self.fresh()
        code, said = self.run(directory, "import", str(ALMA))
        if code != 0:
            raise Fault(f"the dossier was not imported: {said}")
        return directory

    def serve(self, directory, *options, **more):
        """Starts a server and waits until it is ready."""
        return Server(self, directory, options, **more).ready()

    def audited(self, directory):
        """The auditor has nothing to say against the directory."""
        code, said = self.run(directory, "audit")
        self.check("the audit is clean", code == 0, said.strip().splitlines()[-1] if said.strip() else "")

    def say(self, text):
        """Prints a line."""
        print(f"  {text}", flush=True)

    def check(self, what, holds, figure=""):
        """Notes whether something is as it must be."""
        if not holds:
            self.failed.append(what)
        self.say(f"{'ok  ' if holds else 'FAIL'} {what}{': ' if figure != '' else ''}{figure}")

    def close(self):
        """Ends what is still running, by id, and removes what was made."""
        for child in self.children:
            if child.poll() is None:
                child.kill()
                child.wait(30)
        shutil.rmtree(self.dir, ignore_errors=True)


def cases_of_alma():
    """The case of the imported dossier, and its child."""
    for line in ALMA.read_text().splitlines():
        line = json.loads(line)
        if line["mutation"] == "openCase":
            return line["input"]["stream"], line["input"]["facts"]
    raise Fault("the dossier opens no case")


def more_cases(client, count, template):
    """Opens so many further cases like one of the dossier; answers their streams."""
    opened = []
    for _ in range(count):
        stream = str(uuid.uuid4())
        given = {"commandId": str(uuid.uuid4()), "stream": stream, "occurred": "2024-11-05", "facts": template}
        status, answer = client.graphql(OPEN, {"input": given})
        if status != 200 or not answer.get("data") or answer["data"]["openCase"]["receipt"] is None:
            raise Fault(f"no case was opened: {answer}")
        opened.append(stream)
    return opened


def connect(address, timeout=10.0):
    """A connection of its own."""
    return socket.create_connection(address, timeout)
