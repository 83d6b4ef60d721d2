"""Scripted behaviour of a running node: what UEs get in place of the right thing."""

from random import Random

import pytest

from hss_stub.faults import Command, Fault
from scscf.cx import Result
from scscf.net.memory import Conditions
from scscf.quirks import QUIRKS
from scscf.rules.model import RuleKeys
from scscf.rules.rules import Rule
from scscf.sip.credentials import parse_credentials
from scscf.sip.message import Request
from tests.sip.torture import RFC4475, RFC5118
from tests.system.test_hostile import VALID, mutated
from tests.usim import OPC, K, NetworkNotProved, OutOfSequence, Usim
from tests.world import SUBSCRIBERS, Client, World

TOBIAS = "sip:tobias@home1.test"


def rule(world: World, do: object, name: str = "r", **keys: object) -> Rule:
    return world.scscf.rules.set(name, RuleKeys.model_validate({"do": do, **keys}))


def phone(world: World, **more: object) -> Client:
    return world.client(username="phone@home1.test", **more)


def registered(world: World) -> bool:
    return any(each.registration(TOBIAS) for each in world.node.store.records())


def watcher_of(world: World) -> Client:
    """Return a P-CSCF that watches tobias."""
    watcher = world.client("127.0.0.4", 5060)
    assert watcher.subscribe(P_Asserted_Identity=f"<{TOBIAS}>").status == 200
    return watcher


ANSWERS = [
    ({"status": 423, "headers": {"Min-Expires": "600000"}}, ("min-expires", "600000")),
    ({"status": 305, "headers": {"Contact": "<sip:other.home1.test>"}}, ("contact", "<sip:other.home1.test>")),
    ({"status": 403, "reason": "Not You"}, None),
    ({"status": 404}, None),
    ({"status": 500}, None),
    ({"status": 503, "headers": {"Retry-After": "30"}}, ("retry-after", "30")),
    ({"status": 504, "headers": {"Content-Type": "application/3gpp-ims+xml"}, "body": "<ims-3gpp/>"}, None),
]


@pytest.mark.parametrize(("answer", "header"), ANSWERS, ids=[str(each[0]["status"]) for each in ANSWERS])
def test_a_register_is_answered_as_a_rule_says_and_changes_nothing(
    answer: dict[str, object], header: tuple[str, str] | None
) -> None:
    world = World()
    set_ = rule(world, {"answer": answer}, match={"method": "REGISTER", "phase": "authenticated"}, count=1)
    ue = phone(world)

    refused = ue.register()

    assert refused.status == answer["status"]
    assert refused.reason == answer.get("reason", refused.reason) != ""
    assert refused.body.decode() == answer.get("body", "")
    assert refused.to.tag
    if header is not None:
        assert refused.get(header[0]) == header[1]
    assert not registered(world)
    assert (set_.seen, set_.hits) == (1, 1)
    assert ue.register().status == 200
    assert (set_.seen, set_.hits) == (2, 1)


def test_a_retransmission_gets_the_same_answer_and_is_not_counted() -> None:
    world = World()
    set_ = rule(world, {"answer": {"status": 500}}, count=1)
    ue = phone(world)

    ue.send("REGISTER", headers={"Contact": f"<{ue.uri}>"})
    ue._branch -= 1
    ue.cseq -= 1
    ue.send("REGISTER", headers={"Contact": f"<{ue.uri}>"})

    first, second = ue.responses
    assert first.to_bytes() == second.to_bytes()
    assert (first.status, set_.seen, set_.hits) == (500, 1, 1)


def test_without_rules_nobody_stands_at_the_door() -> None:
    world = World()
    user = world.scscf.layer.servers.user
    assert world.scscf.endpoint.door is None

    rule(world, "drop")
    assert world.scscf.endpoint.door is not None
    assert world.scscf.layer.servers.user is not user

    assert world.scscf.rules.remove("r")
    assert world.scscf.endpoint.door is None
    assert world.scscf.layer.servers.user is user


def test_a_request_is_lost_and_each_retransmission_counts() -> None:
    world = World()
    set_ = rule(world, "drop", match={"method": "REGISTER"}, after=1, count=2)
    ue = phone(world)

    statuses = []
    for number in range(4):
        ue._branch, ue.cseq = 7, 7 if number else 6
        response = ue.send("REGISTER", headers={"Contact": f"<{ue.uri}>", "CSeq": "7 REGISTER"})
        statuses.append(response.status if response else None)

    assert statuses == [401, None, None, 401]
    assert (set_.seen, set_.hits) == (4, 2)


