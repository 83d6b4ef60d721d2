import pytest

from scscf.errors import SipError
from scscf.sip.message import Request, make_request
from scscf.sip.outbox import Flow, NextHop
from scscf.sip.routing import hop_of_uri, next_hop_of, response_fallback, response_flow, route_request, stamp_via
from scscf.sip.uri import parse_uri
from scscf.sip.via import parse_via
from tests.sip.layer import TCP, UDP, a_request

pytestmark = pytest.mark.clause("RFC 3261 §18.2", "RFC 3581 §4")

V6 = Flow("udp", ("2001:db8::1", 5060), ("2001:db8::9", 5070))


@pytest.mark.parametrize(
    ("via", "flow", "stamped"),
    [
        ("192.0.2.9:5070;branch=z9hG4bK1", UDP, "192.0.2.9:5070;branch=z9hG4bK1"),
        ("192.0.2.8;branch=z9hG4bK1", UDP, "192.0.2.8;branch=z9hG4bK1;received=192.0.2.9"),
        ("pc.home1.test;branch=z9hG4bK1", UDP, "pc.home1.test;branch=z9hG4bK1;received=192.0.2.9"),
        ("192.0.2.9:5070;rport;branch=z9hG4bK1", UDP, "192.0.2.9:5070;rport=5070;branch=z9hG4bK1;received=192.0.2.9"),
        ("192.0.2.9:1;branch=z9hG4bK1;rport", UDP, "192.0.2.9:1;branch=z9hG4bK1;rport=5070;received=192.0.2.9"),
        ("192.0.2.9; rport;branch=z9hG4bK1", UDP, "192.0.2.9;rport=5070;branch=z9hG4bK1;received=192.0.2.9"),
        ("192.0.2.9;branch=z9hG4bK1; rport", UDP, "192.0.2.9;branch=z9hG4bK1;rport=5070;received=192.0.2.9"),
        ("192.0.2.9;RPORT;branch=z9hG4bK1", UDP, "192.0.2.9;RPORT=5070;branch=z9hG4bK1;received=192.0.2.9"),
        ("192.0.2.9;branch=z9hG4bK1;received=198.51.100.1", UDP, "192.0.2.9;branch=z9hG4bK1"),
        (
            "192.0.2.9;rport=9;received=198.51.100.1;branch=z9hG4bK1",
            UDP,
            "192.0.2.9;rport=5070;branch=z9hG4bK1;received=192.0.2.9",
        ),
        ("[2001:DB8::9]:5070;branch=z9hG4bK1", V6, "[2001:DB8::9]:5070;branch=z9hG4bK1"),
        ("[2001:db8:0::9];branch=z9hG4bK1", V6, "[2001:db8:0::9];branch=z9hG4bK1"),
        ("[2001:db8::8];branch=z9hG4bK1", V6, "[2001:db8::8];branch=z9hG4bK1;received=2001:db8::9"),
        (
            '192.0.2.9;x=";rport;";rport;branch=z9hG4bK1',
            UDP,
            '192.0.2.9;x=";rport;";rport=5070;branch=z9hG4bK1;received=192.0.2.9',
        ),
    ],
)
def test_the_topmost_via_is_stamped(via: str, flow: Flow, stamped: str) -> None:
    request = make_request("OPTIONS", "sip:home1.test", [("Via", f"SIP/2.0/UDP {via}")])
    stamp_via(request, request.via, flow)
    assert request.get("via") == f"SIP/2.0/UDP {stamped}"
    assert request.headers == [("Via", f"SIP/2.0/UDP {stamped}")]
    assert request.via == parse_via(f"SIP/2.0/UDP {stamped}")


def test_only_the_topmost_of_several_vias_is_stamped() -> None:
    others = "SIP/2.0/UDP 192.0.2.77;branch=z9hG4bK2;rport"
    request = make_request(
        "OPTIONS", "sip:home1.test", [("v", f"SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1;rport, {others}"), ("Via", others)]
    )
    assert request.via.rport is None
    stamp_via(request, request.via, UDP)
    stamped = "SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1;rport=5070;received=192.0.2.9"
    assert request.get_all("via") == [f"{stamped}, {others}", others]
    assert [via.text for via in request.vias] == [stamped, others, others]


