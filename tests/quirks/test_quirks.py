"""Each quirk on a whole node: wrong exactly in that way, and right again once it is off."""

import pytest
from lxml import etree

from scscf.procedures.deregister import Scope, deregister
from scscf.quirks import QUIRKS, Quirks, UnknownQuirkError
from scscf.quirks.quirk import Memory
from scscf.registration.registration import Event
from scscf.sip.message import Request, Response
from tests.world import NS, Client, Document, World

TOBIAS = "sip:tobias@home1.test"
TEL = "tel:+44123456789"
ASSERTED = f"<{TOBIAS}>"
INSTANCE = '"<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>"'


class Wrong:
    """A world with quirks on, a phone, and a P-CSCF that watches."""

    def __init__(self, *quirks: str, **config: object) -> None:
        self.world = World(config)
        self.world.node.notifier.judge = None
        for quirk in quirks:
            self.world.scscf.quirks.set(quirk)
        self.phone = self.world.client(username="phone@home1.test")
        self.pager = self.world.client("127.0.0.10", username="pager@home1.test")
        self.watchers = 0

    def right(self) -> None:
        """Take all quirks off."""
        self.world.scscf.quirks.clear()
        assert self.world.scscf.endpoint.door is None

    def watch(self) -> tuple[Client, Response]:
        """Have another watcher subscribe."""
        self.watchers += 1
        watcher = self.world.client("127.0.0.4", 5060 + self.watchers)
        accepted = watcher.subscribe(P_Asserted_Identity=ASSERTED)
        assert accepted.status == 200
        return watcher, accepted

    def end(self, event: str = "deactivated") -> None:
        """De-register everybody from the network's side."""
        self.world.perform(deregister(self.world.node, Scope(everybody=True), Event(event), None))
        self.world.run()


def leave(phone: Client) -> Response:
    return phone.register(0)


def first_document(wrong: Wrong) -> Document:
    watcher, _ = wrong.watch()
    return watcher.documents()[0]


def test_versions_start_at_2() -> None:
    wrong = Wrong("version-starts-at-2")
    wrong.phone.register()
    watcher, _ = wrong.watch()
    wrong.phone.register()
    wrong.right()

    assert [each.version for each in watcher.documents()] == [2, 3]
    assert first_document(wrong).version == 0


def test_the_version_is_always_0() -> None:
    wrong = Wrong("version-always-0")
    wrong.phone.register()
    watcher, _ = wrong.watch()
    wrong.phone.register()
    wrong.right()
    wrong.phone.register()

    assert [each.version for each in watcher.documents()] == [0, 0, 2]


def test_the_first_document_is_partial() -> None:
    wrong = Wrong("deltas-only")
    wrong.phone.register()

    assert first_document(wrong).state == "partial"
    wrong.right()
    assert first_document(wrong).state == "full"


def test_a_contact_that_is_over_stays() -> None:
    wrong = Wrong("stale-contact")
    wrong.phone.register()
    wrong.pager.register()
    watcher, _ = wrong.watch()
    leave(wrong.pager)
    wrong.phone.register()
    wrong.right()
    wrong.phone.register()

    before, left, later, right = (each.contacts(TOBIAS) for each in watcher.documents())
    both = {(wrong.phone.uri, "active"), (wrong.pager.uri, "active")}
    assert {each[:2] for each in before} == both
    assert {each[:2] for each in left} == both
    assert {each[:2] for each in later} == both
    assert {each[:2] for each in right} == {(wrong.phone.uri, "active")}


def test_a_stale_contact_is_forgotten_with_the_registration() -> None:
    wrong = Wrong("stale-contact", reg_event={"end_with_own_contact": False})
    wrong.phone.register()
    watcher, _ = wrong.watch()
    leave(wrong.phone)

    last = watcher.documents()[-1]
    assert {each[1] for each in last.contacts(TOBIAS)} == {"terminated"}
    assert wrong.world.scscf.quirks.memory.get("stale-contact", TOBIAS) is None


def test_tel_uris_are_missing() -> None:
    wrong = Wrong("missing-tel")
    granted = wrong.phone.register()

    assert granted.values("p-associated-uri") == [ASSERTED, "<sip:gameMaster@home1.test>"]
    assert TEL not in first_document(wrong).registrations()
    wrong.right()
    assert f"<{TEL}>" in wrong.phone.register().values("p-associated-uri")
    assert TEL in first_document(wrong).registrations()


