"""SUBSCRIBE and NOTIFY on a whole node: RFC 3680, RFC 6665, TS 24.229 §5.4.2."""

import pytest

from scscf.procedures.deregister import Scope, deregister
from scscf.procedures.reauthenticate import reauthenticate
from scscf.registration.registration import Event
from tests.world import Client, Document, World

TOBIAS, TEL, GAMES = "sip:tobias@home1.test", "tel:+44123456789", "sip:gameMaster@home1.test"
RFC3261 = {"home_domain": "home1.test", "dialect": "rfc3261"}


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def phone(world: World) -> Client:
    phone = world.client(username="phone@home1.test")
    assert phone.register().status == 200
    return phone


def last(client: Client) -> Document:
    return client.documents()[-1]


def dereg(world: World, event: Event = Event.DEACTIVATED, seconds: float = 1.0, **scope: str) -> None:
    world.perform(deregister(world.node, Scope(**scope), event))  # type: ignore[arg-type]
    world.run(seconds)


@pytest.mark.clause("RFC 3680 §4.3")
def test_the_first_notify_is_full_version_0_and_covers_the_set(phone: Client) -> None:
    accepted = phone.subscribe()

    assert (accepted.status, accepted.get("expires")) == (200, "600000")
    assert accepted.get("contact") == "<sip:127.0.0.1:5060>"
    document = last(phone)
    assert (document.version, document.state) == (0, "full")
    assert document.registrations() == {TOBIAS: "active", TEL: "active", GAMES: "active"}
    assert document.contacts(TOBIAS) == [(phone.uri, "active", "registered")]
    assert document.contacts(TEL) == [(phone.uri, "active", "created")]
    assert document.subscription_state == "active;expires=600000"


def test_the_notify_goes_along_the_dialog_with_tags_swapped(phone: Client) -> None:
    accepted = phone.subscribe()
    notify = phone.notifies[-1]

    assert notify.uri_text == phone.uri
    assert notify.to.tag == accepted.from_.tag
    assert notify.from_.tag == accepted.to.tag
    assert notify.call_id == accepted.call_id
    assert notify.get("event") == "reg"
    assert notify.get("content-type") == "application/reginfo+xml"


def test_a_record_route_is_the_route_of_the_notify(world: World, phone: Client) -> None:
    proxy = world.client("127.0.0.5", 5060)
    phone.subscribe(Record_Route="<sip:127.0.0.5:5060;lr>")
    notify = proxy.notifies[-1]

    assert notify.get_all("route") == ["<sip:127.0.0.5:5060;lr>"]
    assert notify.uri_text == phone.uri


def test_a_record_route_that_nothing_can_follow_is_refused_and_nothing_stays(world: World, phone: Client) -> None:
    assert phone.subscribe(Record_Route="<tel:+1;lr>").status == 400
    assert not world.node.notifier.subscriptions


@pytest.mark.clause("RFC 6665 §4.2.1")
def test_refresh_and_unsubscribe_are_told_everything_and_version_goes_on(world: World, phone: Client) -> None:
    accepted = phone.subscribe()
    refreshed = phone.resubscribe(accepted, 3600)
    ended = phone.resubscribe(accepted, 0)

    assert (refreshed.status, refreshed.get("expires"), ended.get("expires")) == (200, "3600", "0")
    assert [document.version for document in phone.documents()] == [0, 1, 2]
    assert [document.state for document in phone.documents()] == ["full"] * 3
    assert [notify.cseq.number for notify in phone.notifies] == [1, 2, 3]
    assert last(phone).subscription_state == "terminated;reason=timeout"
    assert world.node.notifier.subscriptions == {}


@pytest.mark.clause("RFC 6665 §4.2.1")
def test_a_fetch_gets_one_notify_that_ends_it(world: World, phone: Client) -> None:
    accepted = phone.subscribe(0)

    assert (accepted.status, accepted.get("expires")) == (200, "0")
    assert last(phone).subscription_state == "terminated;reason=timeout"
    assert last(phone).registrations()[TOBIAS] == "active"


@pytest.mark.clause("RFC 6665 §4.2.1")
def test_a_subscription_that_runs_out_is_ended_with_timeout(world: World, phone: Client) -> None:
    phone.subscribe(60)
    world.run(61)

    assert last(phone).subscription_state == "terminated;reason=timeout"
    assert world.node.notifier.of(TOBIAS) == []


