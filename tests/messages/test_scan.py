"""What is found by a quick look at octets is what is found by reading everything."""

from itertools import count

import pytest

from scscf.messages.ring import Ring
from scscf.messages.scan import Scan, call_id_of
from scscf.sip.outbox import Flow

FLOW = Flow("udp", ("192.0.2.9", 5060), ("192.0.2.1", 5070))
FROM = [
    "sip:alice@home1.test", "sip:%61lice@home1.test", "sips:alice@HOME1.test;x=y", "sip:Alice@home1.test",
    "sip:alice2@home1.test", "tel:+1-555-0001", "tel:+15550001", "tel:+1(555)0002", "sip:home1.test",
    "sip:a%20lice@home1.test", "sip:a%20LICE@home1.test", "tel:7042;phone-context=home1.test", "urn:service:sos",
]  # fmt: skip
CALL_IDS = ["one", "one@host", "ONE", 'a"b', "\u00e9", "x" * 250, "tw;internal;o"]


def kept() -> Ring:
    ring = Ring(1000, 1_000_000, lambda: 7.0, count(1).__next__)
    for number, uri in enumerate(FROM):
        fields = f"From: <{uri}>;tag=1\r\nTo: <sip:bob@home1.test>\r\nCall-ID: {CALL_IDS[number % len(CALL_IDS)]}"
        ring.sip("in", FLOW, f"MESSAGE sip:b SIP/2.0\r\n{fields}\r\n\r\nCall-ID: one".encode())
        by = f'Authorization: Digest username="{uri}"'
        ring.sip("in", FLOW, f"REGISTER sip:b SIP/2.0\r\n{by}\r\ni: {CALL_IDS[-1 - number % 3]}\r\n\r\n".encode())
        ring.exchange((_made, _made, number, "alice@home1.test", uri))
    ring.sip("in", FLOW, b"Call-ID: one")
    ring.cx("out", FLOW, bytes(30))
    return ring


def _made(number: int, impi: str, uri: str) -> bytes:
    return bytes(20)


@pytest.mark.parametrize(
    "aor", sorted({seen.facts.aor or "sip:x@y" for seen in kept()} | {"not a uri", "sip:\u00e9@x"})
)
def test_an_identity_is_found_however_it_is_written(aor: str) -> None:
    known = kept()
    expected = [seen.number for seen in known if aor in seen.facts.aors]

    assert [seen.number for seen in kept().find(aors=[aor])] == expected
    assert len(expected) > 0 or aor in ("not a uri", "sip:x@y", "sip:\u00e9@x")


@pytest.mark.parametrize("call_id", [*CALL_IDS, "x" * 200, "a\ufffdb"])
def test_a_call_id_is_found_as_it_is_shown(call_id: str) -> None:
    known = kept()

    assert [seen.number for seen in kept().find(call_id=call_id)] == [
        seen.number for seen in known if seen.facts.call_id == call_id
    ]


@pytest.mark.parametrize("impi", [*FROM, "alice@home1.test", "nobody"])
def test_a_private_identity_is_found_with_its_calls(impi: str) -> None:
    known = kept()
    calls = {seen.facts.call_id for seen in known if seen.facts.impi == impi} - {None}

    assert [seen.number for seen in kept().find(impi=impi)] == [
        seen.number for seen in known if seen.facts.impi == impi or seen.facts.call_id in calls
    ]


def test_the_call_id_of_the_head_is_that_of_a_message() -> None:
    for quick, whole in zip(kept(), kept(), strict=True):
        assert call_id_of(quick) == whole.facts.call_id


def test_few_are_worked_out() -> None:
    ring = kept()
    ring.find(aors=["sip:alice2@home1.test"])

    assert sum(seen.known for seen in ring) < 12


def test_a_scan_for_nothing_takes_everything() -> None:
    scan = Scan()

    assert not scan.chooses
    assert all(map(scan.may_fit, kept()))
