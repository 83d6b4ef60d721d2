"""The endpoint: listeners, connections and the way between them and the transaction layer (RFC 3261 §18)."""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from twisted.internet.defer import Deferred, fail, succeed

from scscf.config.listen import Listen
from scscf.errors import InputError
from scscf.net.connections import Connections
from scscf.net.door import Door
from scscf.net.network import DatagramSocket, Network, StreamListener, is_loopback
from scscf.net.resolver import Resolver
from scscf.net.sending import Attempt, Trace, sent_by_text
from scscf.net.shell import Shell
from scscf.net.stream import Connection, StreamLimits
from scscf.net.stun import binding_response, is_stun
from scscf.sip.locating import Target
from scscf.sip.message import Request, Response
from scscf.sip.outbox import Cancel, Flow, NextHop, Send, Transmit
from scscf.sip.parser import Unparseable, parse_message
from scscf.sip.transaction_layer import TransactionLayer

log = logging.getLogger(__name__)


class Listener(NamedTuple):
    """A listener that is up: its bound address, and the sent-by that requests of ours get from it."""

    transport: str
    host: str
    port: int
    sent_by: tuple[str, int]

    @property
    def uri(self) -> str:
        """`udp://127.0.0.1:5060` and the like, with the bound port."""
        return f"{self.transport}://{sent_by_text((self.host, self.port))}"


class _Flows(dict[tuple[str, int], Flow]):
    """The flows of one UDP socket by remote address: thousands of bindings behind one peer share one of them."""

    MOST = 10_000
    local: tuple[str, int]

    def __missing__(self, remote: tuple[str, int]) -> Flow:
        if len(self) >= self.MOST:
            self.clear()
        flow = self[remote] = Flow("udp", self.local, remote)
        return flow


