"""Simulated UEs beside a test."""

from collections.abc import Callable

import pytest

from scscf.laboratory.answer import NoAnswerError
from scscf.laboratory.mailbox import NothingCameError
from scscf.laboratory.running_scscf import RunningScscf
from scscf.laboratory.simulated_ue import SimulatedUe

MakeUe = Callable[..., SimulatedUe]
ALICE = "sip:alice@home1.test"


def test_it_answers_the_challenge_of_its_home(ue: MakeUe) -> None:
    phone = ue()

    answer = phone.register()

    assert (answer.statuses, answer.status, answer.reason) == ([401, 200], 200, "OK")
    assert [(each.uri, each.expires) for each in answer.contacts] == [(phone.contact, 600_000)]
    assert answer.header("service-route") is not None
    assert (answer.header("Retry-After"), answer.headers("Retry-After")) == (None, [])
    assert answer.text.startswith("SIP/2.0 200 OK\r\n")
    assert repr(answer) == "<200 OK>"
    assert "secret" not in repr(phone)


def test_it_says_what_it_is_told_to(ue: MakeUe) -> None:
    phone = ue(ALICE, expires=7200, headers={"User-Agent": "toaster"})

    assert phone.register(challenge=False).status == 401
    answer = phone.register(contacts=["<sip:alice@192.0.2.1>;q=0.5"], headers={"Supported": None, "X-A": ["1", "2"]})

    assert answer.contacts[0].expires == 7200
    request = answer.request
    assert (request.get("user-agent"), request.get("supported"), request.get_all("x-a")) == (
        "toaster",
        None,
        ["1", "2"],
    )
    assert phone.deregister(["<sip:alice@192.0.2.1>"]).contacts == ()


def test_it_uses_tcp_and_a_usim(ue: MakeUe, scscf: RunningScscf) -> None:
    k, opc = "465b5ce8b199b49faa5f0a2ee238a6bc", "cd63cb71954a9f4e48a5994e37a02baf"
    phone = ue("sip:erin@home1.test", k=k, opc=opc, transport="tcp")

    assert phone.register().statuses == [401, 200]
    assert scscf.registration("sip:erin@home1.test")["contacts"][0]["transport"] == "tcp"


def test_wrong_keys_are_told(ue: MakeUe) -> None:
    with pytest.raises(TypeError, match=r"transport: must be udp or tcp"):
        ue(ALICE, transport="pigeon")
    with pytest.raises(TypeError, match="feathers"):
        ue(ALICE, feathers=2)


def test_a_subscription_is_begun_refreshed_and_ended(ue: MakeUe) -> None:
    phone = ue()
    phone.register()

    subscription = phone.subscribe(expires=3600)
    first = subscription.notified()
    assert subscription.answer is not None
    assert (subscription.answer.status, subscription.state, subscription.aor) == (200, "active", ALICE)
    assert (first.state, first.expires, first.document.version, first.method) == ("active", 3600, "0", "NOTIFY")
    assert first.uri == phone.contact
    assert subscription.refresh(1800).status == 200
    assert subscription.notified().expires == 1800
    assert subscription.unsubscribe().status == 200
    last = subscription.notified()

    assert (last.state, last.reason, subscription.state) == ("terminated", "timeout", "terminated")
    assert repr(last).startswith("<NOTIFY terminated (timeout), ")
    with pytest.raises(NothingCameError, match=f"no NOTIFY about {ALICE}"):
        subscription.notified(0.01)


def test_a_subscription_that_is_refused_has_its_answer(ue: MakeUe) -> None:
    ue("sip:bob@home1.test").register()

    subscription = ue().subscribe("sip:bob@home1.test")

    assert subscription.answer is not None
    assert (subscription.answer.status, subscription.state) == (403, "notify_wait")


def test_a_watcher_has_subscribed_already(ue: MakeUe, watcher: MakeUe) -> None:
    phone = ue(ALICE)
    phone.register()
    watching = watcher(ALICE)
    assert watching.notified().document.registrations[0].state == "active"

    phone.deregister()

    assert watching.notified().document.registrations[0].state == "terminated"
    assert watching.subscription is not None
    assert watching.subscription.notified().document.version == "0"


def test_a_watcher_that_is_refused_fails(ue: MakeUe, watcher: MakeUe) -> None:
    with pytest.raises(AssertionError, match="refused: <480"):
        watcher(ALICE)
    ue(ALICE).register()
    with pytest.raises(AssertionError, match="refused: <403"):
        watcher(ALICE, by="sip:bob@home1.test")


def test_an_application_server_is_believed(ue: MakeUe, scscf: RunningScscf) -> None:
    ue(ALICE).register()
    server = ue("sip:as.home1.test", trusted=True, asserts=ALICE)

    assert server.address[0].startswith("127.2")
    subscription = server.subscribe(ALICE)

    assert subscription.answer is not None
    assert subscription.answer.statuses == [200]
    assert subscription.notified().state == "active"


def test_it_sends_and_receives(ue: MakeUe) -> None:
    phone, other = ue(ALICE), ue("sip:bob@home1.test")
    phone.register()
    other.register()

    other.answer("MESSAGE", 486, "Asleep", times=1)
    headers = {"Content-Type": "text/plain"}
    refused = phone.send("MESSAGE", "sip:bob@home1.test", headers, "wake up")
    assert (refused.status, refused.reason) == (486, "Asleep")
    assert phone.send("MESSAGE", "sip:bob@home1.test", headers, b"again").status == 200

    assert other.received("MESSAGE").body == b"wake up"
    request = other.received()
    assert (request.method, request.uri, request.header("content-type")) == ("MESSAGE", other.contact, "text/plain")
    assert repr(request) == f"<MESSAGE {other.contact}>"
    with pytest.raises(NothingCameError, match="no INVITE at sip:bob"):
        other.received("INVITE", 0.01)


def test_it_can_stay_silent(ue: MakeUe, scscf: RunningScscf) -> None:
    phone = ue(judged=False)
    phone.register()
    phone.answer("NOTIFY", None)

    phone.subscribe()

    assert phone.notified().state == "active"
    assert [each["outstanding"] for each in scscf.subscriptions(ALICE)] == [True]


def test_what_is_not_answered_times_out(ue: MakeUe, scscf: RunningScscf) -> None:
    scscf.rule("deaf", {"method": "REGISTER"}, "drop")

    with pytest.raises(NoAnswerError, match="REGISTER: no answer"):
        ue(ALICE, judged=False, t1=0.001).register()


def test_what_the_network_does_wrong_is_found(ue: MakeUe, scscf: RunningScscf) -> None:
    scscf.quirk("version-starts-at-2")
    phone, other = ue(permit=["version-not-from-0"]), ue(judged=False)
    for each in (phone, other):
        each.register()
        each.subscribe().notified()

    assert phone.findings() == other.findings() == []


def test_a_document_that_is_none_is_an_error(ue: MakeUe, scscf: RunningScscf) -> None:
    scscf.rule("bare", {"method": "NOTIFY"}, {"edit": [{"remove": "Content-Type"}]})
    phone = ue(judged=False)
    phone.register()
    notification = phone.subscribe().notified()
    notification.message.body = b""

    with pytest.raises(ValueError, match="no body"):
        _ = notification.document