@pytest.mark.parametrize("event", ["deactivated", "rejected"])
def test_what_the_network_ends_is_told_as_expired(event: str) -> None:
    wrong = Wrong("expired-on-rtr")
    wrong.phone.register()
    watcher, _ = wrong.watch()
    wrong.end(event)

    assert {each[2] for each in watcher.documents()[1].contacts()} == {"expired"}
    wrong.right()
    wrong.phone.register()
    watcher, _ = wrong.watch()
    wrong.end(event)
    assert {each[2] for each in watcher.documents()[1].contacts()} == {event}


def test_probation_told_as_expired_has_no_time_to_come_back() -> None:
    wrong = Wrong("expired-on-rtr")
    wrong.phone.register()
    watcher, _ = wrong.watch()
    wrong.world.perform(deregister(wrong.world.node, Scope(everybody=True), Event.PROBATION, 30))
    wrong.world.run()

    (contact, *_) = watcher.documents()[1].root.iterfind(".//r:contact", NS)
    assert (contact.get("event"), contact.get("retry-after")) == ("expired", None)


@pytest.mark.parametrize(
    ("quirk", "wrongly", "rightly"),
    [("expired-on-deregister", {"expired"}, {"unregistered"}), ("no-contact-on-end", set(), {"unregistered"})],
)
def test_what_is_told_of_who_leaves(quirk: str, wrongly: set[str], rightly: set[str]) -> None:
    wrong = Wrong(quirk)
    told = []
    for _ in range(2):
        wrong.phone.register()
        watcher, _accepted = wrong.watch()
        leave(wrong.phone)
        last = watcher.documents()[-1]
        assert set(last.registrations().values()) == {"terminated"}
        told.append({event for _, _, event in last.contacts()})
        wrong.right()

    assert told == [wrongly, rightly]


def test_ids_change_from_document_to_document() -> None:
    wrong = Wrong("unstable-ids")
    wrong.phone.register()
    watcher, _ = wrong.watch()
    wrong.phone.register()
    wrong.right()
    wrong.phone.register()
    wrong.phone.register()

    ids = [
        tuple(element.get("id") for element in each.root.iter() if element.get("id")) for each in watcher.documents()
    ]
    assert len(set(ids)) == 3
    assert ids[2] == ids[3]
    assert len(ids[0]) == len(set(ids[0]))


def test_contacts_are_bare() -> None:
    wrong = Wrong("bare-contacts")
    wrong.phone.register()

    (contact, *_) = first_document(wrong).root.iterfind(".//r:contact", NS)
    assert set(contact.attrib) == {"id", "state", "event"}
    wrong.right()
    (contact, *_) = first_document(wrong).root.iterfind(".//r:contact", NS)
    assert contact.get("expires") == "3600"


@pytest.mark.parametrize(
    ("quirk", "name", "value"), [("foreign-attributes", "received", ""), ("q-always-0", "q", "0.000")]
)
def test_attributes_that_do_not_belong_there(quirk: str, name: str, value: str) -> None:
    wrong = Wrong(quirk)
    wrong.phone.register()

    for expected in (value, None):
        (contact, *_) = first_document(wrong).root.iterfind(".//r:contact", NS)
        assert contact.get(name) == expected
        wrong.right()


def test_a_gruu_that_nobody_asked_for() -> None:
    wrong = Wrong("gruu-unasked")
    contact = f"<{wrong.phone.uri}>;+sip.instance={INSTANCE}"
    gruu = f"{TOBIAS};gr=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"

    assert wrong.phone.register(contact=contact).contacts[0].parameter("pub-gruu") == gruu
    found = first_document(wrong).root.findall(".//{urn:ietf:params:xml:ns:gruuinfo}pub-gruu")
    assert gruu in [each.get("uri") for each in found]
    wrong.right()
    assert wrong.phone.register(contact=contact).contacts[0].parameter("pub-gruu") is None
    assert b"gruu" not in first_document(wrong).notify.body


