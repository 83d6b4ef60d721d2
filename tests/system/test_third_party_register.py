"""Application servers hear who is registered, and may end it by failing (TS 24.229 §5.4.1.7)."""

import pytest
from lxml import etree

from scscf.procedures.deregister import Scope, deregister, terminate
from scscf.procedures.reauthenticate import reauthenticate
from scscf.registration.change import CauseKind
from scscf.registration.registration import Event
from scscf.sip.message import Request, Response
from scscf.sip.parser import parse_message
from tests.fakes import SlowHss
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
def test_two_servers_are_told_of_register_refresh_and_de_register(world: World, servers: tuple[Server, Server]) -> None:
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
def test_another_failure_changes_nothing(world: World, servers: tuple[Server, Server], status: int | None) -> None:
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


@pytest.mark.clause("TS 24.229 §5.4.1.7")
def test_servers_come_after_the_200_and_after_the_watchers(world: World, servers: tuple[Server, Server]) -> None:
    ue = carol(world)
    ue.register(600)
    ue.subscribe()
    before = len(world.network.packets)
    ue.register(600)

    sent = [packet.data for packet in world.network.packets[before:] if packet.source == ("127.0.0.1", 5060)]
    assert [data[:7] for data in sent[:3]] == [b"SIP/2.0", b"NOTIFY ", b"REGISTE"]


@pytest.mark.clause("TS 24.229 §5.4.1.7")
def test_the_expiry_is_the_longest_of_the_device_s_contacts(world: World, servers: tuple[Server, Server]) -> None:
    ue = carol(world)
    contacts = [f"<{ue.uri}>;expires=100", "<sip:carol@127.0.0.9:5080>;expires=500"]
    ue.register(None, contacts)
    ue.register(0)

    assert [expires for _, expires in servers[0].told()] == [500, 500]


def test_a_contact_that_never_ends_is_told_of_with_the_largest_number(
    world: World, servers: tuple[Server, Server]
) -> None:
    assert carol(world).register(None, "<mailto:carol@home1.test>;expires=4294967295").status == 200
    assert servers[0].told() == [("sip:carol@home1.test", 4294967295)]
    world.perform(deregister(world.node, Scope("sip:carol@home1.test"), Event.REJECTED))
    world.run()


@pytest.mark.clause("TS 24.229 §4.4")
def test_what_only_a_trusted_peer_may_say_is_not_passed_on(world: World, servers: tuple[Server, Server]) -> None:
    carol(world).register(
        600,
        P_Access_Network_Info="3GPP-UTRAN-FDD",
        P_Visited_Network_ID='"elsewhere.test"',
        P_Charging_Vector="icid-value=forged",
    )

    (request,) = servers[0].requests
    assert request.get("p-access-network-info") == "3GPP-UTRAN-FDD"
    assert "p-visited-network-id" not in request
    assert "forged" not in (request.get("p-charging-vector") or "")
    assert (request.get("p-charging-vector") or "").endswith(";orig-ioi=home1.test")
    assert request.get("p-charging-function-addresses") == "ccf=ccf.home1.test"


@pytest.mark.clause("TS 24.229 §5.4.1.7")
def test_where_the_network_ends_it_there_is_no_register_of_the_ue_to_hand_on(
    world: World, servers: tuple[Server, Server]
) -> None:
    carol(world).register(600, P_Access_Network_Info="3GPP-UTRAN-FDD")
    world.perform(deregister(world.node, Scope("sip:carol@home1.test"), Event.REJECTED))
    world.run()

    last = servers[1].requests[-1]
    assert last.content_type == "application/3gpp-ims+xml"
    assert "p-access-network-info" not in last
    assert last.get("p-charging-function-addresses") == "ccf=ccf.home1.test"


@pytest.mark.clause("TS 29.228 §6.1.3")
def test_a_silent_end_tells_no_server_and_the_next_registration_is_a_new_one(
    world: World, servers: tuple[Server, Server]
) -> None:
    ue = carol(world)
    ue.register(600)
    world.perform(terminate(world.node, "carol@home1.test", (), CauseKind.NEW_SERVER_ASSIGNED))
    world.run()
    ue.register(600)

    first, second = servers[0].requests
    assert first.call_id != second.call_id
    assert [request.expires for request in servers[1].requests] == [600, 600]


