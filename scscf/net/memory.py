"""A network in memory, on a heap clock: delay, loss, duplication and reordering, the same in every run of one seed."""

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from scscf.config.listen import Listen
from scscf.errors import InputError, Problem
from scscf.net.heap_clock import HeapClock
from scscf.net.network import DatagramReceiver, StreamReceiver, Turn

_FIRST_FREE_PORT = 40_000


class Conditions(NamedTuple):
    """How datagrams are carried; streams know nothing but the delay. Times in seconds, chances from 0 to 1."""

    delay: float = 0.001
    jitter: float = 0.0
    """A datagram takes up to so much longer: a later one may overtake it."""
    loss: float = 0.0
    duplication: float = 0.0


class Packet(NamedTuple):
    """One datagram, or one piece of a stream, as it was sent."""

    at: float
    transport: str
    source: tuple[str, int]
    destination: tuple[str, int]
    data: bytes


class MemorySocket:
    """A UDP socket of the memory network."""

    def __init__(self, network: "MemoryNetwork", local: tuple[str, int], receive: DatagramReceiver) -> None:
        self.local = local
        self.receive = receive
        self._network = network

    def send(self, data: bytes, remote: tuple[str, int]) -> None:
        """Send a datagram; one to an address that nobody is bound to is lost."""
        self._network.carry(self.local, remote, data)

    def close(self) -> None:
        """Receive nothing any more."""
        self._network.unbind(self.local)


class MemoryListener:
    """A listening stream socket of the memory network."""

    def __init__(
        self, network: "MemoryNetwork", transport: str, local: tuple[str, int], accept: Callable[[], StreamReceiver]
    ) -> None:
        self.transport = transport
        self.local = local
        self.accept = accept
        self._network = network

    def close(self) -> None:
        """Accept nothing any more."""
        self._network.unlisten(self.transport, self.local)


class MemoryStream:
    """One end of a stream connection."""

    def __init__(
        self,
        network: "MemoryNetwork",
        transport: str,
        local: tuple[str, int],
        remote: tuple[str, int],
        receiver: StreamReceiver,
    ) -> None:
        self.transport = transport
        self.local = local
        self.remote = remote
        self.receiver = receiver
        self.peer: MemoryStream | None = None
        self._network = network
        self._closed = False

    def write(self, data: bytes) -> None:
        """Send octets; in order, and none is lost."""
        if not self._closed and self.peer is not None:
            self._network.note(self.transport, self.local, self.remote, data)
            self._network.later(self.peer.take, data)

    def take(self, data: bytes) -> None:
        """Receive octets, unless this end is closed."""
        if not self._closed:
            self.receiver.received(data)

    def close(self) -> None:
        """Close both ends, the other one after what was written before."""
        if self._closed:
            return
        self._closed = True
        if self.peer is not None:
            self._network.later(self.peer.end)
        self._network.later(self.receiver.lost, "closed")

    def end(self) -> None:
        """Hear that the other end closed."""
        if not self._closed:
            self._closed = True
            self.receiver.lost("closed by the peer")

    def abort(self) -> None:
        """Close at once."""
        self.close()


