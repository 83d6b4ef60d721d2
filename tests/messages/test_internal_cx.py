from collections.abc import Coroutine
from typing import Any

import pytest

from hss_stub.embedded import EmbeddedHss
from hss_stub.faults import Command, Fault
from scscf.cx import (
    DeregistrationReason,
    PushProfile,
    RegistrationTermination,
    RegistrationTerminationAnswer,
    Result,
    ServerAssignment,
)
from scscf.diameter.check import check
from scscf.diameter.identity import Identity
from scscf.diameter.message import Message, decode
from scscf.messages.facts import cx_facts
from scscf.messages.internal_cx import Exchanges, ShownCx, ShownListener
from scscf.messages.seen import Note
from tests.usim import OPC, K, Usim
from tests.world import SUBSCRIBERS, World

HOME = "home1.test"
PHONE, TOBIAS = "phone@home1.test", "sip:tobias@home1.test"


class Onlooker:
    """Keeps what it is told of, as messages."""

    def __init__(self) -> None:
        self.exchanges = Exchanges(Identity("scscf.x", HOME), Identity("hss.x", HOME), lambda: "sip:scscf.x:6060")
        self.exchanges.tell = self.tell
        self.told: list[tuple[str, bytes]] = []

    def tell(self, direction: str, note: Note) -> None:
        make, *arguments = note
        self.told.append((direction, make(*arguments)))

    def summaries(self) -> list[tuple[str, str]]:
        return [(direction, cx_facts(octets).summary) for direction, octets in self.told]

    def messages(self) -> list[Message]:
        return [decode(octets) for _, octets in self.told]


class Listener:
    async def registration_termination(self, request: RegistrationTermination) -> RegistrationTerminationAnswer:
        return RegistrationTerminationAnswer(Result.SUCCESS, (PHONE,))

    async def push_profile(self, request: PushProfile) -> Result:
        return Result.UNABLE_TO_COMPLY


def done(coroutine: Coroutine[Any, Any, Any]) -> Any:
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("it waits")


class Silent(EmbeddedHss):
    async def user_authorization(self, *_: object) -> Result:
        return Result.TIMEOUT


def shown_hss(onlooker: Onlooker, kind: type[EmbeddedHss] = EmbeddedHss) -> ShownCx:
    hss = kind(World.subscribers(SUBSCRIBERS), bytes)
    return ShownCx(hss, onlooker.exchanges, hss.faults)


@pytest.mark.clause("TS 29.229 §6.1")
def test_questions_and_answers_are_messages_that_a_peer_could_have_sent() -> None:
    onlooker = Onlooker()
    cx = shown_hss(onlooker)
    done(cx.user_authorization(PHONE, TOBIAS, None, False))
    done(cx.multimedia_auth(PHONE, TOBIAS, HOME))
    profile = done(cx.server_assignment(PHONE, TOBIAS, ServerAssignment.REGISTRATION)).profile
    done(cx.server_assignment(PHONE, TOBIAS, ServerAssignment.RE_REGISTRATION, profile))
    done(cx.server_assignment("nobody@home1.test", TOBIAS, ServerAssignment.REGISTRATION))

    assert onlooker.summaries() == [
        ("out", "UAR"),
        ("in", "UAA 2001"),
        ("out", "MAR"),
        ("in", "MAA 2001"),
        ("out", "SAR REGISTRATION"),
        ("in", "SAA 2001"),
        ("out", "SAR RE_REGISTRATION"),
        ("in", "SAA 2001"),
        ("out", "SAR REGISTRATION"),
        ("in", "SAA 5001"),
    ]
    messages = onlooker.messages()
    for message in messages[::2]:
        check(message)
        assert (message.get("Origin-Host"), message.get("Destination-Realm")) == ("scscf.x", HOME)
    for question, answer in zip(messages[::2], messages[1::2], strict=True):
        assert answer.get("Session-Id") == question.get("Session-Id")
        assert (answer.hop_by_hop, answer.end_to_end) == (question.hop_by_hop, question.end_to_end)
        assert answer.get("Origin-Host") == "hss.x"
    assert len({message.get("Session-Id") for message in messages}) == 5
    assert messages[4].get("Server-Name") == "sip:scscf.x:6060"
    assert b"<IMSSubscription>" in messages[5].get("User-Data")
    assert messages[6].get("User-Data-Already-Available") == 1
    assert messages[7].get("User-Data") is None


