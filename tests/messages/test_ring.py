from itertools import count

from scscf.messages.ring import UNMADE, Ring
from scscf.messages.seen import INTERNAL
from scscf.sip.outbox import Flow

FLOW = Flow("udp", ("192.0.2.9", 5060), ("192.0.2.1", 5070))
REGISTER = (
    b"REGISTER sip:home1.test SIP/2.0\r\nFrom: <sip:%b@home1.test>;tag=1\r\nTo: <sip:%b@home1.test>\r\n"
    b'Call-ID: %b\r\nCSeq: 1 REGISTER\r\nAuthorization: Digest username="%b@home1.test"\r\n\r\n'
)
OK = (
    b"SIP/2.0 200 OK\r\nFrom: <sip:%b@home1.test>;tag=1\r\nTo: <sip:%b@home1.test>\r\n"
    b"Call-ID: %b\r\nCSeq: 1 REGISTER\r\n\r\n"
)


def ring(keep: int = 100, octets: int = 100_000) -> Ring:
    return Ring(keep, octets, lambda: 7.0, count(1).__next__)


def talk(kept: Ring, user: bytes, call_id: bytes) -> None:
    kept.sip("in", FLOW, REGISTER % (user, user, call_id, user))
    kept.sip("out", FLOW, OK % (user, user, call_id))


def numbers(found: object) -> list[int]:
    return [seen.number for seen in found]  # type: ignore[attr-defined]


def test_the_last_messages_are_kept() -> None:
    kept = ring(keep=3)
    for _ in range(5):
        kept.sip("in", FLOW, b"x")

    assert numbers(kept) == [3, 4, 5]
    assert (len(kept), kept.dropped, kept.gone, kept.last) == (3, 2, 2, 5)


def test_the_octets_that_are_kept_are_bounded() -> None:
    kept = ring(octets=1000)
    for _ in range(5):
        kept.sip("in", FLOW, bytes(300))
    assert numbers(kept) == [3, 4, 5]

    kept.cx("out", FLOW, bytes(100))
    assert numbers(kept) == [3, 4, 5, 6]
    kept.internal("out", (bytes, UNMADE))
    assert numbers(kept) == [6, 7]
    kept.sip("in", FLOW, bytes(1001))
    assert numbers(kept) == []
    assert kept.dropped == 8


def test_a_ring_that_keeps_nothing_still_numbers() -> None:
    kept = ring(keep=0)

    entry = kept.sip("in", FLOW, b"OPTIONS sip:a SIP/2.0\r\n\r\n")

    assert (len(kept), kept.last) == (0, 1)
    assert kept.seen(entry).facts.summary == "OPTIONS sip:a"


def test_a_message_knows_its_ends() -> None:
    kept = ring()
    came = kept.seen(kept.sip("in", FLOW, b"x"))
    went = kept.seen(kept.sip("out", FLOW, b"x"))
    internal = kept.seen(kept.internal("in", (bytes, 3)))

    assert (came.source, came.destination) == (FLOW.remote, FLOW.local)
    assert (went.source, went.destination) == (FLOW.local, FLOW.remote)
    assert (came.at, came.direction, came.protocol, came.transport) == (7.0, "in", "sip", "udp")
    assert (internal.transport, internal.protocol, internal.data) == (INTERNAL, "cx", bytes(3))


def test_octets_that_nobody_needs_are_not_made_and_others_once() -> None:
    made: list[int] = []

    def make(number: int) -> bytes:
        made.append(number)
        return b"octets"

    kept = ring()
    kept.internal("out", (make, 5))
    assert made == []

    assert [seen.data for seen in kept] == [b"octets"]
    assert [seen.data for seen in kept] == [b"octets"]
    assert made == [5]


def test_messages_are_found_by_identity_private_identity_and_call_id() -> None:
    kept = ring()
    talk(kept, b"alice", b"one")
    talk(kept, b"bob", b"two")
    talk(kept, b"alice", b"three")

    assert numbers(kept.find(aors=["sip:alice@home1.test"])) == [1, 2, 5, 6]
    assert numbers(kept.find(aors=["sip:bob@home1.test", "tel:+1"])) == [3, 4]
    assert numbers(kept.find(aors=[])) == []
    assert numbers(kept.find(impi="alice@home1.test")) == [1, 2, 5, 6]
    assert numbers(kept.find(call_id="three")) == [5, 6]
    assert numbers(kept.find(aors=["sip:alice@home1.test"], call_id="two")) == []
    assert numbers(kept.find(aors=["sip:alice@home1.test"], impi="bob@home1.test")) == []


def test_a_page_is_the_last_messages_or_the_first_after_a_number() -> None:
    kept = ring()
    for _ in range(6):
        kept.sip("in", FLOW, b"x")

    assert numbers(kept.find(limit=2)) == [5, 6]
    assert numbers(kept.find(since=2, limit=2)) == [3, 4]
    assert numbers(kept.find(since=6)) == numbers(kept.find(("sip:a@home1.test",), since=9)) == []
    assert numbers(kept.after(4)) == [5, 6]
    assert numbers(kept.after(0)) == [1, 2, 3, 4, 5, 6]
    kept.clear()
    assert numbers(kept) == []


def test_what_was_given_up_while_it_was_looked_at_is_not_held() -> None:
    kept = ring(keep=2)
    kept.sip("in", FLOW, b"x")
    kept.sip("in", FLOW, b"x")
    looking = iter(kept)
    assert next(looking).number == 1
    for _ in range(3):
        kept.sip("in", FLOW, b"x")

    assert numbers(looking) == [2]
    assert numbers(kept) == [4, 5]
    kept.clear()
    assert kept._seen == {}


def test_a_question_and_its_answer_are_two_messages_and_go_together() -> None:
    kept = ring(keep=4)
    kept.exchange((bytes, bytearray, 3))
    kept.sip("in", FLOW, b"x")

    assert numbers(kept) == [1, 2, 3]
    assert [seen.data for seen in kept.find(limit=3)][:2] == [bytes(3), bytes(3)]
    assert [seen.direction for seen in kept] == ["out", "in", "in"]
    assert [numbers(kept.after(number)) for number in range(4)] == [[1, 2, 3], [2, 3], [3], []]
    assert (len(kept), kept.last) == (3, 3)
    kept.exchange((bytes, bytes, 3))
    assert numbers(kept) == [3, 4, 5]
    assert (len(kept), kept.gone, kept.dropped) == (3, 2, 2)
