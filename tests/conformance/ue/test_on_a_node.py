"""The judge of UEs beside a whole node: what a UE does there by hand, well or badly."""

import pytest

from scscf.conformance.ue.judge import UeJudge
from scscf.conformance.ue.profile import UeProfile, Vector
from scscf.net.memory import Conditions
from scscf.procedures.deregister import Scope, deregister
from scscf.procedures.reauthenticate import reauthenticate
from scscf.registration.registration import Event
from scscf.sip.message import Response
from scscf.sip.parser import parse_message
from tests.usim import OPC, K, Usim
from tests.world import Client, World

TOBIAS = "sip:tobias@home1.test"
IMS = UeProfile()
CLIENT = "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=23456790;spi-s=12345679;port-c=2472;port-s=5070"
ERIN = f"""
subscriptions:
  - name: erin
    private_identities:
      - {{id: erin@home1.test, auth: {{scheme: aka, k: "{K.hex()}", opc: "{OPC.hex()}"}}}}
    implicit_sets: [["sip:erin@home1.test"]]
"""


def phone_of(world: World, **more: object) -> Client:
    return world.client(username="phone@home1.test", **more)


def found(world: World, phone: Client, judge: UeJudge) -> list[str]:
    """Show the judge what went between the node and a phone, and return the checks that it finds broken."""
    names: list[str] = []
    for packet in world.network.packets:
        direction = {packet.source: "in", packet.destination: "out"}.get((phone.host, phone.port))
        while direction and (due := judge.due()) is not None and due < packet.at:
            names += [finding.check for finding in judge.time(due)]
        if direction:
            names += [finding.check for finding in judge.observe(direction, parse_message(packet.data), packet.at)]
    now = world.clock.seconds()
    while (due := judge.due()) is not None and due <= now:
        names += [finding.check for finding in judge.time(due)]
    return names + [finding.check for finding in judge.end(now)]


def subscribed(phone: Client, registered: Response) -> Response:
    answer = phone.subscribe(Route=registered.get("service-route"))
    assert answer.status == 200
    return answer


@pytest.mark.parametrize("documents", ["full", "partial", "delta"])
@pytest.mark.parametrize("loss", [0.0, 0.2])
def test_a_life_of_a_good_ue(documents: str, loss: float) -> None:
    world = World({"reg_event": {"documents": documents}})
    phone = phone_of(world)
    accepted = subscribed(phone, phone.register(600000))
    world.network.conditions = Conditions(loss=loss, duplication=loss)
    world.run(10)
    world.perform(reauthenticate(world.node, Scope(aor=TOBIAS), 600))
    world.run(300)
    world.network.conditions = Conditions(0.001)
    phone.register(600000)
    world.run(2000)
    phone.resubscribe(accepted, 0)
    phone.register(0)
    world.run(100_000)

    assert found(world, phone, UeJudge(TOBIAS, "phone@home1.test", profile=IMS)) == []


@pytest.mark.parametrize(
    ("event", "retry_after", "wait", "names"),
    [
        (Event.DEACTIVATED, None, 5, []),
        (Event.DEACTIVATED, None, 100, ["no-register-after-deactivated"]),
        (Event.REJECTED, None, 5, ["register-after-rejected"]),
        (Event.REJECTED, None, 700, []),
        (Event.PROBATION, 300, 100, ["too-early-after-probation"]),
        (Event.PROBATION, 300, 301, []),
        (Event.PROBATION, 300, 400, ["no-register-after-probation"]),
        (Event.UNREGISTERED, None, 400, []),
    ],
)
def test_what_a_ue_makes_of_its_end(event: Event, retry_after: int | None, wait: float, names: list[str]) -> None:
    world = World()
    phone = phone_of(world)
    subscribed(phone, phone.register(600000))
    world.perform(deregister(world.node, Scope(aor=TOBIAS), event, retry_after))
    world.run(wait)
    subscribed(phone, phone.register(600000))

    assert found(world, phone, UeJudge(TOBIAS, profile=IMS)) == names


def test_a_ue_that_forgets_itself() -> None:
    world = World()
    phone = phone_of(world)
    subscribed(phone, phone.register(1800))
    world.run(5000)

    assert found(world, phone, UeJudge(TOBIAS, profile=IMS)) == ["late-refresh"]


def test_a_ue_that_does_not_answer() -> None:
    world = World()
    phone = phone_of(world, answer=None)
    subscribed(phone, phone.register(600000))
    world.run(100)

    assert found(world, phone, UeJudge(TOBIAS, profile=IMS)) == ["no-answer-to-notify"]


def test_a_ue_that_shortens_too_far_and_comes_back_too_late() -> None:
    world = World()
    phone = phone_of(world)
    assert phone.register(30).status == 423
    assert phone.register(30).status == 423
    subscribed(phone, phone.register(600000))
    world.perform(reauthenticate(world.node, Scope(aor=TOBIAS), 60))
    world.run(100)

    assert found(world, phone, UeJudge(TOBIAS, profile=IMS)) == ["ignores-423", "too-late-after-shortened"]


def test_a_ue_with_a_usim_and_a_security_agreement() -> None:
    world = World({"sec_agree": "headers"}, ERIN)
    usim = Usim()
    phone = world.client(user="erin", username="erin@home1.test", usim=usim)
    offer: dict[str, str | list[str] | None] = {
        "Require": "sec-agree",
        "Proxy-Require": "sec-agree",
        "Security-Client": CLIENT,
        "Contact": f"<{phone.uri}>",
        "Expires": "600000",
    }
    uri = "sip:home1.test"
    answer = phone.send("REGISTER", uri, offer | {"Authorization": phone.nameless(uri)})
    assert answer is not None
    phone.take_challenge(answer)
    offer["Security-Verify"] = answer.get("security-server")
    answer = phone.send("REGISTER", uri, offer | {"Authorization": phone.authorization("REGISTER", uri)})
    assert answer is not None
    assert answer.status == 200
    profile = UeProfile(aka=True, sec_agree=True, subscribes=False)
    judge = UeJudge("sip:erin@home1.test", "erin@home1.test", profile=profile, vector_of=lambda nonce: Vector.GOOD)

    assert found(world, phone, judge) == []
