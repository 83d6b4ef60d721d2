"""Outbound on a whole node: flows, 439, Flow-Timer, and what a lost connection takes with it (RFC 5626)."""

from collections.abc import Mapping

import pytest

from scscf.net.network import RawStream
from scscf.sip.message import Response
from scscf.sip.parser import parse_message
from tests.fakes import SlowHss
from tests.world import Client, World

INSTANCE = '+sip.instance="<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>"'
EDGE = "<sip:edge.home1.test;lr;ob>"
OUTBOUND = "path, outbound"


@pytest.fixture
def world() -> World:
    return World()


def ue(world: World) -> Client:
    """Return a user who is never challenged, next to us."""
    return world.client(user="carol")


def behind_a_proxy(world: World) -> Client:
    """Return the same user as a P-CSCF passes their requests on."""
    return world.client("127.0.0.4", 5060, user="carol")


def contact(reg_id: str = "1", uri: str = "sip:carol@127.0.0.9:5070;ob") -> str:
    """Return a Contact with instance and reg-id."""
    return f"<{uri}>;{INSTANCE};reg-id={reg_id}"


def vias(client: Client, name: str) -> list[str]:
    """Return the Vias of a request that came through an edge proxy."""
    return [
        f"SIP/2.0/UDP {client.host}:{client.port};branch=z9hG4bK{name}",
        "SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKue",
    ]


def register_through_proxy(client: Client, path: list[str] | None, name: str, **headers: str) -> Response:
    """Register through an edge proxy; `path` is what it says."""
    fields = {"Contact": contact(), "Via": vias(client, name), "Path": path, "Supported": OUTBOUND} | headers
    answer = client.send("REGISTER", None, fields)
    assert answer is not None
    return answer


@pytest.mark.clause("RFC 5626 §6", "RFC 5626 §4.4.1")
def test_a_flow_to_us_is_honoured_and_gets_a_flow_timer(world: World) -> None:
    answer = ue(world).register(contact=contact(), Supported=OUTBOUND)

    assert (answer.status, answer.get("require"), answer.get("flow-timer")) == (200, "outbound", "120")


@pytest.mark.clause("RFC 5626 §6")
def test_outbound_is_not_required_of_who_does_not_support_it(world: World) -> None:
    carol = ue(world)

    answer = carol.register(contact=contact())

    assert (answer.status, answer.get("require"), answer.get("flow-timer")) == (200, None, None)
    assert next(world.node.store.records()).contacts(carol.aor)[0].binding.outbound


@pytest.mark.clause("RFC 5626 §6")
@pytest.mark.parametrize("value", [f"<{'sip:carol@127.0.0.9'}>", "<sip:carol@127.0.0.9>;reg-id=1"])
def test_without_instance_and_reg_id_there_is_no_outbound(world: World, value: str) -> None:
    answer = ue(world).register(contact=value, Supported=OUTBOUND)

    assert (answer.status, answer.get("require"), answer.get("flow-timer")) == (200, None, None)


@pytest.mark.parametrize(("flow_timer", "told"), [(30, "30"), (0, None)])
def test_the_flow_timer_is_configured(flow_timer: int, told: str | None) -> None:
    world = World({"registrar": {"flow_timer": flow_timer}})

    assert ue(world).register(contact=contact(), Supported=OUTBOUND).get("flow-timer") == told


@pytest.mark.clause("RFC 5626 §6")
@pytest.mark.parametrize("path", [[EDGE], [f"<sip:p1.home1.test;lr>, {EDGE}"], [EDGE, "<sip:p2.home1.test;lr>"]])
def test_an_edge_proxy_keeps_the_flow_and_its_timer(world: World, path: list[str]) -> None:
    answer = register_through_proxy(behind_a_proxy(world), path, "1")

    assert (answer.status, answer.get("require"), answer.get("flow-timer")) == (200, "outbound", None)


