"""Every stream connection of one node: accepted, made, used again, bounded, closed (RFC 3261 §18, RFC 5923)."""

from collections import Counter
from typing import Final, Protocol

from twisted.internet.defer import Deferred

from scscf.net.network import Network
from scscf.net.shell import Shell
from scscf.net.stream import Connection, Opened, StreamLimits
from scscf.sip.delay_line import DelayLine
from scscf.sip.locating import Target
from scscf.sip.message import Request, Response
from scscf.sip.outbox import Flow

REFUSED_SECONDS: Final = 60.0
"""For so long TCP is not tried again for a long request where it failed."""
_CHECK_EVERY = 10.0
_LINGER = 1.0
_MOST_REFUSALS = 10_000


class FlowUser(Protocol):
    """The endpoint, as the connections see it."""

    def message_received(self, message: Request | Response, flow: Flow, octets: bytes) -> None:
        """A whole message came."""

    def malformed(self, flow: Flow, detail: str) -> None:
        """Octets came that are no SIP."""

    def flow_lost(self, flow: Flow, detail: str) -> None:
        """A connection that there was is gone."""


class Connections:
    """The connections, by serial number and by the address they lead to."""

    def __init__(
        self, user: FlowUser, shell: Shell, network: Network, limits: StreamLimits, counters: "Counter[str]"
    ) -> None:
        self.limits = limits
        self._user = user
        self._shell = shell
        self._network = network
        self._counters = counters
        self._connections: dict[int, Connection] = {}
        self._by_remote: dict[tuple[str, str, int, str], Connection] = {}
        self._refused_tcp: dict[tuple[str, int], float] = {}
        self._serial = 0
        self._check: DelayLine[Connection] = DelayLine(shell.wire, _CHECK_EVERY, self._check_one, _not_over)
        self._all_closed: Deferred[None] | None = None

    def __len__(self) -> int:
        """Return how many connections there are, those that are being made included."""
        return len(self._connections)

    def by_transport(self) -> dict[str, int]:
        """Return how many connections there are of each transport."""
        return dict(Counter(connection.transport for connection in self._connections.values()))

    def get(self, flow: Flow) -> Connection | None:
        """Return the connection of a flow, None where it is gone."""
        return self._connections.get(flow.connection)

    def accept(self, transport: str) -> Connection:
        """Return the receiver of a connection that a peer makes."""
        self._serial += 1
        connection = Connection(self, self._shell, transport, self._serial, self.limits)
        self._connections[connection.serial] = connection
        return connection

    def to(self, target: Target, opened: Opened, local: str | None = None) -> None:
        """Call `opened(connection, "")` with a connection to the target, old or new, or `opened(None, why)`.

        A new one is made from the address `local`, where the network can do that.
        """
        key = (target.transport, target.host, target.port, target.name)
        connection = self._by_remote.get(key)
        if connection is not None and connection.open:
            opened(connection, "")
            return
        if connection is not None and not connection.over and connection.outgoing is not None and connection.waiting:
            connection.waiting.append(opened)
            return
        if self._all_closed is not None or len(self._connections) >= self.limits.connections:
            self._counters["connections refused"] += 1
            opened(None, "too many connections")
            return
        connection = self.accept(target.transport)
        connection.outgoing = key
        connection.waiting.append(opened)
        self._by_remote[key] = connection
        try:
            connection.give_up = self._network.connect(
                target.transport, target.host, target.port, target.name, self.limits.connect, connection, local=local
            )
        except Exception:
            self._shell.bug("while connecting")
            connection.failed("it could not be tried")

    def refuses_tcp(self, target: Target) -> bool:
        """Tell whether TCP to this address failed not long ago, so that a long request need not try it again."""
        until = self._refused_tcp.get((target.host, target.port))
        return until is not None and until > self._shell.reactor.seconds()

    def tcp_refused(self, target: Target) -> None:
        """Remember for a while that TCP to this address failed."""
        if len(self._refused_tcp) >= _MOST_REFUSALS:
            self._refused_tcp.clear()
        self._refused_tcp[target.host, target.port] = self._shell.reactor.seconds() + REFUSED_SECONDS

    def close(self) -> Deferred[None]:
        """Close every connection, those that linger by force after a second; fires when none is left."""
        done: Deferred[None] = Deferred()
        self._all_closed = done
        for connection in list(self._connections.values()):
            connection.close()
        if self._connections:
            linger = self._shell.reactor.callLater(_LINGER, self._abort)
            done.addBoth(lambda _: linger.cancel() if linger.active() else None)
        elif not done.called:
            done.callback(None)
        return done

    def cut(self) -> int:
        """Cut every connection at once; return how many there were."""
        there = list(self._connections.values())
        for connection in there:
            connection.abort()
        return len(there)

    def clear(self) -> None:
        """Forget the timer."""
        self._check.clear()

    def connection_opened(self, connection: Connection) -> None:
        """Take a connection that is there now (StreamUser)."""
        if connection.outgoing is None:
            if len(self._connections) > self.limits.connections or self._all_closed is not None:
                self._counters["connections refused"] += 1
                connection.abort()
                return
            host, port = connection.flow.remote
            self._by_remote[connection.transport, host, port, host] = connection
        self._check.put(connection, self._shell.reactor.seconds())
        waiting, connection.waiting = connection.waiting, []
        for opened in waiting:
            opened(connection, "")

    def message_received(self, message: Request | Response, flow: Flow, octets: bytes) -> None:
        """Pass a message on (StreamUser)."""
        self._user.message_received(message, flow, octets)

    def malformed(self, flow: Flow, detail: str) -> None:
        """Pass on that octets came that are no SIP (StreamUser)."""
        self._user.malformed(flow, detail)

    def close_soon(self, connection: Connection) -> None:
        """Close a connection when what this turn sends is written (StreamUser)."""
        self._shell.wire.at(self._shell.reactor.seconds(), lambda now: connection.close())

    def connection_lost(self, connection: Connection, detail: str) -> None:
        """Forget a connection and tell everybody who counted on it (StreamUser)."""
        self._connections.pop(connection.serial, None)
        host, port = connection.flow.remote
        for key in (connection.outgoing, (connection.transport, host, port, host)):
            if key is not None and self._by_remote.get(key) is connection:
                del self._by_remote[key]
        waiting, connection.waiting = connection.waiting, []
        for opened in waiting:
            opened(None, detail)
        if port:
            self._user.flow_lost(connection.flow, detail)
        if self._all_closed is not None and not self._connections and not self._all_closed.called:
            self._all_closed.callback(None)

    def _check_one(self, connection: Connection, now: float) -> None:
        connection.check(now)
        if not connection.over:
            self._check.put(connection, now)

    def _abort(self) -> None:
        self.cut()
        if self._all_closed is not None and not self._all_closed.called:
            self._all_closed.callback(None)


def _not_over(connection: Connection) -> bool:
    return not connection.over
