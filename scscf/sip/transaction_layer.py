"""The transaction layer (RFC 3261 §17): messages in, requests to the transaction user, everything out by the outbox."""

from collections import Counter
from collections.abc import Callable

from scscf.identifiers import Identifiers
from scscf.sip.client_transaction import ClientTransactions
from scscf.sip.invite_client import InviteClientTransaction
from scscf.sip.message import Request, Response
from scscf.sip.outbox import ClientUser, Flow, Outbox
from scscf.sip.server_transaction import ServerTransaction
from scscf.sip.server_transactions import ServerTransactions, TransactionUser
from scscf.sip.transaction import TimerValues
from scscf.timers import Deadlines

__all__ = ["ServerTransaction", "TransactionLayer", "TransactionUser"]


class TransactionLayer:
    """Every transaction of one node, on wire time (seconds), which `advance` tells it.

    `clock` is the time that client users hear (service time on a node; wire time where none is given).
    """

    def __init__(
        self,
        timers: TimerValues,
        deadlines: Deadlines,
        outbox: Outbox,
        identifiers: Identifiers,
        user: TransactionUser,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self.timers = timers
        self.counters: Counter[str] = Counter()
        """What was dropped, absorbed, refused or sent again, by name."""
        self._deadlines = deadlines
        self.servers = ServerTransactions(timers, deadlines, outbox, identifiers, user, self.counters)
        self.clients = ClientTransactions(
            timers, deadlines, outbox, identifiers, clock or (lambda: deadlines.now), self.counters
        )

    def __len__(self) -> int:
        """Return how many transactions there are, finished ones that absorb retransmissions included."""
        return len(self.servers) + len(self.clients)

    def advance(self, now: float, limit: int | None = None) -> int:
        """Set the wire time and fire what is due, at most `limit` deadlines; return how many were."""
        return self._deadlines.fire(now, limit)

    def receive(self, message: Request | Response, flow: Flow) -> None:
        """Take a message that came in on `flow`."""
        if isinstance(message, Request):
            self.servers.receive(message, flow)
        else:
            self.clients.receive(message)

    def start(
        self, request: Request, flow: Flow, sent_by: tuple[str, int], user: ClientUser, plain: bytes | None = None
    ) -> InviteClientTransaction | None:
        """Start a client transaction for `request` on `flow`; its Via gets the sent-by (host, port).

        `plain` is `request.to_bytes()` where the caller has it. That of an INVITE is returned.
        """
        return self.clients.start(request, flow, sent_by, user, plain)

    def transport_failed(self, flow: Flow, detail: str) -> None:
        """Say that nothing can be sent on `flow` any more, or that the last thing sent on it was not."""
        self.clients.transport_failed(flow, detail)

    def shutdown(self) -> None:
        """Answer 503 to every request that waits, and to every new one."""
        self.servers.shutdown()

    def clear(self) -> None:
        """Forget every transaction and timer."""
        self.servers.clear()
        self.clients.clear()