@pytest.mark.clause("RFC 3680 §4.4")
def test_without_expires_a_subscription_lasts_3761_seconds(phone: Client) -> None:
    assert phone.subscribe(None).get("expires") == "3761"


@pytest.mark.clause("RFC 6665 §4.2.1.1")
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Event": None}, 489),
        ({"Accept": "text/plain"}, 406),
        ({"Accept": "application/reginfo+xml;q=0.5, text/plain"}, 200),
        ({"Accept": "*/*"}, 200),
        ({"Event": "reg;id=7"}, 200),
        ({"Contact": None}, 400),
        ({"Contact": ["<sip:a@127.0.0.9>", "<sip:b@127.0.0.9>"]}, 400),
        ({"Contact": "*"}, 400),
        ({"Require": "eventlist"}, 420),
    ],
)
def test_what_a_subscribe_is_answered(phone: Client, headers: dict[str, str], status: int) -> None:
    assert phone.subscribe(**headers).status == status


@pytest.mark.clause("RFC 6665 §4.2.1.1")
def test_489_says_what_is_understood(phone: Client) -> None:
    answer = phone.subscribe(aor="sip:home1.test", Event="presence")

    assert (answer.status, answer.get("allow-events")) == (489, "reg")


@pytest.mark.clause("RFC 6665 §4.2.1.1")
def test_423_for_a_subscription_that_is_too_brief() -> None:
    world = World({"reg_event": {"min_expires": 120}})
    phone = world.client(username="phone@home1.test")
    phone.register()

    brief = phone.subscribe(60)

    assert (brief.status, brief.get("min-expires")) == (423, "120")
    assert phone.subscribe(0).status == 200


@pytest.mark.clause("RFC 6665 §4.2.1.1")
def test_481_for_an_unknown_dialog(phone: Client) -> None:
    assert phone.subscribe(To=f"<{TOBIAS}>;tag=unknown").status == 481


@pytest.mark.clause("RFC 6665 §4.5.2", "RFC 6665 §8.2.1")
@pytest.mark.parametrize(
    ("first", "then", "status"),
    [
        ("reg", "reg;id=7", 403),
        ("reg;id=7", "reg", 403),
        ("reg;id=7", "reg;id=8", 403),
        ("reg;id=7", "reg;x=y;id=7", 200),
        ("reg", "presence", 489),
    ],
)
def test_a_dialog_has_one_subscription_which_its_event_id_names(
    phone: Client, first: str, then: str, status: int
) -> None:
    accepted = phone.subscribe(Event=first)

    assert phone.resubscribe(accepted, 600, Event=then).status == status
    assert {notify.get("event") for notify in phone.notifies} == {first}
    assert phone.resubscribe(accepted, 600, Event=first).status == 200


def test_a_refresh_with_a_lower_cseq_is_refused(phone: Client) -> None:
    accepted = phone.subscribe()

    assert phone.resubscribe(accepted, 600, CSeq="1 SUBSCRIBE").status == 500


@pytest.mark.clause("TS 24.229 §5.4.2.1.1")
def test_480_in_ims_where_nothing_is_bound(world: World) -> None:
    watcher = world.client(username="phone@home1.test")

    assert watcher.subscribe().status == 480


def test_480_comes_before_the_question_who_may_watch(world: World) -> None:
    pcscf = world.client("127.0.0.4", 5060)

    assert pcscf.subscribe(P_Asserted_Identity="<sip:127.0.0.4:5060>").status == 480


def test_an_asserted_user_may_watch_itself_before_it_is_registered() -> None:
    watcher = World(RFC3261).client("127.0.0.4", 5060)

    assert watcher.subscribe(P_Asserted_Identity=f"<{TOBIAS}>").status == 200
    assert watcher.subscribe(P_Asserted_Identity="<sip:dora@home1.test>").status == 403


def test_init_in_a_plain_registrar_where_nothing_is_bound_and_news_when_it_is() -> None:
    world = World(RFC3261)
    watcher = world.client(username="phone@home1.test")
    device = world.client("127.0.0.10", username="phone@home1.test")

    assert watcher.subscribe().status == 200
    assert last(watcher).registrations() == {TOBIAS: "init"}
    device.register()

    assert last(watcher).contacts(TOBIAS) == [(device.uri, "active", "registered")]
    assert last(watcher).state == "partial"


