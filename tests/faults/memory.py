"""Half an hour of mixed load: memory stops rising (needs a release build).

Clients record in many cases, open new ones, read cases, lists, boards and the log, file documents and fetch bundles.
Resident memory is noted every ten seconds, with the number of entries. It says what it is per entry that memory rises
in the second half: a cache is full by then, and what is left is what an entry costs.
"""

import json
import random
import threading
import time
import uuid

from world import NOTE, READ, ROOT, cases_of_alma, machine, more_cases, note_input

EVERY_SECONDS = 10
CLIENTS = 6
# What the second half may add, in megabytes, beyond what each entry costs in memory by design.
SLACK_MB = 12
BYTES_PER_ENTRY = 700
QUERIES = [
    READ,
    "query($id: ID!) { case(id: $id) { timeline { told { line } } findings { code } } }",
    "query($id: ID!) { case(id: $id) { obligations { status } retention { __typename } statistics { __typename } } }",
]
LISTS = [
    "{ cases(first: 20) { edges { node { status childName { value } } } } }",
    "{ obligationBoard(first: 20) { edges { node { __typename } } } }",
    "{ log { size checkpoint { size } inclusionProof(position: 3) { path } } }",
]


def sample(server, begin, found, done):
    """Notes memory and entries until it is told to end."""
    client = server.client()
    while not done.is_set():
        _, answer = client.graphql("{ log { size } }")
        found.append((time.monotonic() - begin, server.memory(), answer["data"]["log"]["size"], server.threads()))
        done.wait(EVERY_SECONDS)


def work(server, cases, facts, seed, done, counts, limit):
    """One client: mostly reads, a third of it writes."""
    chance, client = random.Random(seed), server.client()
    while not done.is_set():
        kind = chance.random()
        case = chance.choice(cases)
        if kind < 0.30:
            text = "Et notat " + "med ord " * chance.randrange(1, 40)
            status, _ = client.graphql(NOTE, note_input(case, text=text))
            name = "note"
        elif kind < 0.32 and len(cases) < limit:
            cases.extend(more_cases(client, 1, facts))
            status, name = 200, "case"
        elif kind < 0.33:
            query = f"commandId={uuid.uuid4()}&title=Brev&occurred=2024-11-05"
            body = ("En linje i et brev.\n" * chance.randrange(10, 5_000)).encode()
            status, _, _ = client.request("POST", f"/documents/{case}?{query}", body, {"content-type": "text/plain"})
            name = "document"
        elif kind < 0.335:
            status, _, _ = client.request("GET", f"/bundles/{case}")
            name = "bundle"
        elif kind < 0.80:
            status, answer = client.graphql(chance.choice(QUERIES), {"id": case})
            name = "read"
            if answer.get("errors"):
                counts["wrong"] = json.dumps(answer["errors"])[:300]
        else:
            status, answer = client.graphql(chance.choice(LISTS))
            name = "list"
            if answer.get("errors"):
                counts["wrong"] = json.dumps(answer["errors"])[:300]
        counts[f"{name} {status}"] = counts.get(f"{name} {status}", 0) + 1
        # A steady rate, so that a slow machine does as much as a fast one.
        done.wait(0.05)


def picture(found):
    """The curve as a picture, 100 MB and five minutes to a line of its grid."""
    wide, high, most = 640, 256, max(300, max(point[1] for point in found))
    last = max(point[0] for point in found)
    x, y = lambda at: 50 + (wide - 60) * at / last, lambda megabytes: high - 46 - (high - 56) * megabytes / most
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" font-family="sans-serif" font-size="11">']
    lines.append(f'<rect width="{wide}" height="{high}" fill="#fff"/>')
    for megabytes in range(0, int(most) + 1, 100):
        lines.append(f'<path d="M50 {y(megabytes):.1f}H{wide - 10}" stroke="#ccc"/><text x="44" y="{y(megabytes) + 4:.1f}" text-anchor="end">{megabytes}</text>')
    for minutes in range(0, int(last // 60) + 1, 5):
        lines.append(f'<text x="{x(minutes * 60):.1f}" y="{high - 28}" text-anchor="middle">{minutes}</text>')
    points = " ".join(f"{x(at):.1f},{y(megabytes):.1f}" for at, megabytes, _, _ in found)
    lines.append(f'<polyline points="{points}" fill="none" stroke="#236" stroke-width="2"/>')
    lines.append(f'<text x="50" y="{high - 8}">minutes of mixed load; resident memory in MB, {found[-1][2]:,} entries at the end</text></svg>')
    return "\n".join(lines) + "\n"


def run(world):
    """The load, the curve, and what it says."""
    seconds = world.seconds or 1_800
    directory = world.imported()
    server = world.serve(directory)
    _, facts = cases_of_alma()
    facts = {name: facts[name] for name in ("caseNumber", "child", "ground", "kleNumber")}
    cases = more_cases(server.client(), 40, facts)
    done, found, counts, begin = threading.Event(), [], {}, time.monotonic()
    threads = [threading.Thread(target=work, args=(server, cases, facts, seed, done, counts, 400), daemon=True) for seed in range(CLIENTS)]
    threads.append(threading.Thread(target=sample, args=(server, begin, found, done), daemon=True))
    for thread in threads:
        thread.start()
    while time.monotonic() - begin < seconds and all(thread.is_alive() for thread in threads):
        time.sleep(1)
    done.set()
    for thread in threads:
        thread.join(60)
    world.say("second megabytes entries threads")
    for at, memory, entries, count in found:
        world.say(f"{at:6.0f} {memory:9.1f} {entries:7} {count:7}")
    world.say(f"{counts}, {len(cases)} cases, {machine()}")
    drawn = ROOT / "target/faults/memory.svg"
    drawn.parent.mkdir(parents=True, exist_ok=True)
    drawn.write_text(picture(found))
    world.say(f"drawn in {drawn}")
    middle, last = found[len(found) // 2], found[-1]
    grown, entries = last[1] - middle[1], last[2] - middle[2]
    allowed = SLACK_MB + entries * BYTES_PER_ENTRY / 1_048_576
    world.check("memory stops rising", grown <= allowed, f"{grown:.1f} MB in the second half, {entries} entries; {allowed:.1f} MB allowed")
    code, took = server.stop()
    world.check("it ends in order", code == 0, f"{took:.1f} s")
    world.audited(directory)
