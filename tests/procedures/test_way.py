"""What comes where, request by request."""

import pytest

from scscf.errors import SipError
from scscf.procedures.way import Kind, Way, way_of
from scscf.proxy.record_route import route_user
from scscf.sip.message import Request, make_request
from scscf.sip.outbox import Flow
from tests.world import World

DIRECT = Flow("udp", ("127.0.0.1", 5060), ("127.0.0.9", 5070))
TRUSTED = Flow("udp", ("127.0.0.1", 5060), ("127.0.0.4", 5060))
OURS, FAR, BOB = "sip:alice@home1.test", "sip:eve@far.test", "sip:bob@home1.test"
ORIG = "<sip:orig@127.0.0.1:5060;lr>"
US = "<sip:127.0.0.1:5060;lr>"
AS = "<sip:127.0.0.1:5080;lr>"


@pytest.fixture(scope="module")
def world() -> World:
    return World({"domains": [{"name": "home1.test", "aliases": ["alias.test"]}, {"name": "biloxi.example.com"}]})


def request(method: str, uri: str, sender: str = OURS, to_tag: str = "", *route: str, **more: str) -> Request:
    headers = [
        ("Via", "SIP/2.0/UDP 127.0.0.9:5070;branch=z9hG4bK1"),
        ("Max-Forwards", "70"),
        ("From", f"<{sender}>;tag=1"),
        ("To", f"<{BOB}>{to_tag}"),
        ("Call-ID", "c"),
        ("CSeq", f"1 {method}"),
        *(("Route", value) for value in route),
        *((name.replace("_", "-"), value) for name, value in more.items()),
    ]
    return make_request(method, uri, headers)


def way(world: World, request: Request, flow: Flow = DIRECT) -> Way:
    return way_of(world.node, request, flow)


@pytest.mark.clause("TS 24.229 §5.4.3.1")
@pytest.mark.parametrize(
    ("method", "uri", "sender", "route", "flow", "kind"),
    [
        ("OPTIONS", "sip:home1.test", FAR, (), DIRECT, Kind.LOCAL),
        ("OPTIONS", "sip:127.0.0.1:5060", FAR, (), DIRECT, Kind.LOCAL),
        ("OPTIONS", "sip:home1.test", OURS, (ORIG,), DIRECT, Kind.LOCAL),
        ("MESSAGE", "sip:alias.test", FAR, (), DIRECT, Kind.LOCAL),
        ("MESSAGE", BOB, FAR, (), DIRECT, Kind.TERMINATING),
        ("MESSAGE", "sip:bob@alias.test", FAR, (US,), DIRECT, Kind.TERMINATING),
        ("MESSAGE", "sip:bob@127.0.0.1:5060", FAR, (), DIRECT, Kind.TERMINATING),
        ("MESSAGE", "tel:+1", FAR, (), DIRECT, Kind.TERMINATING),
        ("MESSAGE", BOB, OURS, (), DIRECT, Kind.ORIGINATING),
        ("MESSAGE", BOB, OURS, (), TRUSTED, Kind.TERMINATING),
        ("MESSAGE", FAR, OURS, (), TRUSTED, Kind.ORIGINATING),
        ("MESSAGE", BOB, OURS, (ORIG,), TRUSTED, Kind.ORIGINATING),
        ("MESSAGE", BOB, "sip:anonymous@anonymous.invalid", (ORIG,), TRUSTED, Kind.ORIGINATING),
        ("MESSAGE", BOB, OURS, ("<sip:127.0.0.1:5060;lr;orig>",), TRUSTED, Kind.ORIGINATING),
        ("MESSAGE", FAR, OURS, (AS,), DIRECT, Kind.ORIGINATING),
        ("MESSAGE", BOB, OURS, ("<sip:orig@127.0.0.1:5060;lr;odi=abc>",), DIRECT, Kind.FROM_SERVER),
        ("SUBSCRIBE", BOB, OURS, (ORIG,), DIRECT, Kind.ORIGINATING),
    ],
)
def test_what_comes_where(
    world: World, method: str, uri: str, sender: str, route: tuple[str, ...], flow: Flow, kind: Kind
) -> None:
    more = {"Event": "presence"} if method == "SUBSCRIBE" else {}

    assert way(world, request(method, uri, sender, "", *route, **more), flow).kind is kind


