"""Every server transaction: which request is new, a retransmission, an ACK or a CANCEL (RFC 3261 §17.2.3, §9.2)."""

from collections import Counter
from collections.abc import Callable
from typing import Final, Protocol

from scscf.errors import SipError
from scscf.identifiers import Identifiers
from scscf.metrics.times import Tally
from scscf.sip.delay_line import DelayLine
from scscf.sip.invite_server import InviteServerTransaction
from scscf.sip.invite_transaction import InviteServerInput, InviteServerState
from scscf.sip.matching import cancelled_keys, merge_key, transaction_key
from scscf.sip.message import Request
from scscf.sip.outbox import Flow, Outbox
from scscf.sip.routing import response_flow, stamp_via
from scscf.sip.server_transaction import NonInviteServerTransaction, ServerTransaction
from scscf.sip.transaction import ServerInput, ServerState, TimerValues
from scscf.sip.via import Via
from scscf.timers import Deadlines

COUNTED: Final = (
    "BYE", "CANCEL", "INFO", "INVITE", "MESSAGE", "NOTIFY", "OPTIONS", "PRACK", "PUBLISH", "REFER", "REGISTER",
    "SUBSCRIBE", "UPDATE",
)  # fmt: skip
"""Methods whose answers are counted by their own name; those of any other one are counted as `other`."""


class TransactionUser(Protocol):
    """Who is given the requests that are new."""

    def on_request(self, call: "ServerTransaction") -> None:
        """Answer `call.request` now or later; `check_request` has not been asked about it yet."""

    def on_ack(self, request: Request, flow: Flow) -> None:
        """Take the ACK of a 2xx, which belongs to no transaction (RFC 3261 §13.2.2.4)."""