@pytest.mark.clause("TS 24.229 §5.4.1.7")
def test_a_late_failure_does_not_end_the_registration_that_followed(
    world: World, servers: tuple[Server, Server]
) -> None:
    servers[1].status = None
    ue = carol(world)
    ue.register(600)
    ue.register(0)
    world.run(20)
    servers[1].status = 200
    ue.register(600)
    world.run(40)

    assert world.node.store is not None
    assert ue.register(expires=None, contact=None).get("contact") is not None


@pytest.mark.clause("TS 24.229 §5.4.1.7")
def test_a_server_that_is_unreachable_is_a_failure_too() -> None:
    text = SUBSCRIBERS.replace("sip:127.0.0.51:5090", "sip:as.nowhere.test")
    world = World({"hosts": {"home1.test": "127.0.0.1"}}, text)
    seen: list[tuple[str, dict[str, object]]] = []
    world.node.feed.listeners.append(lambda kind, what: seen.append((kind, dict(what))))
    first = Server(world, "127.0.0.50")
    carol(world).register(600)
    world.run(60)

    assert first.told() == [("sip:carol@home1.test", 600), ("sip:carol@home1.test", 0)]
    told = [what for kind, what in seen if kind == "third_party_register"]
    assert {
        "as": "sip:as.nowhere.test",
        "aor": "sip:carol@home1.test",
        "kind": "initial",
        "status": "transport",
    } in told
    assert {"as": "sip:127.0.0.50:5090", "aor": "sip:carol@home1.test", "kind": "deregister", "status": 200} in told


@pytest.mark.clause("TS 24.229 §5.4.1.7")
def test_each_device_is_told_of_on_its_own(servers: tuple[Server, Server]) -> None:
    text = SUBSCRIBERS.replace(
        "[{id: carol@home1.test, auth: {scheme: none}}]",
        "[{id: one@home1.test, auth: {scheme: digest, password: a}}, "
        "{id: two@home1.test, auth: {scheme: digest, password: a}}]",
    )
    world = World(subscribers=text)
    server = Server(world, "127.0.0.50")
    one = world.client(user="carol", username="one@home1.test", password="a")
    two = world.client("127.0.0.10", user="carol", username="two@home1.test", password="a")
    for client, expires in ((one, 600), (two, 300), (one, 0), (two, 0)):
        assert client.register(expires).status == 200

    assert [expires for _, expires in server.told()] == [600, 300, 0, 0]
    calls = [request.call_id for request in server.requests]
    assert calls[0] == calls[2] != calls[1] == calls[3]


@pytest.mark.clause("TS 24.229 §5.4.1.7")
@pytest.mark.parametrize(
    "cause", [CauseKind.PERMANENT_TERMINATION, CauseKind.SERVER_CHANGE, CauseKind.REMOVED_SUBSCRIBER]
)
def test_they_are_told_of_what_the_hss_ends(world: World, servers: tuple[Server, Server], cause: CauseKind) -> None:
    carol(world).register(600)
    world.perform(terminate(world.node, "carol@home1.test", (), cause))
    world.run()

    assert [server.told()[-1] for server in servers] == [("sip:carol@home1.test", 0)] * 2


@pytest.mark.clause("TS 24.229 §5.4.1.7")
def test_the_hss_is_told_of_a_user_who_is_ended_by_a_server(world: World, servers: tuple[Server, Server]) -> None:
    servers[1].status = None
    carol(world).register(600)
    hss = SlowHss(world.node.cx)
    world.node.cx = hss
    world.run(40)

    assert [(question.command, question.private_identity) for question in hss.waiting] == [
        ("SAR ADMINISTRATIVE_DEREGISTRATION", "carol@home1.test")
    ]
    with world.scscf.shell.turn():
        hss.waiting.pop().answer()


@pytest.mark.clause("TS 24.229 §5.4.1.7")
def test_a_failure_at_a_refresh_ends_the_registration_too() -> None:
    text = SUBSCRIBERS.replace(", {not: {registration: refresh}}", "")
    world = World(subscribers=text)
    server = Server(world, "127.0.0.51")
    ue = carol(world)
    ue.register(600)
    server.status = 500
    ue.register(600)
    world.run()

    assert server.told()[-1] == ("sip:carol@home1.test", 0)
    assert len(world.node.store) == 0