def test_a_plain_registrars_subscription_outlives_the_registration() -> None:
    world = World(RFC3261)
    watcher = world.client(username="phone@home1.test")
    device = world.client("127.0.0.10", username="phone@home1.test")
    watcher.subscribe()
    device.register()
    device.register(0)

    document = last(watcher)
    assert document.registrations()[TOBIAS] == "terminated"
    assert document.subscription_state.startswith("active")


@pytest.mark.clause("TS 24.229 §5.4.2.1.1")
def test_a_stranger_is_refused(world: World, phone: Client) -> None:
    dora = world.client("127.0.0.20", user="dora", username="dora@home1.test")

    assert dora.subscribe(aor=TOBIAS).status == 403


def test_an_asserted_identity_is_believed_of_trusted_peers_only(world: World, phone: Client) -> None:
    trusted = world.client("127.0.0.4", 5060)
    stranger = world.client("127.0.0.66", 5060)

    assert trusted.subscribe(P_Asserted_Identity=f"<{TOBIAS}>").status == 200
    assert trusted.subscribe(P_Asserted_Identity="<sip:dora@home1.test>").status == 403
    assert stranger.subscribe(P_Asserted_Identity=f"<{TOBIAS}>").status == 401


@pytest.mark.clause("TS 24.229 §5.4.2.1.1")
def test_the_p_cscf_in_the_path_may_watch(world: World) -> None:
    pcscf = world.client("127.0.0.4", 5060, username="phone@home1.test")
    assert pcscf.register(Path="<sip:term@127.0.0.4:5060;lr>", Require="path").status == 200

    accepted = pcscf.subscribe(P_Asserted_Identity="<sip:127.0.0.4:5060>")

    assert accepted.status == 200
    assert pcscf.subscribe(P_Asserted_Identity="<sip:127.0.0.5:5060>").status == 403


def test_a_user_initiated_de_registration_ends_the_leaving_ue_and_tells_the_others(world: World, phone: Client) -> None:
    pager = world.client("127.0.0.10", username="pager@home1.test")
    pager.register()
    phone.subscribe()
    pcscf = world.client("127.0.0.4", 5060)
    pcscf.subscribe(P_Asserted_Identity=f"<{TOBIAS}>")

    answer = phone.register(0)

    assert answer.get("expires") == "0"
    assert last(phone).subscription_state == "terminated;reason=noresource"
    assert last(pcscf).subscription_state.startswith("active")
    for watcher in (phone, pcscf):
        assert (phone.uri, "terminated", "unregistered") in last(watcher).contacts(TOBIAS)
        assert (pager.uri, "active", "registered") in last(watcher).contacts(TOBIAS)
        assert last(watcher).registrations() == {TOBIAS: "active", TEL: "terminated", GAMES: "terminated"}


def test_the_200_leaves_before_its_notify(world: World, phone: Client) -> None:
    phone.subscribe()
    first = len(world.network.packets)
    phone.register(0)
    sent = [packet.data[:7] for packet in world.network.packets[first:] if packet.source == ("127.0.0.1", 5060)]

    assert sent.index(b"NOTIFY ") > sent.index(b"SIP/2.0")


@pytest.mark.parametrize("event", ["unregistered", "deactivated", "rejected", "expired", "probation"])
def test_the_network_ends_with_every_event(world: World, phone: Client, event: str) -> None:
    phone.subscribe()
    retry_after = 300 if event == "probation" else None
    world.perform(deregister(world.node, Scope(aor=TOBIAS), Event(event), retry_after))
    world.run(1)

    assert {told for *_, told in last(phone).contacts()} == {event}
    assert (b'retry-after="300"' in phone.notifies[-1].body) is (event == "probation")


def test_re_authentication_shortens_and_challenges_and_then_expires(world: World, phone: Client) -> None:
    phone.subscribe()
    known_nonce = phone.credentials
    world.perform(reauthenticate(world.node, Scope(aor=TOBIAS), 60))
    world.run(1)

    assert last(phone).contacts(TOBIAS) == [(phone.uri, "active", "shortened")]
    assert b'expires="60"' in phone.notifies[-1].body
    phone.credentials = known_nonce
    uri = "sip:home1.test"
    answer = phone.send("REGISTER", uri, {"Authorization": phone.authorization("REGISTER", uri)})
    assert answer is not None
    assert answer.status == 401

    world.run(60)
    assert last(phone).contacts(TOBIAS) == [(phone.uri, "terminated", "expired")]
    assert last(phone).subscription_state == "terminated;reason=noresource"


