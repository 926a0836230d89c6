"""A sync takes half a second: readers do not wait for it.

Two writers keep a sync under way at all times; readers of another case ask ten times a second. Their p99 is at most
20 ms.
"""

import time

from told import Reader, Told, Writer
from world import cases_of_alma, machine, more_cases, percentile

READER_P99_MS = 20.0


def run(world):
    """Readers beside writers, on a disk that is slow."""
    directory = world.imported()
    case, template = cases_of_alma()
    told = Told(world)
    server = world.serve(directory, environment=told.environment)
    client = server.client()
    others = more_cases(client, 4, template)
    client.close()
    told.syncs(500, 500)
    seconds = world.seconds or 15.0
    end = time.monotonic() + seconds
    writers = [Writer(server, case, lambda: end) for _ in range(2)]
    readers = [Reader(server, other, lambda: end, pause=0.1) for other in others]
    for thread in writers + readers:
        thread.start()
    for thread in writers + readers:
        thread.join(60)
    told.nothing("sync")
    times = [took for reader in readers for took in reader.times]
    p50, p99 = percentile(times, 0.5), percentile(times, 0.99)
    world.say(f"{len(times)} reads, p50 {p50:.1f} ms, p99 {p99:.1f} ms, most {max(times):.1f} ms; {machine()}")
    world.check(f"the readers' p99 is at most {READER_P99_MS:.0f} ms", p99 <= READER_P99_MS, f"{p99:.1f} ms")
    world.check("something was recorded meanwhile", any(writer.receipts for writer in writers))
    server.stop()
    world.audited(directory)
