"""The registration state in IMS: who may watch it and what they are told (TS 24.229 §5.4.2.1, RFC 5628)."""

import re

import pytest
from lxml import etree

from scscf.cx import DeregistrationReason
from scscf.procedures.deregister import KIND_OF_REASON, Scope, as_failed, deregister, terminate
from scscf.procedures.reauthenticate import reauthenticate
from scscf.registration.change import CauseKind
from scscf.registration.registration import Event
from tests.world import NS, Client, Document, World

TOBIAS, TEL, GAMES = "sip:tobias@home1.test", "tel:+44123456789", "sip:gameMaster@home1.test"
IMEI = "urn:gsma:imei:90420156-025763-0"
INSTANCE = f'+sip.instance="<{IMEI}>"'
GR = "{urn:ietf:params:xml:ns:gruuinfo}"
ERE = "{urn:3gpp:ns:extRegExp:1.0}"
P_CSCF = "127.0.0.4"

SUBSCRIBERS = """
subscriptions:
  - name: tobias
    private_identities:
      - {id: phone@home1.test, auth: {scheme: digest, password: secret}}
      - {id: pager@home1.test, auth: {scheme: digest, password: secret}, identities: ["sip:tobias@home1.test"]}
    implicit_sets:
      - ["sip:tobias@home1.test", "tel:+44123456789", "sip:gameMaster@home1.test"]
    service_profiles:
      default:
        initial_filter_criteria:
          - {priority: 0, server: "sip:presence@as.home1.test:5090;lr", trigger: {method: PUBLISH}}
  - name: erika
    private_identities: [{id: erika@home1.test, auth: {scheme: none}}]
    implicit_sets:
      - [{id: "sip:0010101@home1.test", barred: true}, "sip:erika@home1.test", "tel:+15550001"]
  - name: desks
    private_identities: [{id: desks@home1.test, auth: {scheme: none}}]
    implicit_sets:
      - ["sip:front@home1.test", {id: "sip:desk!.*!@home1.test", wildcarded: true}]
  - name: carol
    private_identities: [{id: carol@home1.test, auth: {scheme: none}}]
    implicit_sets: [["sip:carol@home1.test"]]
"""


@pytest.fixture
def world() -> World:
    return World(subscribers=SUBSCRIBERS)


@pytest.fixture
def phone(world: World) -> Client:
    phone = world.client(username="phone@home1.test")
    assert phone.register().status == 200
    return phone


@pytest.fixture
def p_cscf(world: World) -> Client:
    return world.client(P_CSCF, 5060, username="phone@home1.test")


def last(client: Client) -> Document:
    return client.documents()[-1]


def element(document: Document, name: str, aor: str = TOBIAS) -> list[etree._Element]:
    """Return the elements of a name inside the registration of an address of record."""
    for registration in document.root.iterfind("r:registration", NS):
        if registration.get("aor") == aor:
            return list(registration.iter(name))
    return []


