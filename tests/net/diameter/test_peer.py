"""Diameter peers that are seldom met: without a name, at two addresses, leaving at the same moment (RFC 6733 §5)."""

from collections.abc import Callable

import pytest

from scscf.config.listen import Listen
from scscf.diameter.answers import capabilities_answer, capabilities_request, success
from scscf.diameter.framing import Framing
from scscf.diameter.message import Message, decode, encode
from scscf.net.network import RawStream
from tests.net.diameter.nodes import CLIENT, PORT, SERVER, Net, Wire, question, states

Reply = Callable[[Message], Message | None]


class Far:
    """A server that is nothing but octets: it answers each request with what `reply` says, on any connection."""

    def __init__(self, net: Net, host: str, reply: Reply) -> None:
        self.reply = reply
        self.connections = 0
        net.network.streams(Listen("tcp", host, PORT), self._accept)

    def _accept(self) -> "FarStream":
        self.connections += 1
        return FarStream(self.reply)


class FarStream:
    """One connection of it."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self._framing = Framing()
        self._raw: RawStream | None = None

    def opened(self, raw: RawStream) -> None:
        self._raw = raw

    def failed(self, detail: str) -> None:
        raise AssertionError(detail)

    def received(self, data: bytes) -> None:
        assert self._raw is not None
        for each in self._framing.feed(data):
            message = decode(each)
            answer = self._reply(message) if message.is_request else None
            if answer is not None:
                self._raw.write(encode(answer))

    def congested(self, congested: bool) -> None:
        pass

    def lost(self, detail: str) -> None:
        pass


def agree(message: Message) -> Message:
    if message.command == "Capabilities-Exchange":
        return capabilities_answer(message, SERVER)
    return success(message, SERVER)


@pytest.mark.clause("RFC 6733 §2.1")
def test_two_instances_of_one_host_have_a_connection_each(net: Net) -> None:
    first, second = Far(net, "127.0.0.2", agree), Far(net, "127.0.0.3", agree)
    client = net.node(CLIENT, "127.0.0.2", "127.0.0.3")

    net.run(60)

    assert CLIENT.host > SERVER.host
    assert states(client) == [("a.server.test", "I-Open")] * 2
    assert (first.connections, second.connections) == (1, 1)
    assert net.ask(client, question()).result().get("Result-Code") == 2001


@pytest.mark.clause("RFC 6733 §5.4")
def test_two_that_take_leave_of_each_other_at_once_do_not_wait(net: Net) -> None:
    server = net.node(SERVER, listen="127.0.0.2")
    client = net.node(CLIENT, "127.0.0.2")
    net.run()

    left = [server.stop(), client.stop()]
    net.run(0.1)

    assert all(each.called for each in left)


@pytest.mark.clause("RFC 6733 §5.3", "RFC 6733 §7.5")
def test_who_has_no_name_is_refused_and_takes_no_place_of_a_peer_that_is_not_there_yet(net: Net) -> None:
    server = net.node(SERVER, "127.0.0.9", listen="127.0.0.2")
    nameless = Wire(net, "127.0.0.2")

    (answer,) = nameless.send(capabilities_request(CLIENT._replace(host="")))

    assert answer.get("Result-Code") == 5004
    assert answer.get("Failed-AVP") == [("Origin-Host", "")]
    assert nameless.lost_because
    assert states(server) == [("", "Closed")]


@pytest.mark.clause("RFC 6733 §5.3")
@pytest.mark.parametrize(
    ("without", "why"),
    [
        ("Origin-Host", "the capabilities exchange came to 2001: no Origin-Host"),
        ("Vendor-Specific-Application-Id", "the capabilities exchange came to 2001: no application in common"),
    ],
)
def test_a_cea_that_does_not_say_enough_opens_nothing(net: Net, without: str, why: str) -> None:
    def reply(message: Message) -> Message:
        answer = capabilities_answer(message, SERVER)
        answer.avps = [(name, value) for name, value in answer.avps if name != without]
        return answer

    Far(net, "127.0.0.2", reply)
    client = net.node(CLIENT, "127.0.0.2")
    net.run(0.5)

    assert [(peer.state, peer.why) for peer in client.peers()] == [("Closed", why)]


@pytest.mark.clause("RFC 6733 §5.6.4")
def test_a_peer_that_wins_an_election_is_told_of_once(net: Net, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "scscf")
    hosts = {CLIENT.host: "127.0.0.2", SERVER.host: "127.0.0.3"}
    for identity, other, listen in ((CLIENT, SERVER, "127.0.0.2"), (SERVER, CLIENT, "127.0.0.3")):
        net.node(identity, other.host, listen=listen, hosts=hosts)

    net.run(5)

    told = [record.getMessage() for record in caplog.records]
    assert sorted(told) == [f"Diameter: {host} is connected" for host in ("a.server.test", "b.client.test")]
    assert [states(node) for node in net.nodes] == [[("a.server.test", "R-Open")], [("b.client.test", "I-Open")]]


def test_a_peer_that_is_not_there_is_warned_of_once(net: Net, caplog: pytest.LogCaptureFixture) -> None:
    net.node(CLIENT, "127.0.0.99").start()
    net.clock.advance(120)

    told = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert len(told) == 1
    assert told[0].startswith(f"Diameter: no connection to 127.0.0.99:{PORT}: ")
    assert told[0].endswith("; it is tried again and again")
