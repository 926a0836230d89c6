"""The wall clock jumps under a running server: nothing is dated falsely, and it goes on when the clock is right again.

A year ahead for two commands, two days ahead, and an hour back.
"""

import time

from told import Told, code_of, unready
from world import NOTE, cases_of_alma, note_input, until

DAY = 24 * 3600
RECORDED = "query($id: ID!) { case(id: $id) { timeline { recordedAt } } }"


def run(world):
    """Each jump, and what is recorded behind it."""
    directory = world.imported()
    case, _ = cases_of_alma()
    told = Told(world)
    server = world.serve(directory, environment=told.environment)
    client = server.client()
    for what, seconds in (("a year ahead", 365 * DAY), ("two days ahead", 2 * DAY), ("an hour back", -3600)):
        world.check(f"before {what}: a note is taken", taken(client, case) is None)
        told.clock(seconds)
        # What /readyz tells is at most a quarter of a second old.
        time.sleep(0.5)
        codes = [taken(client, case) for _ in range(2)]
        world.check(f"{what}: nothing is recorded", codes == ["CLOCK_REFUSED"] * 2, str(codes))
        _, said = until("/readyz says why", lambda: unready(server), 10.0)
        world.check(f"{what}: /readyz says why", said.startswith("CLOCK_REFUSED"), said.strip().splitlines()[0])
        told.nothing("clock")
        until("a note is taken again", lambda: taken(client, case) is None, 30.0, 0.2)
        world.say(f"ok   {what}: it goes on when the clock is right again")
    _, answer = client.graphql(RECORDED, {"id": case})
    newest = max(entry["recordedAt"] for entry in answer["data"]["case"]["timeline"])
    now = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() + 5))
    world.check("no entry is dated ahead", newest[:19] <= now, f"newest {newest}, now {now}")
    code, _ = server.stop()
    world.check("it stops in order", code == 0)
    world.audited(directory)


def taken(client, case):
    """The code that a note is answered with; none for a receipt."""
    _, answer = client.graphql(NOTE, note_input(case))
    return code_of(answer)
