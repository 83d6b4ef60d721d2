"""The chapter on de-registration of an IMS text book: Tobias's phone and pager, and everybody who watches them."""

from typing import Any, ClassVar

import pytest

from scscf.procedures.deregister import Report, Scope, deregister
from scscf.promise import Promise
from scscf.registration.registration import Event
from tests.cx_world import CxWorld
from tests.usim import OPC, K, Usim
from tests.world import Client, Document, World

TOBIAS, TEL, GAMES = "sip:tobias@home1.test", "tel:+44123456789", "sip:gameMaster@home1.test"
PCSCF = ("127.0.0.4", 5060)


class Chapter:
    """Phone (the whole set) and pager (one identity) are registered; the phone and its P-CSCF watch."""

    def __init__(self, world: type[World] = World) -> None:
        self.world = world({"reg_event": {"documents": "partial"}})
        self.phone = self.world.client("127.0.0.9", username="phone@home1.test")
        self.pager = self.world.client("127.0.0.10", username="pager@home1.test")
        self.pcscf = self.world.client(*PCSCF)
        assert self.phone.register(600000).status == 200
        assert self.phone.subscribe().status == 200
        assert self.pcscf.subscribe(P_Asserted_Identity=f"<{TOBIAS}>").status == 200
        assert self.pager.register(600000).status == 200

    def told(self) -> list[list[int]]:
        """Return the versions that each watcher was sent."""
        return [[document.version for document in watcher.documents()] for watcher in (self.phone, self.pcscf)]


@pytest.fixture(params=[World, CxWorld], ids=["embedded", "over Cx"])
def chapter(request: pytest.FixtureRequest) -> Chapter:
    return Chapter(request.param)


def answer_of(client: Client, expires: int) -> str | None:
    response = client.register(expires)
    assert response.status == 200
    return response.get("expires")


def test_what_was_told_before(chapter: Chapter) -> None:
    assert chapter.told() == [[0, 1], [0, 1]]
    first, second = chapter.phone.documents()
    assert (first.state, second.state) == ("full", "partial")
    assert second.registrations() == {TOBIAS: "active"}
    assert sorted(second.contacts()) == sorted(
        [(chapter.phone.uri, "active", "registered"), (chapter.pager.uri, "active", "registered")]
    )


def test_the_user_switches_the_phone_off(chapter: Chapter) -> None:
    assert answer_of(chapter.phone, 0) == "0"
    chapter.world.run(5)

    assert chapter.told() == [[0, 1, 2], [0, 1, 2]]
    for watcher in (chapter.phone, chapter.pcscf):
        document = watcher.documents()[-1]
        assert document.state == "partial"
        assert document.registrations() == {TOBIAS: "active", TEL: "terminated", GAMES: "terminated"}
        assert document.contacts(TOBIAS) == [
            (chapter.phone.uri, "terminated", "unregistered"),
            (chapter.pager.uri, "active", "registered"),
        ]
        assert document.contacts(TEL) == [(chapter.phone.uri, "terminated", "unregistered")]
        assert document.contacts(GAMES) == [(chapter.phone.uri, "terminated", "unregistered")]
    assert chapter.phone.documents()[-1].subscription_state == "terminated;reason=noresource"
    assert chapter.pcscf.documents()[-1].subscription_state.startswith("active;expires=")


def test_the_pager_follows_and_the_p_cscf_hears_the_end(chapter: Chapter) -> None:
    answer_of(chapter.phone, 0)
    answer_of(chapter.pager, 0)
    chapter.world.run(5)

    assert chapter.told() == [[0, 1, 2], [0, 1, 2, 3]]
    document = chapter.pcscf.documents()[-1]
    assert document.registrations() == {TOBIAS: "terminated"}
    assert document.contacts() == [(chapter.pager.uri, "terminated", "unregistered")]
    assert document.subscription_state == "terminated;reason=noresource"


def test_who_watches_another_identity_of_the_set_hears_the_end_too(chapter: Chapter) -> None:
    chapter.world.run(1)
    watcher = chapter.world.client("127.0.0.4", 5062)
    assert watcher.subscribe(aor=GAMES, P_Asserted_Identity=f"<{GAMES}>").status == 200
    answer_of(chapter.phone, 0)
    answer_of(chapter.pager, 0)

    states = [document.subscription_state.partition(";")[0] for document in watcher.documents()]
    assert states == ["active", "active", "terminated"]
    assert watcher.documents()[-1].contacts(TOBIAS) == [(chapter.pager.uri, "terminated", "unregistered")]


