"""ms-keep-alive on a whole node: what the 200 agrees on is what the connection gets (MS-CONMGMT §2.2.1)."""

from random import Random

import pytest

from scscf.identifiers import Identifiers
from scscf.sip.outbox import NextHop
from scscf.ue.authorization import Authorizer
from scscf.ue.endpoint import Endpoint
from scscf.ue.identity import Identity
from scscf.ue.user_agent import UserAgent, listen_at
from tests.world import World

pytestmark = pytest.mark.clause("MS-CONMGMT §2.2.1")

ALICE = "sip:alice@fabrikam.test"
SUBSCRIBERS = """
subscriptions:
  - private_identities: [{id: alice@fabrikam.test, auth: {scheme: none}}]
    implicit_sets: [["sip:alice@fabrikam.test"]]
"""


class Stage:
    """An endpoint that has registered over TCP; it does not ask for another connection by itself."""

    def __init__(self, timeout: int, transport: str = "tcp", *, keeps_alive: bool = False, offers: bool = True) -> None:
        domains = [{"name": "fabrikam.test", "dialect": "siprege"}]
        self.world = World({"domains": domains, "siprege": {"keep_alive": timeout}}, SUBSCRIBERS)
        world = self.world
        agent = UserAgent(world.clock, world.network, listen_at("192.0.2.5", 5060), Identifiers(Random(3).randbytes))
        agent.start()
        hop = NextHop("127.0.0.1", 5060, transport)
        identity = Identity(ALICE, "alice", "fabrikam.test", hop)
        self.endpoint = Endpoint(agent, identity, Authorizer("alice", "", None, ""), keeps_alive=keeps_alive)
        headers = {} if offers else {"ms-keep-alive": None}
        self.agent = agent
        self.exchange = agent.shell.perform(self.endpoint.register(3600, headers=headers))
        world.run(1.0)

    @property
    def agreed(self) -> str | None:
        return self.exchange.result().final.get("ms-keep-alive")  # type: ignore[no-any-return]

    @property
    def connections(self) -> int:
        return len(self.world.scscf.endpoint.connections)

    def end(self) -> None:
        """Close the endpoint's own side."""
        self.agent.stop()
        self.world.run(2.0)
        assert self.agent.shell.bugs == 0

    def is_registered(self) -> bool:
        return any(record.contacts(ALICE) for record in self.world.node.store.records())


def test_a_silent_connection_is_closed_at_the_time_that_was_agreed_and_the_endpoint_stays_bound() -> None:
    stage = Stage(120)
    assert stage.agreed == "UAS; tcp=no; hop-hop=yes; end-end=no; timeout=120"
    stage.world.run(118.0)
    assert stage.connections == 1
    stage.world.run(2.0)
    assert stage.connections == 0
    assert stage.is_registered()
    stage.end()


def test_a_connection_that_is_kept_alive_stays() -> None:
    stage = Stage(120, keeps_alive=True)
    stage.world.run(3000.0)
    assert stage.connections == 1
    stage.end()


def test_without_an_offer_nothing_is_agreed() -> None:
    stage = Stage(120, offers=False)
    assert stage.agreed is None
    stage.world.run(3000.0)
    assert stage.connections == 1
    stage.end()


def test_a_registrar_that_keeps_nothing_alive_agrees_on_nothing() -> None:
    stage = Stage(0)
    assert stage.agreed is None
    stage.world.run(3000.0)
    assert stage.connections == 1
    stage.end()


def test_over_udp_there_is_no_connection_to_keep() -> None:
    stage = Stage(120, "udp")
    assert stage.agreed is None
    assert stage.is_registered()
    stage.end()
