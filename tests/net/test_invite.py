"""INVITEs through the whole endpoint: both sides of one node, over a network that loses, and cancelled at any time."""

import pytest

from scscf.config.listen import Listen
from scscf.net.memory import Conditions
from scscf.promise import Promise
from scscf.sip.message import Request
from scscf.sip.outbox import Failure, Flow, NextHop, Send
from scscf.sip.transaction_layer import ServerTransaction
from tests.net.node import HERE, THERE, Node, Peer, StreamPeer, answer_to, connected
from tests.net.test_resolver import Zone
from tests.sip.layer import Sender, a_request, request_bytes

UDP_HOP = NextHop(*THERE, transport="udp")
TCP_HOP = NextHop(*THERE, transport="tcp")


def an_invite(call_id: str = "c1", method: str = "INVITE") -> Request:
    request = a_request(method, call_id=call_id)
    request.remove("via")
    return request


def send(node: Node, hop: NextHop, request: Request | None = None) -> tuple[Sender, Send]:
    sender = Sender()
    with node.shell.turn():
        item = node.shell.outbox.send(request or an_invite(), hop, sender)
    return sender, item


def cancel(node: Node, item: Send) -> None:
    with node.shell.turn():
        node.shell.outbox.cancel(item)


def heard(sender: Sender) -> list[int | str]:
    return [what for _, what in sender.heard]


def methods(messages: list[bytes]) -> list[str]:
    return [data.split(b" ", 1)[0].decode() for data in messages]


@pytest.mark.clause("RFC 3261 §17.1.1", "RFC 3261 §17.2.1")
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_refused_call_from_end_to_end_leaves_nothing(transport: str) -> None:
    node = Node()
    node.user.answer = 486
    sender, _ = send(node, NextHop(*HERE, transport=transport))
    node.clock.advance(0.1)
    assert heard(sender) == [486]
    assert node.user.acks == []
    node.clock.advance(40.0)
    assert len(node.layer) == 0
    node.stop()


@pytest.mark.clause("RFC 3261 §17.1.1", "RFC 3261 §17.2.1")
def test_over_a_network_that_loses_and_doubles_every_caller_hears_one_refusal() -> None:
    node = Node(conditions=Conditions(delay=0.01, jitter=0.5, loss=0.3, duplication=0.3))
    node.user.answer = 486
    senders = [send(node, NextHop(*HERE, transport="udp"), an_invite(f"c{number}"))[0] for number in range(50)]
    node.clock.advance(100.0)
    assert [[what for what in heard(sender) if what != 100] for sender in senders] == [[486]] * 50
    assert len(node.user.calls) == 50
    assert node.user.acks == []
    assert len(node.layer) == 0
    node.stop()


@pytest.mark.clause("RFC 6026 §7", "RFC 6026 §8.5")
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_each_2xx_goes_from_end_to_end_and_the_invite_is_not_seen_twice(transport: str) -> None:
    node = Node(conditions=Conditions(delay=0.01, duplication=0.5))
    sender, _ = send(node, NextHop(*HERE, transport=transport))
    node.clock.advance(0.1)
    (call,) = node.user.calls
    with node.shell.turn():
        call.answer(call.request.response(180, to_tag="a"))
    for when in range(3):
        with node.shell.turn():
            call.answer(call.request.response(200, to_tag="ab"[when % 2]))
        node.clock.advance(0.5)
    assert heard(sender).count(180) >= 1
    assert heard(sender).count(200) >= 3
    assert set(heard(sender)) <= {100, 180, 200}
    assert len(node.user.calls) == 1
    node.clock.advance(40.0)
    with node.shell.turn():
        call.answer(call.request.response(200, to_tag="a"))
    assert len(node.layer) == 0
    node.stop()


@pytest.mark.clause("RFC 3261 §9.1", "RFC 3261 §9.2")
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_cancel_from_end_to_end(transport: str) -> None:
    node = Node()
    sender, item = send(node, NextHop(*HERE, transport=transport))
    node.clock.advance(0.05)
    cancel(node, item)
    node.clock.advance(0.1)
    assert heard(sender) == []
    node.clock.advance(0.3)
    assert heard(sender) == [100, 487]
    node.clock.advance(40.0)
    assert len(node.layer) == 0
    node.stop()