class ServerTransactions:
    """Every server transaction there is.

    At most `max_open` requests wait for an answer, further ones get 503; of the answered ones at most `max_completed`
    are remembered, the oldest are forgotten before their Timer J. There are at most `max_invites` INVITEs, those
    included that are answered: each is kept for as long as its answer has to be repeated.
    """

    def __init__(
        self,
        timers: TimerValues,
        deadlines: Deadlines,
        outbox: Outbox,
        identifiers: Identifiers,
        user: TransactionUser,
        counters: "Counter[str]",
        max_open: int = 20_000,
        max_completed: int = 500_000,
        max_invites: int = 100_000,
    ) -> None:
        self.outbox = outbox
        self.user = user
        self.counters = counters
        self.answers = Tally(COUNTED)
        """Final answers by method and status, with the seconds from the turn that the request came in."""
        self.clock: Callable[[], float] = lambda: deadlines.now
        """Tells wire time as it goes on within a turn; until it is set, it does not."""
        self.stopping = False
        self.timers = timers
        self.deadlines = deadlines
        self._identifiers = identifiers
        self._max_open = max_open
        self._max_completed = max_completed
        self._max_invites = max_invites
        self._open: dict[str, NonInviteServerTransaction] = {}
        self._invites: dict[str, InviteServerTransaction] = {}
        self._completed: dict[str, tuple[bytes, Flow, str | None]] = {}
        self._merge_keys: set[str] = set()
        self._timer_j: DelayLine[str] = DelayLine(
            deadlines, timers.timeout, lambda key, now: self._forget(key), slack=1.0
        )
        self._timer_100: DelayLine[NonInviteServerTransaction] = DelayLine(
            deadlines, timers.trying_after, lambda call, now: call.take(ServerInput.TIMER_100), _unanswered
        )
        self._timer_64_t1: DelayLine[NonInviteServerTransaction] = DelayLine(
            deadlines, timers.timeout, lambda call, now: self._abandon(call), _unanswered
        )

    def __len__(self) -> int:
        """Return how many transactions there are, answered ones included."""
        return len(self._open) + len(self._completed) + len(self._invites)

    @property
    def open(self) -> list[ServerTransaction]:
        """The requests that wait for their final answer."""
        return [*self._open.values(), *(call for call in self._invites.values() if not call.answered)]

    def receive(self, request: Request, flow: Flow) -> None:
        """Take a request from the network: answer it again, refuse it, or give it to the transaction user."""
        try:
            via = request.via
        except SipError:
            if request.method == "ACK":
                self.counters["malformed ACKs"] += 1
            else:
                self._give(NonInviteServerTransaction(self, request, flow, flow, None))
            return
        key = transaction_key(request, via)
        completed = self._completed.get(key)
        if completed is not None:
            data, to, _ = completed
            self.outbox.transmit(data, to)
            return
        waiting = self._open.get(key)
        if waiting is not None:
            waiting.take(ServerInput.REQUEST)
            return
        if request.method in ("INVITE", "ACK"):
            self._receive_invite(request, via, flow, key)
            return
        to = response_flow(via, flow)
        stamp_via(request, via, flow)
        call = NonInviteServerTransaction(self, request, flow, to, key)
        if request.method == "CANCEL":
            self._cancel(call, via)
        elif self.stopping or len(self._open) >= self._max_open:
            self._refuse(call)
        elif (merged := merge_key(request)) in self._merge_keys:
            call.answer(request.response(482, to_tag=self._identifiers.tag()))
        else:
            call.merge_key = merged
            self._give(call)
            if not call.answered:
                self._wait_for(call, key)

    def _receive_invite(self, request: Request, via: Via, flow: Flow, key: str) -> None:
        known = self._invites.get(key)
        if request.method == "ACK":
            if known is None or known.state is InviteServerState.ACCEPTED:
                self.user.on_ack(request, flow)
            else:
                known.take(InviteServerInput.ACK)
            return
        if known is not None:
            known.take(InviteServerInput.REQUEST)
            return
        to = response_flow(via, flow)
        stamp_via(request, via, flow)
        if self.stopping or len(self._invites) >= self._max_invites:
            # Once, without a transaction: under a flood, answers that wait for their ACK would be the heavier load.
            self._refuse(NonInviteServerTransaction(self, request, flow, to, None))
            return
        call = self._invites[key] = InviteServerTransaction(self, request, flow, to, key)
        if (merged := merge_key(request)) in self._merge_keys:
            call.answer(request.response(482, to_tag=self._identifiers.tag()))
        else:
            call.merge_key = merged
            self._give(call)
            if call.merge_key is not None and key in self._invites:
                self._merge_keys.add(call.merge_key)

    def over(self, call: InviteServerTransaction) -> None:
        """Forget an INVITE whose transaction is terminated."""
        if self._invites.pop(call.key, None) is not None and call.merge_key is not None:
            self._merge_keys.discard(call.merge_key)

    def _wait_for(self, call: NonInviteServerTransaction, key: str) -> None:
        self._open[key] = call
        if call.merge_key is not None:
            self._merge_keys.add(call.merge_key)
        self._timer_100.put(call, self.deadlines.now)
        self._timer_64_t1.put(call, self.deadlines.now)

    def complete(self, call: NonInviteServerTransaction, data: bytes, to: Flow) -> None:
        """Keep the final answer until Timer J: 64*T1 over UDP, not at all over streams (RFC 3261 §17.2.2).

        A request that succeeded stays known as one that may arrive again by another path (RFC 3261 §8.2.2.2);
        one that did not had no effect, and its second arrival does no harm.
        """
        key, merged = call.key, call.merge_key
        if key is None:
            return
        self._open.pop(key, None)
        if merged is not None:
            if call.status < 300 and not call.flow.connection:
                self._merge_keys.add(merged)
            else:
                self._merge_keys.discard(merged)
                merged = None
        if call.flow.connection:
            return
        self._completed[key] = (data, to, merged)
        self._timer_j.put(key, self.deadlines.now)
        if len(self._completed) > self._max_completed:
            oldest = self._timer_j.oldest()
            if oldest is not None:
                self._forget(oldest)

    def shutdown(self) -> None:
        """Answer 503 to everything that waits for an answer, and from now on to every new request."""
        self.stopping = True
        for call in self.open:
            self._refuse(call)

    def clear(self) -> None:
        """Forget every transaction and timer."""
        for line in (self._timer_j, self._timer_100, self._timer_64_t1):
            line.clear()
        for call in self._invites.values():
            call.stop()
        self._invites.clear()
        self._open.clear()
        self._completed.clear()
        self._merge_keys.clear()

    def _give(self, call: ServerTransaction) -> None:
        try:
            self.user.on_request(call)
        except Exception:
            if not call.answered:
                call.answer(call.request.response(500, to_tag=self._identifiers.tag()))
            raise

    def _refuse(self, call: ServerTransaction) -> None:
        self.counters["requests refused with 503"] += 1
        response = call.request.response(503, to_tag=self._identifiers.tag())
        response.add("Retry-After", "10")
        call.answer(response)

    def _cancel(self, call: NonInviteServerTransaction, via: Via) -> None:
        keys = cancelled_keys(call.request, via)
        invite = next((self._invites[key] for key in keys if key in self._invites), None)
        found = invite is not None or any(key in self._open or key in self._completed for key in keys)
        call.answer(call.request.response(200 if found else 481, to_tag=self._identifiers.tag()))
        if invite is None or invite.answered:
            return
        if invite.on_cancel is not None:
            invite.on_cancel()
        else:
            invite.answer(invite.request.response(487, to_tag=self._identifiers.tag()))

    def _abandon(self, call: NonInviteServerTransaction) -> None:
        call.take(ServerInput.TIMER_64_T1)
        if call.key is not None:
            self._open.pop(call.key, None)
        if call.merge_key is not None:
            self._merge_keys.discard(call.merge_key)

    def _forget(self, key: str) -> None:
        completed = self._completed.pop(key, None)
        if completed is not None and completed[2] is not None:
            self._merge_keys.discard(completed[2])


def _unanswered(call: NonInviteServerTransaction) -> bool:
    return not call.answered and call.state is not ServerState.TERMINATED