def test_a_response_is_lost_and_comes_again_for_the_retransmission() -> None:
    world = World()
    rule(world, "drop", match={"method": "OPTIONS", "message": "response"}, count=1)
    ue = world.client()

    assert ue.send("OPTIONS") is None
    ue._branch -= 1
    ue.cseq -= 1
    again = ue.send("OPTIONS")
    assert again is not None
    assert again.status == 200


def test_a_notify_is_lost_and_sent_again() -> None:
    world = World()
    assert phone(world).register().status == 200
    set_ = rule(world, {"drop": True}, match={"method": "NOTIFY", "direction": "out"}, count=2)
    watcher = watcher_of(world)

    assert watcher.notifies == []
    world.run(2)
    assert [each.version for each in watcher.documents()] == [0]
    assert (set_.seen, set_.hits) == (3, 2)


def test_the_answer_to_a_notify_is_lost() -> None:
    world = World()
    assert phone(world).register().status == 200
    rule(world, "drop", match={"method": "NOTIFY", "direction": "in", "status": 200}, count=1)
    watcher = watcher_of(world)
    (subscription,) = world.node.notifier.subscriptions.values()

    assert subscription.outstanding
    world.run(2)
    assert not subscription.outstanding
    assert len(watcher.notifies) == 1


def test_messages_are_late_both_ways() -> None:
    world = World()
    ue = world.client()
    rule(world, {"delay": 2}, "in", match={"method": "OPTIONS", "message": "request"})
    rule(world, {"delay": 3}, "out", match={"method": "OPTIONS", "message": "response"})

    assert ue.send("OPTIONS", seconds=4.9) is None
    world.run(0.2)
    assert [each.status for each in ue.responses] == [200]


def test_what_is_held_back_when_a_rule_goes_comes_all_the_same() -> None:
    world = World()
    ue = world.client()
    rule(world, {"delay": 2}, match={"method": "OPTIONS"})
    assert ue.send("OPTIONS") is None

    world.scscf.rules.clear()
    world.run(2)

    assert [each.status for each in ue.responses] == [200]


def test_responses_are_edited_and_their_retransmissions_likewise() -> None:
    world = World()
    edits = [
        {"set": "Expires", "value": "7"},
        {"add": "X-Test", "value": "yes"},
        {"remove": "Service-Route"},
        {"replace": "expires=[0-9]+", "with": "expires=5", "in": "Contact"},
    ]
    set_ = rule(world, {"edit": edits}, match={"method": "REGISTER", "status": 200}, count=1)
    ue = phone(world)

    granted = ue.register()
    ue._branch -= 1
    ue.cseq -= 1
    again = ue.send("REGISTER")

    assert again is not None
    for each in (granted, again):
        assert each.get("expires") == "7"
        assert each.get("x-test") == "yes"
        assert "service-route" not in each
        assert (each.get("contact") or "").endswith("expires=5")
    assert (set_.seen, set_.hits) == (1, 1)
    assert registered(world)


def test_a_notify_is_edited_for_one_contact_event() -> None:
    world = World()
    ue = phone(world)
    assert ue.register().status == 200
    edits = [
        {"replace": 'event="unregistered"', "with": 'event="rejected"', "in": "body"},
        {"replace": "5060", "with": "5061", "in": "uri"},
        {"set": "Event", "value": "reg;id=7"},
    ]
    watcher = watcher_of(world)
    rule(world, {"edit": edits}, match={"event": "unregistered"})

    assert ue.register(0).status == 200

    first, last = watcher.notifies
    assert first.get("event") == "reg"
    assert last.get("event") == "reg;id=7"
    assert last.uri_text.endswith(":5061")
    assert {event for _, _, event in watcher.documents()[1].contacts()} == {"rejected"}


PEERS = ("127.0.0.9", "127.0.0.10", "2001:db8::9")


@pytest.mark.parametrize(
    ("match", "met"),
    [
        ({}, [True, True]),
        ({"source": "127.0.0.9"}, [True, False]),
        ({"source": "127.0.0.0/29"}, [False, False]),
        ({"source": "127.0.0.10/31"}, [False, True]),
        ({"source": "2001:db8::/32"}, [False, False]),
        ({"aor": TOBIAS}, [True, False]),
        ({"aor": "sip:TOBIAS@HOME1.test:5060"}, [False, False]),
        ({"aor": "sip:carol@HOME1.TEST"}, [False, True]),
        ({"impi": "phone@home1.test"}, [True, False]),
        ({"impi": "carol@home1.test"}, [False, True]),
        ({"method": "SUBSCRIBE"}, [False, False]),
        ({"method": "REGISTER", "phase": "any", "direction": "in"}, [True, True]),
        ({"phase": "refresh"}, [False, False]),
    ],
)
def test_whom_a_rule_is_about(match: dict[str, object], met: list[bool]) -> None:
    world = World()
    set_ = rule(world, {"answer": {"status": 403}}, match=match)
    clients = [phone(world), world.client("127.0.0.10", user="carol")]

    found = []
    for client in clients:
        before = set_.hits
        client.send("REGISTER", headers={"Contact": f"<{client.uri}>"})
        found.append(set_.hits > before)

    assert found == met