class TestWhoMayWatch:
    """TS 24.229 §5.4.2.1.1 step 1."""

    pytestmark = pytest.mark.clause("TS 24.229 §5.4.2.1.1")

    @pytest.mark.parametrize("asserted", [TOBIAS, TEL, GAMES])
    @pytest.mark.parametrize("aor", [TOBIAS, GAMES])
    def test_every_identity_of_the_user(self, phone: Client, p_cscf: Client, asserted: str, aor: str) -> None:
        assert p_cscf.subscribe(aor=aor, P_Asserted_Identity=f"<{asserted}>").status == 200

    def test_another_device_of_the_user_even_where_it_registers_fewer_identities(
        self, world: World, phone: Client
    ) -> None:
        pager = world.client("127.0.0.10", username="pager@home1.test")
        pager.register()

        assert pager.subscribe(aor=TOBIAS).status == 200
        assert pager.subscribe(aor=GAMES).status == 200

    def test_nobody_else(self, world: World, phone: Client, p_cscf: Client) -> None:
        carol = world.client("127.0.0.11", user="carol")
        carol.register()

        assert carol.subscribe(aor=TOBIAS).status == 403
        assert p_cscf.subscribe(P_Asserted_Identity="<sip:carol@home1.test>").status == 403
        assert p_cscf.subscribe(P_Asserted_Identity="<sip:127.0.0.4:5060>").status == 403

    def test_whoever_stands_in_the_path(self, world: World, p_cscf: Client) -> None:
        path = ["<sip:term@127.0.0.4:5060;lr>, <sip:ibcf.visited.test;lr>"]
        assert p_cscf.register(Path=path, Require="path").status == 200

        def status(asserted: str) -> int:
            return p_cscf.subscribe(P_Asserted_Identity=f"<{asserted}>").status

        assert status("sip:127.0.0.4") == 200
        assert status("sip:ibcf.visited.test:5060") == 200
        assert status("sip:IBCF.visited.test") == 200
        assert status("sip:ibcf.visited.test:5070") == 403
        assert status("sip:other.visited.test") == 403

    def test_an_application_server_of_the_filter_criteria(self, world: World, phone: Client, p_cscf: Client) -> None:
        def status(client: Client, asserted: str) -> int:
            return client.subscribe(P_Asserted_Identity=f"<{asserted}>").status

        assert status(p_cscf, "sip:presence@as.home1.test:5090") == 200
        assert status(p_cscf, "sip:as.home1.test:5090") == 403
        assert status(p_cscf, "sip:presence@as.home1.test") == 403
        assert status(world.client("127.0.0.5", user="pager"), "sip:presence@as.home1.test:5090") == 403

    def test_a_barred_identity_neither_watches_nor_is_watched(self, world: World, p_cscf: Client) -> None:
        phone = world.client(user="erika")
        assert phone.register().status == 200
        barred = world.client("127.0.0.10", user="0010101")

        assert p_cscf.subscribe(aor=phone.aor, P_Asserted_Identity=f"<{barred.aor}>").status == 403
        assert p_cscf.subscribe(aor=barred.aor, P_Asserted_Identity=f"<{phone.aor}>").status == 403
        assert barred.subscribe(aor=phone.aor).status == 403
        assert phone.subscribe(aor=barred.aor).status == 403
        assert phone.subscribe().status == 200
        assert list(last(phone).registrations()) == [phone.aor, "tel:+15550001"]

    def test_nobody_where_nothing_but_an_emergency_contact_is_bound(self, phone: Client) -> None:
        phone.register(contact=f"<{phone.uri};sos>")
        phone.subscribe()
        assert phone.register(0).status == 200
        assert last(phone).subscription_state == "terminated;reason=noresource"
        assert b"sos" not in b"".join(notify.body for notify in phone.notifies)

        assert phone.subscribe().status == 480

    def test_480_comes_before_403(self, world: World, p_cscf: Client) -> None:
        assert p_cscf.subscribe(P_Asserted_Identity="<sip:carol@home1.test>").status == 480


class TestWildcards:
    """TS 24.229 §5.4.2.1.2, §7.10.2 [from memory]."""

    pytestmark = pytest.mark.clause("TS 24.229 §7.10.2")

    def test_a_wildcarded_identity_is_told_of_with_a_uri_that_it_stands_for(self, world: World) -> None:
        front = world.client(user="front")
        front.register()
        assert front.subscribe().status == 200

        document = last(front)
        assert document.registrations() == {"sip:front@home1.test": "active", "sip:deskwildcard@home1.test": "active"}
        registration = document.root.findall("r:registration", NS)[1]
        assert [child.tag.rpartition("}")[2] for child in registration] == ["contact", "wildcardedIdentity"]
        assert registration.findtext(f"{ERE}wildcardedIdentity") == "sip:desk!.*!@home1.test"

    def test_an_identity_of_the_range_may_be_watched_and_may_watch(self, world: World, p_cscf: Client) -> None:
        front = world.client(user="front")
        front.register()

        assert front.subscribe(aor="sip:desk17@home1.test").status == 200
        accepted = p_cscf.subscribe(aor=front.aor, P_Asserted_Identity="<sip:desk17@home1.test>")
        assert accepted.status == 200
        front.register(0)
        for watcher in (front, p_cscf):
            assert set(last(watcher).registrations().values()) == {"terminated"}
            assert last(watcher).subscription_state.startswith("terminated")
            assert len(element(last(watcher), f"{ERE}wildcardedIdentity", "sip:deskwildcard@home1.test")) == 1


