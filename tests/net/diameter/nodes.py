"""Diameter nodes on one memory network, and a peer that is nothing but octets."""

from collections.abc import Callable
from typing import Any

from scscf.config.listen import Listen
from scscf.diameter.answers import success
from scscf.diameter.framing import Framing
from scscf.diameter.identity import Identity
from scscf.diameter.message import Message, decode, encode
from scscf.net.diameter import DiameterNode, Remote
from scscf.net.heap_clock import HeapClock
from scscf.net.memory import MemoryNetwork
from scscf.net.network import RawStream
from scscf.net.shell import Shell
from scscf.promise import Promise

CLIENT, SERVER = Identity("b.client.test", "client.test"), Identity("a.server.test", "server.test")
PORT = 3868


class Net:
    """Nodes on one memory network and one heap clock."""

    def __init__(self) -> None:
        self.clock = HeapClock(0.0)
        self.network = MemoryNetwork(self.clock)
        self.nodes: list[DiameterNode] = []
        self.served: list[tuple[str, Message]] = []

    def node(
        self,
        identity: Identity,
        *remotes: str,
        listen: str | None = None,
        answers: bool = True,
        **more: Any,
    ) -> DiameterNode:
        def serve(message: Message, answer: Callable[[Message], None]) -> None:
            self.served.append((identity.host, message))
            if answers:
                answer(success(message, identity))

        made = DiameterNode(
            Shell(self.clock),
            self.network,
            identity,
            [Remote("tcp", host, PORT) for host in remotes],
            [Listen("tcp", listen, PORT)] if listen is not None else [],
            serve,
            lambda: 0.5,
            **more,
        )
        self.nodes.append(made)
        made.start()
        return made

    def run(self, seconds: float = 1.0) -> None:
        self.clock.advance(seconds)
        assert all(node.shell.bugs == 0 for node in self.nodes)

    def ask(self, node: DiameterNode, message: Message, seconds: float = 1.0) -> Promise[Message]:
        asked: Promise[Message] = node.shell.perform(node.ask(message), lambda error: None)
        self.run(seconds)
        return asked

    def end(self) -> None:
        for node in self.nodes:
            node.stop()
        self.run(30)
        for node in self.nodes:
            assert len(node.shell.wire) == 0
            assert node.peers() == [] or all(peer.state == "Closed" for peer in node.peers())


class Wire:
    """A peer that is nothing but octets: what it gets, and what it sends."""

    def __init__(self, net: Net, host: str = "127.0.0.1") -> None:
        self.messages: list[Message] = []
        self.lost_because = ""
        self._framing = Framing()
        self._raw: RawStream | None = None
        self._net = net
        net.network.connect("tcp", host, PORT, host, 1.0, self)
        net.run(0.1)

    def opened(self, raw: RawStream) -> None:
        self._raw = raw

    def failed(self, detail: str) -> None:
        self.lost_because = detail

    def received(self, data: bytes) -> None:
        self.messages += [decode(each) for each in self._framing.feed(data)]

    def congested(self, congested: bool) -> None:
        pass

    def lost(self, detail: str) -> None:
        self.lost_because = detail

    def send(self, message: Message | bytes, seconds: float = 0.1) -> list[Message]:
        assert self._raw is not None
        before = len(self.messages)
        self._raw.write(message if isinstance(message, bytes) else encode(message))
        self._net.run(seconds)
        return self.messages[before:]


def question(**more: str) -> Message:
    avps: list[tuple[str, Any]] = [
        ("Session-Id", "b.client.test;1;1"),
        ("Auth-Session-State", 1),
        *CLIENT.origin(),
        *((name.replace("_", "-"), value) for name, value in more.items() if name == "Destination_Host"),
        ("Destination-Realm", more.get("realm", "server.test")),
        ("Public-Identity", "sip:a@x"),
    ]
    return Message("Location-Info", avps, is_proxiable=True)


def states(node: DiameterNode) -> list[tuple[str, str]]:
    return [(peer.host, peer.state) for peer in node.peers()]
