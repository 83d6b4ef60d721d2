"""One Diameter connection: octets in and out, and what becomes of those that are no message (RFC 6733 §2.1, §7)."""

from collections.abc import Callable
from typing import Protocol

from scscf.diameter.framing import Framing
from scscf.diameter.message import DiameterError, Message, decode, encode
from scscf.net.network import RawStream
from scscf.net.shell import Shell

Trace = Callable[[str, str, tuple[str, int], tuple[str, int], bytes], None]
"""Is called with direction (`in` or `out`), transport, local and remote address, and the octets of a message."""

MAX_UNSENT = 16_000_000
"""A peer that leaves so many octets unread is cut off."""


class StreamUser(Protocol):
    """Who owns a connection: the node until its peer is known, then the peer."""

    def connected(self, connection: "DiameterConnection") -> None:
        """The connection is there."""

    def not_connected(self, connection: "DiameterConnection", detail: str) -> None:
        """There was nobody to connect to."""

    def received(self, connection: "DiameterConnection", message: Message) -> None:
        """A message came."""

    def malformed(self, connection: "DiameterConnection", error: DiameterError) -> None:
        """Octets came that are no message that can be used."""

    def disconnected(self, connection: "DiameterConnection", detail: str) -> None:
        """The connection is gone."""


class DiameterConnection:
    """The receiver of one raw stream. `user` may change; `initiated` says who connected."""

    def __init__(self, shell: Shell, transport: str, user: StreamUser, *, initiated: bool, trace: Trace | None) -> None:
        self.user = user
        self.initiated = initiated
        self.transport = transport
        self.open = False
        self.give_up: Callable[[], None] | None = None
        """Ends the attempt to connect."""
        self.messages_in = 0
        self.messages_out = 0
        self._shell = shell
        self._trace = trace
        self._raw: RawStream | None = None
        self._framing = Framing()
        self._over = False
        self._congested = False
        self._unsent = 0

    @property
    def remote(self) -> tuple[str, int]:
        """The peer's address."""
        return self._raw.remote if self._raw is not None else ("", 0)

    def opened(self, raw: RawStream) -> None:
        """The stream is there (StreamReceiver)."""
        self._raw = raw
        if self._over:
            raw.abort()
            return
        self.open = True
        self._shell.run(self.user.connected, self)

    def failed(self, detail: str) -> None:
        """There is none (StreamReceiver)."""
        if not self._over:
            self._over = True
            self._shell.run(self.user.not_connected, self, detail)

    def received(self, data: bytes) -> None:
        """Octets came (StreamReceiver)."""
        if not self._over:
            self._shell.run(self._received, data)

    def congested(self, congested: bool) -> None:
        """The peer does not read, or has caught up (StreamReceiver)."""
        self._congested = congested
        self._unsent = 0

    def lost(self, detail: str) -> None:
        """The stream is gone (StreamReceiver)."""
        if self._over:
            return
        self._over = True
        self.open = False
        self._shell.run(self.user.disconnected, self, detail)

    def send(self, message: Message) -> None:
        """Send a message."""
        if self._raw is None or not self.open:
            return
        data = encode(message)
        self.messages_out += 1
        if self._trace is not None:
            self._trace("out", self.transport, self._raw.local, self._raw.remote, data)
        if self._congested:
            self._unsent += len(data)
            if self._unsent > MAX_UNSENT:
                self._raw.abort()
                return
        self._raw.write(data)

    def close(self, *, at_once: bool = False) -> None:
        """Close, after what was sent unless `at_once` or the peer does not read; the user hears no more of it."""
        if self._over:
            return
        self._over = True
        self.open = False
        if self._raw is None:
            if self.give_up is not None:
                self.give_up()
        elif at_once or self._congested:
            self._raw.abort()
        else:
            self._raw.close()

    def _received(self, data: bytes) -> None:
        try:
            self._read(self._framing.feed(data))
            if self._framing.broken and not self._over:
                self._framing.feed(b"")
        except DiameterError as error:
            self.user.malformed(self, error)
            if not self._over:
                self.close()
                self.user.disconnected(self, str(error))

    def _read(self, pieces: list[bytes]) -> None:
        for piece in pieces:
            self.messages_in += 1
            if self._trace is not None and self._raw is not None:
                self._trace("in", self.transport, self._raw.local, self._raw.remote, piece)
            try:
                message = decode(piece)
            except DiameterError as error:
                self.user.malformed(self, error)
            else:
                self.user.received(self, message)
            if self._over:
                return
