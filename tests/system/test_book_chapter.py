"""The chapter on de-registration of an IMS text book: Tobias's phone and pager, and everybody who watches them."""

import pytest

from scscf.procedures.deregister import Report, Scope, deregister
from scscf.promise import Promise
from scscf.registration.registration import Event
from tests.world import Client, World

TOBIAS, TEL, GAMES = "sip:tobias@home1.test", "tel:+44123456789", "sip:gameMaster@home1.test"
PCSCF = ("127.0.0.4", 5060)


class Chapter:
    """Phone (the whole set) and pager (one identity) are registered; the phone and its P-CSCF watch."""

    def __init__(self) -> None:
        self.world = World({"reg_event": {"documents": "partial"}})
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


@pytest.fixture
def chapter() -> Chapter:
    return Chapter()


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