class TestGruus:
    """RFC 5628 §5."""

    pytestmark = pytest.mark.clause("RFC 5628 §5")

    def test_the_owner_is_told_of_public_and_temporary_gruus_of_each_identity(self, world: World) -> None:
        phone = world.client(username="phone@home1.test")
        for _ in range(2):
            phone.register(contact=f"<{phone.uri}>;{INSTANCE}", Supported="gruu")
        answer = phone.register(contact=f"<{phone.uri}>;{INSTANCE}", Supported="gruu")
        phone.subscribe()

        document = last(phone)
        (public,) = element(document, f"{GR}pub-gruu")
        (temporary,) = element(document, f"{GR}temp-gruu")
        assert public.get("uri") == f"{TOBIAS};gr={IMEI}"
        assert f'"{temporary.get("uri")}"' in (answer.get("contact") or "")
        assert temporary.get("first-cseq") == "2"
        assert element(document, f"{GR}pub-gruu", GAMES)[0].get("uri") == f"{GAMES};gr={IMEI}"
        assert element(document, f"{GR}temp-gruu", GAMES)[0].get("uri") != temporary.get("uri")
        assert element(document, f"{GR}pub-gruu", TEL) == element(document, f"{GR}temp-gruu", TEL) == []
        names = {each.get("name") for each in document.root.iter("{urn:ietf:params:xml:ns:reginfo}unknown-param")}
        assert names == {"+sip.instance"}

    def test_others_are_told_of_the_public_ones_only(self, world: World, p_cscf: Client) -> None:
        path = "<sip:term@127.0.0.4:5060;lr>"
        p_cscf.register(contact=f"<{p_cscf.uri}>;{INSTANCE}", Supported="gruu, path", Path=path)
        other = world.client(P_CSCF, 5062)
        p_cscf.subscribe(P_Asserted_Identity=f"<{TOBIAS}>")
        other.subscribe(P_Asserted_Identity="<sip:127.0.0.4:5060>")
        p_cscf.register(contact=f"<{p_cscf.uri}>;{INSTANCE}", Supported="gruu, path", Path=path)

        assert len(p_cscf.notifies) == len(other.notifies) == 2
        for document in p_cscf.documents():
            assert len(element(document, f"{GR}temp-gruu")) == 1
        for document in other.documents():
            assert len(element(document, f"{GR}pub-gruu")) == 1
            assert element(document, f"{GR}temp-gruu") == []

    def test_two_flows_of_an_instance_have_the_same_and_what_has_ended_no_temporary_one(self, world: World) -> None:
        phone = world.client(username="phone@home1.test")
        flows = [f"<{phone.uri}>;{INSTANCE};reg-id={number}" for number in (1, 2)]
        for flow in flows:
            answer = phone.register(contact=flow, Supported="gruu, outbound, path")
            assert answer.status == 200
        phone.subscribe()
        temporary = element(last(phone), f"{GR}temp-gruu")
        assert [each.get("first-cseq") for each in temporary] == ["2", "2"]
        assert len({each.get("uri") for each in temporary}) == 1
        assert len({each.get("uri") for each in element(last(phone), f"{GR}pub-gruu")}) == 1
        assert f'"{temporary[0].get("uri")}"' in (answer.get_all("contact")[-1])

        for flow, left in zip(flows, (2, 0), strict=True):
            phone.register(0, contact=flow, Supported="gruu, outbound, path")
            assert len(element(last(phone), f"{GR}temp-gruu")) == left

    @pytest.mark.parametrize(("contact", "supported"), [(f";{INSTANCE}", None), ("", "gruu")])
    def test_who_did_not_ask_for_them_has_none(self, world: World, contact: str, supported: str | None) -> None:
        phone = world.client(username="phone@home1.test")
        phone.register(contact=f'<{phone.uri}>{contact};pub-gruu="sip:x"', Supported=supported)
        phone.subscribe()

        assert b"gruu" not in phone.notifies[-1].body

    @pytest.mark.clause("RFC 5627 §4.3")
    @pytest.mark.parametrize("kind", ["pub-gruu", "temp-gruu"])
    def test_a_ue_may_subscribe_with_a_gruu_as_its_contact(self, world: World, p_cscf: Client, kind: str) -> None:
        pager = world.client("127.0.0.10", username="pager@home1.test")
        pager.register()
        phone = world.client(username="phone@home1.test")
        answer = phone.register(contact=f"<{phone.uri}>;{INSTANCE}", Supported="gruu")
        found = re.search(f';{kind}="([^"]*)"', " ".join(answer.get_all("contact")))
        assert found is not None

        assert phone.subscribe(Contact=f"<{found[1]}>").status == 200
        assert len(phone.notifies) == 1
        phone.register(0, contact=f"<{phone.uri}>;{INSTANCE}", Supported="gruu")

        assert last(phone).registrations()[TOBIAS] == "active"
        assert last(phone).subscription_state == "terminated;reason=noresource"

    @pytest.mark.clause("RFC 5627 §6.1", "RFC 5627 §4.3")
    @pytest.mark.parametrize("kind", ["pub-gruu", "temp-gruu"])
    def test_behind_a_p_cscf_the_notify_names_what_the_gruu_stands_for(
        self, world: World, p_cscf: Client, kind: str
    ) -> None:
        path = "<sip:term@127.0.0.4:5060;lr>"
        own = "sip:tobias@192.0.2.9:5070"
        answer = p_cscf.register(contact=f"<{own}>;{INSTANCE}", Supported="gruu, path", Path=path)
        found = re.search(f';{kind}="([^"]*)"', " ".join(answer.get_all("contact")))
        assert found is not None
        p_cscf.subscribe(Contact=f"<{found[1]}>", P_Asserted_Identity=f"<{TOBIAS}>", Record_Route=path)
        moved = "sip:tobias@192.0.2.10:5070"
        p_cscf.register(contact=f"<{moved}>;{INSTANCE}", Supported="gruu, path", Path=path)
        p_cscf.register(0, contact=f"<{moved}>;{INSTANCE}", Supported="gruu, path", Path=path)

        assert [notify.uri_text for notify in p_cscf.notifies] == [own, moved, moved]
        assert {tuple(notify.get_all("route")) for notify in p_cscf.notifies} == {(path,)}
        assert last(p_cscf).subscription_state == "terminated;reason=noresource"