def test_gruus_in_lower_case() -> None:
    wrong = Wrong("lower-case-gruu")
    contact = f'<{wrong.phone.uri}>;+sip.instance="<urn:X-Test:AbC>"'

    shown = [wrong.phone.register(contact=contact, Supported="gruu").contacts[0].parameter("pub-gruu") or ""]
    told = [first_document(wrong)]
    wrong.right()
    shown.append(wrong.phone.register(contact=contact, Supported="gruu").contacts[0].parameter("pub-gruu") or "")
    told.append(first_document(wrong))

    assert shown[0] == shown[1].lower() != shown[1]
    for document, gruu in zip(told, shown, strict=True):
        found = document.root.findall(".//{urn:ietf:params:xml:ns:gruuinfo}pub-gruu")
        assert gruu in [each.get("uri") for each in found]


def test_the_word_aor_in_place_of_the_aor() -> None:
    wrong = Wrong("aor-aor")
    wrong.phone.register()

    assert set(first_document(wrong).registrations()) == {"aor"}
    wrong.right()
    assert TOBIAS in first_document(wrong).registrations()


def test_a_contact_with_an_ampersand_makes_what_is_no_xml() -> None:
    wrong = Wrong("unescaped-xml")
    wrong.phone.register(contact=f"<{wrong.phone.uri}?h=b&c=d>")
    watcher, _ = wrong.watch()

    assert b"?h=b&c=d<" in watcher.notifies[0].body
    with pytest.raises(etree.XMLSyntaxError):
        watcher.documents()
    wrong.right()
    assert first_document(wrong).contacts(TOBIAS)[0][0].endswith("?h=b&c=d")


def test_only_the_watcher_at_the_contact_is_told() -> None:
    wrong = Wrong("only-own-contact-told")
    wrong.phone.register()
    own = wrong.phone.subscribe()
    assert own.status == 200
    watcher, _ = wrong.watch()
    wrong.phone.call_id = "reg-again"
    wrong.phone.register()
    leave(wrong.phone)

    assert [each.version for each in wrong.phone.documents()] == [0, 1, 2]
    assert [each.version for each in watcher.documents()] == [0, 1]
    assert watcher.documents()[1].registrations()[TOBIAS] == "terminated"


def test_a_refresh_of_a_subscription_goes_unanswered_by_notify() -> None:
    wrong = Wrong("no-notify-on-refresh")
    wrong.phone.register()
    watcher, accepted = wrong.watch()

    assert watcher.resubscribe(accepted, 600, **{"P-Asserted-Identity": ASSERTED}).status == 200
    assert len(watcher.notifies) == 1
    wrong.phone.register()
    wrong.right()
    assert watcher.resubscribe(accepted, 600, **{"P-Asserted-Identity": ASSERTED}).status == 200
    wrong.world.run(40)
    assert [each.version for each in watcher.documents()] == [0, 1, 2]
    assert [each.cseq.number for each in watcher.notifies] == [1, 2, 3]


def test_a_subscription_ends_without_a_word() -> None:
    wrong = Wrong("no-final-notify")
    wrong.phone.register()
    silent, accepted = wrong.watch()
    assert silent.resubscribe(accepted, 0, **{"P-Asserted-Identity": ASSERTED}).status == 200
    wrong.world.run(40)

    assert len(silent.notifies) == 1
    assert not wrong.world.node.notifier.subscriptions
    wrong.right()
    told, accepted = wrong.watch()
    assert told.resubscribe(accepted, 0, **{"P-Asserted-Identity": ASSERTED}).status == 200
    assert told.documents()[-1].subscription_state.startswith("terminated")


@pytest.mark.parametrize(
    ("quirk", "wrongly"),
    [("active-after-terminated", "active;expires=600000"), ("no-subscription-reason", "terminated")],
)
def test_what_a_last_notify_says_of_the_subscription(quirk: str, wrongly: str) -> None:
    wrong = Wrong(quirk)
    said = []
    for _ in range(2):
        wrong.phone.register()
        watcher, _accepted = wrong.watch()
        leave(wrong.phone)
        said.append(watcher.documents()[-1].subscription_state)
        wrong.right()

    assert said == [wrongly, "terminated;reason=noresource"]