def test_an_identity_of_the_implicit_set_is_meant_with_the_others_once_it_is_registered() -> None:
    world = World()
    ue = phone(world)
    assert ue.register().status == 200
    rule(world, {"answer": {"status": 500}}, match={"aor": "tel:+44123456789"})

    assert ue.subscribe().status == 500


def test_a_subscribe_is_known_by_the_binding_of_who_sends_it() -> None:
    world = World({"direct_ues": "by_flow"})
    one, other = phone(world), world.client("127.0.0.10", username="pager@home1.test")
    assert (one.register().status, other.register().status) == (200, 200)
    rule(world, {"answer": {"status": 500}}, match={"impi": "pager@home1.test", "event": "reg"})

    assert (one.subscribe().status, other.subscribe().status) == (200, 500)


PHASES = ["initial", "authenticated", "refresh", "deregister"]


def test_the_phases_of_a_registration() -> None:
    world = World()
    counted = {
        name: rule(world, {"edit": [{"add": "X-Phase", "value": name}]}, name, match={"phase": name, "status": 200})
        for name in PHASES
    }
    challenged = rule(world, {"edit": [{"add": "X", "value": "y"}]}, "c", match={"phase": "initial", "status": 401})
    ue = phone(world)

    phases = [ue.register().get("x-phase")]
    phases.append(ue.register(Authorization=ue.authorization("REGISTER", "sip:home1.test")).get("x-phase"))
    phases.append(ue.register(0, Authorization=ue.authorization("REGISTER", "sip:home1.test")).get("x-phase"))

    assert phases == ["authenticated", "refresh", "deregister"]
    assert [counted[name].hits for name in PHASES] == [0, 1, 1, 1]
    assert challenged.hits == 1


def test_the_phases_of_a_subscription() -> None:
    world = World()
    assert phone(world).register().status == 200
    rules = {
        name: rule(world, {"edit": [{"add": "X", "value": "y"}]}, name, match={"phase": name, "method": "SUBSCRIBE"})
        for name in ("initial", "refresh", "unsubscribe")
    }
    watcher = world.client("127.0.0.4", 5060)

    accepted = watcher.subscribe(P_Asserted_Identity=f"<{TOBIAS}>")
    asserted = {"P-Asserted-Identity": f"<{TOBIAS}>"}
    watcher.resubscribe(accepted, 600, **asserted)
    watcher.resubscribe(accepted, 0, **asserted)

    assert [each.hits for each in rules.values()] == [1, 1, 1]


def test_the_first_rule_that_is_due_answers() -> None:
    world = World()
    first = rule(world, {"answer": {"status": 403}}, "a", count=1)
    second = rule(world, {"answer": {"status": 404}}, "b")
    ue = world.client()

    statuses = [getattr(ue.send("OPTIONS"), "status", None) for _ in range(3)]

    assert statuses == [403, 404, 404]
    assert (first.seen, first.hits, second.seen, second.hits) == (3, 1, 2, 2)


def test_an_invite_is_answered_until_its_ack_comes() -> None:
    world = World()
    rule(world, {"answer": {"status": 486}}, match={"method": "INVITE"})
    ue = world.client()

    assert getattr(ue.send("INVITE", TOBIAS, {"Contact": f"<{ue.uri}>"}), "status", None) == 486
    world.run(1)
    assert [each.status for each in ue.responses].count(486) > 1
    ue._branch -= 1
    ue.cseq -= 1
    refused = ue.responses[-1]
    ue.send("ACK", TOBIAS, {"To": refused.get("to"), "CSeq": "1 ACK"})
    count = len(ue.responses)
    world.run(5)
    assert len(ue.responses) == count


def test_a_malformed_request_meets_a_rule_that_asks_for_nothing_of_it() -> None:
    world = World()
    asked = rule(world, {"answer": {"status": 403}}, "asked", match={"aor": TOBIAS, "phase": "initial"})
    ue = world.client()

    broken = {"From": "<<", "To": "%%", "Contact": '<"', "Authorization": "x", "Event": "reg;=;", "Expires": "00x"}
    refused = ue.send("REGISTER", headers=broken)

    assert refused is not None
    assert refused.status == 400
    assert asked.seen == 0