def test_an_expiry_is_told_at_its_time(world: World) -> None:
    phone = world.client(username="phone@home1.test")
    phone.register(600)
    phone.subscribe()
    registered_at = world.node.now()
    world.run(599)
    assert len(phone.notifies) == 1
    world.run(2)

    assert last(phone).contacts(TOBIAS) == [(phone.uri, "terminated", "expired")]
    assert world.node.now() - registered_at < 602


@pytest.mark.clause("RFC 6665 §4.2.2", "RFC 5057 §5.1")
@pytest.mark.parametrize("status", [404, 405, 408, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 502, 604])
def test_an_answer_that_ends_a_subscription_ends_it(world: World, phone: Client, status: int) -> None:
    phone.answer = status
    phone.subscribe()

    assert world.node.notifier.subscriptions == {}
    told = len(phone.notifies)
    dereg(world, aor=TOBIAS)
    assert len(phone.notifies) == told


@pytest.mark.clause("RFC 6665 §4.2.2")
@pytest.mark.parametrize("status", [400, 403, 500, 503, 603])
def test_another_error_keeps_it(world: World, phone: Client, status: int) -> None:
    phone.answer = status
    phone.subscribe()
    phone.answer = 200
    dereg(world, aor=TOBIAS)

    assert last(phone).version == 1


@pytest.mark.clause("RFC 6665 §4.2.2")
def test_a_silent_watcher_is_given_up_after_64_t1_and_delays_nobody(world: World, phone: Client) -> None:
    phone.subscribe()
    dead = world.client("127.0.0.4", 5060, answer=None)
    dead.subscribe(P_Asserted_Identity=f"<{TOBIAS}>")
    dereg(world, aor=TOBIAS)

    assert last(phone).subscription_state.startswith("terminated")
    world.run(40)
    assert world.node.notifier.subscriptions == {}


def test_while_a_notify_is_out_news_is_folded_into_one(world: World, phone: Client) -> None:
    pcscf = world.client("127.0.0.4", 5060, answer=None)
    pcscf.subscribe(P_Asserted_Identity=f"<{TOBIAS}>")
    for _ in range(3):
        phone.register()
    pcscf.answer = 200
    world.run(5)

    assert [document.version for document in pcscf.documents()] == [0, 1]
    assert last(pcscf).contacts(TOBIAS) == [(phone.uri, "active", "refreshed")]


@pytest.mark.clause("RFC 3680 §4.10")
def test_a_contact_that_went_and_came_back_is_told_in_two_documents(world: World, phone: Client) -> None:
    pager = world.client("127.0.0.10", username="pager@home1.test")
    pager.register()
    pcscf = world.client("127.0.0.4", 5060, answer=None)
    pcscf.subscribe(P_Asserted_Identity=f"<{TOBIAS}>")
    pager.register(0)
    pager.register()
    pcscf.answer = 200
    world.run(5)

    told = [
        event for document in pcscf.documents()[1:] for uri, _, event in document.contacts(TOBIAS) if uri == pager.uri
    ]
    assert told == ["unregistered", "registered"]
    assert [document.version for document in pcscf.documents()] == [0, 1, 2]


@pytest.mark.clause("RFC 3680 §4.3")
def test_partial_documents_list_every_contact_of_what_changed(world: World, phone: Client) -> None:
    pager = world.client("127.0.0.10", username="pager@home1.test")
    pager.register()
    phone.subscribe()
    for subscription in world.node.notifier.subscriptions.values():
        subscription.documents = type(subscription.documents)("partial")
    pager.register(0)

    document = last(phone)
    assert document.state == "partial"
    assert document.registrations() == {TOBIAS: "active"}
    assert document.contacts(TOBIAS) == [(pager.uri, "terminated", "unregistered"), (phone.uri, "active", "registered")]


@pytest.mark.clause("RFC 6665 §4.2.2")
def test_retry_after_of_a_503_delays_the_next_notify(world: World, phone: Client) -> None:
    phone.subscribe()
    pager = world.client("127.0.0.10", username="pager@home1.test")
    pager.register()
    subscription = next(iter(world.node.notifier.subscriptions.values()))
    subscription.hold_until = world.node.now() + 30
    pager.register()
    told = len(phone.notifies)
    world.run(20)
    assert len(phone.notifies) == told
    world.run(15)

    assert len(phone.notifies) == told + 1


