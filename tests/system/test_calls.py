"""Calls through the S-CSCF: INVITE, its dialog and its end, as both phones see them."""

import pytest

from scscf.profile.filter_criteria import ServiceProfile, SessionCase
from scscf.sip.message import Request
from tests.system.phones import ORIG, Case, Phone, ServerPhone, criterion, registered, services, world
from tests.world import World

ALICE, BOB = "sip:alice@home1.test", "sip:bob@home1.test"


@pytest.fixture
def home() -> World:
    return world()


@pytest.fixture
def alice(home: World) -> Phone:
    return registered(home, "alice", "127.0.0.10")


@pytest.fixture
def bob(home: World) -> Phone:
    phone = registered(home, "bob", "127.0.0.11")
    phone.answers = (180, 200)
    return phone


def in_dialog(phone: Phone, method: str) -> dict[str, str | list[str] | None]:
    """Return the fields of a caller's request inside the dialog that the last answer made, and keep its CSeq."""
    answer = [response for response in phone.responses if response.status == 200][-1]
    fields: dict[str, str | list[str] | None] = {
        "Route": list(reversed(answer.values("record-route"))) or None,
        "From": answer.get("from"),
        "To": answer.get("to"),
        "Call-ID": answer.call_id,
    }
    if method == "ACK":
        fields["CSeq"] = f"{answer.cseq.number} ACK"
    return fields


def hang_up_on(phone: Phone, invite: Request) -> dict[str, str | list[str] | None]:
    """Return the fields of a called phone's BYE."""
    return {
        "Route": invite.values("record-route"),
        "From": f"{invite.get('to')};tag=t{phone.host}",
        "To": invite.get("from"),
        "Call-ID": invite.call_id,
    }


def end(alice: Phone, bob: Phone) -> None:
    """Acknowledge the answer and hang up."""
    alice.send("ACK", bob.uri, in_dialog(alice, "ACK"))
    bob.answers = (200,)
    assert alice.ask("BYE", bob.uri, in_dialog(alice, "BYE")).status == 200


@pytest.mark.clause("RFC 3261 §16.4", "RFC 3261 §16.6", "TS 24.229 §5.4.3.2", "TS 24.229 §5.4.3.3")
def test_a_call_rings_is_answered_acknowledged_and_hung_up(alice: Phone, bob: Phone) -> None:
    answer = alice.ask("INVITE", BOB, {"Route": ORIG}, b"v=0")

    assert answer.status == 200
    assert [status for status in alice.statuses() if status != 100] == [180, 200]
    assert answer.contacts[0].uri.text == bob.uri
    (recorded,) = answer.values("record-route")
    assert recorded.endswith("@127.0.0.1:5060;lr>")
    end(alice, bob)
    assert bob.methods == ["INVITE", "ACK", "BYE"]
    assert all("route" not in request for request in bob.got)
    assert bob.got[1].get("max-forwards") == "69"


@pytest.mark.clause("RFC 3261 §16.4")
def test_the_called_one_may_hang_up(alice: Phone, bob: Phone) -> None:
    alice.ask("INVITE", BOB)
    alice.send("ACK", bob.uri, in_dialog(alice, "ACK"))

    assert bob.ask("BYE", alice.uri, hang_up_on(bob, bob.got[0])).status == 200
    assert alice.methods == ["BYE"]


@pytest.mark.clause("RFC 3261 §16.4")
def test_a_strict_router_before_us_is_put_up_with(alice: Phone, bob: Phone) -> None:
    alice.ask("INVITE", BOB)
    fields = in_dialog(alice, "BYE")
    route = str((fields["Route"] or [""])[0]).strip("<>")
    alice.send("ACK", bob.uri, in_dialog(alice, "ACK"))
    bob.answers = (200,)

    assert alice.ask("BYE", route, fields | {"Route": f"<{bob.uri}>"}).status == 200
    assert bob.got[-1].uri_text == bob.uri


@pytest.mark.clause("RFC 3261 §16.10", "RFC 3261 §9.2")
def test_a_call_that_rings_is_cancelled(home: World, alice: Phone, bob: Phone) -> None:
    bob.answers = (180,)
    alice.start("INVITE", BOB)
    home.run(1)
    invite = bob.got[0]
    bob.on_request = lambda request: _end_invite(bob, invite, request)
    cancelled(alice, BOB)
    home.run(0.4)

    assert [status for status in alice.statuses() if status != 100] == [180, 200, 487]
    assert bob.methods == ["INVITE", "CANCEL", "ACK"]
    alice.send("ACK", BOB, acknowledged(alice))


def _end_invite(phone: Phone, invite: Request, request: Request) -> None:
    if request.method == "CANCEL":
        phone.reply(request, 200)
        phone.reply(invite, 487)


def cancelled(phone: Phone, uri: str) -> None:
    """Send the CANCEL of the last INVITE of a phone."""
    phone.cseq -= 1
    phone._branch -= 1
    phone.send("CANCEL", uri, {"To": f"<{uri}>"}, seconds=0.0)


def acknowledged(phone: Phone) -> dict[str, str | list[str] | None]:
    """Return the fields of the ACK of a final answer that was no 2xx, and use its INVITE's branch."""
    answer = [response for response in phone.responses if response.cseq.method == "INVITE"][-1]
    via = answer.via
    return {
        "Via": f"SIP/2.0/UDP {via.host}:{via.port};branch={via.branch};rport",
        "To": answer.get("to"),
        "CSeq": f"{answer.cseq.number} ACK",
    }


