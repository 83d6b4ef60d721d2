"""Ten thousand hostile datagrams and streams: nothing breaks, and what can be answered is."""

from random import Random

from scscf.sip.message import Request
from scscf.sip.parser import Unparseable, parse_message
from tests.sip.torture import RFC4475, RFC5118
from tests.system.test_torture import connect
from tests.world import World

DATAGRAMS = 10_000
SERVER = ("127.0.0.1", 5060)

VALID = b"""REGISTER sip:home1.test SIP/2.0
Via: SIP/2.0/UDP 127.0.0.66:5066;branch=z9hG4bKhostile;rport
Max-Forwards: 70
From: "M" <sip:carol@home1.test>;tag=m
To: <sip:carol@home1.test>
Call-ID: hostile@127.0.0.66
CSeq: 1 REGISTER
Contact: <sip:carol@127.0.0.66:5066;transport=udp>;q=0.5;+sip.instance="<urn:uuid:1>"
Authorization: Digest username="carol", realm="home1.test", nonce="x", uri="sip:home1.test", response="y", qop=auth
Event: reg
Accept: application/reginfo+xml
Expires: 3600
Content-Length: 0

""".replace(b"\n", b"\r\n")

SPICES = (
    b"\r\n",
    b"\0",
    b'"',
    b"<",
    b">",
    b";",
    b",",
    b"%",
    b"\xff\xfe",
    b"=",
    b":",
    b"sip:",
    b"9" * 30,
    b"(" * 50,
    b"\\",
)


def mutated(random: Random, seeds: list[bytes]) -> bytes:
    """Return a message with a few bytes changed, cut, doubled or spiced."""
    data = bytearray(random.choice(seeds))
    for _ in range(random.randint(1, 6)):
        at = random.randrange(len(data) + 1)
        kind = random.randrange(5)
        if kind == 0 and data:
            data[at % len(data)] = random.randrange(256)
        elif kind == 1:
            del data[at : at + random.randint(1, 40)]
        elif kind == 2:
            data[at:at] = data[at : at + random.randint(1, 200)]
        elif kind == 3:
            data[at:at] = random.choice(SPICES)
        else:
            data = data[:at] + data[at : at + 20] * random.randint(1, 20) + data[at + 20 :]
    return bytes(data[:65000])


def corpus() -> list[bytes]:
    return [VALID, VALID.replace(b"REGISTER", b"SUBSCRIBE")] + [each.octets for each in (*RFC4475, *RFC5118)]


def answerable(data: bytes) -> bool:
    """Tell whether a datagram is a request that must be answered: all that a response copies can be read."""
    try:
        message = parse_message(data)
    except Unparseable:
        return False
    if not isinstance(message, Request) or message.method == "ACK":
        return False
    try:
        return bool(message.vias and message.from_ and message.to and message.call_id and message.cseq)
    except Exception:
        return False


def test_hostile_datagrams_break_nothing_and_honest_clients_are_answered() -> None:
    world = World(subscribers=_open_to_all())
    random, seeds = Random(4475), corpus()
    attacker = world.network.datagrams("127.0.0.66", 5066, lambda data, source: None)
    honest = world.client(user="carol")
    answered, due = 0, 0
    for index in range(DATAGRAMS):
        data = mutated(random, seeds)
        sent = len(world.network.packets)
        attacker.send(data, SERVER)
        world.clock.advance(0.002)
        if answerable(data):
            due += 1
            answered += any(packet.source == SERVER for packet in world.network.packets[sent:])
        if index % 100 == 0:
            assert honest.register().status == 200
    assert world.scscf.shell.bugs == 0
    assert due > DATAGRAMS / 20
    # A mutation that leaves the transaction as it was is a retransmission, or merges with one: it is answered too.
    assert answered == due


def test_hostile_streams_split_anywhere_break_nothing() -> None:
    world = World(subscribers=_open_to_all())
    random, seeds = Random(5118), corpus()
    for _ in range(200):
        peer = connect(world)
        assert peer.raw is not None
        stream = b"".join(mutated(random, seeds) if random.random() < 0.5 else VALID for _ in range(5))
        while stream and not peer.closed:
            size = random.choice((1, 2, 7, 100, 1000, 5000))
            peer.raw.write(stream[:size])
            stream = stream[size:]
            world.clock.advance(0.01)
        peer.raw.close()
        world.clock.advance(0.1)
    assert world.scscf.shell.bugs == 0
    assert world.client(user="carol").register().status == 200


def _open_to_all() -> str:
    return """
subscriptions:
  - name: carol
    private_identities: [{id: carol@home1.test, auth: {scheme: none}}]
    implicit_sets: [["sip:carol@home1.test"]]
"""