def test_a_question_that_nobody_answers_has_no_answer() -> None:
    onlooker = Onlooker()

    result = done(shown_hss(onlooker, Silent).user_authorization(PHONE, TOBIAS, "visited", True))

    assert result is Result.TIMEOUT
    assert onlooker.summaries() == [("out", "UAR")]


def test_what_the_hss_says_unasked_is_told_of_with_the_answer() -> None:
    onlooker = Onlooker()
    listener = ShownListener(Listener(), onlooker.exchanges)

    done(listener.registration_termination(RegistrationTermination(PHONE, DeregistrationReason.REMOVE_SCSCF)))
    done(listener.push_profile(PushProfile(PHONE, b"<IMSSubscription/>")))

    assert onlooker.summaries() == [("in", "RTR REMOVE_SCSCF"), ("out", "RTA 2001"), ("in", "PPR"), ("out", "PPA 5012")]
    requests, answers = onlooker.messages()[::2], onlooker.messages()[1::2]
    for request in requests:
        check(request)
        assert (request.get("Origin-Host"), request.get("Destination-Host")) == ("hss.x", "scscf.x")
    assert [answer.get("Origin-Host") for answer in answers] == ["scscf.x"] * 2
    assert answers[0].get("Associated-Identities") == [("User-Name", PHONE)]


def test_nothing_is_made_while_nobody_looks() -> None:
    onlooker = Onlooker()
    onlooker.exchanges.tell = None

    done(shown_hss(onlooker).multimedia_auth(PHONE, TOBIAS, HOME))
    done(ShownListener(Listener(), onlooker.exchanges).push_profile(PushProfile(PHONE)))

    assert onlooker.told == []


AKA = f"""
subscriptions:
  - name: erin
    private_identities:
      - id: "001010000000001@home1.test"
        auth: {{scheme: aka, k: {K.hex()}, opc: {OPC.hex()}}}
    implicit_sets: [["sip:erin@home1.test"]]
  - name: carol
    private_identities: [{{id: carol@home1.test, auth: {{scheme: none}}}}]
    implicit_sets: [["sip:carol@home1.test"]]
"""


def test_every_scheme_of_the_embedded_hss_can_be_shown() -> None:
    world = World(subscribers=AKA)
    usim = Usim()
    erin = world.client(user="erin", username="001010000000001@home1.test", usim=usim)
    carol = world.client("127.0.0.8", user="carol")
    assert erin.register().status == carol.register().status == 200

    vectors = [decode(seen.data) for seen in world.node.messages if seen.facts.summary.startswith("MAA")]

    items = [dict(item) for vector in vectors for item in vector.all("SIP-Auth-Data-Item")]
    assert {item["SIP-Authentication-Scheme"] for item in items} == {"Digest-AKAv1-MD5", "None"}


def test_a_question_that_is_answered_at_once_is_told_of_with_its_answer() -> None:
    world = World(subscribers=AKA)
    kept = world.node.messages
    world.client(user="carol").register()
    summaries = [seen.facts.summary for seen in kept]
    numbers = [seen.number for seen in kept]
    assert summaries[1:3] == ["UAR", "UAA 2001"]
    assert numbers == list(range(1, len(numbers) + 1))
    assert [seen.direction for seen in kept][1:3] == ["out", "in"]
    for number in (1, 2, 3):
        assert [seen.number for seen in kept.after(number)] == numbers[number:]


def test_a_question_that_is_answered_late_is_told_of_on_its_own() -> None:
    world = World(subscribers=AKA)
    assert world.scscf.hss is not None
    world.scscf.hss.faults.set(Command.SAR, Fault(delay=2))
    carol = world.client(user="carol")
    carol.send("REGISTER", "sip:home1.test", {"Contact": f"<{carol.uri}>"})
    world.run(3)

    at = {seen.facts.summary: seen.at for seen in world.node.messages}

    assert at["SAA 2001"] == pytest.approx(at["SAR REGISTRATION"] + 2)
