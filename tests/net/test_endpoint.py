import pytest

from scscf.config.listen import Listen
from scscf.errors import InputError
from scscf.net.memory import Conditions
from scscf.net.stream import StreamLimits
from scscf.sip.outbox import Flow, NextHop
from tests.net.node import HERE, LISTEN, THERE, Node, Peer, StreamPeer, connected
from tests.sip.layer import request_bytes

UDP_HOP = NextHop(*THERE, transport="udp")
LONG = b"x" * 1400


def test_a_datagram_is_answered_from_the_socket_that_it_came_to() -> None:
    node = Node()
    node.user.answer = 200
    peer = Peer(node)
    peer.send(request_bytes())
    node.clock.advance(0.01)
    assert peer.heard[0].startswith(b"SIP/2.0 200 OK\r\n")
    packet = node.network.packets[-1]
    assert (packet.source, packet.destination) == (HERE, THERE)
    node.stop()


@pytest.mark.parametrize("data", [b"", b"\r\n", b"\r\n\r\n", b"\0", b"\0\0\0\0"])
def test_keep_alive_datagrams_are_neither_answered_nor_malformed(data: bytes) -> None:
    node = Node()
    peer = Peer(node)
    peer.send(data)
    node.clock.advance(1.0)
    assert peer.heard == []
    assert node.endpoint.counters["malformed messages"] == 0
    node.stop()


def test_a_stun_binding_request_is_answered() -> None:
    node = Node()
    peer = Peer(node)
    peer.send(b"\x00\x01\x00\x00\x21\x12\xa4\x42" + b"t" * 12)
    node.clock.advance(1.0)
    assert peer.heard[0][:2] == b"\x01\x01"
    assert node.endpoint.counters["malformed messages"] == 0
    node.stop()


def test_what_cannot_be_parsed_is_counted() -> None:
    node = Node()
    peer = Peer(node)
    peer.send(b"rubbish")
    peer.send(b"\x80\x81\x82")
    node.clock.advance(1.0)
    assert peer.heard == []
    assert node.endpoint.counters["malformed messages"] == 2
    node.stop()


def test_a_request_of_ours_goes_out_by_udp_and_its_answer_comes_back() -> None:
    node = Node()
    peer = Peer(node)
    peer.answer = 200
    sender = node.send(UDP_HOP)
    node.clock.advance(0.01)
    assert [status for _, status in sender.heard] == [200]
    assert b"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=" in peer.heard[0]
    node.stop()


def test_users_hear_service_time() -> None:
    node = Node()
    node.shell.advance_service(5000.0)
    Peer(node).answer = 200
    sender = node.send(UDP_HOP)
    node.clock.advance(0.01)
    assert sender.heard[0][0] == pytest.approx(6000.002)
    node.stop()


def test_an_advertised_address_is_the_sent_by_and_its_answers_are_ours() -> None:
    node = Node([Listen("udp", *HERE, "scscf.home1.test", 5099)])
    peer = Peer(node)
    peer.answer = 200
    sender = node.send(UDP_HOP)
    node.clock.advance(0.01)
    assert b"Via: SIP/2.0/UDP scscf.home1.test:5099;branch=" in peer.heard[0]
    assert [status for _, status in sender.heard] == [200]
    node.stop()


def test_without_a_listener_of_its_transport_a_request_fails() -> None:
    node = Node([LISTEN[0]])
    assert [kind for _, kind in node.send(NextHop(*THERE, transport="tcp")).heard] == ["transport"]
    assert [kind for _, kind in node.send(NextHop("2001:db8::9")).heard] == ["transport"]
    assert [kind for _, kind in node.send(NextHop(*THERE, transport="sctp")).heard] == ["transport"]
    node.stop()


def test_a_name_without_an_address_fails() -> None:
    node = Node()
    assert [kind for _, kind in node.send(NextHop("nowhere.test")).heard] == ["transport"]
    node.stop()