class TestOwnContact:
    """Which contact is the watcher's own."""

    pytestmark = pytest.mark.clause("TS 24.229 §5.4.2.1.2")

    @pytest.fixture
    def pager(self, world: World) -> Client:
        pager = world.client("127.0.0.10", username="pager@home1.test")
        assert pager.register().status == 200
        return pager

    @pytest.mark.parametrize(
        "contact",
        [
            "<sip:tobias@127.0.0.9:5070>",
            "<sip:%74obias@127.0.0.9:5070>",
            '<sip:elsewhere@127.0.0.9:5070>;+sip.instance="<urn:gsma:imei:90420156-025763-0>"',
            "<sip:elsewhere@127.0.0.9:5070>",
        ],
        ids=["URI", "equal URI", "instance", "flow"],
    )
    def test_it_is_known_by_uri_instance_or_flow(self, world: World, pager: Client, contact: str) -> None:
        phone = world.client(username="phone@home1.test")
        own = f"<{phone.uri}>;{INSTANCE}"
        phone.register(contact=own)
        phone.subscribe(Contact=contact)
        phone.register(0, contact=own)

        ended = next(iter(world.node.notifier.ended), None)
        assert ended is not None
        assert ended.reason == "noresource"

    def test_one_that_is_only_replaced_is_no_end(self, world: World, pager: Client) -> None:
        phone = world.client(username="phone@home1.test")
        phone.register(contact=f"<{phone.uri}>;{INSTANCE}")
        phone.subscribe(Contact=f"<{phone.uri}>;{INSTANCE}")
        phone.register(contact=f"<sip:tobias@127.0.0.30>;{INSTANCE}")

        assert [row for row in last(phone).contacts(TOBIAS) if row[0] != pager.uri] == [
            (phone.uri, "terminated", "deactivated"),
            ("sip:tobias@127.0.0.30", "active", "registered"),
        ]
        assert last(phone).subscription_state.startswith("active")

    def test_one_that_is_replaced_is_no_end_even_where_nothing_but_its_uri_is_known(
        self, world: World, pager: Client
    ) -> None:
        phone = world.client(username="phone@home1.test")
        phone.register()
        accepted = phone.subscribe()
        moved = world.client("127.0.0.30", username="phone@home1.test")
        moved.register()
        assert last(phone).subscription_state.startswith("active")
        assert (phone.uri, "terminated", "deactivated") in last(phone).contacts(TOBIAS)

        moved.cseq = phone.cseq
        assert moved.resubscribe(accepted, 600).status == 200
        moved.register(0)
        assert last(moved).registrations()[TOBIAS] == "active"
        assert last(moved).subscription_state == "terminated;reason=noresource"

    @pytest.mark.parametrize("params", ["", f";{INSTANCE}"])
    def test_what_is_left_for_emergency_calls_does_not_count(self, world: World, pager: Client, params: str) -> None:
        phone = world.client(username="phone@home1.test")
        phone.register(contact=f"<{phone.uri}>{params}")
        phone.register(contact=f"<{phone.uri};sos>{params}")
        phone.subscribe(Contact=f"<{phone.uri}>{params}")
        phone.register(0, contact=f"<{phone.uri}>{params}")

        assert last(phone).registrations()[TOBIAS] == "active"
        assert last(phone).subscription_state == "terminated;reason=noresource"

    def test_one_of_two_flows_is_no_end(self, world: World, pager: Client) -> None:
        phone = world.client(username="phone@home1.test")
        flows = [f"<{phone.uri}>;{INSTANCE};reg-id={number}" for number in (1, 2)]
        for flow in flows:
            phone.register(contact=flow, Supported="outbound, path")
        phone.subscribe()
        for flow, state in zip(flows, ("active", "terminated"), strict=True):
            phone.register(0, contact=flow, Supported="outbound, path")
            assert last(phone).subscription_state.startswith(state)
            assert last(phone).registrations()[TOBIAS] == "active"

    @pytest.mark.clause("RFC 3680 §5.1")
    def test_a_flow_that_moves_to_another_uri_is_another_contact(self, world: World, pager: Client) -> None:
        phone = world.client(username="phone@home1.test")
        flow, other = f"{INSTANCE};reg-id=1", "sip:tobias@127.0.0.9:6000"
        phone.register(contact=f"<{phone.uri}>;{flow}", Supported="outbound, path")
        phone.subscribe(Contact=f"<{phone.uri}>;{INSTANCE}")
        for uri in (other, phone.uri):
            phone.register(contact=f"<{uri}>;{flow}", Supported="outbound, path")

        ids = set()
        for document, (old, new) in zip(phone.documents()[1:], [(phone.uri, other), (other, phone.uri)], strict=True):
            assert [row for row in document.contacts(TOBIAS) if row[0] != pager.uri] == [
                (old, "terminated", "deactivated"),
                (new, "active", "registered"),
            ]
            assert document.subscription_state.startswith("active")
            for contact in document.root.iterfind(f"r:registration[@aor='{TOBIAS}']/r:contact", NS):
                ids.add((contact.get("id"), contact.findtext("r:uri", "", NS)))
        assert len({name for name, _ in ids}) == len(ids) == 3


