"""The judge of networks blames nobody wrongly, and stumbles over nothing."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scscf.conformance.network.checks import CHECKS
from scscf.conformance.network.judge import NetworkJudge
from scscf.conformance.network.view import View
from scscf.sip.message import Request, make_request
from scscf.sip.parser import Unparseable, parse_message
from tests.conformance.network.right_flows import ACTIVE, FLOWS, OVER
from tests.conformance.network.scene import CONTACT, OTHER, TEL, Scene, contact, registration


@pytest.mark.parametrize("play", FLOWS, ids=lambda play: play.__name__)
def test_nothing_is_found(play: Callable[[Scene], object]) -> None:
    scene = Scene()
    play(scene)

    assert scene.end(7) == []


def test_what_is_sent_again_is_not_judged_again() -> None:
    scene = Scene().watched()
    notify = scene.notify(ACTIVE, fields={"Event": "reg;id=7"})
    assert scene.checks == ["notify-event-differs"]

    scene.wait(0.5)
    scene.see("in", notify)

    assert scene.end(40) == ["notify-event-differs"]


def test_where_messages_are_lost_a_notify_may_come_as_late_as_its_last_try() -> None:
    scene = Scene()
    request = scene.ask("REGISTER", {"Contact": f"<{CONTACT}>", "Expires": "3600"})
    scene.wait(0.5)
    scene.see("out", request)
    scene.answer(request, 200, {"Contact": f"<{CONTACT}>;expires=3600"})
    scene.subscribe()
    scene.wait(31)
    scene.notify(ACTIVE, subscription="active;expires=7199")

    assert scene.end() == []


def test_a_notify_that_was_delayed_is_judged_by_when_it_was_made() -> None:
    scene = Scene()
    request = scene.ask("REGISTER", {"Contact": f"<{CONTACT}>", "Expires": "3600"})
    scene.see("out", request)
    scene.answer(request, 200, {"Contact": f"<{CONTACT}>;expires=3600"})
    scene.subscribe()
    scene.notify(ACTIVE)
    scene.wait(20)
    scene.notify(registration(contact(expires=3596)), subscription="active;expires=7196")
    scene.wait(20)
    scene.notify(registration(contact(expires=3560)))

    assert scene.end() == []


def test_versions_wrap() -> None:
    view = View()
    assert [check for check, _ in view.judge_version("0")] == []
    view.version = 2**32 - 1

    assert [check for check, _ in view.judge_version("0")] == []
    assert [check for check, _ in view.judge_version(str(2**32 - 1))] == ["version-goes-back"]
    assert [check for check, _ in view.judge_version("many")] == []


def test_a_200_that_was_lost_makes_no_notify_come_too_early() -> None:
    scene = Scene().watched()
    request = scene.ask("REGISTER", {"Contact": f"<{CONTACT}>", "Expires": "0"})
    scene.notify(OVER, subscription="terminated;reason=noresource")
    scene.wait(0.5)
    scene.see("out", request)
    scene.answer(request, 200)

    assert scene.end(40) == []


def test_a_datagram_that_was_sent_once_may_be_lost() -> None:
    scene = Scene()
    scene.ask("REGISTER", {"Contact": f"<{CONTACT}>"})

    assert scene.end(100) == []


def test_over_tcp_every_request_is_owed_an_answer() -> None:
    scene = Scene()
    scene.ask("REGISTER", {"Via": "SIP/2.0/TCP 192.0.2.5:5060;branch=z9hG4bKt"})

    assert scene.end(33) == ["not-answered"]


def test_what_was_before_the_first_message_is_not_held_against_the_network() -> None:
    scene = Scene(from_start=False)
    scene.notify(registration(contact(id="c9")), version=7)

    assert scene.end(7) == []


def test_what_is_owed_says_by_when() -> None:
    scene = Scene()
    assert scene.judge.due() is None
    scene.subscribe()

    due = scene.judge.due()
    assert due == scene.now + 6
    scene.now = due
    assert set(scene.end()) == {"no-notify-after-subscribe", "no-full-state-after-subscribe"}
    assert scene.judge.due() is None


def test_an_answer_to_what_cannot_be_read_may_lack_the_same() -> None:
    scene = Scene()
    request = scene.ask("REGISTER", {"Call-ID": None})
    scene.answer(request, 400)

    assert scene.end(7) == []


def test_a_document_that_refers_elsewhere_is_no_document() -> None:
    scene = Scene().watched()
    scene.notify(body=b'<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]><r>&e;</r>')

    assert scene.checks == ["reginfo-not-well-formed"]
    assert all(len(finding.message) <= 400 for finding in scene.found)


_FIELDS = st.sampled_from(
    ["From", "To", "Call-ID", "CSeq", "Contact", "Expires", "Event", "Subscription-State", "Via", "Min-Expires"]
)
_VALUES = st.one_of(
    st.sampled_from(["", "*", "<", "a;b;a", "99999999999999999999", "-1", "<sip:a>;tag=", ";", '"', "reg;id=", "1 X"]),
    st.text(st.characters(exclude_characters="\r\n", exclude_categories=("Cs",)), max_size=12),
)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 4), _FIELDS, _VALUES), max_size=8))
def test_whatever_comes_it_is_judged_and_not_stumbled_over(changes: list[tuple[int, str, str]]) -> None:
    scene = Scene()
    plays = (
        lambda fields: scene.register(told=fields),
        lambda fields: scene.register(asked=fields),
        lambda fields: scene.subscribe(told=fields),
        lambda fields: scene.subscribe(asked=fields),
        lambda fields: scene.notify(ACTIVE, fields=fields),
    )
    scene.watched()
    for index, name, value in changes:
        with suppress(Unparseable):
            plays[index]({name: value})

    assert set(scene.end(40)) <= set(CHECKS)


@settings(max_examples=60)
@given(st.binary(max_size=60), st.integers(0, 400))
def test_a_document_with_anything_in_it_is_judged(junk: bytes, at: int) -> None:
    scene = Scene().watched(callid="r@ue", cseq=1)
    body = scene.document(ACTIVE, registration(contact(OTHER, id="c2"), aor=TEL, id="r2"))
    scene.notify(body=body[:at] + junk + body[at:])

    assert set(scene.end(7)) <= set(CHECKS)


def test_messages_that_cannot_be_read_at_all() -> None:
    judge = NetworkJudge()
    bare: Request = make_request("NOTIFY", "sip:a", [])

    assert [finding.check for finding in judge.observe("in", bare, 0.0)] == ["notify-unreadable"]
    assert judge.observe("out", bare, 0.0) == []
    answer = parse_message(b"SIP/2.0 200 OK\r\n\r\n")
    assert judge.observe("out", answer, 0.0) == []
    assert judge.end(100.0) == []
