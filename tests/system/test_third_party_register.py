"""Application servers hear who is registered, and may end it by failing (TS 24.229 §5.4.1.7)."""

import pytest
from lxml import etree

from scscf.procedures.deregister import Scope, deregister
from scscf.procedures.reauthenticate import reauthenticate
from scscf.registration.registration import Event
from scscf.sip.message import Request, Response
from scscf.sip.parser import parse_message
from tests.world import Client, World

SUBSCRIBERS = """
subscriptions:
  - name: carol
    private_identities: [{id: carol@home1.test, auth: {scheme: none}}]
    implicit_sets: [["sip:carol@home1.test", "tel:+15550001"]]
    charging: {ccf: ["ccf.home1.test"]}
    service_profiles:
      default:
        initial_filter_criteria:
          - {priority: 0, server: "sip:127.0.0.50:5090", trigger: {method: REGISTER}}
          - priority: 1
            server: "sip:127.0.0.51:5090"
            default_handling: terminate
            trigger: {all: [{method: REGISTER}, {not: {registration: refresh}}]}
            service_info: "<tenant & more>"
            include: [request, response]
          - {priority: 2, server: "sip:127.0.0.52:5090", trigger: {method: INVITE}}
  - name: barred
    private_identities: [{id: phone@home1.test, auth: {scheme: none}}]
    implicit_sets: [[{id: "sip:0010101@home1.test", barred: true}, "sip:erin@home1.test"]]
    service_profiles:
      default: {initial_filter_criteria: [{priority: 0, server: "sip:127.0.0.50:5090"}]}
"""


class Server:
    """An application server: keeps the REGISTERs that it gets and answers them."""

    def __init__(self, world: World, host: str, status: int | None = 200) -> None:
        self.status = status
        self.requests: list[Request] = []
        self.statuses: list[int] = []
        self.socket = world.network.datagrams(host, 5090, self._received)

    def _received(self, data: bytes, source: tuple[str, int]) -> None:
        message = parse_message(data)
        if isinstance(message, Response):
            self.statuses.append(message.status)
            return
        if not any(known.to_bytes() == message.to_bytes() for known in self.requests):
            self.requests.append(message)
        if self.status is not None:
            self.socket.send(message.response(self.status, to_tag="as").to_bytes(), source)

    def told(self) -> list[tuple[str, int]]:
        """Return (identity, expiry) of each REGISTER."""
        return [(request.to.uri.text, request.expires or 0) for request in self.requests]


@pytest.fixture
def world() -> World:
    return World(subscribers=SUBSCRIBERS)


@pytest.fixture
def servers(world: World) -> tuple[Server, Server]:
    return Server(world, "127.0.0.50"), Server(world, "127.0.0.51")


def carol(world: World) -> Client:
    return world.client(user="carol")


@pytest.mark.clause("TS 24.229 §5.4.1.7")
def test_two_servers_are_told_of_register_refresh_and_de_register(
    world: World, servers: tuple[Server, Server]
) -> None:
    first, second = servers
    ue = carol(world)

    ue.register(600)
    ue.register(600)
    ue.register(0)

    assert first.told() == [("sip:carol@home1.test", 600), ("sip:carol@home1.test", 600), ("sip:carol@home1.test", 0)]
    assert second.told() == [("sip:carol@home1.test", 600), ("sip:carol@home1.test", 0)]


@pytest.mark.clause("TS 24.229 §5.4.1.7")
def test_they_are_told_of_an_expiry(world: World, servers: tuple[Server, Server]) -> None:
    carol(world).register(600)
    world.run(601)
    assert [server.told()[-1] for server in servers] == [("sip:carol@home1.test", 0)] * 2


@pytest.mark.clause("TS 24.229 §5.4.1.5")
def test_they_are_told_of_a_de_registration_by_the_network(world: World, servers: tuple[Server, Server]) -> None:
    carol(world).register(600)
    world.perform(deregister(world.node, Scope("sip:carol@home1.test"), Event.REJECTED))
    world.run()
    assert [server.told()[-1][1] for server in servers] == [0, 0]


@pytest.mark.clause("TS 24.229 §5.4.1.7")
def test_what_it_looks_like(world: World, servers: tuple[Server, Server]) -> None:
    p_cscf = world.client("127.0.0.4", user="carol")
    p_cscf.register(
        600,
        P_Access_Network_Info="3GPP-UTRAN-FDD",
        P_Visited_Network_ID='"home1.test"',
        P_Charging_Vector="icid-value=abc",
    )

    (request,) = servers[0].requests
    assert request.uri_text == "sip:127.0.0.50:5090"
    assert request.from_.uri.text == request.contacts[0].uri.text == world.node.server_name
    assert request.from_.tag is not None
    assert request.to.tag is None
    assert request.get("p-access-network-info") == "3GPP-UTRAN-FDD"
    assert request.get("p-visited-network-id") == '"home1.test"'
    assert request.get("p-charging-vector") == "icid-value=abc;orig-ioi=home1.test"
    assert "ccf.home1.test" in (request.get("p-charging-function-addresses") or "")
    assert request.body == b""
    assert request.content_type is None
    assert "authorization" not in request


