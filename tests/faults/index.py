"""The index cannot be read or written, with 8 writers, 4 readers and slow syncs: nothing is lost or doubled.

In the first rounds reads below index/ fail, at the start and once more a moment later; in the last rounds the disk below
it is full from a random moment on, also while the server stops, when the index is written. No case that exists is ever
said not to exist, no answer has a code that says something wrong, and it heals by itself.
"""

import errno
import random
import time

from told import ALLOWED, Reader, Told, Writer, once
from world import cases_of_alma, until

ROUNDS = 6
SECONDS = 4.0


def play(world, directory, case, told, full):
    """One round of writers and readers; answers the server and both."""
    if not full:
        told.reads(errno.EIO, random.randint(1, 4), "/index/")
    server = world.serve(directory, environment=told.environment)
    told.syncs(20, 200)
    end = time.monotonic() + SECONDS
    writers = [Writer(server, case, lambda: end) for _ in range(8)]
    readers = [Reader(server, case, lambda: end) for _ in range(4)]
    for thread in writers + readers:
        thread.start()
    time.sleep(0.3 + random.random())
    if full:
        told.writes(errno.ENOSPC, -1, "/index/")
    else:
        told.reads(errno.EIO, random.randint(1, 4), "/index/")
    for thread in writers + readers:
        thread.join(60)
    told.nothing("read")
    told.nothing("sync")
    return server, writers, readers


def run(world):
    """Rounds with failed reads, then rounds with a full disk below the index."""
    directory = world.imported()
    case, _ = cases_of_alma()
    told, receipts = Told(world), {}
    for number in range(ROUNDS):
        full = number >= ROUNDS - 2
        server, writers, readers = play(world, directory, case, told, full)
        for writer in writers:
            receipts.update(writer.receipts)
        codes = {code for thread in writers + readers for code in thread.codes}
        world.check(f"round {number + 1}: no answer says something wrong", codes <= ALLOWED, " ".join(sorted(map(str, codes))))
        world.check(f"round {number + 1}: no case vanished", not any(reader.missing for reader in readers))
        client = server.client()
        until("it heals by itself", lambda: taken(client, case, receipts), 90.0, 0.2)
        client.close()
        if number % 2:
            server.kill()
        else:
            code, seconds = server.stop()
            world.check(f"round {number + 1}: it stops in order", code == 0, f"{seconds:.1f} s")
        told.nothing("write")
    server = world.serve(directory)
    once(world, directory, server, case, receipts)
    server.stop()
    world.audited(directory)


def taken(client, case, receipts):
    """Whether a note is taken now."""
    import uuid

    from told import code_of
    from world import NOTE, note_input

    command = str(uuid.uuid4())
    status, answer = client.graphql(NOTE, note_input(case, command, f"Notat {command}."))
    if status != 200 or code_of(answer) is not None:
        return False
    receipts[command] = answer["data"]["takeNote"]["receipt"]
    return True
