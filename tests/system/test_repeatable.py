"""One seed, one run: the same octets at the same times in every process, whatever the order of its hash tables."""

import os
import subprocess
import sys
from pathlib import Path

from tests.patience import PATIENCE

SCRIPT = """
from scscf.net.memory import Conditions
from scscf.procedures.deregister import Scope, deregister
from scscf.registration.registration import Event
from tests.world import World, checksum

world = World(conditions=Conditions(0.01, 0.02, 0.1, 0.1), seed=3)
phone = world.client(username="phone@home1.test")
pager = world.client("127.0.0.10", username="pager@home1.test")
pcscf = world.client("127.0.0.4", 5060)
for _ in range(8):
    for client in (phone, pager):
        client.send("REGISTER", "sip:home1.test", {"Contact": f"<{client.uri}>"}, seconds=2)
        if client.responses and client.responses[-1].status == 401:
            client.take_challenge(client.responses[-1])
            uri = "sip:home1.test"
            fields = {"Contact": f"<{client.uri}>", "Authorization": client.authorization("REGISTER", uri)}
            client.send("REGISTER", uri, fields, seconds=2)
for name in ("tobias", "gameMaster", "tobias"):
    aor = f"sip:{name}@home1.test"
    headers = {"To": f"<{aor}>", "Event": "reg", "Contact": f"<{pcscf.uri}>",
               "P-Asserted-Identity": "<sip:tobias@home1.test>", "Call-ID": f"c{pcscf.cseq}"}
    pcscf.send("SUBSCRIBE", aor, headers, seconds=10)
world.perform(deregister(world.node, Scope(aor="sip:tobias@home1.test"), Event.PROBATION, 30))
world.run(40)
assert len(pcscf.notifies) > 3
print(checksum(world))
"""
TOP = Path(__file__).parents[2]


def trace(seed: str) -> str:
    """Return the checksum of what a process sends with a PYTHONHASHSEED."""
    path = os.pathsep.join([str(TOP), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path}
    command = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(
        command, cwd=TOP, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_two_processes_with_different_hash_seeds_send_the_same() -> None:
    first, second = trace("0"), trace("1")

    assert len(first) == 64
    assert first == second
