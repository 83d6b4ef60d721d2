"""Server transactions: which request is new, which a retransmission, and what was answered to it (RFC 3261 §17.2)."""

from collections import Counter
from collections.abc import Callable
from typing import Protocol

from scscf.errors import SipError
from scscf.identifiers import Identifiers
from scscf.sip.delay_line import DelayLine
from scscf.sip.matching import cancelled_keys, merge_key, transaction_key
from scscf.sip.message import Request, Response
from scscf.sip.outbox import Flow, NextHop, Outbox
from scscf.sip.routing import response_fallback, response_flow, stamp_via
from scscf.sip.transaction import NON_INVITE_SERVER, ServerAction, ServerInput, ServerState, TimerValues
from scscf.sip.via import Via
from scscf.timers import Deadlines


class TransactionUser(Protocol):
    """Who is given the requests that are new."""

    def on_request(self, call: "ServerTransaction") -> None:
        """Answer `call.request` now or later; `check_request` has not been asked about it yet."""


class ServerTransaction:
    """One request and the answers to it. Costs no timer while it is answered within its own turn."""

    __slots__ = ("_last", "_layer", "_to", "answered", "flow", "key", "merge_key", "request", "state", "status")

    def __init__(self, layer: "ServerTransactions", request: Request, flow: Flow, to: Flow, key: str | None) -> None:
        self.request = request
        """The request; its topmost Via holds `received` and `rport` already."""
        self.flow = flow
        """The flow that it came in on."""
        self.key = key
        self.merge_key: str | None = None
        self.state = ServerState.TRYING
        self.status = 0
        """Status of the last answer."""
        self.answered = False
        """Whether there was a final answer."""
        self._layer = layer
        self._to = to
        self._last = b""

    def answer(self, response: Response) -> None:
        """Send 100 or the final response, as it is.

        Raises RuntimeError for a second final response or another provisional one than 100 (RFC 4320 §4.1). Nothing
        is sent once 64*T1 have passed: the client has given up (RFC 4320 §4.2).
        """
        status = response.status
        if status >= 200:
            if self.answered:
                raise RuntimeError("this request was answered before")
            self.answered = True
            self.status = status
            self._last = response.to_bytes()
            self.take(ServerInput.FINAL)
        elif status == 100:
            self.status = status
            self._last = response.to_bytes()
            self.take(ServerInput.PROVISIONAL)
        else:
            raise RuntimeError("a non-INVITE request gets no provisional response but 100")

    def take(self, event: ServerInput) -> None:
        """Do what the table has for an event."""
        self.state, steps = _STEPS[self.state][event]
        for step in steps:
            step(self)

    def _send(self) -> None:
        self._layer.outbox.transmit(self._last, self._to, self._fallback() if self.flow.connection else None)

    def _send_100(self) -> None:
        self._last = self.request.response(100).to_bytes()
        self._layer.outbox.transmit(self._last, self._to)

    def _start_j(self) -> None:
        self._layer.complete(self, self._last, self._to)

    def _give_up(self) -> None:
        self._layer.counters["requests never answered"] += 1

    def _inform(self) -> None:
        """Who answered waits for nothing more."""

    def _fallback(self) -> NextHop | None:
        try:
            return response_fallback(self.request.via, self.flow)
        except SipError:
            return None


_STEP_OF: dict[ServerAction, Callable[[ServerTransaction], None]] = {
    ServerAction.SEND: ServerTransaction._send,
    ServerAction.RESEND: ServerTransaction._send,
    ServerAction.SEND_100: ServerTransaction._send_100,
    ServerAction.START_J: ServerTransaction._start_j,
    ServerAction.GIVE_UP: ServerTransaction._give_up,
    ServerAction.INFORM: ServerTransaction._inform,
}
_STEPS = {
    state: {event: (after, tuple(_STEP_OF[action] for action in actions)) for event, (after, actions) in row.items()}
    for state, row in NON_INVITE_SERVER.items()
}


class ServerTransactions:
    """Every server transaction there is.

    At most `max_open` requests wait for an answer, further ones get 503; of the answered ones at most `max_completed`
    are remembered, the oldest are forgotten before their Timer J.
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
    ) -> None:
        self.outbox = outbox
        self.user = user
        self.counters = counters
        self.stopping = False
        self._deadlines = deadlines
        self._identifiers = identifiers
        self._max_open = max_open
        self._max_completed = max_completed
        self._open: dict[str, ServerTransaction] = {}
        self._completed: dict[str, tuple[bytes, Flow, str | None]] = {}
        self._merge_keys: set[str] = set()
        self._timer_j: DelayLine[str] = DelayLine(
            deadlines, timers.timeout, lambda key, now: self._forget(key), slack=1.0
        )
        self._timer_100: DelayLine[ServerTransaction] = DelayLine(
            deadlines, timers.trying_after, lambda call, now: call.take(ServerInput.TIMER_100), _unanswered
        )
        self._timer_64_t1: DelayLine[ServerTransaction] = DelayLine(
            deadlines, timers.timeout, lambda call, now: self._abandon(call), _unanswered
        )

    def __len__(self) -> int:
        """Return how many transactions there are, answered ones included."""
        return len(self._open) + len(self._completed)

    @property
    def open(self) -> list[ServerTransaction]:
        """The requests that wait for their final answer."""
        return list(self._open.values())

    def receive(self, request: Request, flow: Flow) -> None:
        """Take a request from the network: answer it again, refuse it, or give it to the transaction user."""
        try:
            via = request.via
        except SipError:
            self._give(ServerTransaction(self, request, flow, flow, None))
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
        if request.method == "ACK":
            self.counters["ACKs absorbed"] += 1
            return
        to = response_flow(via, flow)
        stamp_via(request, via, flow)
        call = ServerTransaction(self, request, flow, to, key)
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

    def _wait_for(self, call: ServerTransaction, key: str) -> None:
        self._open[key] = call
        if call.merge_key is not None:
            self._merge_keys.add(call.merge_key)
        self._timer_100.put(call, self._deadlines.now)
        self._timer_64_t1.put(call, self._deadlines.now)

    def complete(self, call: ServerTransaction, data: bytes, to: Flow) -> None:
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
        self._timer_j.put(key, self._deadlines.now)
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

    def _cancel(self, call: ServerTransaction, via: Via) -> None:
        found = any(key in self._open or key in self._completed for key in cancelled_keys(via))
        call.answer(call.request.response(200 if found else 481, to_tag=self._identifiers.tag()))

    def _abandon(self, call: ServerTransaction) -> None:
        call.take(ServerInput.TIMER_64_T1)
        if call.key is not None:
            self._open.pop(call.key, None)
        if call.merge_key is not None:
            self._merge_keys.discard(call.merge_key)

    def _forget(self, key: str) -> None:
        completed = self._completed.pop(key, None)
        if completed is not None and completed[2] is not None:
            self._merge_keys.discard(completed[2])


def _unanswered(call: ServerTransaction) -> bool:
    return not call.answered and call.state is not ServerState.TERMINATED