@pytest.mark.clause("RFC 5626 §6", "RFC 5626 §11.6")
@pytest.mark.parametrize("path", [None, ["<sip:edge.home1.test;lr>"]])
def test_439_where_the_first_hop_lacks_outbound(world: World, path: list[str] | None) -> None:
    pcscf = behind_a_proxy(world)

    refused = register_through_proxy(pcscf, path, "1")
    assert (refused.status, refused.reason) == (439, "First Hop Lacks Outbound Support")

    ignored = register_through_proxy(pcscf, path, "2", Supported="path")
    assert (ignored.status, ignored.get("require")) == (200, None)
    assert register_through_proxy(pcscf, path, "3", Contact=f"{contact()};expires=0").status == 200


@pytest.mark.clause("RFC 5626 §6")
def test_a_path_that_is_not_believed_keeps_no_flow(world: World) -> None:
    assert register_through_proxy(ue(world), [EDGE], "1").status == 439


@pytest.mark.clause("RFC 5626 §10")
@pytest.mark.parametrize("reg_id", ["0", "-1", "x", "2147483648", "99999999999999999999", "1.5", '"1"'])
def test_a_reg_id_that_is_no_number_of_31_bits_is_refused(world: World, reg_id: str) -> None:
    assert ue(world).register(contact=contact(reg_id)).status == (400 if reg_id != '"1"' else 200)
    assert ue(World()).register(contact=contact("2147483647")).status == 200


@pytest.mark.clause("RFC 5626 §6")
def test_only_one_contact_with_reg_id_at_a_time(world: World) -> None:
    carol = ue(world)
    two = [contact("1"), "<sip:carol@127.0.0.10>"]

    assert carol.register(contact=two).status == 400
    assert carol.register(contact=[contact("1"), "<sip:carol@127.0.0.10>;expires=0"]).status == 200


@pytest.mark.clause("RFC 5626 §6", "TS 24.229 §5.4.1.2.2")
def test_403_for_one_flow_too_many() -> None:
    world = World({"registrar": {"max_flows": 2}})
    carol = ue(world)

    answers = [carol.register(contact=contact(reg_id), Supported=OUTBOUND) for reg_id in ("1", "2", "3", "2")]

    assert [answer.status for answer in answers] == [200, 200, 403, 200]
    assert len(answers[-1].get_all("contact")) == 2


@pytest.mark.clause("RFC 5626 §4.2")
def test_outbound_and_gruu_are_understood_where_they_are_required(world: World) -> None:
    carol = ue(world)

    answer = carol.register(contact=contact(), Require="outbound, gruu, path", Supported=OUTBOUND)
    options = carol.send("OPTIONS", "sip:home1.test")

    assert answer.status == 200
    assert options is not None
    assert {"gruu", "outbound", "path"} <= set(options.values("supported"))