@pytest.mark.clause("RFC 6665 §4.2.1.2")
def test_a_refresh_from_elsewhere_is_told_at_once_and_survives_what_is_out_to_the_old_address(
    world: World, phone: Client
) -> None:
    accepted = phone.subscribe()
    phone.answer = None
    phone.register()
    world.run(2)
    moved = world.client("127.0.0.30", 5070)
    moved.cseq = phone.cseq
    assert moved.resubscribe(accepted, 600).status == 200

    assert [document.version for document in moved.documents()] == [2]
    assert last(moved).state == "full"
    assert last(moved).subscription_state == "active;expires=600"
    world.run(40)
    phone.register()
    assert [document.version for document in moved.documents()] == [2, 3]


@pytest.mark.clause("RFC 6665 §4.2.1.2")
def test_what_a_refresh_asks_for_does_not_wait_for_min_interval() -> None:
    world = World({"reg_event": {"min_interval": 5}})
    phone = world.client(username="phone@home1.test")
    phone.register()
    accepted = phone.subscribe()
    phone.register()
    assert phone.resubscribe(accepted, 600).status == 200

    assert [document.version for document in phone.documents()] == [0, 1]
    assert last(phone).contacts(TOBIAS) == [(phone.uri, "active", "refreshed")]


@pytest.mark.clause("RFC 3680 §4.10")
def test_min_interval_gathers_changes() -> None:
    world = World({"reg_event": {"min_interval": 5}})
    phone = world.client(username="phone@home1.test")
    phone.register()
    phone.subscribe()
    for _ in range(3):
        phone.register()
    assert len(phone.notifies) == 1
    world.run(6)

    assert len(phone.notifies) == 2


@pytest.mark.clause("RFC 3840 §9")
def test_contact_parameters_are_told_as_unknown_params_and_escaped(world: World) -> None:
    phone = world.client(username="phone@home1.test")
    contact = f'"B & <b>" <{phone.uri};h=b&c=d>;q=0.5;+sip.instance="<urn:gsma:imei:90420156-025763-0>";audio;x="a%s&b"'
    phone.register(contact=contact)
    phone.subscribe()
    body = phone.notifies[-1].body

    assert b"<display-name>B &amp; &lt;b&gt;</display-name>" in body
    assert (
        b'<unknown-param name="+sip.instance">&quot;&lt;urn:gsma:imei:90420156-025763-0&gt;&quot;</unknown-param>'
        in body
    )
    assert b'<unknown-param name="audio"/>' in body
    assert b'q="0.5"' in body
    assert last(phone).contacts(TOBIAS)[0][0] == f"{phone.uri};h=b&c=d"


@pytest.mark.clause("RFC 3680 §5.1")
def test_ids_are_stable_over_documents_and_subscriptions(phone: Client) -> None:
    phone.subscribe()
    phone.subscribe()
    ids = [
        [element.get("id") for element in document.root.iter() if element.get("id")] for document in phone.documents()
    ]

    assert ids[0] == ids[1]
    assert len(set(ids[0])) == len(ids[0])


@pytest.mark.clause("RFC 6665 §4.1.3")
def test_nothing_follows_terminated(world: World, phone: Client) -> None:
    phone.subscribe()
    dereg(world, aor=TOBIAS, seconds=5)
    told = len(phone.notifies)
    phone.register()
    world.run(5)

    assert len(phone.notifies) == told == 2


@pytest.mark.clause("TS 24.229 §5.4.1.6")
def test_re_authentication_with_more_time_than_is_left_tells_nobody_and_challenges(world: World, phone: Client) -> None:
    phone.subscribe()
    known_nonce, told = phone.credentials, len(phone.notifies)

    report = world.perform(reauthenticate(world.node, Scope(aor=TOBIAS), 700_000))
    world.run(1)

    assert [row.contact.binding.uri for row in report.result().removed if row.aor == TOBIAS] == [phone.uri]
    assert len(phone.notifies) == told
    phone.credentials = known_nonce
    uri = "sip:home1.test"
    assert phone.send("REGISTER", uri, {"Authorization": phone.authorization("REGISTER", uri)}).status == 401
