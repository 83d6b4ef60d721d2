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
    """Why a request of ours got no final answer.

    `timeout` (timer B or F, or 64*T1 after a CANCEL), `transport` (no target could be reached) or `cancelled` (an
    INVITE that was cancelled before it was sent).
    """

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


class Send:
    """A request of ours, complete but for its topmost Via, which its client transaction writes."""

    __slots__ = ("attempt", "next_hop", "request", "user")

    def __init__(self, request: Request, next_hop: NextHop, user: ClientUser) -> None:
        self.request = request
        self.next_hop = next_hop
        self.user = user
        self.attempt: Cancellable | None = None
        """What sends it, once it is on its way."""


class Cancellable(Protocol):
    """A request on its way."""

    def cancel(self) -> None:
        """Cancel an INVITE (RFC 3261 §9.1); nothing happens to one that has its final answer."""


class Cancel(NamedTuple):
    """An INVITE of ours that is not wanted any more (RFC 3261 §9.1)."""

    send: Send


class Outbox:
    """Everything to be sent in this turn, in order."""

    __slots__ = ("items",)

    def __init__(self) -> None:
        self.items: list[Transmit | Send | Cancel] = []

    def transmit(self, data: bytes, flow: Flow, fallback: NextHop | None = None) -> None:
        """Have bytes written to a flow when the turn ends."""
        self.items.append(tuple.__new__(Transmit, (data, flow, fallback)))

    def send(self, request: Request, next_hop: NextHop, user: ClientUser) -> Send:
        """Have a client transaction made for `request` when the turn ends (for an ACK: have it sent, with no more)."""
        send = Send(request, next_hop, user)
        self.items.append(send)
        return send

    def cancel(self, send: Send) -> None:
        """Have an INVITE cancelled when the turn ends."""
        self.items.append(Cancel(send))

    def take(self) -> list[Transmit | Send | Cancel]:
        """Return what is to be sent and start empty again."""
        items, self.items = self.items, []
        return items