class Connection:
    """A UE over TCP."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.raw: RawStream | None = None
        self.data = b""
        self.cseq = 0
        world.network.connect("tcp", "127.0.0.1", 5060, "127.0.0.1", 5.0, self)
        world.run(0.1)

    def opened(self, raw: RawStream) -> None:
        self.raw = raw

    def failed(self, detail: str) -> None:
        raise AssertionError(detail)

    def received(self, data: bytes) -> None:
        self.data += data

    def congested(self, congested: bool) -> None:
        pass

    def lost(self, detail: str) -> None:
        pass

    def send(self, user: str, **headers: str) -> None:
        """Send a REGISTER."""
        self.cseq += 1
        fields = {
            "Via": f"SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK{user}{id(self)}{self.cseq}",
            "Max-Forwards": "70",
            "From": f"<sip:{user}@home1.test>;tag=1",
            "To": f"<sip:{user}@home1.test>",
            "Call-ID": f"{user}-{id(self)}",
            "CSeq": f"{self.cseq} REGISTER",
            "Supported": OUTBOUND,
            "Content-Length": "0",
        } | headers
        lines = [f"{name}: {value}" for name, value in fields.items()]
        assert self.raw is not None
        self.raw.write("\r\n".join(["REGISTER sip:home1.test SIP/2.0", *lines, "", ""]).encode())

    def register(self, user: str, **headers: str) -> Response:
        """Send a REGISTER and return its answer."""
        before = len(self.data)
        self.send(user, **headers)
        self.world.run()
        answer = parse_message(self.data[before:])
        assert isinstance(answer, Response)
        return answer

    def close(self) -> None:
        """Close the connection."""
        assert self.raw is not None
        self.raw.close()
        self.world.run()


def bound(world: World) -> Mapping[str, list[str]]:
    """Return the contact URIs that each explicit identity has."""
    return {
        record.registrations[0].aor: [contact.binding.uri for contact in record.registrations[0].contacts]
        for record in world.node.store.records()
    }


@pytest.mark.clause("RFC 5626 §7", "TS 24.229 §5.4.1.5")
def test_a_lost_connection_ends_every_flow_along_it_and_no_other(world: World) -> None:
    first, second = Connection(world), Connection(world)
    pcscf = world.client("127.0.0.4", 5060, user="carol")
    for user in ("carol", "dave"):
        answer = first.register(user, Contact=contact("1", f"sip:{user}@127.0.0.9;transport=tcp;ob"))
        assert (answer.status, answer.get("require")) == (200, "outbound")
    assert second.register("carol", Contact=contact("2", "sip:carol@127.0.0.9:6000;transport=tcp;ob")).status == 200
    assert pcscf.subscribe(P_Asserted_Identity="<sip:carol@home1.test>").status == 200

    first.close()

    assert bound(world) == {"sip:carol@home1.test": ["sip:carol@127.0.0.9:6000;transport=tcp;ob"]}
    last = pcscf.documents()[-1]
    assert (last.registrations(), last.subscription_state.partition(";")[0]) == (
        {"sip:carol@home1.test": "active"},
        "active",
    )
    assert [row[2] for row in last.contacts()] == ["deactivated", "registered"]
    assert len(world.node.flows) == 1
    second.close()
    assert bound(world) == {}
    assert len(world.node.flows) == 0


@pytest.mark.clause("RFC 5626 §6")
@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("turned", [False, True])
def test_a_ue_that_comes_back_and_takes_its_old_address_out_keeps_its_flow(
    world: World, closed: bool, turned: bool
) -> None:
    """As pjsip does over TCP and TLS: both contacts name the flow, and the old one asks for no time."""
    first, second = Connection(world), Connection(world)
    addresses = "sip:carol@127.0.0.9:6001;transport=tcp;ob", "sip:carol@127.0.0.9:6002;transport=tcp;ob"
    old, new = (contact("1", address) for address in addresses)
    first.register("carol", Contact=old)
    if closed:
        first.close()

    asked = [f"{new};expires=600", f"{old};expires=0"]
    answer = second.register("carol", Contact=", ".join(reversed(asked) if turned else asked))

    assert (answer.status, answer.get("require")) == (200, "outbound")
    assert bound(world) == {"sip:carol@home1.test": [addresses[1]]}
    assert second.register("carol", Contact=f"{new};expires=0").get_all("contact") == []


@pytest.mark.clause("RFC 5626 §7")
def test_a_contact_without_outbound_outlives_its_connection(world: World) -> None:
    connection = Connection(world)
    assert connection.register("carol", Contact="<sip:carol@127.0.0.9;transport=tcp>").status == 200

    connection.close()

    assert bound(world) == {"sip:carol@home1.test": ["sip:carol@127.0.0.9;transport=tcp"]}
    assert len(world.node.flows) == 0


def test_flows_behind_an_edge_proxy_outlive_our_connection_to_it() -> None:
    world = World({"trusted_peers": ["127.0.0.1"]})
    connection = Connection(world)
    assert connection.register("carol", Contact=contact(), Path=EDGE).get("require") == "outbound"

    connection.close()

    assert list(bound(world)) == ["sip:carol@home1.test"]


@pytest.mark.clause("RFC 5626 §7")
def test_a_connection_that_is_lost_before_the_hss_has_answered_leaves_nothing(world: World) -> None:
    slow = SlowHss(world.node.cx)
    world.node.cx = slow
    connection = Connection(world)
    connection.send("carol", Contact=contact("1", "sip:carol@127.0.0.9;transport=tcp;ob"))
    world.run(0.01)
    while len(slow.waiting) and slow.waiting[0].command == "MAR":
        _answer_one(world, slow)
    connection.close()

    while slow.waiting:
        _answer_one(world, slow)

    assert bound(world) == {}
    assert len(world.node.flows) == 0


def _answer_one(world: World, slow: SlowHss) -> None:
    with world.scscf.shell.turn():
        slow.waiting.pop(0).answer()
    world.run(0.01)