def test_requests_go_over_one_connection_that_is_made_when_needed() -> None:
    node = Node()
    accepted: list[StreamPeer] = []

    def accept() -> StreamPeer:
        accepted.append(StreamPeer())
        accepted[-1].answer = 200
        return accepted[-1]

    node.network.streams(Listen("tcp", *THERE), accept)
    senders = [node.send(NextHop(*THERE, transport="tcp")) for _ in range(3)]
    node.clock.advance(0.02)
    senders.append(node.send(NextHop(*THERE, transport="tcp")))
    node.clock.advance(0.02)
    assert [[status for _, status in sender.heard] for sender in senders] == [[200]] * 4
    assert len(accepted) == 1
    assert b"Via: SIP/2.0/TCP 192.0.2.1:5060;branch=" in accepted[0].heard
    node.stop()


def test_a_refused_connection_is_a_transport_failure() -> None:
    node = Node()
    sender = node.send(NextHop(*THERE, transport="tcp"))
    node.clock.advance(0.01)
    assert [kind for _, kind in sender.heard] == ["transport"]
    node.stop()


def test_a_connection_that_is_lost_fails_what_waits_on_it_and_is_told() -> None:
    node = Node()
    lost: list[Flow] = []
    node.endpoint.on_flow_lost = lost.append
    peer = connected(node)
    peer.send(request_bytes(via="SIP/2.0/TCP 192.0.2.9:5070"))
    node.clock.advance(0.01)
    flow = node.user.calls[0].flow
    assert node.endpoint.flow_alive(flow)
    sender = node.send(NextHop("nowhere.test", flow=flow))
    assert peer.raw is not None
    peer.raw.close()
    node.clock.advance(0.01)
    assert lost == [flow]
    assert not node.endpoint.flow_alive(flow)
    assert [kind for _, kind in sender.heard] == ["transport"]
    node.stop()


def test_a_request_goes_back_along_a_flow_while_it_is_alive() -> None:
    node = Node()
    peer = connected(node)
    peer.answer = 200
    peer.send(request_bytes(via="SIP/2.0/TCP 192.0.2.9:5070"))
    node.clock.advance(0.01)
    sender = node.send(NextHop("nowhere.test", flow=node.user.calls[0].flow))
    node.clock.advance(0.01)
    assert [status for _, status in sender.heard] == [200]
    node.stop()


def test_when_the_flow_is_gone_the_next_hop_is_tried() -> None:
    node = Node()
    udp = Peer(node)
    udp.answer = 200
    gone = Flow("tcp", HERE, THERE, 99)
    sender = node.send(UDP_HOP._replace(flow=gone))
    node.clock.advance(0.01)
    assert [status for _, status in sender.heard] == [200]
    node.stop()


def test_an_answer_whose_connection_is_gone_takes_a_new_one_to_the_sent_by_port() -> None:
    node = Node()
    back = StreamPeer()
    node.network.streams(Listen("tcp", "127.0.0.1", 5070), lambda: back)
    peer = connected(node)
    peer.send(request_bytes(via="SIP/2.0/TCP ue.home1.test:5070"))
    node.clock.advance(0.01)
    assert peer.raw is not None
    peer.raw.close()
    node.clock.advance(0.01)
    call = node.user.calls[0]
    with node.shell.turn():
        call.answer(call.request.response(200, to_tag="t"))
    node.clock.advance(0.01)
    assert back.heard.startswith(b"SIP/2.0 200 OK\r\n")
    node.stop()


def test_a_long_request_goes_by_tcp_where_the_peer_takes_it() -> None:
    node = Node()
    udp, tcp = Peer(node), StreamPeer()
    tcp.answer = 200
    node.network.streams(Listen("tcp", *THERE), lambda: tcp)
    sender = node.send(NextHop(*THERE), LONG)
    node.clock.advance(0.01)
    assert [status for _, status in sender.heard] == [200]
    assert udp.heard == []
    assert b"Via: SIP/2.0/TCP " in tcp.heard
    node.stop()