class TestCauses:
    """Each cause has its contact event and its Subscription-State reason, and `causes` overrides both."""

    pytestmark = pytest.mark.clause("TS 24.229 §5.4.2.1.2", "RFC 3680 §4.7.2")

    @pytest.mark.parametrize(
        ("reason", "event"),
        [(DeregistrationReason.PERMANENT_TERMINATION, "rejected"), (DeregistrationReason.SERVER_CHANGE, "deactivated")],
    )
    @pytest.mark.clause("TS 29.228 §6.1.3")
    def test_reasons_of_the_hss(self, world: World, phone: Client, reason: DeregistrationReason, event: str) -> None:
        phone.subscribe()
        end_by_hss(world, reason)

        assert {row[2] for row in last(phone).contacts()} == {event}
        assert last(phone).subscription_state == "terminated;reason=noresource"

    @pytest.mark.parametrize("reason", [DeregistrationReason.NEW_SERVER_ASSIGNED, DeregistrationReason.REMOVE_SCSCF])
    @pytest.mark.clause("TS 29.228 §6.1.3")
    def test_silent_ones_tell_nobody_and_end_the_subscriptions(
        self, world: World, phone: Client, reason: DeregistrationReason
    ) -> None:
        phone.subscribe()
        end_by_hss(world, reason)

        assert len(phone.notifies) == 1
        assert world.node.notifier.subscriptions == {}
        assert len(world.node.store) == 0

    def test_the_default_of_an_application_server_s_failure(self, world: World, phone: Client) -> None:
        phone.subscribe()
        world.perform(as_failed(world.node, "tobias", "phone@home1.test", [TOBIAS, TEL, GAMES]))
        world.run()

        assert {row[2] for row in last(phone).contacts()} == {"rejected"}

    @pytest.mark.parametrize("cause", [kind for kind in CauseKind if kind in (*KIND_OF_REASON.values(),)])
    def test_configuration_overrides_event_and_reason(self, cause: CauseKind) -> None:
        world = World({"causes": {cause.value: {"event": "probation", "reason": "giveup"}}}, SUBSCRIBERS)
        phone = world.client(username="phone@home1.test")
        phone.register()
        phone.subscribe()
        world.perform(terminate(world.node, "phone@home1.test", (), cause))
        world.run()

        assert {row[2] for row in last(phone).contacts()} == {"probation"}
        assert last(phone).subscription_state.startswith("terminated;reason=giveup")

    def test_configuration_overrides_what_a_user_and_an_expiry_say(self) -> None:
        causes = {"user": {"event": "deactivated", "reason": "rejected"}, "expiry": {"event": "unregistered"}}
        world = World({"causes": causes}, SUBSCRIBERS)
        phone, carol = world.client(username="phone@home1.test"), world.client("127.0.0.11", user="carol")
        for client in (phone, carol):
            client.register(60)
            client.subscribe()
        phone.register(0)
        world.run(70)

        assert {row[2] for row in last(phone).contacts()} == {"deactivated"}
        assert last(phone).subscription_state == "terminated;reason=rejected"
        assert {row[2] for row in last(carol).contacts()} == {"unregistered"}
        assert last(carol).subscription_state == "terminated;reason=noresource"