def test_a_rule_that_edits_on_a_stream() -> None:
    world = World()
    rule(world, {"edit": [{"set": "Server", "value": "odd"}]})
    rule(world, {"delay": 1}, "late", match={"message": "response"})
    received: list[bytes] = []

    class Receiver:
        def opened(self, raw: object) -> None:
            raw.write(  # type: ignore[attr-defined]
                b"OPTIONS sip:home1.test SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bK1\r\n"
                b"Max-Forwards: 70\r\nFrom: <sip:a@b.test>;tag=1\r\nTo: <sip:home1.test>\r\nCall-ID: 1\r\n"
                b"CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
            )

        def failed(self, detail: str) -> None:
            raise AssertionError(detail)

        def received(self, data: bytes) -> None:
            received.append(data)

        def congested(self, congested: bool) -> None:
            pass

        def lost(self, detail: str) -> None:
            pass

    world.network.connect("tcp", "127.0.0.1", 5060, "", 5, Receiver())
    world.run(0.5)
    assert received == []
    world.run(1)
    assert b"\r\nServer: odd\r\n" in received[0]


def test_notifies_know_whom_they_are_for() -> None:
    world = World()
    ue = phone(world)
    assert ue.register().status == 200
    rule(world, {"edit": [{"set": "X-For", "value": "phone"}]}, match={"method": "NOTIFY", "impi": "phone@home1.test"})
    watcher = watcher_of(world)
    assert ue.subscribe().status == 200

    assert [each.get("x-for") for each in (*ue.notifies, *watcher.notifies)] == ["phone", None]
    assert all(isinstance(each, Request) for each in ue.notifies)


ERIN = "erin@home1.test"
AKA = f"""{SUBSCRIBERS}
  - name: erin
    private_identities:
      - {{id: {ERIN}, auth: {{scheme: aka, k: {K.hex()}, opc: {OPC.hex()}}}}}
    implicit_sets: [["sip:erin@home1.test"]]
"""


@pytest.mark.parametrize("how", ["bad_mac", "old_sqn"])
@pytest.mark.clause("TS 33.102 §6.3")
def test_the_next_vector_is_wrong(how: str) -> None:
    world = World(subscribers=AKA)
    ue = world.client(user="erin", username=ERIN, usim=Usim())
    assert ue.register().status == 200
    set_ = rule(world, {"vector": how}, match={"impi": ERIN}, count=1)
    usim, ue.usim = ue.usim, None
    challenge = ue.send("REGISTER", headers={"Contact": f"<{ue.uri}>", "Authorization": ue.nameless("sip:home1.test")})
    assert challenge is not None
    assert usim is not None
    known = parse_credentials(challenge.get("www-authenticate") or "").params

    with pytest.raises(NetworkNotProved if how == "bad_mac" else OutOfSequence):
        usim.password(known["nonce"], known["algorithm"])
    assert (set_.seen, set_.hits) == (1, 1)
    ue.usim = usim
    assert ue.register().status == 200


def test_the_vector_after_a_resynchronisation_is_wrong_too() -> None:
    world = World(subscribers=AKA)
    ue = world.client(user="erin", username=ERIN, usim=Usim(sqn=1 << 20))
    set_ = rule(world, {"vector": "bad_mac"}, match={"method": "REGISTER", "impi": ERIN}, after=1)

    assert ue.register().status != 200
    assert set_.hits >= 1


@pytest.mark.clause("TS 33.102 §6.3")
@pytest.mark.parametrize("how", ["refused by the HSS", "answered by a rule"])
def test_a_register_that_gets_no_vector_is_not_counted_and_spoils_no_later_one(how: str) -> None:
    world = World(subscribers=AKA)
    ue = world.client(user="erin", username=ERIN, usim=Usim())
    set_ = rule(world, {"vector": "bad_mac"}, match={"impi": ERIN}, count=1)
    if how == "refused by the HSS":
        world.scscf.hss.faults.set(Command.MAR, Fault(result=Result.TOO_BUSY, times=1))
    else:
        rule(world, {"answer": {"status": 480}}, name="busy", count=1)

    assert ue.register().status == 480
    assert (set_.seen, set_.hits) == (0, 0)
    assert world.scscf.rules.remove("r")

    assert ue.register().status == 200


@pytest.mark.clause("TS 33.102 §6.3")
def test_a_rule_about_the_second_vector_waits_for_a_second_vector() -> None:
    world = World(subscribers=AKA)
    ue = world.client(user="erin", username=ERIN, usim=Usim())
    set_ = rule(world, {"vector": "old_sqn"}, match={"impi": ERIN}, after=1, count=1)

    assert ue.register().status == 200
    assert (set_.seen, set_.hits) == (1, 0)
    assert ue.register().status == 200
    assert (set_.seen, set_.hits) == (3, 1)


