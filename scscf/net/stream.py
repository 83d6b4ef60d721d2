"""A stream connection that carries SIP: framing (RFC 3261 §18.3), keep-alives (RFC 5626 §4.4.1), and bounds."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

from scscf.net.network import RawStream
from scscf.net.shell import Shell
from scscf.sip.message import Request, Response
from scscf.sip.outbox import Flow
from scscf.sip.stream_parser import Ping, Pong, StreamParser
from scscf.timers import Deadline

Opened = Callable[["Connection | None", str], None]
"""Is called once with the connection, or with None and why there is none."""


class StreamLimits(NamedTuple):
    """Bounds on connections; times in seconds."""

    connections: int = 20_000
    """How many there may be at once."""
    first_message: float = 32.0
    """A peer that connects has to send a whole message within this time."""
    message: float = 32.0
    """A message that was begun has to be whole within this time."""
    idle: float = 7200.0
    """A connection without any octet for so long is closed; keep-alives count."""
    unsent: int = 4_000_000
    """A peer that leaves so many octets unread is cut off."""
    connect: float = 4.0
    """How long connecting may take."""


class StreamUser(Protocol):
    """The endpoint, as a connection sees it."""

    def connection_opened(self, connection: "Connection") -> None:
        """The connection is there and has its flow."""

    def message_received(self, message: Request | Response, flow: Flow, octets: bytes) -> None:
        """A whole message came, in these octets."""

    def malformed(self, flow: Flow, detail: str) -> None:
        """Octets came that are no SIP."""

    def close_soon(self, connection: "Connection") -> None:
        """Close the connection once what this turn sends is written."""

    def connection_lost(self, connection: "Connection", detail: str) -> None:
        """The connection is gone, or was never made."""


class Connection:
    """One connection: the receiver of a raw stream. What comes from the network is handled in a turn of the shell."""

    def __init__(self, user: StreamUser, shell: Shell, transport: str, serial: int, limits: StreamLimits) -> None:
        self._user = user
        self._shell = shell
        self._limits = limits
        self._raw: RawStream | None = None
        self._parser = StreamParser()
        self._congested_octets: int | None = None
        self._begun: float | None = None
        self._spoke = False
        self._since = self._latest = shell.reactor.seconds()
        self._keep_alive: float | None = None
        self._silence: Deadline | None = None
        self.transport = transport
        self.serial = serial
        self.flow = Flow(transport, ("", 0), ("", 0), serial)
        self.outgoing: tuple[str, str, int, str] | None = None
        """(transport, host, port, name) that this side connected to; None where the peer connected."""
        self.waiting: list[Opened] = []
        """Who waits for the connection to be made."""
        self.give_up: Callable[[], None] | None = None
        """Gives up connecting; None where there is nothing to give up."""
        self.open = False
        self.over = False

    def opened(self, raw: RawStream) -> None:
        """Take the raw stream; the flow is known from now on."""
        self._raw = raw
        self.open = True
        self._since = self._latest = self._shell.reactor.seconds()
        self.flow = Flow(self.transport, raw.local, raw.remote, self.serial)
        self._shell.run(self._user.connection_opened, self)

    def failed(self, detail: str) -> None:
        """Tell that the connection could not be made."""
        self.lost(detail)

    def received(self, data: bytes) -> None:
        """Take octets: messages go to the endpoint, a ping is answered at once, a stream that is no SIP is closed."""
        if not self.open:
            return
        shell = self._shell
        shell.enter()
        try:
            self._take(data)
        except Exception:
            shell.bug("in a stream")
        finally:
            shell.leave()

    def _take(self, data: bytes) -> None:
        self._latest = self._shell.reactor.seconds()
        items = self._parser.feed(data)
        if items:
            self._begun = None
        elif self._begun is None:
            self._begun = self._latest
        for item in items:
            if isinstance(item, Ping):
                self.send(b"\r\n")
            elif not isinstance(item, Pong):
                self._spoke = True
                self._user.message_received(item, self.flow, self._parser.octets.popleft())
        if self._parser.closing:
            if not items:
                self._user.malformed(self.flow, "no SIP message")
            self.open = False
            self._user.close_soon(self)

    def congested(self, congested: bool) -> None:
        """Begin, or stop, to count what the peer leaves unread."""
        self._congested_octets = 0 if congested else None

    def lost(self, detail: str) -> None:
        """Tell the endpoint, once."""
        if self.over:
            return
        self.over = True
        self.open = False
        if self._silence is not None:
            self._shell.wire.cancel(self._silence)
        self._shell.run(self._user.connection_lost, self, detail)

    def send(self, data: bytes) -> None:
        """Write octets; a peer that reads none of them is cut off in the end."""
        raw = self._raw
        if raw is None or self.over:
            return
        if self._congested_octets is not None:
            self._congested_octets += len(data)
            if self._congested_octets > self._limits.unsent:
                self.abort()
                return
        raw.write(data)

    def ping(self) -> None:
        """Send a keep-alive, which the peer may answer (RFC 5626 §4.4.1)."""
        self._parser.ping_sent = True
        self.send(b"\r\n\r\n")

    def close(self) -> None:
        """Read no more, and close when everything is written."""
        self.open = False
        if self._raw is not None:
            self._raw.close()
        elif self.give_up is not None:
            self.give_up()

    def abort(self) -> None:
        """Close at once."""
        self.open = False
        if self._raw is not None:
            self._raw.abort()
        elif self.give_up is not None:
            self.give_up()

    def keep_alive(self, seconds: float) -> None:
        """Close after so many seconds without an octet of the peer, whatever StreamLimits says of idle connections."""
        if not self.open:
            return
        self._keep_alive = seconds
        if self._silence is not None:
            self._shell.wire.cancel(self._silence)
        self._silence = self._shell.wire.at(self._latest + seconds, self._silent)

    def _silent(self, now: float) -> None:
        """Close where nothing has come for as long as was agreed, else look again when that may be."""
        self._silence = None
        if not self.open or self._keep_alive is None:
            return
        due = self._latest + self._keep_alive
        if now >= due:
            self.close()
        else:
            self._silence = self._shell.wire.at(due, self._silent)

    def check(self, now: float) -> None:
        """Close where the peer takes too long over its first message, over the rest of one, or is idle for too long."""
        limits = self._limits
        if not self.open:
            if now - self._latest > limits.message:
                self.abort()
            return
        if (self.outgoing is None and not self._spoke and now - self._since > limits.first_message) or (
            self._begun is not None and now - self._begun > limits.message
        ):
            self.abort()
        elif self._keep_alive is None and now - self._latest > limits.idle:
            self.close()
