"""Diameter peers and connections: capabilities, election, watchdog, failover, leave (RFC 6733 §5, §6)."""

import pytest

from scscf.diameter.answers import capabilities_request
from scscf.diameter.identity import Identity
from scscf.diameter.message import Message, encode
from scscf.net.diameter import Unanswered, Unreachable
from scscf.promise import Promise
from tests.net.diameter.nodes import CLIENT, SERVER, Net, Wire, question, states

pytestmark = pytest.mark.clause("RFC 6733 §5.3", "RFC 6733 §5.6")


def test_two_nodes_meet_and_one_asks_the_other(net: Net) -> None:
    net.node(SERVER, listen="127.0.0.2")
    client = net.node(CLIENT, "127.0.0.2")
    net.run()

    assert states(client) == [("a.server.test", "I-Open")]
    asked = net.ask(client, question())
    assert asked.result().get("Result-Code") == 2001
    assert asked.result().get("Session-Id") == "b.client.test;1;1"


@pytest.mark.clause("RFC 6733 §5.6.4")
@pytest.mark.parametrize("swapped", [False, True])
def test_both_connect_at_once_and_one_connection_stays(net: Net, swapped: bool) -> None:
    first, second = (SERVER, CLIENT) if swapped else (CLIENT, SERVER)
    hosts = {first.host: "127.0.0.2", second.host: "127.0.0.3"}
    names = {"hosts": hosts}
    one = net.node(first, second.host, listen="127.0.0.2", **names)
    other = net.node(second, first.host, listen="127.0.0.3", **names)
    net.run(5)

    both = sorted(peer.state for node in (one, other) for peer in node.peers() if peer.state != "Closed")
    assert both == ["I-Open", "R-Open"]
    assert net.ask(one, question(realm=second.realm)).result().get("Result-Code") == 2001
    assert net.ask(other, question(realm=first.realm)).result().get("Result-Code") == 2001


@pytest.mark.clause("RFC 6733 §5.6.4")
@pytest.mark.parametrize("swapped", [False, True])
def test_both_connect_by_address_and_one_connection_stays(net: Net, swapped: bool) -> None:
    first, second = (SERVER, CLIENT) if swapped else (CLIENT, SERVER)
    one = net.node(first, "127.0.0.3", listen="127.0.0.2")
    other = net.node(second, "127.0.0.2", listen="127.0.0.3")
    net.run(60)

    both = sorted(peer.state for node in (one, other) for peer in node.peers() if peer.state != "Closed")
    assert both == ["I-Open", "R-Open"]
    assert net.ask(one, question(realm=second.realm)).result().get("Result-Code") == 2001
    assert net.ask(other, question(realm=first.realm)).result().get("Result-Code") == 2001


def test_who_speaks_no_application_of_ours_is_told_and_left(net: Net) -> None:
    net.node(SERVER, listen="127.0.0.2")
    stranger = Wire(net, "127.0.0.2")

    (answer,) = stranger.send(capabilities_request(CLIENT._replace(applications=((0, 4),))))

    assert answer.get("Result-Code") == 5010
    assert stranger.lost_because


def test_a_relay_is_welcome(net: Net) -> None:
    server = net.node(SERVER, listen="127.0.0.2")
    relay = Wire(net, "127.0.0.2")

    (answer,) = relay.send(capabilities_request(CLIENT._replace(applications=((0, 0xFFFFFFFF),))))

    assert answer.get("Result-Code") == 2001
    assert states(server) == [("b.client.test", "R-Open")]


def test_who_says_nothing_or_nonsense_first_is_left(net: Net) -> None:
    server = net.node(SERVER, listen="127.0.0.2")
    silent, wrong, garbage = (Wire(net, "127.0.0.2") for _ in range(3))

    wrong.send(question())
    garbage.send(b"GET / HTTP/1.1\r\n\r\n")
    net.run(11)

    assert silent.lost_because
    assert wrong.lost_because
    assert garbage.lost_because
    assert net.served == []
    assert states(server) == []


@pytest.mark.clause("RFC 6733 §6.1.4", "RFC 6733 §6.1.3")
@pytest.mark.parametrize(
    ("more", "result"),
    [
        ({}, 2001),
        ({"Destination_Host": "a.server.test"}, 2001),
        ({"Destination_Host": "other.server.test"}, 3002),
        ({"realm": "elsewhere.test"}, 3003),
    ],
)
def test_what_is_not_for_us_is_refused(net: Net, more: dict[str, str], result: int) -> None:
    net.node(SERVER, listen="127.0.0.2")
    peer = Wire(net, "127.0.0.2")
    peer.send(capabilities_request(CLIENT))

    (answer,) = peer.send(question(**more))

    assert answer.get("Result-Code") == result
    assert answer.is_error == (3000 <= result < 4000)


def test_what_was_here_before_is_refused(net: Net) -> None:
    net.node(SERVER, listen="127.0.0.2")
    peer = Wire(net, "127.0.0.2")
    peer.send(capabilities_request(CLIENT))
    looped = question()
    looped.avps.append(("Route-Record", "A.server.test"))

    (answer,) = peer.send(looped)

    assert answer.get("Result-Code") == 3005


@pytest.mark.clause("RFC 6733 §5.5", "RFC 3539 §3.4.1")
def test_a_peer_that_answers_no_watchdog_is_left_and_tried_again(net: Net) -> None:
    server = net.node(SERVER, listen="127.0.0.2", watchdog=6.0)
    peer = Wire(net, "127.0.0.2")
    peer.send(capabilities_request(CLIENT))

    net.run(8)
    assert [message.command for message in peer.messages[1:]] == ["Device-Watchdog"]
    net.run(20)

    assert peer.lost_because
    assert states(server) == []