def test_every_notify_has_the_same_cseq() -> None:
    wrong = Wrong("cseq-repeated")
    wrong.phone.register()
    watcher, _ = wrong.watch()
    wrong.phone.register()
    wrong.phone.register()
    wrong.right()
    wrong.phone.register()

    assert [each.cseq.number for each in watcher.notifies] == [1, 1, 1, 4]


def test_from_and_to_name_contacts() -> None:
    wrong = Wrong("contact-in-from-to")
    wrong.phone.register()
    watcher, accepted = wrong.watch()
    wrong.right()
    wrong.phone.register()

    one, other = watcher.notifies
    assert (one.from_.uri.text, one.to.uri.text) == ("sip:127.0.0.1:5060", watcher.uri)
    assert (other.from_.uri.text, other.to.uri.text) == (TOBIAS, TOBIAS)
    assert one.from_.tag == other.from_.tag == accepted.to.tag
    assert one.to.tag == other.to.tag


def test_the_document_is_any_xml() -> None:
    wrong = Wrong("wrong-content-type")
    wrong.phone.register()

    assert first_document(wrong).notify.content_type == "application/xml"
    wrong.right()
    assert first_document(wrong).notify.content_type == "application/reginfo+xml"


def test_the_notify_leaves_before_the_200() -> None:
    wrong = Wrong("notify-before-200")
    wrong.phone.register()
    watcher = wrong.world.client("127.0.0.4", 5060)
    for on in (True, False):
        before = len(wrong.world.network.packets)
        accepted = watcher.subscribe(P_Asserted_Identity=ASSERTED)
        assert accepted.status == 200
        sent = [each.data[:7] for each in wrong.world.network.packets[before:] if each.source == ("127.0.0.1", 5060)]
        ours = [data for data in sent if data in (b"SIP/2.0", b"NOTIFY ")]
        assert (ours[0] == b"NOTIFY ") is on
        wrong.right()


def test_the_notify_of_who_leaves_comes_before_the_200() -> None:
    wrong = Wrong("notify-before-200")
    wrong.phone.register()
    watcher, _ = wrong.watch()
    before = len(wrong.world.network.packets)
    leave(wrong.phone)

    ours = [each.data for each in wrong.world.network.packets[before:] if each.source == ("127.0.0.1", 5060)]
    notify = next(at for at, data in enumerate(ours) if data.startswith(b"NOTIFY "))
    granted = next(at for at, data in enumerate(ours) if data.startswith(b"SIP/2.0 200 "))
    assert notify < granted
    assert watcher.documents()[-1].registrations()[TOBIAS] == "terminated"


def test_the_200_grants_less_than_documents_say() -> None:
    wrong = Wrong("shorter-expiry")

    assert wrong.phone.register().contacts[0].parameter("expires") == "3240"
    (contact, *_) = first_document(wrong).root.iterfind(".//r:contact", NS)
    assert contact.get("expires") == "3600"
    wrong.right()
    assert wrong.phone.register().contacts[0].parameter("expires") == "3600"


def test_too_brief_an_expiry_is_taken_for_the_least() -> None:
    wrong = Wrong("no-min-expires", reg_event={"min_expires": 120})

    assert wrong.phone.register(10).contacts[0].parameter("expires") == "60"
    granted = wrong.phone.register(None, contact=f"<{wrong.phone.uri}>;expires=5")
    assert granted.contacts[0].parameter("expires") == "60"
    watcher, _ = wrong.watch()
    assert watcher.subscribe(7, P_Asserted_Identity=ASSERTED).get("expires") == "120"
    wrong.right()
    assert wrong.phone.register(10).status == 423
    assert watcher.subscribe(7, P_Asserted_Identity=ASSERTED).status == 423


def test_a_query_is_answered_with_an_empty_contact() -> None:
    wrong = Wrong("empty-contact-on-query")
    wrong.phone.register()

    assert wrong.phone.register(None, contact=None).get_all("contact") == [""]
    wrong.right()
    assert wrong.phone.uri in (wrong.phone.register(None, contact=None).get("contact") or "")