@pytest.mark.clause("TS 24.229 §5.4.1.7A")
def test_service_information_the_register_and_its_200_are_in_the_body(
    world: World, servers: tuple[Server, Server]
) -> None:
    carol(world).register(600, Authorization='Digest username="carol@home1.test", realm="other", response="secret"')

    (request,) = servers[1].requests
    assert request.content_type == "multipart/mixed"
    boundary = (request.get("content-type") or "").partition('boundary="')[2].rstrip('"')
    _, information, register, answer, end = request.body.split(b"--" + boundary.encode())
    assert end == b"--\r\n"
    kind, _, xml = information.strip().partition(b"\r\n\r\n")
    assert kind == b"Content-Type: application/3gpp-ims+xml"
    assert etree.fromstring(xml).findtext("service-info") == "<tenant & more>"
    assert register.strip().startswith(b"Content-Type: message/sip\r\n\r\nREGISTER sip:home1.test SIP/2.0")
    assert b"secret" not in register
    assert answer.strip().startswith(b"Content-Type: message/sip\r\n\r\nSIP/2.0 200 OK")


@pytest.mark.clause("TS 24.229 §5.4.1.7A")
def test_a_single_part_is_the_body(world: World, servers: tuple[Server, Server]) -> None:
    carol(world).register(600)
    world.run(700)
    last = servers[1].requests[-1]
    assert (last.content_type, last.expires) == ("application/3gpp-ims+xml", 0)


@pytest.mark.clause("RFC 3261 §10.2")
def test_one_registration_has_one_call_id_and_a_rising_cseq(world: World, servers: tuple[Server, Server]) -> None:
    ue = carol(world)
    for expires in (600, 600, 0):
        ue.register(expires)
    requests = servers[0].requests
    assert len({request.call_id for request in requests}) == 1
    assert [request.cseq.number for request in requests] == [1, 2, 3]
    ue.register(600)
    assert servers[0].requests[-1].call_id != requests[0].call_id


@pytest.mark.clause("TS 24.229 §5.4.1.7")
@pytest.mark.parametrize("status", [500, 503, 408, None])
def test_a_server_that_fails_ends_the_registration_where_its_default_handling_says_so(
    world: World, servers: tuple[Server, Server], status: int | None
) -> None:
    first, second = servers
    second.status = status
    watcher = world.client("127.0.0.4", 5099, user="carol")
    ue = carol(world)
    ue.register(600)
    watcher.subscribe(P_Asserted_Identity="<sip:carol@home1.test>")
    world.run(40)

    assert world.perform(world.node.store.find("sip:carol@home1.test")).result() is None  # type: ignore[attr-defined]
    assert first.told()[-1] == ("sip:carol@home1.test", 0)
    if status is None:
        assert watcher.documents()[-1].contacts("sip:carol@home1.test")[0][1:] == ("terminated", "rejected")
        assert watcher.documents()[-1].subscription_state.startswith("terminated")


@pytest.mark.clause("TS 24.229 §5.4.1.7")
@pytest.mark.parametrize("status", [500, None, 404])
def test_another_failure_changes_nothing(
    world: World, servers: tuple[Server, Server], status: int | None
) -> None:
    servers[0].status = status
    ue = carol(world)
    ue.register(600)
    world.run(40)
    assert ue.register(expires=None, contact=None).get("contact") is not None


@pytest.mark.clause("TS 24.229 §5.4.1.7")
def test_a_barred_identity_is_not_shown_to_a_server(world: World, servers: tuple[Server, Server]) -> None:
    phone = world.client(user="0010101")
    assert phone.register(600).status == 200
    assert servers[0].told() == [("sip:erin@home1.test", 600)]


def test_a_query_and_a_shortened_registration_tell_no_server(world: World, servers: tuple[Server, Server]) -> None:
    ue = carol(world)
    ue.register(600)
    ue.register(expires=None, contact=None)
    world.perform(reauthenticate(world.node, Scope("sip:carol@home1.test"), 60))
    world.run()
    assert len(servers[0].requests) == 1
    world.run(70)
    assert len(servers[0].requests) == 2


@pytest.mark.clause("TS 24.229 §5.4.1.7")
def test_an_emergency_registration_tells_no_server(world: World, servers: tuple[Server, Server]) -> None:
    ue = carol(world)
    ue.register(600, contact=f"<{ue.uri};sos>")
    assert servers[0].requests == []


def test_a_plain_registrar_asks_no_server() -> None:
    world = World({"dialect": "rfc3261"}, subscribers=SUBSCRIBERS)
    server = Server(world, "127.0.0.50")
    carol(world).register(600)
    assert server.requests == []


@pytest.mark.clause("TS 24.229 §5.4.2.1.1")
def test_a_server_of_the_criteria_may_watch_and_no_other(world: World, servers: tuple[Server, Server]) -> None:
    carol(world).register(600)
    port = 6000

    def status(asserted: str) -> int:
        nonlocal port
        port += 1
        watcher = world.client("127.0.0.4", port, user="carol")
        return watcher.subscribe(P_Asserted_Identity=f"<{asserted}>").status

    assert status("sip:127.0.0.50:5090") == 200
    assert status("sip:127.0.0.52:5090;lr") == 200
    assert status("sip:127.0.0.60:5090") == 403
    assert status("sip:carol@127.0.0.50:5090") == 403


@pytest.mark.clause("RFC 3261 §16.3")
def test_a_server_that_sends_it_back_is_told_of_the_loop(world: World, servers: tuple[Server, Server]) -> None:
    carol(world).register(600)
    returned = servers[0].requests[0]
    returned.headers.insert(0, ("Via", "SIP/2.0/UDP 127.0.0.50:5090;branch=z9hG4bKback"))
    returned.uri_text = "sip:home1.test"
    servers[0].socket.send(returned.to_bytes(), ("127.0.0.1", 5060))
    world.run()
    assert servers[0].statuses == [482]
    assert len(servers[0].requests) == 1