@pytest.mark.clause("RFC 6665 §4.1.3")
@pytest.mark.parametrize("reason", ["deactivated", "timeout", "rejected", "noresource", "giveup", "invariant"])
def test_the_reason_of_the_end_is_configured(reason: str) -> None:
    world = World({"reg_event": {"terminated_reason": reason}}, SUBSCRIBERS)
    phone = world.client(username="phone@home1.test")
    phone.register()
    phone.subscribe()
    phone.register(0)

    assert last(phone).subscription_state == f"terminated;reason={reason}"


@pytest.mark.clause("RFC 6665 §4.1.3")
def test_a_watcher_is_told_when_to_come_back(world: World, phone: Client) -> None:
    phone.subscribe()
    world.perform(deregister(world.node, Scope(aor=TOBIAS), Event.PROBATION, 300, "probation"))
    world.run()

    assert last(phone).subscription_state == "terminated;reason=probation;retry-after=300"


@pytest.mark.clause("RFC 3680 §5.1")
def test_all_nine_contact_events_are_told(world: World, p_cscf: Client) -> None:
    told: set[str] = set()

    def hear() -> None:
        told.update(row[2] for document in p_cscf.documents() for row in document.contacts())

    phone = world.client(username="phone@home1.test")
    for event in ("unregistered", "expired", "deactivated", "probation", "rejected"):
        phone.register(600)
        p_cscf.subscribe(P_Asserted_Identity=f"<{TOBIAS}>")
        phone.register(600)
        world.perform(reauthenticate(world.node, Scope(aor=TOBIAS), 60))
        world.run()
        if event == "unregistered":
            phone.register(0)
        elif event == "expired":
            world.run(61)
        else:
            retry_after = 60 if event == "probation" else None
            world.perform(deregister(world.node, Scope(aor=TOBIAS), Event(event), retry_after))
            world.run()
        hear()

    assert told == {event.value for event in Event}