@pytest.mark.clause("TS 24.229 §5.4.1.7")
def test_one_of_several_flows_that_goes_is_no_de_registration(world: World, servers: tuple[Server, Server]) -> None:
    ue = carol(world)
    instance = '+sip.instance="<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>"'
    for reg_id in (1, 2):
        ue.register(600, f"<{ue.uri};ob>;{instance};reg-id={reg_id}", Supported="outbound")
    contacts = [f"<{ue.uri};ob>;{instance};reg-id={reg_id};expires=0" for reg_id in (1, 2)]

    ue.register(None, contacts[:1], Supported="outbound")
    assert servers[0].told()[-1] == ("sip:carol@home1.test", 600)
    ue.register(None, contacts[1:], Supported="outbound")
    assert [server.told()[-1] for server in servers] == [("sip:carol@home1.test", 0)] * 2


def test_who_looks_on_sees_what_each_server_answered(world: World, servers: tuple[Server, Server]) -> None:
    seen: list[dict[str, object]] = []
    world.node.feed.listen(lambda kind, data: seen.append(data) if kind == "third_party_register" else None)
    carol(world).register(600)
    assert [(each["as"], each["aor"], each["kind"], each["status"]) for each in seen] == [
        ("sip:127.0.0.50:5090", "sip:carol@home1.test", "initial", 200),
        ("sip:127.0.0.51:5090", "sip:carol@home1.test", "initial", 200),
    ]


TWO_PROFILES = """
subscriptions:
  - name: tobias
    private_identities: [{id: tobias@home1.test, auth: {scheme: none}}]
    implicit_sets:
      - - {id: "sip:0010101@home1.test", barred: true, service_profile: gaming}
        - sip:tobias@home1.test
        - tel:+15550001
        - {id: "sip:gameMaster@home1.test", service_profile: gaming}
        - {id: "sip:chess@home1.test", service_profile: gaming}
        - {id: "sip:idle@home1.test", barred: true, service_profile: idle}
    service_profiles:
      default:
        initial_filter_criteria: [{priority: 0, server: "sip:127.0.0.50:5090"}]
      gaming:
        initial_filter_criteria:
          - {priority: 0, server: "sip:127.0.0.50:5090"}
          - {priority: 1, server: "sip:127.0.0.51:5090", default_handling: terminate}
      idle:
        initial_filter_criteria: [{priority: 0, server: "sip:127.0.0.52:5090"}]
"""


@pytest.mark.clause("TS 24.229 §5.4.1.7")
@pytest.mark.parametrize(
    ("user", "shown"),
    [
        ("tobias", ["sip:tobias@home1.test", "sip:gameMaster@home1.test"]),
        ("chess", ["sip:tobias@home1.test", "sip:chess@home1.test"]),
        ("0010101", ["sip:tobias@home1.test", "sip:gameMaster@home1.test"]),
    ],
)
def test_each_service_profile_of_the_set_tells_its_servers_of_one_identity(user: str, shown: list[str]) -> None:
    world = World(subscribers=TWO_PROFILES)
    first, second, idle = (Server(world, f"127.0.0.{host}") for host in (50, 51, 52))
    ue = world.client(user=user)
    ue.register(600)
    ue.register(0)

    assert [aor for aor, expires in first.told() if expires] == shown
    assert second.told() == [(shown[1], 600), (first.told()[-1][0], 0)]
    assert idle.told() == []
    calls = {request.call_id: request.cseq.number for request in first.requests}
    assert list(calls.values()) == [2, 2], "each profile is one registration at a server that both have"


@pytest.mark.clause("TS 24.229 §5.4.1.7")
def test_a_server_of_another_profile_ends_the_registration_too() -> None:
    world = World(subscribers=TWO_PROFILES)
    first, _failing = Server(world, "127.0.0.50"), Server(world, "127.0.0.51", 503)
    world.client(user="tobias").register(600)
    world.run()

    assert [expires for _, expires in first.told()] == [600, 600, 0, 0]
    assert len(world.node.store) == 0