@pytest.mark.clause("TS 24.229 §5.4.1.5")
def test_the_network_de_registers_everything(chapter: Chapter) -> None:
    done = chapter.world.perform(deregister(chapter.world.node, Scope(aor=TOBIAS), Event.DEACTIVATED, wait=2.0))
    chapter.world.run(5)

    assert chapter.told() == [[0, 1, 2], [0, 1, 2]]
    for watcher in (chapter.phone, chapter.pcscf):
        document = watcher.documents()[-1]
        assert document.registrations() == {TOBIAS: "terminated", TEL: "terminated", GAMES: "terminated"}
        assert sorted(document.contacts(TOBIAS)) == sorted(
            (client.uri, "terminated", "deactivated") for client in (chapter.phone, chapter.pager)
        )
        for aor in (TEL, GAMES):
            assert document.contacts(aor) == [(chapter.phone.uri, "terminated", "deactivated")]
        assert document.subscription_state == "terminated;reason=noresource"
    assert isinstance(done, Promise)
    report = done.result()
    assert isinstance(report, Report)
    assert [told.status for told in report.told] == [200, 200]


@pytest.mark.parametrize("how", ["user", "network"])
def test_nothing_is_sent_after_terminated(chapter: Chapter, how: str) -> None:
    if how == "user":
        answer_of(chapter.phone, 0)
        answer_of(chapter.pager, 0)
    else:
        chapter.world.perform(deregister(chapter.world.node, Scope(aor=TOBIAS), Event.REJECTED))
    chapter.world.run(1)
    told = chapter.told()
    sent = len(chapter.world.network.packets)
    chapter.world.run(5)
    assert len(chapter.world.network.packets) == sent
    assert chapter.phone.register().status == 200
    chapter.world.run(5)

    assert chapter.told() == told


def test_one_notify_a_dialog_and_a_change(chapter: Chapter) -> None:
    chapter.world.perform(deregister(chapter.world.node, Scope(aor=GAMES), Event.DEACTIVATED))
    chapter.world.run(5)

    notifies = [packet for packet in chapter.world.network.packets if packet.data.startswith(b"NOTIFY ")]
    assert len(notifies) == 6
    assert len({(each.destination, each.data.partition(b"CSeq: ")[2][:4]) for each in notifies}) == 6


class AsPrinted:
    """The chapter with its own names: the phone by AKA through the P-CSCF, the pager, and a console that plays.

    The console has registered gameMaster before the phone comes and refreshes it later, so that the documents carry the
    book's versions.
    """

    TOBIAS, TEL, GAMES = "sip:tobias@home1.fr", "tel:+44123456789", "sip:gameMaster@home1.fr"
    PHONE = "sip:[5555:1:2:3:4]:1357;comp=sigcomp"
    PATH = "<sip:term@127.0.0.4:5060;lr>"
    SUBSCRIBERS = f"""
subscriptions:
  - name: tobias
    private_identities:
      - {{id: user1_private@home1.fr, auth: {{scheme: aka, k: "{K.hex()}", opc: "{OPC.hex()}"}}}}
      - {{id: pager_private@home1.fr, auth: {{scheme: digest, password: secret}}, identities: ["{TOBIAS}"]}}
      - {{id: console_private@home1.fr, auth: {{scheme: digest, password: secret}}, identities: ["{GAMES}"]}}
    implicit_sets: [["{TOBIAS}", "tel:+44-123-456-789", "{GAMES}"]]
"""
    REGISTER: ClassVar[dict[str, str | list[str] | None]] = {
        "Path": PATH,
        "From": "<sip:tobias@home1.fr>;tag=ulkomaa",
        "To": "<sip:tobias@home1.fr>",
        "Authorization": 'Digest username="user1_private@home1.fr", realm="home1.fr", '
        'nonce="34CwFva37UYWpGNB34JP", algorithm=AKAV1-MD5, uri="sip:home1.fr", '
        'response="6629fae49393a05397450978507c4ef1", integrity-protected="yes"',
        "Contact": f"<{PHONE}>;expires=0",
    }
    """The REGISTER that ends it, as it comes from the P-CSCF, with its quotation mark."""

    def __init__(self) -> None:
        config = {"home_domain": "home1.fr", "reg_event": {"documents": "partial"}}
        self.world = World(config, self.SUBSCRIBERS)
        ue: dict[str, Any] = {"user": "tobias", "domain": "home1.fr"}
        self.console = self.world.client(
            "127.0.0.11", user="gameMaster", domain="home1.fr", username="console_private@home1.fr"
        )
        self.pager = self.world.client("127.0.0.10", username="pager_private@home1.fr", **ue)
        self.phone = self.world.client(*PCSCF, username="user1_private@home1.fr", usim=Usim(), **ue)
        self.pcscf = self.world.client("127.0.0.4", 5062, **ue)
        self.join(self.console)
        answer = self.phone.register(600000, f"<{self.PHONE}>", Path=self.PATH, Require="path")
        assert (answer.status, answer.get("p-associated-uri")) == (
            200,
            f"<{self.TOBIAS}>, <{self.TEL}>, <{self.GAMES}>",
        )
        route = "<sip:127.0.0.4:5060;lr>"
        own = self.phone.subscribe(
            P_Asserted_Identity=f"<{self.TOBIAS}>", Contact=f"<{self.PHONE}>", Record_Route=route
        )
        others = self.pcscf.subscribe(P_Asserted_Identity="<sip:127.0.0.4:5060>")
        assert (own.status, others.status) == (200, 200)
        self.join(self.pager)
        self.join(self.console)

    @staticmethod
    def join(client: Client) -> None:
        """Register a device, which says at once which one it is."""
        assert client.register(600000, Authorization=client.nameless("sip:home1.fr")).status == 200

    def watchers(self) -> list[tuple[Client, Document]]:
        """Return the UE and its P-CSCF with the last document that each has."""
        return [(watcher, watcher.documents()[-1]) for watcher in (self.phone, self.pcscf)]

    def told(self, document: Document) -> dict[str, tuple[str, set[tuple[str, str, str]]]]:
        """Return state and contacts of each identity."""
        return {aor: (state, set(document.contacts(aor))) for aor, state in document.registrations().items()}


