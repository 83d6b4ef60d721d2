"""Seeded mutations of good messages, by datagram and by stream: no bug, nothing left, the honest are served."""

from random import Random

import pytest

from tests.net.node import HERE, THERE, Node, Peer, answer_to, connected
from tests.sip.layer import request_bytes

SEEDS = [
    request_bytes(),
    request_bytes("SUBSCRIBE", branch=None, params=";received=192.0.2.99;rport=1"),
    request_bytes("CANCEL"),
    request_bytes("ACK"),
    answer_to(request_bytes("NOTIFY"), 200),
    b"\x00\x01\x00\x08\x21\x12\xa4\x42" + b"t" * 12 + b"\x80\x22\x00\x04abcd",
    b"\r\n\r\n",
]
SPICES = [
    b"",
    b";",
    b",",
    b'"',
    b"<",
    b">",
    b"\r\n",
    b"\r\n ",
    b"\0",
    b"\xff\xfe",
    b"%00",
    b"9" * 40,
    b":",
    b"[",
    b"*" * 600,
]


def mutated(random: Random) -> bytes:
    data = bytearray(random.choice(SEEDS))
    for _ in range(random.randint(1, 6)):
        start = random.randrange(len(data) + 1)
        end = min(len(data), start + random.choice((0, 0, 1, 2, 5, 40)))
        data[start:end] = random.choice(SPICES)
    return bytes(data)


@pytest.mark.parametrize("seed", range(4))
def test_mutated_datagrams_do_no_harm(seed: int) -> None:
    random = Random(seed)
    node = Node()
    node.user.answer = 400
    strange, honest = Peer(node, ("192.0.2.66", 5066)), Peer(node)
    for number in range(500):
        strange.send(mutated(random))
        if number % 50 == 0:
            honest.send(request_bytes("OPTIONS", branch=f"z9hG4bKh{number}", call_id=f"h{number}"))
        node.clock.advance(0.005)
    assert len(honest.heard) == 10
    assert node.shell.bugs == 0
    node.clock.advance(70.0)
    assert len(node.layer) == 0
    node.stop()


@pytest.mark.parametrize("seed", range(4))
def test_mutated_streams_do_no_harm(seed: int) -> None:
    random = Random(seed)
    node = Node()
    node.user.answer = 400
    for _ in range(60):
        peer = connected(node)
        whole = b"".join(mutated(random) for _ in range(5))
        while whole and peer.why is None:
            cut = random.randint(1, 200)
            peer.send(whole[:cut])
            whole = whole[cut:]
            node.clock.advance(0.002)
    honest = connected(node)
    honest.send(request_bytes("OPTIONS", via="SIP/2.0/TCP 192.0.2.9:5070"))
    node.clock.advance(0.01)
    assert honest.heard.startswith(b"SIP/2.0 400 ")
    assert node.shell.bugs == 0
    node.clock.advance(120.0)
    assert honest.why is None
    assert len(node.endpoint.connections) < 61
    node.stop()


def test_forged_responses_are_dropped() -> None:
    node = Node()
    peer = Peer(node)
    for branch in ("z9hG4bK1", "", "z9hG4bK" + "x" * 2000):
        peer.send(answer_to(request_bytes("NOTIFY", branch=branch), 200))
    node.clock.advance(1.0)
    assert node.layer.counters["stray responses"] + node.layer.counters["malformed responses"] == 3
    assert peer.heard == []
    assert node.shell.bugs == 0
    node.stop()


def test_a_burst_from_one_peer_leaves_the_others_alone() -> None:
    node = Node()
    node.layer.servers._max_open = 100
    flood, honest = Peer(node, ("192.0.2.66", 5066)), Peer(node)
    for number in range(1000):
        flood.send(request_bytes(via="SIP/2.0/UDP 192.0.2.66:5066", branch=f"z9hG4bK{number}", call_id=f"c{number}"))
    node.clock.advance(0.1)
    assert len(node.layer.servers.open) == 100
    assert len([data for data in flood.heard if data.startswith(b"SIP/2.0 503 ")]) == 900
    honest.send(b"\x00\x01\x00\x00\x21\x12\xa4\x42" + b"t" * 12)
    node.clock.advance(0.1)
    assert len(honest.heard) == 1
    assert (node.network.packets[-1].source, node.network.packets[-1].destination) == (HERE, THERE)
