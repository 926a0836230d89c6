"""The lock files are removed under a running server: no second one starts, and the first one stops writing.

And the same with the whole journal moved away and a copy in its place.
"""

import shutil

from told import code_of, unready
from world import NOTE, Fault, cases_of_alma, note_input, until


def run(world):
    """A second server, then a lost lock, then a journal that is another."""
    case, _ = cases_of_alma()
    for what, bend in (("lock files removed", remove_locks), ("journal replaced by a copy", replace_journal)):
        directory = world.imported()
        server = world.serve(directory, "--stopped-seconds", "3")
        client = server.client()
        world.check(f"{what}: the server records", taken(client, case) is None)
        bend(directory)
        try:
            second = world.serve(directory)
            world.check(f"{what}: a second server is refused", False)
            second.kill()
        except Fault as fault:
            world.check(f"{what}: a second server is refused", "in use" in str(fault), str(fault).splitlines()[0][:100])
        code = taken(client, case)
        world.check(f"{what}: the first one takes nothing more", code in ("STORE_STOPPED", "NOT_WRITTEN"), code)
        # What it tells is at most a quarter of a second old.
        status, said = until("/readyz says so", lambda: unready(server), 10.0)
        world.check(f"{what}: /readyz says so", said.split(":")[0] in ("STORE_STOPPED", "KEYS_STOPPED"), said.strip().splitlines()[0])
        code = server.child.wait(60)
        world.check(f"{what}: it ends with a code of its own", code == 75, code)
        server = world.serve(directory)
        client = server.client()
        world.check(f"{what}: after a restart it records again", until("a note is taken", lambda: taken(client, case) is None))
        server.stop()
        world.audited(directory)


def taken(client, case):
    """The code that a note is answered with; none for a receipt."""
    _, answer = client.graphql(NOTE, note_input(case))
    return code_of(answer)


def remove_locks(directory):
    """As an operator does who believes that a crash has left them."""
    for lock in directory.rglob("lock"):
        lock.unlink()


def replace_journal(directory):
    """Another file under the name of each segment."""
    for segment in directory.glob("data/*/sag/journal/*.seg"):
        copy = segment.with_suffix(".copy")
        shutil.copy(segment, copy)
        copy.rename(segment)
