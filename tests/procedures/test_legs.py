"""How a request leaves: next hop, Route, Record-Route and what a target may learn."""

from typing import Any

import pytest

from scscf.procedures.branch import Leg
from scscf.procedures.forward import Proxied
from scscf.procedures.legs import leg_onward, leg_to_server, leg_to_target
from scscf.profile.filter_criteria import ApplicationServer, SessionCase
from scscf.proxy.proxying import Chain
from scscf.proxy.targets import Target
from scscf.registration.binding import Binding
from scscf.sip.address import parse_address
from scscf.sip.outbox import Flow
from tests.procedures.call import Call
from tests.world import World

LOCAL = ("127.0.0.1", 5060)
UDP = Flow("udp", LOCAL, ("192.0.2.7", 5070))
TCP = Flow("tcp", LOCAL, ("192.0.2.7", 40001), 3)
NAT = Flow("udp", LOCAL, ("198.51.100.1", 62000))


@pytest.fixture(scope="module")
def world() -> World:
    return World({"hosts": {"pcscf.test": "127.0.0.4"}})


def binding(uri: str, flow: Flow | None = UDP, path: tuple[str, ...] = (), **more: Any) -> Binding:
    made = Binding(uri, "bob@home1.test", "c", 1, 0.0, 3600.0, 3600, 0, None, None, (), path, flow)
    return made._replace(**more) if more else made


def leg(world: World, call: Call, *bindings: Binding, called: str | None = None) -> Leg:
    proxied = Proxied(world.node, call)  # type: ignore[arg-type]
    return leg_to_target(proxied, call.request, Target(1.0, bindings), called)


def recorded(leg: Leg) -> list[str]:
    """Return the Record-Route URIs of a leg without the seals."""
    uris = [parse_address(value).uri for value in leg.request.values("record-route")]
    return [uri.text.replace(uri.user or "", "", 1) for uri in uris]


@pytest.mark.clause("RFC 3261 §16.6", "RFC 5626 §7")
@pytest.mark.parametrize(
    ("uri", "flow", "used"),
    [
        ("sip:bob@192.0.2.7:5070", UDP, True),
        ("sip:bob@192.0.2.7", UDP, False),
        ("sip:bob@192.0.2.8:5070", UDP, False),
        ("sip:bob@192.0.2.7:9999;transport=tcp", TCP, True),
        ("sip:bob@192.0.2.7:9999", TCP, False),
        ("sip:bob@10.0.0.7:5070", NAT, False),
        ("sip:bob@192.0.2.7:5070", None, False),
    ],
)
def test_the_way_to_a_contact_is_its_flow_where_that_leads_there(
    world: World, uri: str, flow: Flow | None, used: bool
) -> None:
    found = leg(world, Call("MESSAGE"), binding(uri, flow), called="sip:bob@home1.test")

    assert found.next_hop.flow == (flow if used else None)
    assert found.next_hop.host == parse_address(f"<{uri}>").uri.host
    assert found.request.uri_text == uri
    assert found.request.get("p-called-party-id") == "<sip:bob@home1.test>"
    assert found.unreachable == 430


@pytest.mark.clause("RFC 3327 §5.3")
def test_the_way_to_a_contact_behind_a_proxy_is_its_path(world: World) -> None:
    path = ("<sip:term@pcscf.test;lr>", "<sip:inner.test;lr>")
    found = leg(world, Call("MESSAGE", ("P-Charging-Vector", "icid-value=1")), binding("sip:bob@10.0.0.7", UDP, path))

    assert (found.next_hop.host, found.next_hop.flow) == ("pcscf.test", None)
    assert found.request.values("route") == list(path)
    assert found.trusted
    assert "p-charging-vector" in found.request


@pytest.mark.clause("RFC 3261 §16.6")
def test_a_strict_router_in_the_path_gets_its_uri_as_request_uri(world: World) -> None:
    found = leg(world, Call("MESSAGE"), binding("sip:bob@10.0.0.7", UDP, ("<sip:old.test>",)))

    assert found.request.uri_text == "sip:old.test"
    assert found.request.values("route") == ["<sip:bob@10.0.0.7>"]


@pytest.mark.clause("RFC 5626 §7")
def test_the_further_flows_of_an_instance_are_alternates(world: World) -> None:
    found = leg(world, Call("MESSAGE"), binding("sip:bob@192.0.2.7:5070"), binding("sip:bob@192.0.2.8", NAT))

    assert [other.request.uri_text for other in found.alternates] == ["sip:bob@192.0.2.8"]


