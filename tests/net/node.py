"""One node on the memory network, and a peer that speaks bytes."""

from collections.abc import Mapping, Sequence

from scscf.config.listen import Listen
from scscf.identifiers import Identifiers
from scscf.net.endpoint import Endpoint
from scscf.net.heap_clock import HeapClock
from scscf.net.memory import Conditions, MemoryNetwork
from scscf.net.network import RawStream
from scscf.net.resolver import Dns, Resolver
from scscf.net.shell import Shell
from scscf.net.stream import StreamLimits
from scscf.sip.outbox import NextHop
from scscf.sip.transaction import TimerValues
from scscf.sip.transaction_layer import TransactionLayer
from tests.sip.layer import Calls, Sender, a_request, seeded

HERE = ("192.0.2.1", 5060)
THERE = ("192.0.2.9", 5070)
LISTEN = (Listen("udp", *HERE), Listen("tcp", *HERE))


class Node:
    def __init__(
        self,
        listen: Sequence[Listen] = LISTEN,
        hosts: Mapping[str, str] | None = None,
        dns: Dns | None = None,
        conditions: Conditions | None = None,
        limits: StreamLimits | None = None,
    ) -> None:
        self.clock = HeapClock(1000.0)
        self.network = MemoryNetwork(self.clock, conditions)
        self.shell = Shell(self.clock)
        self.user = Calls()
        self.layer = TransactionLayer(
            TimerValues(), self.shell.wire, self.shell.outbox, Identifiers(seeded()), self.user, self.shell.now
        )
        resolver = Resolver(self.shell, hosts or {}, dns, lambda: 0.5)
        self.endpoint = Endpoint(self.shell, self.layer, listen, self.network, resolver, limits)
        self.endpoint.start()

    def send(self, hop: NextHop, body: bytes = b"") -> Sender:
        sender = Sender()
        request = a_request("NOTIFY")
        request.remove("via")
        request.body = body
        with self.shell.turn():
            self.shell.outbox.send(request, hop, sender)
        return sender

    def stop(self) -> None:
        """Stop the node and see that nothing of it is left."""
        done: list[None] = []
        self.endpoint.stop().addCallback(done.append)
        self.clock.advance(0.5)
        assert done == [None]
        assert len(self.layer) == 0
        assert len(self.clock) == 0
        assert len(self.shell.wire) == 0
        assert self.shell.bugs == 0


class Peer:
    """A UDP socket elsewhere."""

    def __init__(self, node: Node, address: tuple[str, int] = THERE) -> None:
        self.heard: list[bytes] = []
        self.socket = node.network.datagrams(*address, self._receive)
        self.answer: int | None = None

    def _receive(self, data: bytes, source: tuple[str, int]) -> None:
        self.heard.append(data)
        if self.answer is not None and not data.startswith(b"SIP/2.0"):
            self.socket.send(answer_to(data, self.answer), source)

    def send(self, data: bytes) -> None:
        self.socket.send(data, HERE)


class StreamPeer:
    """One end of a stream elsewhere: connects by `to`, or is what a listener accepts."""

    def __init__(self) -> None:
        self.raw: RawStream | None = None
        self.heard = b""
        self.why: str | None = None
        self.answer: int | None = None

    def opened(self, raw: RawStream) -> None:
        self.raw = raw

    def failed(self, detail: str) -> None:
        self.why = detail

    def received(self, data: bytes) -> None:
        self.heard += data
        if self.answer is not None and self.raw is not None and not data.startswith(b"SIP/2.0"):
            self.raw.write(answer_to(data, self.answer))

    def congested(self, congested: bool) -> None:
        pass

    def lost(self, detail: str) -> None:
        self.why = detail

    def send(self, data: bytes) -> None:
        assert self.raw is not None
        self.raw.write(data)


def connected(node: Node) -> StreamPeer:
    peer = StreamPeer()
    node.network.connect("tcp", *HERE, "", 1.0, peer)
    node.clock.advance(0.01)
    return peer


def answer_to(data: bytes, status: int) -> bytes:
    lines = data.decode().split("\r\n")
    kept = [line for line in lines if line.split(":")[0] in ("Via", "From", "To", "Call-ID", "CSeq")]
    return "\r\n".join([f"SIP/2.0 {status} X", *kept, "Content-Length: 0", "", ""]).encode()
