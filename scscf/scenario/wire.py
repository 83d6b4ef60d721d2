"""The `wire` step: how the memory network carries datagrams from now on."""

from scscf.net.memory import Conditions
from scscf.scenario.command_keys import WireKeys
from scscf.scenario.outcome import NotRunnable, Unmet
from scscf.scenario.run import Run
from scscf.scenario.virtual_world import VirtualWorld


def wire(run: Run, keys: WireKeys) -> None:
    """Change the conditions of the network, or cut an actor's connections. Raises NotRunnable on sockets."""
    if keys.cut is not None:
        if not sum(actor.agent.cut() for actor in run.actors(keys.cut)):
            raise Unmet(f"{keys.cut} has no connection that could be cut")
        return
    world = run.world
    if not isinstance(world, VirtualWorld):
        raise NotRunnable("wire: loss and delay are those of a simulated network; on sockets they cannot be set")
    said = {name: getattr(keys, name) for name in ("delay", "jitter", "loss", "duplication")}
    update = {name: value for name, value in said.items() if value is not None}
    if keys.of is None:
        world.memory.conditions = world.memory.conditions._replace(**update)
        return
    for actor in run.actors(keys.of):
        host = actor.agent.address[0]
        before = world.memory.conditions_of.get(host, Conditions(world.memory.conditions.delay))
        world.memory.conditions_of[host] = before._replace(**update)