@pytest.mark.clause("RFC 3261 §16.6")
@pytest.mark.parametrize(
    ("method", "count"), [("INVITE", 1), ("SUBSCRIBE", 1), ("REFER", 1), ("MESSAGE", 0), ("NOTIFY", 0), ("BYE", 0)]
)
def test_what_begins_a_dialog_comes_by_again(world: World, method: str, count: int) -> None:
    found = leg(world, Call(method), binding("sip:bob@192.0.2.7:5070"))

    assert recorded(found) == ["sip:@127.0.0.1:5060;lr"] * count


@pytest.mark.clause("RFC 5658 §5")
def test_two_transports_are_recorded_by_two_values(world: World) -> None:
    found = leg(
        world, Call("INVITE", ("Record-Route", "<sip:x.test;lr>")), binding("sip:b@192.0.2.7;transport=tcp", TCP)
    )

    assert recorded(found) == ["sip:@127.0.0.1:5060;transport=tcp;lr", "sip:@127.0.0.1:5060;lr", "sip:x.test;lr"]


@pytest.mark.clause("RFC 5626 §5.3")
@pytest.mark.parametrize(
    ("contact", "flow", "named"),
    [
        ("sip:a@127.0.0.9:5070", Flow("udp", LOCAL, ("127.0.0.9", 5070)), False),
        ("sip:a@10.0.0.9:5070", Flow("udp", LOCAL, ("127.0.0.9", 5070)), True),
        ("sip:a@127.0.0.9:40000;transport=tcp", Flow("tcp", LOCAL, ("127.0.0.9", 40000), 5), True),
        ("sip:a@10.0.0.9:5070", Flow("udp", LOCAL, ("127.0.0.4", 5060)), False),
    ],
)
def test_the_flow_of_who_cannot_be_reached_otherwise_is_in_the_record_route(
    world: World, contact: str, flow: Flow, named: bool
) -> None:
    found = leg(world, Call("INVITE", ("Contact", f"<{contact}>"), flow=flow), binding("sip:bob@192.0.2.7:5070"))
    user = parse_address(found.request.values("record-route")[0]).uri.user or ""

    assert ("-" in user) is named


@pytest.mark.clause("RFC 3325 §5", "RFC 3261 §16.6")
@pytest.mark.parametrize(("host", "trusted"), [("pcscf.test", True), ("127.0.0.4", True), ("far.test", False)])
def test_a_request_to_elsewhere_keeps_what_its_next_hop_may_know(world: World, host: str, trusted: bool) -> None:
    call = Call("MESSAGE", ("P-Charging-Vector", "icid-value=1"), uri=f"sip:eve@{host}")
    found = leg_onward(Proxied(world.node, call), call.request)  # type: ignore[arg-type]

    assert (found.next_hop.host, found.trusted) == (host, trusted)
    assert ("p-charging-vector" in found.request) is trusted
    assert found.unreachable == 503


@pytest.mark.clause("TS 24.229 §5.4.3.2", "RFC 5502 §4")
@pytest.mark.parametrize("server", ["sip:as.test", "sip:as.test;lr", "sip:as.test:5080;transport=tcp"])
def test_the_way_to_a_server_and_back(world: World, server: str) -> None:
    call = Call("INVITE", ("Route", "<sip:next.test;lr>"))
    chain = Chain("home1.test", "sip:alice@home1.test", SessionCase.ORIGINATING_REGISTERED, None)
    proxied = Proxied(world.node, call)  # type: ignore[arg-type]
    found = leg_to_server(proxied, call.request, ApplicationServer(server), chain, "abc", world.node.domains[0])

    first, back, rest = found.request.values("route")
    transport = ";transport=tcp" if "tcp" in server else ""
    assert first == (f"<{server}>" if server.endswith(";lr") else f"<{server};lr>")
    assert back == f"<sip:orig@127.0.0.1:5060{transport};lr;odi=abc>"
    assert rest == "<sip:next.test;lr>"
    assert found.request.uri_text == "sip:bob@home1.test"
    assert found.request.get("p-served-user") == "<sip:alice@home1.test>;sescase=orig;regstate=reg"
    assert found.next_hop.host == "as.test"
