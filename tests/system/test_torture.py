"""The torture messages of RFC 4475 and RFC 5118 against a whole node, over UDP and, where they are requests, TCP."""

import re

import pytest

from scscf.config.listen import Listen
from scscf.net.network import RawStream
from scscf.sip.message import Response
from scscf.sip.parser import parse_message
from tests.sip.torture import DROP, RFC4475, RFC5118, Torture
from tests.world import World

pytestmark = pytest.mark.clause("RFC 4475 §3", "RFC 5118 §4")

CONFIG = {"domains": [{"name": "example.com", "dialect": "rfc3261"}]}
USERS = ("null-%00-null", "j.user", "watson", "user", "I have spaces", "caller")
SUBSCRIBERS = "subscriptions:\n" + "".join(
    f"""
  - name: "user{index}"
    private_identities: [{{id: "user{index}@example.com", auth: {{scheme: none}}}}]
    implicit_sets: [["sip:{user.replace(" ", "%20")}@example.com"]]
"""
    for index, user in enumerate(USERS)
)


@pytest.mark.parametrize("torture", [*RFC4475, *RFC5118], ids=lambda torture: torture.file.partition("/")[2][:-4])
def test_a_torture_message_gets_the_answer_of_a_registrar(torture: Torture) -> None:
    world = World(CONFIG, SUBSCRIBERS)
    client = world.network.datagrams("192.0.2.99", 5099, lambda data, source: None)
    client.send(torture.octets, ("127.0.0.1", 5060))
    world.run(0.2)

    sent = [packet.data for packet in world.network.packets if packet.source == ("127.0.0.1", 5060)]
    statuses = [message.status for message in map(parse_message, sent) if isinstance(message, Response)]
    if torture.registrar == (DROP,):
        assert statuses == []
    else:
        assert len(statuses) == 1
        assert statuses[0] in torture.registrar


def test_escnull_registers_two_different_contacts() -> None:
    world = World(CONFIG, SUBSCRIBERS)
    client = world.network.datagrams("192.0.2.99", 5099, lambda data, source: None)
    escnull = next(torture for torture in RFC4475 if "escnull" in torture.file)
    client.send(escnull.octets, ("127.0.0.1", 5060))
    world.run(0.2)

    record = next(world.node.store.records())
    assert record.registrations[0].aor == "sip:null-%00-null@example.com"
    assert [contact.binding.uri for contact in record.registrations[0].contacts] == [
        "sip:%00@host5.example.com",
        "sip:%00%00@host5.example.com",
    ]


@pytest.mark.parametrize(
    ("file", "contact"),
    [
        ("cparam01", "<sip:+19725552222@gw1.example.net>;unknownparam;expires="),
        ("cparam02", "<sip:+19725552222@gw1.example.net;unknownparam>;expires="),
        ("regescrt", "<sip:user@example.com?Route=%3Csip:sip.example.com%3E>;expires="),
    ],
)
def test_where_a_contact_parameter_belongs_is_kept(file: str, contact: str) -> None:
    world = World(CONFIG, SUBSCRIBERS)
    client = world.network.datagrams("192.0.2.99", 5099, lambda data, source: None)
    torture = next(torture for torture in RFC4475 if file in torture.file)
    client.send(torture.octets, ("127.0.0.1", 5060))
    world.run(0.2)

    answer = parse_message(world.network.packets[-1].data)
    assert (answer.get("contact") or "").startswith(contact)


class _Peer:
    """The far end of a TCP connection."""

    def __init__(self) -> None:
        self.raw: RawStream | None = None
        self.data = b""
        self.closed = False

    def opened(self, raw: RawStream) -> None:
        self.raw = raw

    def failed(self, detail: str) -> None:
        raise AssertionError(detail)

    def received(self, data: bytes) -> None:
        self.data += data

    def congested(self, congested: bool) -> None:
        pass

    def lost(self, detail: str) -> None:
        self.closed = True


def connect(world: World) -> _Peer:
    peer = _Peer()
    world.network.connect("tcp", "127.0.0.1", 5060, "127.0.0.1", 5.0, peer)
    world.run(0.1)
    return peer


@pytest.mark.parametrize("file", ["ncl", "mcl01"])
def test_lost_framing_is_answered_400_and_closes_a_stream(file: str) -> None:
    world = World(CONFIG, SUBSCRIBERS)
    peer = connect(world)
    torture = next(torture for torture in RFC4475 if f"/{file}." in torture.file)
    assert peer.raw is not None
    peer.raw.write(torture.octets)
    world.run(2)

    assert re.match(rb"SIP/2.0 400 ", peer.data)
    assert peer.closed


def test_a_ping_between_messages_gets_a_pong_at_any_split() -> None:
    world = World(CONFIG, SUBSCRIBERS)
    register = (
        b"REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bKt%d\r\nMax-Forwards: 70\r\n"
        b"From: <sip:watson@example.com>;tag=1\r\nTo: <sip:watson@example.com>\r\nCall-ID: t\r\nCSeq: %d REGISTER\r\n"
        b"Contact: <sip:watson@127.0.0.1;transport=tcp>\r\nContent-Length: 0\r\n\r\n"
    )
    stream = register % (1, 1) + b"\r\n\r\n" + register % (2, 2)
    for size in (1, 3, 7, len(stream)):
        peer = connect(world)
        assert peer.raw is not None
        for start in range(0, len(stream), size):
            peer.raw.write(stream[start : start + size])
            world.run(0.01)
        world.run(0.1)
        assert peer.data.count(b"SIP/2.0 ") == 2
        assert peer.data.startswith(b"\r\nSIP/2.0") or b"\r\n\r\n\r\nSIP/2.0" in peer.data


def test_listeners_are_named_with_their_bound_ports() -> None:
    world = World({"listen": ["udp://127.0.0.1:0"]})
    listener = world.scscf.endpoint.listeners[0]

    assert listener.port
    assert Listen("udp", listener.host, listener.port).uri == listener.uri