@pytest.mark.clause("TS 24.229 §5.4.2.1.2", "TS 24.229 §5.4.1.4", "TS 24.229 §5.4.1.5")
def test_user_initiated_as_printed() -> None:
    book = AsPrinted()
    for _, before in book.watchers():
        assert (before.version, before.state, before.registrations()) == (2, "partial", {book.GAMES: "active"})
    first = len(book.world.network.packets)

    answer = book.phone.send("REGISTER", "sip:home1.fr", book.REGISTER)

    assert answer is not None
    assert (answer.status, answer.get("expires")) == (200, "0")
    sent = [packet.data for packet in book.world.network.packets[first:] if packet.source == ("127.0.0.1", 5060)]
    assert [data.split(b" ")[0] for data in sent] == [b"SIP/2.0", b"NOTIFY", b"NOTIFY"]
    for _, document in book.watchers():
        assert (document.version, document.state) == (3, "partial")
        assert book.told(document) == {
            book.TOBIAS: (
                "active",
                {(book.PHONE, "terminated", "unregistered"), (book.pager.uri, "active", "registered")},
            ),
            book.TEL: ("terminated", {(book.PHONE, "terminated", "unregistered")}),
            book.GAMES: (
                "active",
                {(book.console.uri, "active", "refreshed"), (book.PHONE, "terminated", "unregistered")},
            ),
        }
    own, others = (document.subscription_state for _, document in book.watchers())
    assert own == "terminated;reason=noresource"
    assert others.startswith("active;expires=")
    notify = book.phone.notifies[-1]
    assert (notify.uri_text, notify.get("route")) == (book.PHONE, "<sip:127.0.0.4:5060;lr>")


@pytest.mark.clause("TS 24.229 §5.4.2.1.2", "TS 24.229 §5.4.1.5", "TS 24.229 §5.4.1.4")
def test_network_initiated_as_printed() -> None:
    book = AsPrinted()

    book.world.perform(deregister(book.world.node, Scope(aor=book.TOBIAS), Event.DEACTIVATED))
    book.world.run()

    gone = {
        name: (client_uri, "terminated", "deactivated")
        for name, client_uri in (("phone", book.PHONE), ("pager", book.pager.uri), ("console", book.console.uri))
    }
    for _, document in book.watchers():
        assert (document.version, document.state) == (3, "partial")
        assert document.subscription_state == "terminated;reason=noresource"
        assert book.told(document) == {
            book.TOBIAS: ("terminated", {gone["phone"], gone["pager"]}),
            book.TEL: ("terminated", {gone["phone"]}),
            book.GAMES: ("terminated", {gone["console"], gone["phone"]}),
        }
    assert len(book.world.node.store) == 0