@pytest.mark.clause("TS 24.229 §5.4.2.1")
@pytest.mark.parametrize("route", [(), (ORIG,)])
def test_the_registration_event_is_for_us(world: World, route: tuple[str, ...]) -> None:
    assert way(world, request("SUBSCRIBE", BOB, OURS, "", *route, Event="reg;id=1")).kind is Kind.LOCAL
    assert way(world, request("SUBSCRIBE", BOB, OURS, "", *route)).kind is Kind.LOCAL
    assert way(world, request("SUBSCRIBE", "tel:+44123456789", OURS, "", *route, Event="reg")).kind is Kind.LOCAL
    assert way(world, request("SUBSCRIBE", "tel:+44123456789", OURS, "", *route, Event="x")).kind is not Kind.LOCAL


@pytest.mark.clause("RFC 3261 §16.4")
def test_our_values_are_taken_off_the_route_and_others_stay(world: World) -> None:
    double = "<sip:127.0.0.1:5060;transport=tcp;lr>"
    found = way(world, request("MESSAGE", FAR, OURS, "", ORIG, double, AS, US))

    assert found.route == (AS, US)
    assert found.request.values("route") == [AS, US]
    assert found.mark == "orig;"


@pytest.mark.clause("RFC 3261 §16.4")
def test_what_a_strict_router_did_is_undone(world: World) -> None:
    found = way(world, request("MESSAGE", "sip:127.0.0.1:5060;lr", OURS, "", "<sip:x@far.test>", f"<{BOB}>"))

    assert found.request.uri_text == BOB
    assert found.route == ("<sip:x@far.test>",)


@pytest.mark.parametrize(
    ("uri", "sender", "route", "status"),
    [
        (FAR, FAR, (), 404),
        (FAR, FAR, (US,), 404),
        (BOB, FAR, (AS,), 404),
        ("sip:bob@127.0.0.1:5072", FAR, (), 404),
    ],
)
@pytest.mark.clause("RFC 3261 §16.3")
def test_strangers_are_not_relayed(world: World, uri: str, sender: str, route: tuple[str, ...], status: int) -> None:
    with pytest.raises(SipError) as raised:
        way(world, request("MESSAGE", uri, sender, "", *route))

    assert raised.value.status == status


@pytest.mark.clause("RFC 3261 §16.4")
def test_a_request_of_a_dialog_through_us_follows_its_route(world: World) -> None:
    flow = Flow("tcp", ("127.0.0.1", 5060), ("127.0.0.11", 40000), 3)
    user = route_user(world.node.proxying.key, "c", "1", None, flow)
    found = way(world, request("BYE", "sip:bob@10.0.0.1", OURS, ";tag=2", f"<sip:{user}@127.0.0.1:5060;lr>", AS))

    assert (found.kind, found.route) == (Kind.IN_DIALOG, (AS,))
    assert found.dialog is not None
    assert found.dialog.flow == flow


@pytest.mark.clause("RFC 3261 §16.4")
@pytest.mark.parametrize("method", ["BYE", "UPDATE", "PRACK", "INFO", "NOTIFY", "ACK"])
def test_481_in_a_dialog_that_is_not_known(world: World, method: str) -> None:
    with pytest.raises(SipError) as raised:
        way(world, request(method, BOB, OURS, ";tag=2", "<sip:0123456789abcdef@127.0.0.1:5060;lr>"))

    assert raised.value.status == 481


def test_a_dialog_with_this_node_itself_is_for_us(world: World) -> None:
    assert way(world, request("SUBSCRIBE", "sip:127.0.0.1:5060", OURS, ";tag=2", Event="reg")).kind is Kind.LOCAL