def test_who_leaves_gets_a_service_route() -> None:
    wrong = Wrong("service-route-on-dereg")
    for expected in (["<sip:orig@127.0.0.1:5060;lr>"], []):
        assert wrong.phone.register().values("service-route") == ["<sip:orig@127.0.0.1:5060;lr>"]
        assert leave(wrong.phone).values("service-route") == expected
        wrong.right()


def test_who_answers_a_challenge_is_challenged_again_once() -> None:
    wrong = Wrong("challenge-late")
    phone = wrong.phone

    assert phone.register().status == 401
    nonce = phone.credentials and phone.credentials["nonce"]
    assert phone.register().status == 200
    assert phone.credentials
    assert phone.credentials["nonce"] != nonce
    wrong.right()
    assert wrong.pager.register().status == 200


def test_what_is_required_is_not_looked_at() -> None:
    wrong = Wrong("require-ignored")

    assert wrong.phone.register(Require="foo, path").status == 200
    wrong.right()
    assert wrong.phone.register(Require="foo").status == 420


def test_what_is_accepted_is_not_looked_at() -> None:
    wrong = Wrong("accept-ignored")
    wrong.phone.register()
    watcher = wrong.world.client("127.0.0.4", 5060)

    assert watcher.subscribe(Accept="text/plain", P_Asserted_Identity=ASSERTED).status == 200
    wrong.right()
    assert watcher.subscribe(Accept="text/plain", P_Asserted_Identity=ASSERTED).status == 406


def test_500_for_a_dialog_that_is_not_there() -> None:
    wrong = Wrong("500-for-481")
    wrong.phone.register()
    _, accepted = wrong.watch()
    accepted.set("To", f"{ASSERTED};tag=nobody")

    assert wrong.phone.resubscribe(accepted, 600).status == 500
    wrong.right()
    assert wrong.phone.resubscribe(accepted, 600).status == 481


def test_all_at_once_still_tells_watchers_something() -> None:
    names = [name for name in QUIRKS if name not in ("unescaped-xml", "no-final-notify", "challenge-late")]
    wrong = Wrong(*names)

    assert wrong.phone.register().status == 200
    watcher, _ = wrong.watch()
    leave(wrong.phone)
    assert len(watcher.notifies) == 2
    assert wrong.world.scscf.quirks.clear() == len(names)


@pytest.mark.parametrize("body", [b"", b"<", b"<a xmlns='b'/>", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'])
@pytest.mark.parametrize("content_type", ["application/reginfo+xml", "text/plain"])
def test_a_notify_that_says_nothing_of_registrations_is_left_alone(body: bytes, content_type: str) -> None:
    world = World()
    quirks = world.scscf.quirks
    request = Request(
        "NOTIFY",
        "sip:a@b.test",
        [("From", "sip:a@b.test;tag=1"), ("To", "<sip:c@d.test>;tag=2"), ("Content-Type", content_type)],
        body,
    )

    for name in QUIRKS:
        quirks.set(name)
    assert quirks.notify(request, world.scscf.script.ground) in (True, False)
    assert request.get("from") == "<sip:127.0.0.1>;tag=1"


def test_an_unknown_quirk_is_refused_with_the_list() -> None:
    quirks = Quirks()
    with pytest.raises(UnknownQuirkError, match=r"must be one of version-starts-at-2, .* \(did you mean aor-aor"):
        quirks.set("aor-oar")
    with pytest.raises(UnknownQuirkError):
        quirks.remove("nothing")
    quirks.set("aor-aor")
    quirks.set("aor-aor")
    assert quirks.on == ("aor-aor",)
    assert (quirks.remove("aor-aor"), quirks.remove("aor-aor")) == (True, False)


def test_memory_is_bounded() -> None:
    memory = Memory(most=3)
    for number in range(5):
        memory.keep("a", number, number)
    memory.keep("b", 1, "x")

    assert len(memory) == 3
    assert memory.get("a", 0) is None
    assert memory.drop("a", 4) == 4
    assert memory.drop("a", 4) is None
    memory.forget("a")
    assert len(memory) == 1


def test_quirks_of_the_configuration_are_on_from_the_start() -> None:
    world = World({"quirks": ["aor-aor", "500-for-481"]})

    assert world.scscf.quirks.on == ("aor-aor", "500-for-481")
    assert world.scscf.endpoint.door is not None
