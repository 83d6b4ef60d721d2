"""The simulated UE beside a whole S-CSCF, on a heap clock."""

from collections.abc import Coroutine
from random import Random
from typing import Any, TypeVar

import pytest

from scscf.identifiers import Identifiers
from scscf.net.shell import Shell
from scscf.sip.message import Response
from scscf.sip.outbox import Failure, NextHop
from scscf.ue.answers import AnswerRule
from scscf.ue.authorization import Authorizer, Password, Secret
from scscf.ue.identity import Identity
from scscf.ue.ue import Exchange, Ue
from scscf.ue.user_agent import UserAgent, listen_at
from scscf.ue.watch import WatchState
from tests.usim import OPC, K, Usim
from tests.world import EPOCH, SUBSCRIBERS, World

T = TypeVar("T")

AKA = f"""
subscriptions:
  - name: ida
    private_identities:
      - {{id: ida@home1.test, auth: {{scheme: aka, k: {K.hex()}, opc: {OPC.hex()}, sqn: "000000000000"}}}}
    implicit_sets: [["sip:ida@home1.test"]]
"""


class Around:
    """A world with one UE in it."""

    def __init__(
        self,
        user: str = "tobias",
        impi: str = "phone@home1.test",
        secret: Secret | None = None,
        subscribers: str = SUBSCRIBERS,
        transport: str = "udp",
    ) -> None:
        self.world = World(subscribers=subscribers)
        self.agent = UserAgent(
            self.world.clock,
            self.world.network,
            listen_at("192.0.2.5", 5060),
            Identifiers(Random(3).randbytes),
        )
        self.agent.start()
        identity = Identity(f"sip:{user}@home1.test", impi, "home1.test", NextHop("127.0.0.1", 5060, transport))
        self.ue = Ue(self.agent, identity, Authorizer(impi, "home1.test", secret or Password("secret"), "0a4f113b"))
        self.ue.contact = f"<sip:{user}@192.0.2.5:5060;transport={transport}>"
        self.stage = Shell(self.world.clock)

    def do(self, coroutine: Coroutine[Any, Any, T], seconds: float = 1.0) -> T:
        """Run something the UE does and return its result."""
        promise = self.stage.perform(coroutine)
        self.world.run(seconds)
        assert promise.done
        assert self.agent.shell.bugs == 0
        return promise.result()


def statuses(exchange: Exchange) -> list[int]:
    return [reply.status for reply in exchange.replies if isinstance(reply, Response)]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_ue_registers_answers_the_challenge_and_knows_its_routes_and_identities(transport: str) -> None:
    around = Around(transport=transport)

    exchange = around.do(around.ue.register(3600))

    assert statuses(exchange) == [401, 200]
    assert around.ue.registered_until == pytest.approx(EPOCH + 3600, abs=0.1)
    assert around.ue.service_route == ("<sip:orig@127.0.0.1:5060;lr>",)
    assert around.ue.associated == ("sip:tobias@home1.test", "tel:+44123456789", "sip:gameMaster@home1.test")


def test_a_wrong_password_is_tried_once() -> None:
    around = Around(secret=Password("wrong"))

    exchange = around.do(around.ue.register())

    assert statuses(exchange) == [401, 401]
    assert around.ue.registered_until is None


def test_a_usim_ahead_of_the_network_says_so_and_is_challenged_again() -> None:
    around = Around("ida", "ida@home1.test", Usim(sqn=0x1000), AKA)

    assert statuses(around.do(around.ue.register())) == [401, 401, 200]


def test_a_network_that_does_not_prove_itself_gets_an_empty_response() -> None:
    around = Around("ida", "ida@home1.test", Usim(opc=bytes(16)), AKA)

    exchange = around.do(around.ue.register())

    assert 'response=""' in (exchange.requests[-1].get("authorization") or "")
    assert exchange.status != 200


def test_a_subscription_gets_its_documents_and_ends() -> None:
    around = Around()
    around.do(around.ue.register())
    watch, exchange = around.do(around.ue.subscribe())

    assert statuses(exchange) == [200]
    assert watch.state is WatchState.ACTIVE
    assert b'event="registered"' in watch.notified[0].request.body

    assert statuses(around.do(around.ue.resubscribe(watch, 0))) == [200]
    assert watch.state is WatchState.TERMINATED
    assert [told.state.state for told in watch.notified] == ["active", "terminated"]


def test_answers_are_as_told_and_as_often() -> None:
    around = Around()
    around.do(around.ue.register())
    around.do(around.ue.subscribe())
    around.ue.answers.add(AnswerRule("NOTIFY", 503, "Busy", [("Retry-After", "5")], delay=0.2, times=1))
    around.world.network.packets.clear()
    around.do(around.ue.register())
    around.do(around.ue.register())

    lines = [packet.data.split(b"\r\n")[0] for packet in around.world.network.packets]
    assert lines.count(b"SIP/2.0 503 Busy") == 1


def test_octets_go_out_as_they_are_and_their_answer_comes_back() -> None:
    around = Around()
    request = (
        "OPTIONS sip:home1.test SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.5:5060;branch=z9hG4bKraw\r\nMax-Forwards: 70\r\n"
        "From: <sip:a@home1.test>;tag=1\r\nTo: <sip:home1.test>\r\nCall-ID: raw\r\nCSeq: 1 OPTIONS\r\n\r\n"
    )
    promise = around.agent.transmit(request.encode(), ("127.0.0.1", 5060))
    around.world.run()

    reply = promise.result()
    assert isinstance(reply, Response)
    assert reply.status == 200


def test_silence_of_the_network_is_a_failure_after_64_times_t1() -> None:
    around = Around()
    around.ue.identity = around.ue.identity._replace(next_hop=NextHop("192.0.2.99", 5060, "udp"))

    exchange = around.do(around.ue.register(), 33)

    assert exchange.status is None
    assert isinstance(exchange.final, Failure)


def test_a_cut_connection_is_made_again_for_the_next_request() -> None:
    around = Around(transport="tcp")
    around.do(around.ue.register())

    assert around.agent.cut() == 1
    around.world.run()

    assert around.do(around.ue.register()).status == 200
