"""A small file system that another process keeps full: nothing wrong is said, and the log opens for reading.

Needs the right to mount a tmpfs; without it the fault says so and tries nothing.
"""

import subprocess
import time

from told import ALLOWED, Reader, Told, Writer, once
from world import Fault, cases_of_alma, until

MEGABYTES = 24


def mounted(world):
    """A small file system; none where nothing may be mounted."""
    place = world.dir / "small"
    place.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(place)], capture_output=True, text=True)
    return (place, None) if done.returncode == 0 else (None, done.stderr.strip())


def fill(place):
    """Takes all the room that is left."""
    try:
        with open(place / "others", "ab") as file:
            for size in (1 << 20, 1 << 12, 1):
                try:
                    while True:
                        file.write(b"x" * size)
                        file.flush()
                except OSError:
                    continue
    except OSError:
        pass


def run(world):
    """Fills the disk under load, opens the log on it, and makes room again."""
    place, why = mounted(world)
    if place is None:
        world.say(f"not tried: nothing may be mounted here ({why})")
        return
    try:
        on(world, place)
    finally:
        for child in world.children:
            if child.poll() is None:
                child.kill()
                child.wait(30)
        subprocess.run(["umount", str(place)], check=False)


def on(world, place):
    """The course on that file system."""
    case, _ = cases_of_alma()
    from world import ALMA

    code, said = world.run(place, "import", str(ALMA))
    if code != 0:
        raise Fault(said)
    server = world.serve(place)
    end = time.monotonic() + 8.0
    writers = [Writer(server, case, lambda: end) for _ in range(4)]
    readers = [Reader(server, case, lambda: end) for _ in range(2)]
    for thread in writers + readers:
        thread.start()
    time.sleep(1.0)
    for _ in range(20):
        fill(place)
        time.sleep(0.1)
    for thread in writers + readers:
        thread.join(60)
    codes = {code for thread in writers + readers for code in thread.codes}
    world.check("no answer says something wrong", codes <= ALLOWED, " ".join(sorted(map(str, codes))))
    world.check("no case vanished", not any(reader.missing for reader in readers))
    receipts = {command: receipt for writer in writers for command, receipt in writer.receipts.items()}
    server.kill()
    fill(place)
    from world import Server

    server = Server(world, place)
    read = Reader(server, case, lambda: time.monotonic() + 1)
    client = server.client()
    from world import READ

    status, answer = client.graphql(READ, {"id": case})
    world.check("a log on a full disk is read", status == 200 and answer["data"]["case"] is not None)
    world.say(f"/readyz on the full disk: {server.health()}")
    client.close()
    (place / "others").unlink()
    server.kill()
    del read
    server = until("it opens when there is room", lambda: world.serve(place), 60.0)
    once(world, place, server, case, receipts)
    code, _ = server.stop()
    world.check("it stops in order", code == 0)
    world.audited(place)
