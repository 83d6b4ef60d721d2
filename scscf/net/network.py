"""What the endpoint needs of a network: the sockets of this machine have it, and the memory network."""

from collections.abc import Callable
from typing import Protocol

from scscf.config.listen import Listen

DatagramReceiver = Callable[[bytes, tuple[str, int]], None]
"""Is called with each datagram and its source address."""


class Turn(Protocol):
    """What is entered before a burst of datagrams is handed over and left after it: the shell."""

    def enter(self) -> None:
        """Begin."""

    def leave(self) -> None:
        """End: what the burst has put into the outbox is sent."""


class DatagramSocket(Protocol):
    """A bound UDP socket."""

    local: tuple[str, int]

    def send(self, data: bytes, remote: tuple[str, int]) -> None:
        """Send a datagram; raises OSError where it cannot be sent."""

    def close(self) -> None:
        """Receive nothing any more."""


class RawStream(Protocol):
    """One stream connection below SIP."""

    local: tuple[str, int]
    remote: tuple[str, int]

    def write(self, data: bytes) -> None:
        """Send octets, in order, as soon as the peer takes them."""

    def close(self) -> None:
        """Close once everything written has gone out."""

    def abort(self) -> None:
        """Close at once."""


class StreamReceiver(Protocol):
    """Who hears of one stream connection: `opened` or `failed` first, `lost` last."""

    def opened(self, raw: RawStream) -> None:
        """The connection is there."""

    def failed(self, detail: str) -> None:
        """The connection could not be made."""

    def received(self, data: bytes) -> None:
        """Octets came."""

    def congested(self, congested: bool) -> None:
        """The peer takes octets more slowly than they are written (True), or has caught up (False)."""

    def lost(self, detail: str) -> None:
        """The connection is gone."""


class StreamListener(Protocol):
    """A listening stream socket."""

    local: tuple[str, int]

    def close(self) -> None:
        """Accept nothing any more."""


class Network(Protocol):
    """Makes sockets; InputError where a listener's address or certificate cannot be used."""

    def datagrams(self, host: str, port: int, receive: DatagramReceiver, turn: Turn | None = None) -> DatagramSocket:
        """Bind a UDP socket. Datagrams that have come together are handed over in one `turn`."""

    def streams(self, listen: Listen, accept: Callable[[], StreamReceiver]) -> StreamListener:
        """Listen for connections; `accept()` makes the receiver of each."""

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
        """Connect to an address; `name` is what a TLS peer's certificate has to be for. Returns what gives it up.

        `tls` has the certificate, authorities and `verify` of this connection, where they are not the listeners'.
        `local` is the address that the node listens at: where many nodes share a machine, each connects from its own.
        """

    def own_address(self, ipv6: bool) -> str:
        """Return the address that this machine is reached at, for a socket that is bound to every address."""


def is_loopback(host: str) -> bool:
    """Tell whether an IP address is one that this machine alone can reach."""
    return host.startswith("127.") or host == "::1"
