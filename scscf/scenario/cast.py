"""Bringing the actors of a scenario up: each a user agent at an address of its own."""

import hashlib
from collections.abc import Callable, Mapping

from scscf.scenario.actor import Actor
from scscf.scenario.keys import ActorKeys
from scscf.scenario.subscribers_of_actors import aor_of, impi_of, one_of
from scscf.sip.outbox import NextHop
from scscf.sip.transaction_layer import ServerTransaction
from scscf.ue.identity import Identity
from scscf.ue.pcscf import Pcscf
from scscf.ue.user_agent import UserAgent

Place = tuple[str, int]


class Cast:
    """Makes actors. `agent(place)` makes a user agent that is up; `target` is the S-CSCF; `seed` that of the run."""

    def __init__(self, domain: str, target: Place, seed: int, agent: Callable[[Place], UserAgent]) -> None:
        self._domain = domain
        self._target = target
        self._seed = seed
        self._agent = agent

    def bring_up(
        self, actors: Mapping[str, ActorKeys], place: Callable[[int], Place], skip: Callable[[ActorKeys], bool]
    ) -> dict[str, list[Actor]]:
        """Return the actors by their names; `place(n)` is the address of the n-th. P-CSCFs are up before their UEs."""
        places: dict[str, list[Place]] = {}
        number = 0
        for name, keys in actors.items():
            places[name] = [place(number + index) for index in range(keys.count or 1)]
            number += keys.count or 1
        found: dict[str, list[Actor]] = {name: [] for name in actors}
        for name in sorted(actors, key=lambda name: actors[name].kind != "pcscf"):
            if not skip(actors[name]):
                for index, each in enumerate(places[name], 1):
                    found[name].append(self._actor(*one_of(name, actors[name], index), each, found))
        return found

    def _actor(self, name: str, keys: ActorKeys, place: Place, others: Mapping[str, list[Actor]]) -> Actor:
        agent = self._agent(place)
        aor = aor_of(name, keys, self._domain)
        domain = aor.rpartition("@")[2].partition(";")[0] if "@" in aor else self._domain
        before = others[keys.behind][0].agent.address if keys.behind is not None else self._target
        hop = NextHop(*before, keys.transport)
        identity = Identity(aor, impi_of(name, keys, self._domain), domain, hop)
        cnonce = hashlib.sha256(f"{self._seed} {name} 1".encode()).hexdigest()[:8]
        actor = Actor(name, keys, agent, identity, cnonce)
        if keys.kind == "pcscf":
            _proxy(actor, self._domain, NextHop(*self._target, keys.transport))
        return actor


def _proxy(actor: Actor, network: str, hop: NextHop) -> None:
    """Have an actor pass on what is not for its own subscriptions."""
    own = actor.agent.on_request_
    Pcscf(actor.agent, network, hop)
    passing = actor.agent.on_request_

    def choose(call: ServerTransaction) -> None:
        calls = {watch.call_id for watch in actor.ue.watches}
        (own if call.request.call_id in calls else passing)(call)

    actor.agent.on_request_ = choose