@pytest.mark.parametrize(
    ("via", "flow", "remote"),
    [
        ("192.0.2.9:5070", UDP, ("192.0.2.9", 5070)),
        ("192.0.2.9", UDP, ("192.0.2.9", 5060)),
        ("192.0.2.8:5090", UDP, ("192.0.2.9", 5090)),
        ("192.0.2.8:5090;rport", UDP, ("192.0.2.9", 5070)),
        ("192.0.2.8:5090;maddr=198.51.100.7", UDP, ("192.0.2.9", 5090)),
        ("192.0.2.8:5090;maddr=239.1.2.3", UDP, ("239.1.2.3", 5090)),
        ("192.0.2.8:5090;maddr=[ff02::1]", V6, ("ff02::1", 5090)),
        ("192.0.2.8:5090;maddr=nonsense", UDP, ("192.0.2.9", 5090)),
    ],
)
def test_a_response_goes_to_the_source_address(via: str, flow: Flow, remote: tuple[str, int]) -> None:
    assert response_flow(parse_via(f"SIP/2.0/UDP {via}"), flow) == Flow("udp", flow.local, remote)


def test_a_response_goes_back_along_its_connection() -> None:
    via = parse_via("SIP/2.0/TCP pc.home1.test;branch=z9hG4bK1")
    assert response_flow(via, TCP) is TCP
    assert response_fallback(via, TCP) == NextHop("192.0.2.9", 5060, "tcp")
    assert response_fallback(via, TCP._replace(transport="tls")) == NextHop("192.0.2.9", 5061, "tls", True)


@pytest.mark.parametrize(
    ("uri", "hop"),
    [
        ("sip:home1.test", NextHop("home1.test")),
        ("sip:bob@192.0.2.9:5070;transport=TCP", NextHop("192.0.2.9", 5070, "tcp")),
        ("sips:bob@home1.test", NextHop("home1.test", None, None, True)),
        ("sips:bob@home1.test;transport=tcp", NextHop("home1.test", None, "tls", True)),
        ("sip:bob@[2001:db8::9]", NextHop("2001:db8::9")),
        ("sip:bob@home1.test;maddr=192.0.2.44", NextHop("192.0.2.44")),
    ],
)
def test_a_uri_names_its_next_hop(uri: str, hop: NextHop) -> None:
    assert hop_of_uri(parse_uri(uri)) == hop


def test_only_sip_uris_name_a_next_hop() -> None:
    with pytest.raises(SipError) as caught:
        hop_of_uri(parse_uri("tel:+44123"))
    assert caught.value.status == 416


def outgoing() -> Request:
    return make_request("NOTIFY", "sip:ue@192.0.2.9:5070;ob", [("Call-ID", "c")])


def test_a_loose_router_gets_the_request_uri_of_the_target() -> None:
    request = outgoing()
    hop = route_request(request, ["<sip:p1.test;lr>", "<sip:p2.test;lr>"])
    assert hop == NextHop("p1.test")
    assert request.uri_text == "sip:ue@192.0.2.9:5070;ob"
    assert request.get_all("route") == ["<sip:p1.test;lr>", "<sip:p2.test;lr>"]


def test_a_strict_router_gets_itself_as_request_uri_and_the_target_as_last_route() -> None:
    request = outgoing()
    hop = route_request(request, ["<sip:p1.test;method=X;x=y?a=b>", "<sip:p2.test;lr>"])
    assert hop == NextHop("p1.test")
    assert request.uri_text == "sip:p1.test;x=y"
    assert request.get_all("route") == ["<sip:p2.test;lr>", "<sip:ue@192.0.2.9:5070;ob>"]


def test_without_a_route_set_the_target_is_the_next_hop() -> None:
    request = outgoing()
    assert route_request(request, ()) == NextHop("192.0.2.9", 5070)
    assert "route" not in request


@pytest.mark.parametrize(
    ("routes", "hop", "uri", "left"),
    [
        ([], NextHop("home1.test"), "sip:home1.test", []),
        (
            ["<sip:p1.test;lr>, <sip:p2.test>"],
            NextHop("p1.test"),
            "sip:home1.test",
            ["<sip:p1.test;lr>, <sip:p2.test>"],
        ),
        (
            ["<sip:p1.test>", "<sip:p2.test;lr>"],
            NextHop("p1.test"),
            "sip:p1.test",
            ["<sip:p2.test;lr>", "<sip:home1.test>"],
        ),
    ],
)
def test_the_next_hop_of_a_request_is_its_first_route(
    routes: list[str], hop: NextHop, uri: str, left: list[str]
) -> None:
    request = a_request("MESSAGE")
    for route in routes:
        request.add("Route", route)
    assert next_hop_of(request) == hop
    assert request.uri_text == uri
    assert request.get_all("route") == left


def test_a_route_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(SipError) as caught:
        route_request(outgoing(), ["<sip:p1.test"])
    assert caught.value.status == 400