def test_watchdogs_keep_quiet_peers_together(net: Net) -> None:
    server = net.node(SERVER, listen="127.0.0.2", watchdog=6.0)
    client = net.node(CLIENT, "127.0.0.2", watchdog=6.0)
    net.run(300)

    assert states(client) == [("a.server.test", "I-Open")]
    assert states(server) == [("b.client.test", "R-Open")]


@pytest.mark.clause("RFC 6733 §5.4")
def test_who_stops_takes_leave_and_is_connected_again_when_it_is_back(net: Net) -> None:
    server = net.node(SERVER, listen="127.0.0.2")
    client = net.node(CLIENT, "127.0.0.2")
    net.run()

    stopped = server.stop()
    net.run(3)
    assert stopped.called
    assert states(client) == [("a.server.test", "Closed")]
    with pytest.raises(Unreachable):
        net.ask(client, question()).result()

    net.node(SERVER, listen="127.0.0.2")
    net.run(40)
    assert net.ask(client, question()).result().get("Result-Code") == 2001


@pytest.mark.clause("RFC 6733 §5.5.4")
def test_a_question_goes_on_to_the_next_peer_with_the_t_bit(net: Net) -> None:
    second = Identity("c.server.test", "server.test")
    mute = net.node(SERVER, listen="127.0.0.2", answers=False)
    net.node(second, listen="127.0.0.3")
    client = net.node(CLIENT, "127.0.0.2", "127.0.0.3")
    net.run()

    asked: Promise[Message] = client.shell.perform(client.ask(question()))
    net.run(0.5)
    mute.disconnect()
    net.run(0.5)

    assert asked.result().get("Origin-Host") == "c.server.test"
    (first_host, first), (next_host, again) = net.served
    assert (first_host, next_host) == ("a.server.test", "c.server.test")
    assert (first.is_retransmitted, again.is_retransmitted) == (False, True)
    assert again.end_to_end == first.end_to_end


def test_the_first_of_several_is_asked_while_it_is_there(net: Net) -> None:
    second = Identity("c.server.test", "server.test")
    net.node(SERVER, listen="127.0.0.2")
    net.node(second, listen="127.0.0.3")
    client = net.node(CLIENT, "127.0.0.2", "127.0.0.3")
    net.run()

    assert net.ask(client, question()).result().get("Origin-Host") == "a.server.test"
    named = net.ask(client, question(Destination_Host="C.server.test"))
    assert named.result().get("Origin-Host") == "c.server.test"


def test_no_answer_in_time_and_a_connection_that_goes(net: Net) -> None:
    server = net.node(SERVER, listen="127.0.0.2", answers=False)
    client = net.node(CLIENT, "127.0.0.2", timeout=5.0)
    net.run()

    late = net.ask(client, question(), 6)
    with pytest.raises(Unanswered):
        late.result()
    cut: Promise[Message] = client.shell.perform(client.ask(question()), lambda error: None)
    net.run(0.5)
    server.disconnect()
    net.run(0.5)
    with pytest.raises(Unanswered):
        cut.result()


def test_who_has_nobody_to_connect_to_says_why(net: Net) -> None:
    client = net.node(CLIENT, "127.0.0.2", "no.such.name")

    net.run(100)

    assert [peer.why for peer in client.peers()] == ["connection refused", "no address for no.such.name"]
    with pytest.raises(Unreachable, match="connection refused"):
        net.ask(client, question()).result()


def test_an_answer_to_nothing_is_counted_and_dropped(net: Net) -> None:
    server = net.node(SERVER, listen="127.0.0.2")
    peer = Wire(net, "127.0.0.2")
    peer.send(capabilities_request(CLIENT))
    stray = question()
    stray.is_request = False

    assert peer.send(stray) == []
    assert server.counters["answers to nothing"] == 1


@pytest.mark.clause("RFC 6733 §7.2", "RFC 6733 §7.5")
def test_a_request_that_cannot_be_served_is_refused_with_what_is_wrong(net: Net) -> None:
    net.node(SERVER, listen="127.0.0.2")
    peer = Wire(net, "127.0.0.2")
    peer.send(capabilities_request(CLIENT))
    lacking = question()
    lacking.avps = [each for each in lacking.avps if each[0] != "Public-Identity"]

    (answer,) = peer.send(lacking)

    assert answer.get("Result-Code") == 5005
    assert [name for name, _ in answer.get("Failed-AVP")] == ["Public-Identity"]
    assert net.served == []


def test_who_calls_itself_as_we_do_is_refused(net: Net) -> None:
    net.node(SERVER, listen="127.0.0.2")
    twin = Wire(net, "127.0.0.2")

    (answer,) = twin.send(capabilities_request(SERVER))

    assert answer.get("Result-Code") == 3005
    assert twin.lost_because


@pytest.mark.clause("RFC 6733 §7.2")
def test_garbage_behind_a_request_is_refused_by_name_and_the_request_is_answered(net: Net) -> None:
    server = net.node(SERVER, listen="127.0.0.2")
    client = Wire(net, "127.0.0.2")
    client.send(capabilities_request(CLIENT))

    answer, refusal = client.send(encode(question()) + b"\x02" + encode(question())[1:])

    assert answer.get("Result-Code") == 2001
    assert refusal.get("Result-Code") == 5011
    assert (refusal.get("Origin-Host"), refusal.get("Origin-Realm")) == SERVER[:2]
    assert client.lost_because
    assert states(server) == []
    assert server.counters["malformed"] == 1
