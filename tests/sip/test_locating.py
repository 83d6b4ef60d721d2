import pytest

from scscf.sip.locating import (
    Naptr,
    Place,
    Srv,
    choose_services,
    order_srv,
    plain_place,
    services_without_naptr,
    settled_transport,
)
from scscf.sip.outbox import NextHop

pytestmark = pytest.mark.clause("RFC 3263 §4")

ALL = ("udp", "tcp", "tls")


@pytest.mark.parametrize(
    ("hop", "supported", "transport"),
    [
        (NextHop("192.0.2.9"), ALL, "udp"),
        (NextHop("192.0.2.9"), ("tcp",), "tcp"),
        (NextHop("192.0.2.9", sips=True), ALL, "tls"),
        (NextHop("home1.test", 5060), ALL, "udp"),
        (NextHop("home1.test", transport="tcp"), ALL, "tcp"),
        (NextHop("home1.test", transport="udp", sips=True), ALL, "tls"),
        (NextHop("home1.test"), ALL, None),
        (NextHop("home1.test", sips=True), ALL, None),
    ],
)
def test_the_transport_is_settled_by_uri_address_or_port(
    hop: NextHop, supported: tuple[str, ...], transport: str | None
) -> None:
    assert settled_transport(hop, supported) == transport


RECORDS = [
    Naptr(20, 10, "s", "SIP+D2U", "_sip._udp.x"),
    Naptr(10, 20, "s", "sip+d2t", "_sip._tcp.x"),
    Naptr(10, 10, "S", "SIPS+D2T", "_sips._tcp.x"),
    Naptr(5, 1, "s", "SIP+D2S", "_sip._sctp.x"),
    Naptr(5, 1, "u", "E2U+sip", "!^.*$!sip:x!"),
]


def test_services_are_tried_by_order_then_preference_as_far_as_both_speak_them() -> None:
    assert choose_services(RECORDS, False, ALL) == [
        ("tls", "_sips._tcp.x"),
        ("tcp", "_sip._tcp.x"),
        ("udp", "_sip._udp.x"),
    ]
    assert choose_services(RECORDS, False, ("udp",)) == [("udp", "_sip._udp.x")]


def test_sips_takes_nothing_but_tls() -> None:
    assert choose_services(RECORDS, True, ALL) == [("tls", "_sips._tcp.x")]
    assert services_without_naptr("x", True, ALL) == [("tls", "_sips._tcp.x")]


def test_without_naptr_every_supported_transport_is_asked_about() -> None:
    assert services_without_naptr("x", False, ("tcp", "udp")) == [("udp", "_sip._udp.x"), ("tcp", "_sip._tcp.x")]


def test_srv_goes_by_priority_and_the_root_means_no_service() -> None:
    records = [Srv(20, 0, 5060, "c"), Srv(10, 5, 5060, "a"), Srv(10, 0, 5060, "b"), Srv(1, 0, 0, ".")]
    assert [record.target for record in order_srv(records, lambda: 0.99)] == ["a", "b", "c"]


def test_weights_decide_how_often_a_record_is_first() -> None:
    records = [Srv(1, 1, 5060, "light"), Srv(1, 3, 5060, "heavy")]
    lots = [number / 1000 for number in range(1000)]
    first = [order_srv(records, lambda lot=lot: lot)[0].target for lot in lots]  # type: ignore[misc]
    assert 650 < first.count("heavy") < 800


def test_srv_lists_are_bounded() -> None:
    assert len(order_srv([Srv(1, 1, 5060, f"t{number}") for number in range(500)], lambda: 0.5)) == 16


def test_default_ports() -> None:
    assert plain_place(NextHop("x"), "udp") == Place("udp", "x", 5060)
    assert plain_place(NextHop("x"), "tls") == Place("tls", "x", 5061)
    assert plain_place(NextHop("x", 99), "tcp") == Place("tcp", "x", 99)