@pytest.mark.clause("RFC 3261 §9.1")
def test_a_cancel_goes_where_the_invite_went_with_its_via_and_only_once() -> None:
    node = Node()
    peer = Peer(node)
    sender, item = send(node, UDP_HOP)
    node.clock.advance(0.1)
    peer.socket.send(answer_to(peer.heard[0], 180), HERE)
    node.clock.advance(0.1)
    cancel(node, item)
    cancel(node, item)
    node.clock.advance(0.1)
    assert methods(peer.heard) == ["INVITE", "CANCEL"]
    assert peer.heard[1].split(b"\r\n")[1] == peer.heard[0].split(b"\r\n")[1]
    peer.socket.send(answer_to(peer.heard[1], 200), HERE)
    peer.socket.send(answer_to(peer.heard[0], 487), HERE)
    node.clock.advance(0.1)
    assert methods(peer.heard) == ["INVITE", "CANCEL", "ACK"]
    assert heard(sender) == [180, 487]
    node.stop()


@pytest.mark.clause("RFC 3261 §9.1")
def test_a_2xx_that_crosses_the_cancel_is_heard() -> None:
    node = Node()
    peer = Peer(node)
    sender, item = send(node, UDP_HOP)
    node.clock.advance(0.1)
    peer.socket.send(answer_to(peer.heard[0], 180), HERE)
    node.clock.advance(0.1)
    peer.socket.send(answer_to(peer.heard[0], 200), HERE)
    cancel(node, item)
    node.clock.advance(0.1)
    peer.socket.send(answer_to(peer.heard[1], 481), HERE)
    node.clock.advance(100.0)
    assert heard(sender) == [180, 200]
    assert len(node.layer) == 0
    node.stop()


@pytest.mark.clause("RFC 3261 §9.1")
def test_nothing_is_cancelled_after_the_final_answer_nor_where_it_is_no_invite() -> None:
    node = Node()
    peer = Peer(node)
    peer.answer = 486
    sender, item = send(node, UDP_HOP)
    other, notify = send(node, UDP_HOP, an_invite(method="NOTIFY"))
    cancel(node, notify)
    node.clock.advance(0.1)
    cancel(node, item)
    node.clock.advance(0.1)
    assert methods(peer.heard) == ["INVITE", "NOTIFY", "ACK"]
    assert heard(sender) + heard(other) == [486, 486]
    node.stop()


@pytest.mark.clause("RFC 3261 §9.1")
def test_who_never_answers_a_cancelled_invite_is_a_time_out() -> None:
    node = Node()
    peer = Peer(node)
    sender, item = send(node, UDP_HOP)
    node.clock.advance(0.1)
    peer.socket.send(answer_to(peer.heard[0], 180), HERE)
    node.clock.advance(0.9)
    cancel(node, item)
    node.clock.advance(31.9)
    assert heard(sender) == [180]
    node.clock.advance(0.2)
    assert heard(sender) == [180, "timeout"]
    node.stop()


def test_an_invite_that_is_cancelled_while_it_connects_is_never_sent() -> None:
    node = Node()
    accepted = StreamPeer()
    node.network.streams(Listen("tcp", *THERE), lambda: accepted)
    sender, item = send(node, TCP_HOP)
    cancel(node, item)
    node.clock.advance(0.1)
    assert heard(sender) == ["cancelled"]
    assert accepted.heard == b""
    node.stop()


@pytest.mark.parametrize("found", [True, False])
def test_an_invite_that_is_cancelled_while_its_name_is_looked_up_is_never_sent(found: bool) -> None:
    zone = Zone(addresses={"peer.test": [THERE[0]]} if found else {})
    zone.gate = Promise()
    node = Node(dns=zone)
    peer = Peer(node)
    sender, item = send(node, NextHop("peer.test", THERE[1], "udp"))
    cancel(node, item)
    assert heard(sender) == []
    zone.gate.keep(None)
    node.clock.advance(0.1)
    assert heard(sender) == ["cancelled"]
    assert peer.heard == []
    node.stop()