@pytest.mark.clause("TS 24.229 §5.4.2.1.2")
def test_every_watcher_is_told_of_a_refresh(world: World, phone: Client, p_cscf: Client) -> None:
    pager = world.client("127.0.0.10", username="pager@home1.test")
    watchers = [phone, p_cscf, pager]
    assert phone.subscribe().status == 200
    assert p_cscf.subscribe(P_Asserted_Identity=f"<{GAMES}>").status == 200
    assert pager.subscribe().status == 200
    phone.register()

    for watcher in watchers:
        assert last(watcher).version == 1
        assert {row[2] for row in last(watcher).contacts()} == {"refreshed"}


def end_by_hss(world: World, reason: DeregistrationReason) -> None:
    """Have the HSS end the registrations of the phone."""
    world.perform(terminate(world.node, "phone@home1.test", (), KIND_OF_REASON[reason]))
    world.run()


@pytest.mark.clause("TS 24.229 §5.4.2.1.1")
def test_a_trusted_peer_s_charging_vector_is_answered(world: World, phone: Client, p_cscf: Client) -> None:
    vector = "icid-value=abc;orig-ioi=visited.test"

    answer = p_cscf.subscribe(P_Asserted_Identity=f"<{TOBIAS}>", P_Charging_Vector=vector)
    assert answer.get("p-charging-vector") == f"{vector};term-ioi=home1.test"
    assert phone.subscribe(P_Charging_Vector=vector).get("p-charging-vector") is None
    broken = p_cscf.subscribe(P_Asserted_Identity=f"<{TOBIAS}>", P_Charging_Vector='"')
    assert (broken.status, broken.get("p-charging-vector")) == (200, None)


@pytest.mark.clause("TS 24.229 §5.4.2.1")
def test_the_notifier_of_a_tel_uri_is_here_whoever_asks(world: World, phone: Client) -> None:
    p_cscf = world.client(P_CSCF, 5060)

    def asks(uri: str, who: str) -> int:
        fields = {"Event": "reg", "Contact": f"<{p_cscf.uri}>", "P-Asserted-Identity": f"<{who}>", "To": f"<{uri}>"}
        answer = p_cscf.send("SUBSCRIBE", uri, fields)
        assert answer is not None
        return answer.status

    assert asks(TEL, TOBIAS) == 200
    assert asks("tel:+44-123-456-789", TEL) == 200
    assert asks(TEL, "sip:carol@home1.test") == 403
    assert asks("tel:+999", TOBIAS) == 480
    assert p_cscf.send("REGISTER", TEL, {"Contact": f"<{p_cscf.uri}>"}).status == 416
