"""SIGHUP does not end the program, as it does not when the terminal goes."""

import signal
import time

from world import until


def run(world):
    """One signal while it serves, and one more."""
    directory = world.imported()
    server = world.serve(directory)
    for _ in range(2):
        server.signal(signal.SIGHUP)
        time.sleep(0.3)
    world.check("it runs on after SIGHUP", server.child.poll() is None)
    world.check("it is ready", server.health()[0] == 200)
    told = lambda: [line for line in server.lines if "SIGHUP" in line]  # noqa: E731
    until("it says so", told, 5)
    world.check("it says that nothing is read again", any("reload" in line for line in told()), told()[0])
    code, seconds = server.stop()
    world.check("SIGTERM ends it", code == 0, f"{seconds:.1f} s")
    world.audited(directory)