def test_a_long_request_goes_back_to_udp_where_tcp_is_refused_and_that_is_remembered() -> None:
    node = Node()
    udp = Peer(node)
    udp.answer = 200
    first = node.send(NextHop(*THERE), LONG)
    node.clock.advance(0.01)
    second = node.send(NextHop(*THERE), LONG)
    assert len(node.network.packets) == 3
    node.clock.advance(0.01)
    assert [status for _, status in first.heard + second.heard] == [200, 200]
    assert node.endpoint.counters["connections refused"] == 0
    node.stop()


@pytest.mark.parametrize("hop", [UDP_HOP, NextHop(*THERE, flow=Flow("udp", HERE, THERE))])
def test_a_long_request_stays_on_the_udp_that_was_asked_for(hop: NextHop) -> None:
    node = Node()
    udp = Peer(node)
    udp.answer = 200
    sender = node.send(hop, LONG)
    node.clock.advance(0.01)
    assert [status for _, status in sender.heard] == [200]
    node.stop()


def test_a_ping_is_answered_with_a_pong_and_any_cut_of_a_stream_works() -> None:
    node = Node()
    node.user.answer = 200
    peer = connected(node)
    for octet in b"\r\n\r\n" + request_bytes(via="SIP/2.0/TCP 192.0.2.9:5070"):
        peer.send(bytes([octet]))
    node.clock.advance(0.01)
    assert peer.heard.startswith(b"\r\nSIP/2.0 200 OK\r\n")
    node.stop()


def test_a_stream_that_is_no_sip_is_closed() -> None:
    node = Node()
    peer = connected(node)
    peer.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    node.clock.advance(0.1)
    assert peer.why == "closed by the peer"
    assert node.endpoint.counters["malformed messages"] == 1
    node.stop()


def test_a_message_that_loses_the_framing_is_answered_before_the_connection_closes() -> None:
    node = Node()
    node.user.answer = 400
    peer = connected(node)
    peer.send(request_bytes(via="SIP/2.0/TCP 192.0.2.9:5070").replace(b"Length: 0", b"Length: -1"))
    node.clock.advance(0.1)
    assert peer.heard.startswith(b"SIP/2.0 400 ")
    assert peer.why == "closed by the peer"
    node.stop()


def test_a_peer_that_says_nothing_is_cut_off() -> None:
    node = Node()
    peer = connected(node)
    node.clock.advance(60.0)
    assert peer.why == "closed by the peer"
    node.stop()


def test_a_peer_that_trickles_is_cut_off() -> None:
    node = Node()
    peer = connected(node)
    peer.send(request_bytes(via="SIP/2.0/TCP 192.0.2.9:5070"))
    for octet in request_bytes(via="SIP/2.0/TCP 192.0.2.9:5070", branch="z9hG4bKb", cseq=2)[:60]:
        node.clock.advance(1.0)
        if peer.why is None:
            peer.send(bytes([octet]))
    assert peer.why == "closed by the peer"
    node.stop()


def test_an_idle_connection_stays_open_for_as_long_as_the_limit_says() -> None:
    node = Node(limits=StreamLimits(idle=600.0))
    peer = connected(node)
    peer.send(request_bytes(via="SIP/2.0/TCP 192.0.2.9:5070"))
    node.clock.advance(590.0)
    peer.send(b"\r\n\r\n")
    node.clock.advance(590.0)
    assert peer.why is None
    node.clock.advance(60.0)
    assert peer.why == "closed by the peer"
    node.stop()


def test_connections_beyond_the_limit_are_refused() -> None:
    node = Node(limits=StreamLimits(connections=2))
    peers = [connected(node) for _ in range(3)]
    assert [peer.why for peer in peers] == [None, None, "closed by the peer"]
    assert node.endpoint.counters["connections refused"] == 1
    node.stop()


def test_a_peer_that_reads_nothing_is_cut_off() -> None:
    node = Node(limits=StreamLimits(unsent=2000))
    node.user.answer = 200
    peer = connected(node)
    (connection,) = node.endpoint.connections._connections.values()
    connection.congested(True)
    for number in range(20):
        peer.send(request_bytes("OPTIONS", via="SIP/2.0/TCP 192.0.2.9:5070", branch=f"z9hG4bK{number}"))
    node.clock.advance(0.1)
    assert peer.why == "closed by the peer"
    node.stop()