class MemoryNetwork:
    """A Network for any number of nodes, each at addresses of its own.

    `packets` holds what was sent, datagrams that were lost included, at most the last `keep`.
    """

    def __init__(
        self, clock: HeapClock, conditions: Conditions | None = None, seed: int = 0, keep: int = 10_000
    ) -> None:
        self.clock = clock
        self.conditions = conditions or Conditions()
        self.conditions_of: dict[str, Conditions] = {}
        """Host → conditions of what goes to it or comes from it, in place of the others."""
        self.on_lost: Callable[[bytes], object] = _ignore
        """Told of the octets of each datagram that is lost."""
        self.packets: list[Packet] = []
        self._keep = keep
        self._random = Random(seed)  # noqa: S311  # a simulation that repeats
        self._sockets: dict[tuple[str, int], MemorySocket] = {}
        self._listeners: dict[tuple[str, tuple[str, int]], MemoryListener] = {}
        self._port = _FIRST_FREE_PORT

    def datagrams(self, host: str, port: int, receive: DatagramReceiver, turn: Turn | None = None) -> MemorySocket:
        """Bind a UDP socket; each datagram comes alone. Raises InputError where the address is taken."""
        local = (host, port or self._free_port())
        if local in self._sockets:
            raise InputError([Problem("listen", 0, 0, f"udp {host}:{port} is taken")])
        self._sockets[local] = MemorySocket(self, local, receive)
        return self._sockets[local]

    def streams(self, listen: Listen, accept: Callable[[], StreamReceiver]) -> MemoryListener:
        """Listen for connections. Raises InputError where the address is taken."""
        local = (listen.host, listen.port or self._free_port())
        key = (listen.transport, local)
        if key in self._listeners:
            raise InputError([Problem("listen", 0, 0, f"{listen.transport} {listen.host}:{listen.port} is taken")])
        self._listeners[key] = MemoryListener(self, listen.transport, local, accept)
        return self._listeners[key]

    def connect(
        self,
        transport: str,
        host: str,
        port: int,
        name: str,
        timeout: float,
        receiver: StreamReceiver,
        tls: Listen | None = None,
        local: str | None = None,
    ) -> Callable[[], None]:
        """Connect to an address, from `local` or loopback; refused where nobody listens. Returns what gives it up."""
        if local is None or local in ("0.0.0.0", "::"):  # noqa: S104  # compared, not bound
            local = "::1" if ":" in host else "127.0.0.1"
        way = self.clock.callLater(self.conditions.delay, self._connect, transport, local, (host, port), receiver)

        def give_up() -> None:
            if way.active():
                way.cancel()
                receiver.failed("given up")

        return give_up

    def own_address(self, ipv6: bool) -> str:
        """Return an address of documentation (RFC 5737, RFC 3849)."""
        return "2001:db8::1" if ipv6 else "192.0.2.1"

    def carry(self, source: tuple[str, int], destination: tuple[str, int], data: bytes) -> None:
        """Carry a datagram as the conditions have it."""
        self.note("udp", source, destination, data)
        conditions, random = self.conditions, self._random
        if self.conditions_of:
            special = self.conditions_of
            conditions = special.get(destination[0]) or special.get(source[0]) or conditions
        copies = 2 if conditions.duplication and random.random() < conditions.duplication else 1
        for _ in range(copies):
            if conditions.loss and random.random() < conditions.loss:
                self.on_lost(data)
                continue
            delay = conditions.delay + (random.random() * conditions.jitter if conditions.jitter else 0.0)
            self.clock.callLater(delay, self._deliver, source, destination, data)

    def later(self, call: Callable[..., object], *args: object) -> None:
        """Make a call after the delay of the way."""
        self.clock.callLater(self.conditions.delay, call, *args)

    def note(self, transport: str, source: tuple[str, int], destination: tuple[str, int], data: bytes) -> None:
        """Keep what was sent."""
        self.packets.append(Packet(self.clock.seconds(), transport, source, destination, data))
        if len(self.packets) > self._keep:
            del self.packets[: self._keep // 2]

    def unbind(self, local: tuple[str, int]) -> None:
        """Close a UDP socket."""
        self._sockets.pop(local, None)

    def unlisten(self, transport: str, local: tuple[str, int]) -> None:
        """Close a listening socket."""
        self._listeners.pop((transport, local), None)

    def _deliver(self, source: tuple[str, int], destination: tuple[str, int], data: bytes) -> None:
        socket = self._sockets.get(destination)
        if socket is not None:
            socket.receive(data, source)

    def _connect(self, transport: str, local: str, destination: tuple[str, int], receiver: StreamReceiver) -> None:
        listener = self._listeners.get((transport, destination))
        if listener is None:
            receiver.failed("connection refused")
            return
        here = (local, self._free_port())
        near = MemoryStream(self, transport, here, destination, receiver)
        far = MemoryStream(self, transport, destination, here, listener.accept())
        near.peer, far.peer = far, near
        far.receiver.opened(far)
        receiver.opened(near)

    def _free_port(self) -> int:
        self._port += 1
        return self._port


def _ignore(data: bytes) -> None:
    """Nobody wants to know what is lost."""