@pytest.mark.clause("RFC 3261 §16.7")
def test_of_two_phones_the_first_to_answer_has_the_call(home: World, alice: Phone) -> None:
    desk = registered(home, "bob", "127.0.0.21", username="desk@home1.test")
    phone = registered(home, "bob", "127.0.0.22")
    desk.answers, phone.answers = (180,), (180, 200)
    ringing = desk.got

    def give_up(request: Request) -> None:
        if request.method == "INVITE":
            desk.reply(request, 180)
        else:
            _end_invite(desk, ringing[0], request)

    desk.on_request = give_up
    assert alice.ask("INVITE", BOB).status == 200
    home.run(1)

    assert desk.methods == ["INVITE", "CANCEL", "ACK"]
    assert phone.methods[0] == "INVITE"
    end(alice, phone)


@pytest.mark.clause("RFC 3261 §16.7")
@pytest.mark.parametrize(("status", "passed"), [(486, 486), (603, 603), (503, 500), (302, 302)])
def test_a_call_that_is_refused(alice: Phone, bob: Phone, status: int, passed: int) -> None:
    bob.answers = (100, status)

    answer = alice.ask("INVITE", BOB)
    alice.send("ACK", BOB, acknowledged(alice))

    assert answer.status == passed
    assert bob.methods == ["INVITE", "ACK"]


@pytest.mark.clause("RFC 3261 §16.9")
def test_a_phone_that_is_gone_makes_408(home: World, alice: Phone, bob: Phone) -> None:
    bob.answers = ()
    alice.start("INVITE", BOB)
    home.run(32.3)

    assert [status for status in alice.statuses() if status != 100] == [408]
    alice.send("ACK", BOB, acknowledged(alice))


@pytest.mark.clause("RFC 3261 §16.8")
def test_a_call_that_only_rings_is_ended_by_timer_c(home: World, alice: Phone, bob: Phone) -> None:
    bob.answers = (180,)
    alice.start("INVITE", BOB)
    home.run(180)
    invite = bob.got[0]
    bob.on_request = lambda request: _end_invite(bob, invite, request)
    home.run(3)

    assert bob.methods[-2:] == ["CANCEL", "ACK"]
    assert alice.statuses()[-1] == 487
    alice.send("ACK", BOB, acknowledged(alice))


@pytest.mark.parametrize(
    ("uri", "status"),
    [("sip:nobody@home1.test", 404), ("sip:carol@home1.test", 480), ("sip:hidden@home1.test", 404)],
)
def test_a_call_to_nobody(alice: Phone, uri: str, status: int) -> None:
    assert alice.ask("INVITE", uri).status == status
    alice.send("ACK", uri, acknowledged(alice))


@pytest.mark.clause("RFC 3261 §16.6")
def test_an_ack_of_no_dialog_is_dropped(home: World, alice: Phone, bob: Phone) -> None:
    alice.send("ACK", bob.uri, {"To": f"<{BOB}>;tag=1", "Route": "<sip:0123456789abcdef@127.0.0.1:5060;lr>"})
    alice.send("ACK", BOB, {"To": f"<{BOB}>;tag=1"})
    home.run(1)

    assert bob.got == []
    assert alice.responses == []


@pytest.mark.clause("RFC 3261 §16.6", "TS 24.229 §5.4.3.2", "TS 24.229 §5.4.3.3")
def test_a_call_goes_by_the_servers_of_both_and_its_end_only_by_us() -> None:
    def served(host: str, case: SessionCase) -> ServiceProfile:
        return services(criterion(0, host, Case(case)))

    home = world(
        profiles={
            ALICE: served("127.0.0.50", SessionCase.ORIGINATING_REGISTERED),
            BOB: served("127.0.0.51", SessionCase.TERMINATING_REGISTERED),
        }
    )
    alice, bob = registered(home, "alice", "127.0.0.10"), registered(home, "bob", "127.0.0.11")
    bob.answers = (180, 200)
    first, second = ServerPhone(home, "127.0.0.50"), ServerPhone(home, "127.0.0.51")

    answer = alice.ask("INVITE", BOB, {"Route": ORIG})

    assert answer.status == 200
    assert [status for status in alice.statuses() if status != 100] == [180, 200]
    assert len(answer.values("record-route")) == 3
    end(alice, bob)
    assert bob.methods == ["INVITE", "ACK", "BYE"]
    assert (first.methods, second.methods) == (["INVITE"], ["INVITE"])
    assert len(home.node.proxying) == 0


@pytest.mark.clause("TS 24.229 §5.4.3.2")
def test_a_silent_server_of_a_caller_is_cancelled_and_passed_over() -> None:
    home = world(profiles={ALICE: services(criterion(0, "127.0.0.50", Case(SessionCase.ORIGINATING_REGISTERED)))})
    alice, bob = registered(home, "alice", "127.0.0.10"), registered(home, "bob", "127.0.0.11")
    bob.answers = (180, 200)
    silent = Phone(home, "127.0.0.50", "server", 5080)
    silent.answers = ()
    alice.start("INVITE", BOB, {"Route": ORIG})
    home.run(9)

    assert [status for status in alice.statuses() if status != 100][:2] == [180, 200]
    assert set(silent.methods) == {"INVITE"}
    end(alice, bob)