def test_stopping_answers_503_and_leaves_nothing() -> None:
    node = Node()
    peer = Peer(node)
    stream = connected(node)
    peer.send(request_bytes())
    stream.send(request_bytes(via="SIP/2.0/TCP 192.0.2.9:5070", branch="z9hG4bKb", call_id="c2"))
    node.clock.advance(0.01)
    node.send(UDP_HOP)
    node.stop()
    assert [data.split()[1] for data in peer.heard if data.startswith(b"SIP/2.0")] == [b"503"]
    assert stream.heard.startswith(b"SIP/2.0 503 ")


def test_stopping_gives_up_connections_that_are_being_made() -> None:
    node = Node()
    sender = node.send(NextHop(*THERE, transport="tcp"))
    node.stop()
    assert [kind for _, kind in sender.heard] == ["transport"]


def test_every_message_is_traced_in_both_directions() -> None:
    node = Node()
    node.user.answer = 200
    seen: list[tuple[str, str, bytes]] = []
    node.endpoint.trace = lambda direction, flow, data: seen.append((direction, flow.transport, data[:12]))
    Peer(node).send(request_bytes())
    connected(node).send(request_bytes(via="SIP/2.0/TCP 192.0.2.9:5070", branch="z9hG4bKb", call_id="c2"))
    node.clock.advance(0.01)
    assert seen == [
        ("in", "udp", b"REGISTER sip"),
        ("out", "udp", b"SIP/2.0 200 "),
        ("in", "tcp", b"REGISTER sip"),
        ("out", "tcp", b"SIP/2.0 200 "),
    ]
    node.stop()


def test_port_0_is_any_free_port_and_the_listeners_tell_it() -> None:
    node = Node([Listen("udp", "0.0.0.0", 0), Listen("tcp", "::1", 0)])
    first, second = node.endpoint.listeners
    assert first.port > 0
    assert first.sent_by == ("192.0.2.1", first.port)
    assert second.uri == f"tcp://[::1]:{second.port}"
    node.stop()


def test_an_address_that_is_taken_stops_the_start_and_frees_the_others() -> None:
    node = Node([])
    node.endpoint._listen = (LISTEN[0], LISTEN[1], LISTEN[1])
    failed: list[object] = []
    node.endpoint.start().addErrback(lambda failure: failed.append(failure.value))
    assert isinstance(failed[0], InputError)
    assert node.network._sockets == {}
    assert node.network._listeners == {}


def test_over_a_network_that_loses_and_doubles_everybody_hears_one_end() -> None:
    node = Node(conditions=Conditions(delay=0.01, jitter=0.5, loss=0.3, duplication=0.3))
    peer = Peer(node)
    peer.answer = 200
    senders = [node.send(UDP_HOP) for _ in range(50)]
    node.clock.advance(60.0)
    assert [[status for _, status in sender.heard] for sender in senders] == [[200]] * 50
    node.stop()


def test_a_bug_at_a_datagram_is_counted_and_the_next_one_is_served(caplog: pytest.LogCaptureFixture) -> None:
    node = Node()
    peer = Peer(node)
    node.user.answer = 999
    node.user.on_request = lambda call: call.answer(None)  # type: ignore[arg-type,method-assign]
    peer.send(request_bytes())
    node.clock.advance(0.01)
    assert node.shell.bugs == 1
    assert peer.heard[0].startswith(b"SIP/2.0 500 ")


def test_a_connection_of_ours_comes_from_the_address_that_we_listen_at() -> None:
    node = Node()
    accepted: list[StreamPeer] = []

    def accept() -> StreamPeer:
        accepted.append(StreamPeer())
        return accepted[-1]

    node.network.streams(Listen("tcp", *THERE), accept)
    node.send(NextHop(*THERE, transport="tcp"))
    node.clock.advance(0.01)

    assert accepted[0].raw is not None
    assert accepted[0].raw.remote[0] == HERE[0]
    node.stop()
