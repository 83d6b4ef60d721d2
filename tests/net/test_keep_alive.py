"""A connection with an idle limit of its own, as ms-keep-alive agrees one (MS-CONMGMT §2.2.1)."""

import pytest

from scscf.net.stream import StreamLimits
from scscf.sip.outbox import Flow
from tests.net.node import HERE, THERE, Node, Peer, StreamPeer, connected
from tests.sip.layer import request_bytes

REGISTER = request_bytes(via="SIP/2.0/TCP 192.0.2.9:5070")


def agreed(node: Node, seconds: float) -> tuple[StreamPeer, Flow]:
    """Return a peer that has sent a message, 10 ms after it connected, and was given the limit 10 ms later."""
    peer = connected(node)
    peer.send(REGISTER)
    node.clock.advance(0.01)
    flow = node.user.calls[-1].flow
    node.endpoint.keep_alive(flow, seconds)
    return peer, flow


@pytest.mark.clause("MS-CONMGMT §2.2.1")
def test_a_connection_is_closed_once_nothing_has_come_for_the_time_that_was_agreed() -> None:
    node = Node()
    peer, flow = agreed(node, 30.0)
    node.clock.advance(29.9)
    assert peer.why is None
    assert node.endpoint.flow_alive(flow)
    node.clock.advance(0.2)
    assert peer.why == "closed by the peer"
    assert not node.endpoint.flow_alive(flow)
    node.stop()


@pytest.mark.clause("MS-CONMGMT §2.2.1")
@pytest.mark.parametrize("octets", [b"\r\n\r\n", b"\r\n", b"INFO sip:", REGISTER])
def test_any_octet_of_the_peer_counts_as_a_sign_of_life(octets: bytes) -> None:
    node = Node()
    peer, _ = agreed(node, 30.0)
    node.clock.advance(29.0)
    peer.send(octets)
    node.clock.advance(29.0)
    assert peer.why is None
    node.clock.advance(1.1)
    assert peer.why == "closed by the peer"
    node.stop()


def test_what_is_sent_to_the_peer_is_no_sign_of_its_life() -> None:
    node = Node()
    peer, flow = agreed(node, 30.0)
    node.clock.advance(29.0)
    with node.shell.turn():
        node.shell.outbox.transmit(b"SIP/2.0 200 OK\r\n\r\n", flow)
    node.clock.advance(1.1)
    assert peer.why == "closed by the peer"
    node.stop()


def test_the_limit_of_a_connection_goes_before_the_general_one() -> None:
    node = Node(limits=StreamLimits(idle=60.0))
    peer, _ = agreed(node, 300.0)
    other = connected(node)
    other.send(REGISTER)
    node.clock.advance(80.0)
    assert (peer.why, other.why) == (None, "closed by the peer")
    node.clock.advance(221.0)
    assert peer.why == "closed by the peer"
    node.stop()


def test_a_refresh_may_agree_on_another_time_and_leaves_one_deadline() -> None:
    node = Node()
    peer, flow = agreed(node, 30.0)
    deadlines = len(node.shell.wire)
    for _ in range(50):
        node.endpoint.keep_alive(flow, 10.0)
    assert len(node.shell.wire) == deadlines
    node.clock.advance(10.1)
    assert peer.why == "closed by the peer"
    node.endpoint.keep_alive(flow, 10.0)
    node.stop()


def test_a_connection_that_the_peer_closes_before_leaves_nothing() -> None:
    node = Node()
    peer, flow = agreed(node, 30.0)
    assert peer.raw is not None
    peer.raw.close()
    node.clock.advance(0.1)
    node.endpoint.keep_alive(flow, 30.0)
    node.clock.advance(60.0)
    assert len(node.endpoint.connections) == 0
    node.stop()


def test_over_udp_there_is_nothing_to_close() -> None:
    node = Node()
    peer = Peer(node)
    node.endpoint.keep_alive(Flow("udp", HERE, THERE), 1.0)
    node.clock.advance(5.0)
    node.user.answer = 200
    peer.send(request_bytes())
    node.clock.advance(0.01)
    assert peer.heard[0].startswith(b"SIP/2.0 200 OK\r\n")
    node.stop()