class Endpoint:
    """Everything between the sockets and the transaction layer of one node.

    `trace(direction, flow, data)` is told of every message, direction `in` or `out`; `on_flow_lost(flow)` of every
    connection that is gone. Both may be set later.
    """

    def __init__(
        self,
        shell: Shell,
        layer: TransactionLayer,
        listen: Sequence[Listen],
        network: Network,
        resolver: Resolver,
        limits: StreamLimits | None = None,
    ) -> None:
        self.shell = shell
        self.layer = layer
        self.resolver = resolver
        self.trace: Trace | None = None
        self.door: Door | None = None
        """Who looks at every message, while there is something to do."""
        self.on_flow_lost: Callable[[Flow], None] | None = None
        self.listeners: list[Listener] = []
        """What is listened on, in the order of the configuration; filled by `start`."""
        self.transports: list[str] = []
        """The transports that are listened on, each once."""
        self.counters: Counter[str] = Counter()
        """Messages that were malformed or could not be sent, connections refused and so on, by name."""
        self._listen = tuple(listen)
        self._network = network
        self._sockets: dict[tuple[str, int], DatagramSocket] = {}
        self._stream_listeners: list[StreamListener] = []
        self.connections = Connections(self, shell, network, limits or StreamLimits(), self.counters)
        self._chosen: dict[tuple[str, str], Listener | None] = {}
        shell.flush = self._flush

    def start(self) -> Deferred[None]:
        """Bring every listener up; where one cannot be, close those that are and fail with InputError."""
        try:
            for listen in self._listen:
                self._open(listen)
        except InputError as error:
            self._close_listeners()
            return fail(error)
        return succeed(None)

    def stop(self) -> Deferred[None]:
        """Answer 503 to what waits for an answer, close listeners and connections; no call of the reactor is left."""
        with self.shell.turn():
            self.layer.shutdown()
        self._close_listeners()
        return self.connections.close().addCallback(lambda _: self._ended())

    def flow_alive(self, flow: Flow) -> bool:
        """Tell whether messages can still be sent on a flow: UDP always, a stream while its connection is open."""
        if not flow.connection:
            return flow.local in self._sockets
        connection = self.connections.get(flow)
        return connection is not None and connection.open

    def keep_alive(self, flow: Flow, seconds: float) -> None:
        """Close the connection of a flow after so many seconds without an octet of the peer (MS-CONMGMT §2.2.1).

        A keep-alive (CRLFCRLF) counts; over UDP there is nothing to close. A second time replaces the first.
        """
        connection = self.connections.get(flow)
        if connection is not None:
            connection.keep_alive(seconds)

    def _open(self, listen: Listen) -> None:
        local: tuple[str, int]
        if listen.transport == "udp":
            flows = _Flows()
            socket = self._network.datagrams(listen.host, listen.port, partial(self._datagram, flows), self.shell)
            local = flows.local = socket.local
            self._sockets[local] = socket
        else:
            streams = self._network.streams(listen, partial(self.connections.accept, listen.transport))
            self._stream_listeners.append(streams)
            local = streams.local
        host = listen.advertise_host or local[0]
        if host in ("0.0.0.0", "::"):  # noqa: S104  # compared, not bound
            host = self._network.own_address(":" in host)
        self.listeners.append(Listener(listen.transport, *local, (host, listen.advertise_port or local[1])))
        if listen.transport not in self.transports:
            self.transports.append(listen.transport)
        self._chosen.clear()

    def _datagram(self, flows: "_Flows", data: bytes, remote: tuple[str, int]) -> None:
        shell = self.shell
        shell.enter()
        flow = flows[remote]
        try:
            if data[:1] < b"@" and self._is_keep_alive(flow, data):
                return
            if self.trace is not None:
                self.trace("in", flow, data)
            message = parse_message(data)
            if message.defect is not None and isinstance(message, Response):
                self.malformed(flow, str(message.defect))
            elif self.door is None or self.door.incoming(message, flow):
                self.layer.receive(message, flow)
        except Unparseable as error:
            self.malformed(flow, str(error))
        except Exception:
            shell.bug("at a datagram")
        finally:
            shell.leave()

    def _is_keep_alive(self, flow: Flow, data: bytes) -> bool:
        """Handle what is no SIP message but no mistake either: line ends, an empty datagram, STUN."""
        if is_stun(data):
            self.counters["STUN messages"] += 1
            answer = binding_response(data, flow.remote)
            if answer is not None:
                self._send_datagram(answer, flow)
            return True
        return not data.strip(b"\r\n\0 ")

    def message_received(self, message: Request | Response, flow: Flow, octets: bytes) -> None:
        """Take a message off a stream (FlowUser)."""
        if self.trace is not None:
            self.trace("in", flow, octets)
        if message.defect is not None and isinstance(message, Response):
            self.malformed(flow, str(message.defect))
        elif self.door is None or self.door.incoming(message, flow):
            self.layer.receive(message, flow)

    def flow_lost(self, flow: Flow, detail: str) -> None:
        """Tell the transactions on a connection that it is gone, and who keeps flows (FlowUser)."""
        self.layer.transport_failed(flow, detail)
        if self.on_flow_lost is not None:
            self.on_flow_lost(flow)

    def malformed(self, flow: Flow, detail: str) -> None:
        """Count and log octets that nothing can be answered to (FlowUser)."""
        self.counters["malformed messages"] += 1
        log.debug("malformed message from %s %s: %s", flow.transport, flow.remote, detail)

    def _flush(self, items: list[Transmit | Send | Cancel]) -> None:
        held: list[Transmit | Send | Cancel] = []
        if self.door is not None:
            items, held = self.door.outgoing(items)
        for item in items:
            try:
                if isinstance(item, Transmit):
                    self._transmit(*item)
                elif isinstance(item, Send):
                    Attempt(self, item).begin()
                elif item.send.attempt is not None:
                    item.send.attempt.cancel()
            except Exception:
                self.shell.bug("while sending")
        if held:
            self.shell.outbox.items += held

    def _transmit(self, data: bytes, flow: Flow, fallback: NextHop | None = None) -> None:
        if flow.connection:
            connection = self.connections.get(flow)
            if connection is None or connection.over:
                self._connection_gone(data, flow, fallback)
                return
            connection.send(data)
        elif not self._send_datagram(data, flow):
            return
        if self.trace is not None:
            self.trace("out", flow, data)

    def _send_datagram(self, data: bytes, flow: Flow) -> bool:
        try:
            self._sockets[flow.local].send(data, flow.remote)
        except (OSError, KeyError, OverflowError) as error:
            self.counters["messages not sent"] += 1
            log.debug("nothing sent to %s: %s", flow.remote, error)
            if not isinstance(error, BlockingIOError):
                self.layer.transport_failed(flow, str(error))
            return False
        return True

    def _connection_gone(self, data: bytes, flow: Flow, fallback: NextHop | None) -> None:
        if fallback is not None:
            target = Target(fallback.transport or "tcp", fallback.host, fallback.port or 5060, fallback.host)
            listener = self.listener_for(target.transport, target.host)
            self.connections.to(target, partial(self._transmit_on, data), listener.host if listener else None)
        else:
            self.counters["messages not sent"] += 1
            self.layer.transport_failed(flow, "the connection is gone")

    def _transmit_on(self, data: bytes, connection: Connection | None, detail: str) -> None:
        if connection is None:
            self.counters["messages not sent"] += 1
            log.debug("a response could not be sent: %s", detail)
        else:
            self._transmit(data, connection.flow)

    def listener_for(self, transport: str, host: str) -> Listener | None:
        """Return the listener whose address requests to `host` (an address) go out from, None where there is none.

        The first of that transport and address family is taken; loopback goes with loopback.
        """
        key = (transport, host)
        if key in self._chosen:
            return self._chosen[key]
        ipv6, loopback = ":" in host, is_loopback(host)
        fitting = [item for item in self.listeners if item.transport == transport and (":" in item.host) == ipv6]
        fitting.sort(key=lambda item: is_loopback(item.host) != loopback and item.host not in ("0.0.0.0", "::"))  # noqa: S104  # compared
        if len(self._chosen) > 10_000:
            self._chosen.clear()
        chosen = self._chosen[key] = fitting[0] if fitting else None
        return chosen

    def sent_by(self, flow: Flow) -> tuple[str, int]:
        """Return the sent-by (host, port) of requests of ours on a flow."""
        for listener in self.listeners:
            if listener.transport == flow.transport and (listener.host, listener.port) == flow.local:
                return listener.sent_by
        found = self.listener_for(flow.transport, flow.remote[0])
        return found.sent_by if found is not None else flow.local

    def _close_listeners(self) -> None:
        for socket in self._sockets.values():
            socket.close()
        for listener in self._stream_listeners:
            listener.close()
        self._sockets = {}
        self._stream_listeners = []

    def _ended(self) -> None:
        self.layer.clear()
        self.connections.clear()
        self.shell.stop()