def test_an_answer_to_a_challenge_leads_to_no_vector() -> None:
    world = World(subscribers=AKA)
    ue = world.client(user="erin", username=ERIN, usim=Usim())
    set_ = rule(world, {"vector": "bad_mac"}, match={"phase": "authenticated"})

    assert ue.register().status == 200
    assert set_.seen == 0


def test_a_vector_of_who_has_no_usim_stays_as_it_is() -> None:
    world = World()
    rule(world, {"vector": "bad_mac"})

    assert phone(world).register().status == 200


def test_a_quirk_for_one_watcher_only() -> None:
    world = World()
    ue = phone(world)
    assert ue.register().status == 200
    set_ = rule(world, {"quirk": "version-starts-at-2"}, match={"source": "127.0.0.4"}, count=1)
    world.node.notifier.judge = None
    watcher = watcher_of(world)
    assert ue.subscribe().status == 200
    ue.call_id = "again"
    assert ue.register().status == 200

    assert [each.version for each in watcher.documents()] == [2, 1]
    assert [each.version for each in ue.documents()] == [0, 1]
    assert (set_.seen, set_.hits) == (2, 1)


def test_a_quirk_of_answers_for_one_identity_only() -> None:
    world = World()
    rule(world, {"quirk": "shorter-expiry"}, match={"impi": "phone@home1.test", "status": 200})
    pager = world.client("127.0.0.10", username="pager@home1.test")

    assert phone(world).register().contacts[0].parameter("expires") == "3240"
    granted = {each.uri.text: each.parameter("expires") for each in pager.register().contacts}
    assert granted[pager.uri] == "3600"


@pytest.mark.parametrize("on", [True, False])
def test_a_rule_has_notifies_of_one_watcher_leave_first(on: bool) -> None:
    world = World()
    assert phone(world).register().status == 200
    rule(world, {"quirk": "notify-before-200"}, match={"source": "127.0.0.4" if on else "127.0.0.5"})
    watcher_of(world)

    ours = [each.data[:6] for each in world.network.packets if each.destination == ("127.0.0.4", 5060)]
    assert (ours[0] == b"NOTIFY") is on


def test_an_answer_does_not_wait_for_a_notify_that_is_lost_for_long() -> None:
    world = World()
    assert phone(world).register().status == 200
    world.scscf.quirks.set("notify-before-200")
    rule(world, "drop", match={"method": "NOTIFY"})
    watcher = world.client("127.0.0.4", 5060)
    asked = {"To": f"<{TOBIAS}>", "Event": "reg", "Contact": f"<{watcher.uri}>", "P-Asserted-Identity": f"<{TOBIAS}>"}

    assert watcher.send("SUBSCRIBE", TOBIAS, asked, seconds=0.9) is None
    world.run(0.2)
    assert [each.status for each in watcher.responses] == [200]


def test_hostile_messages_meet_rules_and_quirks_and_nothing_breaks() -> None:
    world = World(conditions=Conditions(delay=0.0))
    world.node.notifier.judge = None
    assert phone(world).register().status == 200
    for name in QUIRKS:
        world.scscf.quirks.set(name)
    everything = {"aor": TOBIAS, "impi": "x@home1.test", "source": "::/0", "event": "reg", "method": "SUBSCRIBE"}
    rule(world, "drop", "a", match=everything | {"phase": "refresh"})
    rule(world, {"delay": 0.01}, "b", match={"method": "SUBSCRIBE"})
    rule(world, {"answer": {"status": 500}}, "c", match={"event": "presence"})
    rule(world, {"edit": [{"set": "To", "value": "<"}, {"replace": ".*", "with": "x", "in": "Contact"}]}, "d")
    rule(world, {"vector": "bad_mac"}, "e")
    initial = rule(world, {"quirk": "shorter-expiry"}, "f", match={"phase": "initial"})
    random = Random(5)
    attacker = world.network.datagrams("127.0.0.66", 5066, lambda data, source: None)
    seeds = [VALID, VALID.replace(b"REGISTER", b"SUBSCRIBE"), *(each.octets for each in (*RFC4475, *RFC5118))]

    for _ in range(1500):
        attacker.send(mutated(random, seeds), ("127.0.0.1", 5060))
    world.run(1)

    assert initial.seen > 50
    world.scscf.rules.clear()
    world.scscf.quirks.clear()
    assert phone(world, host="127.0.0.20").register().status == 200
