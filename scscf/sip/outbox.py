"""What the rules want sent, kept until the turn ends: the one door through which anything leaves."""

from typing import NamedTuple, Protocol

from scscf.sip.message import Request, Response


class Flow(NamedTuple):
    """One way to a peer: a UDP socket pair, or one stream connection (RFC 5626 §3). Equal flows are the same flow."""

    transport: str
    """`udp`, `tcp` or `tls`."""
    local: tuple[str, int]
    """Address of the listener that the message came in on (UDP: the socket that answers go out from)."""
    remote: tuple[str, int]
    """Source address, IPv6 without brackets."""
    connection: int = 0
    """Serial number of the stream connection, 0 for UDP."""


class NextHop(NamedTuple):
    """Where a request goes before names are resolved (RFC 3263 §4)."""

    host: str
    """Name or address, IPv6 without brackets."""
    port: int | None = None
    transport: str | None = None
    """The URI's transport parameter, lower case; None: RFC 3263 chooses."""
    sips: bool = False
    flow: Flow | None = None
    """Go back along this flow while it is alive; the rest says where to go when it is not."""


class Failure(NamedTuple):
    """Why a request of ours got no final answer: `timeout` (timer F) or `transport` (no target could be reached)."""

    kind: str
    detail: str


class ClientUser(Protocol):
    """Who sent a request and hears of its end: exactly one final call of either method."""

    def on_response(self, response: Response, now: float) -> None:
        """A response came; provisional ones (100-199) may come before the final one."""

    def on_failure(self, failure: Failure, now: float) -> None:
        """No final response will come."""


class Transmit(NamedTuple):
    """Bytes for a flow: a response or a retransmission; `fallback` where its stream is gone (RFC 3261 §18.2.2)."""

    data: bytes
    flow: Flow
    fallback: NextHop | None = None


class Send(NamedTuple):
    """A request of ours, complete but for its topmost Via, which its client transaction writes."""

    request: Request
    next_hop: NextHop
    user: ClientUser


class Outbox:
    """Everything to be sent in this turn, in order."""

    __slots__ = ("items",)

    def __init__(self) -> None:
        self.items: list[Transmit | Send] = []

    def transmit(self, data: bytes, flow: Flow, fallback: NextHop | None = None) -> None:
        """Have bytes written to a flow when the turn ends."""
        self.items.append(tuple.__new__(Transmit, (data, flow, fallback)))

    def send(self, request: Request, next_hop: NextHop, user: ClientUser) -> None:
        """Have a client transaction made for `request` when the turn ends."""
        self.items.append(Send(request, next_hop, user))

    def take(self) -> list[Transmit | Send]:
        """Return what is to be sent and start empty again."""
        items, self.items = self.items, []
        return items