@pytest.mark.clause("RFC 3261 §17.1.1")
def test_an_invite_whose_connection_is_lost_fails_and_its_neighbours_on_other_flows_do_not() -> None:
    node = Node()
    lost, kept = connected(node), connected(node)
    flows: list[Flow] = []
    for peer, call_id in ((lost, "c1"), (kept, "c2")):
        peer.send(request_bytes(via="SIP/2.0/TCP 192.0.2.9:5070", call_id=call_id, branch=f"z9hG4bK{call_id}"))
        node.clock.advance(0.01)
        flows.append(node.user.calls[-1].flow)
    senders = [send(node, NextHop("nowhere.test", flow=flow))[0] for flow in flows]
    node.clock.advance(0.01)
    assert lost.raw is not None
    lost.raw.close()
    node.clock.advance(0.01)
    assert [heard(sender) for sender in senders] == [["transport"], []]
    node.stop()


@pytest.mark.clause("RFC 3261 §17.1.1")
def test_a_silent_peer_is_a_time_out_after_64_t1() -> None:
    node = Node()
    peer = Peer(node)
    sender, _ = send(node, UDP_HOP)
    node.clock.advance(40.0)
    assert sender.heard == [(1032.0, "timeout")]
    assert len(peer.heard) == 7
    node.stop()


def test_an_ack_goes_out_once_and_what_becomes_of_it_is_not_told() -> None:
    node = Node()
    peer = Peer(node)
    sender, _ = send(node, UDP_HOP, an_invite(method="ACK"))
    node.clock.advance(40.0)
    assert methods(peer.heard) == ["ACK"]
    assert b";branch=z9hG4bK" in peer.heard[0]
    assert (heard(sender), len(node.layer)) == ([], 0)
    node.stop()


def test_an_ack_over_a_stream_goes_out_once() -> None:
    node = Node()
    accepted = StreamPeer()
    node.network.streams(Listen("tcp", *THERE), lambda: accepted)
    sender, _ = send(node, TCP_HOP, an_invite(method="ACK"))
    node.clock.advance(0.1)
    assert methods([accepted.heard]) == ["ACK"]
    assert heard(sender) == []
    node.stop()


@pytest.mark.clause("RFC 3261 §17.2.1")
def test_a_peer_that_never_acknowledges_is_given_up_and_its_ack_is_absorbed_later() -> None:
    node = Node()
    node.user.answer = 486
    peer = Peer(node)
    peer.send(request_bytes("INVITE"))
    node.clock.advance(33.0)
    assert len(node.layer) == 0
    assert len(peer.heard) == 11
    peer.send(request_bytes("ACK"))
    node.clock.advance(0.1)
    assert len(peer.heard) == 11
    node.stop()


def test_a_node_that_stops_while_it_rings_answers_503_and_leaves_nothing() -> None:
    node = Node()
    callee = Peer(node)
    caller = Peer(node, ("192.0.2.9", 5071))
    send(node, UDP_HOP)
    caller.send(request_bytes("INVITE", via="SIP/2.0/UDP 192.0.2.9:5071", call_id="c9"))
    node.clock.advance(0.1)
    assert methods(callee.heard) == ["INVITE"]
    node.stop()
    assert caller.heard[-1].startswith(b"SIP/2.0 503 ")


def test_a_bug_of_the_user_at_an_invite_is_answered_500() -> None:
    node = Node()
    peer = Peer(node)

    def broken(call: ServerTransaction) -> None:
        raise ZeroDivisionError

    node.user.on_request = broken  # type: ignore[method-assign]
    peer.send(request_bytes("INVITE"))
    node.clock.advance(0.1)
    assert [data.split()[1] for data in peer.heard] == [b"500"]
    assert node.shell.bugs == 1


def test_where_nothing_can_be_reached_the_failure_says_so() -> None:
    node = Node()
    failures: list[Failure] = []
    sender = Sender()
    sender.on_failure = lambda failure, now: failures.append(failure)  # type: ignore[method-assign]
    with node.shell.turn():
        node.shell.outbox.send(an_invite(), NextHop("nowhere.test"), sender)
    assert [failure.kind for failure in failures] == ["transport"]
    node.stop()
