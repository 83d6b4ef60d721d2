"""Server transactions: which request is new, which a retransmission, and what was answered to it (RFC 3261 §17.2)."""

from collections import Counter
from typing import NamedTuple, Protocol

from scscf.errors import SipError
from scscf.identifiers import Identifiers
from scscf.sip.delay_line import DelayLine
from scscf.sip.message import Request, Response
from scscf.sip.outbox import Flow, NextHop, Outbox
from scscf.sip.routing import response_fallback, response_flow, stamp_via
from scscf.sip.transaction import NON_INVITE_SERVER, ServerAction, ServerInput, ServerState, TimerValues
from scscf.sip.via import Via
from scscf.timers import Deadlines

_COOKIE = "z9hg4bk"
_CANCELLABLE = ("INVITE", "REGISTER", "SUBSCRIBE", "NOTIFY", "OPTIONS", "MESSAGE", "PUBLISH", "REFER", "BYE", "INFO")
_COMPLETED, _FINAL, _PROVISIONAL = ServerState.COMPLETED, ServerInput.FINAL, ServerInput.PROVISIONAL


class TransactionUser(Protocol):
    """Who is given the requests that are new."""

    def on_request(self, call: "ServerTransaction") -> None:
        """Answer `call.request` now or later; `check_request` has not been asked about it yet."""


class Completed(NamedTuple):
    """What is left of an answered request until Timer J: the answer, and where it went."""

    data: bytes
    flow: Flow
    fallback: NextHop | None
    merge_key: str | None


class ServerTransaction:
    """One request and the answers to it. Costs no timer while it is answered within its own turn."""

    __slots__ = ("_last", "_layer", "_merge_key", "_to", "_via", "answered", "flow", "key", "request", "state")

    def __init__(
        self, layer: "ServerTransactions", request: Request, flow: Flow, to: Flow, via: Via | None, key: str | None
    ) -> None:
        self.request = request
        """The request; its topmost Via holds `received` and `rport` already."""
        self.flow = flow
        """The flow that it came in on."""
        self.key = key
        self.state = ServerState.TRYING
        self.answered = False
        """Whether there was a final answer."""
        self._layer = layer
        self._to = to
        self._via = via
        self._merge_key: str | None = None
        self._last = b""

    def answer(self, response: Response) -> None:
        """Send 100 or the final response, as it is.

        Raises RuntimeError for a second final response or another provisional one than 100 (RFC 4320 §4.1). Nothing
        is sent once 64*T1 have passed: the client has given up (RFC 4320 §4.2).
        """
        if response.status >= 200:
            if self.answered:
                raise RuntimeError("this request was answered before")
            self.answered = True
            self._last = response.to_bytes()
            self._take(_FINAL, response.status)
        elif response.status == 100:
            self._last = response.to_bytes()
            self._take(_PROVISIONAL, 100)
        else:
            raise RuntimeError("a non-INVITE request gets no provisional response but 100")

    def _take(self, event: ServerInput, status: int = 0) -> None:
        self.state, actions = NON_INVITE_SERVER[self.state][event]
        for action in actions:
            if action is ServerAction.SEND or action is ServerAction.RESEND:
                fallback = response_fallback(self._via, self.flow) if self.flow.connection and self._via else None
                self._layer.outbox.transmit(self._last, self._to, fallback)
            elif action is ServerAction.START_J:
                self._layer.complete(self, self._last, status)
            elif action is ServerAction.SEND_100:
                self._last = self.request.response(100).to_bytes()
                self._layer.outbox.transmit(self._last, self._to, None)
            elif action is ServerAction.GIVE_UP:
                self._layer.counters["requests never answered"] += 1


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
        self.now = 0.0
        self.stopping = False
        self._identifiers = identifiers
        self._max_open = max_open
        self._max_completed = max_completed
        self._open: dict[str, ServerTransaction] = {}
        self._completed: dict[str, Completed] = {}
        self._merge_keys: set[str] = set()
        self._timer_j: DelayLine[str] = DelayLine(deadlines, timers.timeout, self._forget, slack=1.0)
        self._timer_100: DelayLine[ServerTransaction] = DelayLine(
            deadlines, timers.trying_after, lambda call, now: call._take(ServerInput.TIMER_100), _unanswered
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
            self._give(ServerTransaction(self, request, flow, flow, None, None))
            return
        key = transaction_key(request, via)
        completed = self._completed.get(key)
        if completed is not None:
            self.outbox.transmit(completed.data, completed.flow, completed.fallback)
            return
        call = self._open.get(key)
        if call is not None:
            call._take(ServerInput.REQUEST)
            return
        method = request.method
        if method == "ACK":
            self.counters["ACKs absorbed"] += 1
            return
        to = response_flow(via, flow)
        stamp_via(request, via, flow)
        call = ServerTransaction(self, request, flow, to, via, key)
        if method == "CANCEL":
            self._cancel(call, via)
            return
        if self.stopping or len(self._open) >= self._max_open:
            self._refuse(call)
            return
        merge_key = _merge_key(request)
        if merge_key is not None:
            if merge_key in self._merge_keys:
                call.answer(request.response(482, to_tag=self._identifiers.tag()))
                return
            call._merge_key = merge_key
        self._give(call)
        if not call.answered:
            self._open[key] = call
            if merge_key is not None:
                self._merge_keys.add(merge_key)
            self._timer_100.put(call, self.now)
            self._timer_64_t1.put(call, self.now)

    def complete(self, call: ServerTransaction, data: bytes, status: int) -> None:
        """Keep the final answer until Timer J: 64*T1 over UDP, not at all over streams (RFC 3261 §17.2.2).

        A request that succeeded stays known as one that may arrive again by another path (RFC 3261 §8.2.2.2);
        one that did not had no effect, and its second arrival does no harm.
        """
        key = call.key
        if key is None:
            return
        merge_key = call._merge_key
        self._open.pop(key, None)
        if call.flow.connection:
            if merge_key is not None:
                self._merge_keys.discard(merge_key)
            return
        if merge_key is not None:
            if status < 300:
                self._merge_keys.add(merge_key)
            else:
                self._merge_keys.discard(merge_key)
                merge_key = None
        self._completed[key] = tuple.__new__(Completed, (data, call._to, None, merge_key))
        self._timer_j.put(key, self.now)
        if len(self._completed) > self._max_completed:
            oldest = self._timer_j.oldest()
            if oldest is not None:
                self._forget(oldest, self.now)

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
        keys = [_key(via, method) for method in _CANCELLABLE]
        found = any(key in self._open or key in self._completed for key in keys)
        call.answer(call.request.response(200 if found else 481, to_tag=self._identifiers.tag()))

    def _abandon(self, call: ServerTransaction) -> None:
        call._take(ServerInput.TIMER_64_T1)
        if call.key is not None:
            self._open.pop(call.key, None)
        if call._merge_key is not None:
            self._merge_keys.discard(call._merge_key)

    def _forget(self, key: str, now: float) -> None:
        completed = self._completed.pop(key, None)
        if completed is not None and completed.merge_key is not None:
            self._merge_keys.discard(completed.merge_key)


def _unanswered(call: ServerTransaction) -> bool:
    return not call.answered and call.state is not ServerState.TERMINATED


def _key(via: Via, method: str) -> str:
    return f"{via.branch} {via.host}:{via.port or 5060} {method}"


def transaction_key(request: Request, via: Via) -> str:
    """Return what a request and its retransmissions have in common, and no other request (RFC 3261 §17.2.3).

    Without the magic cookie, or with nothing after it, these are the fields that RFC 2543 compares.
    """
    branch = via.branch
    if branch is not None and branch[:7].lower() == _COOKIE and len(branch) > 7:
        method = request.method
        return f"{branch} {via.host}:{via.port or 5060} {'INVITE' if method == 'ACK' else method}"
    fields = [request.uri_text, via.text]
    for name in ("to", "from", "call-id", "cseq"):
        fields.append(request.get(name) or "")
    return "\n".join(fields)


def _merge_key(request: Request) -> str | None:
    try:
        if request.to.tag is not None:
            return None
        return f"{request.from_.tag} {request.call_id} {request.get('cseq')}"
    except SipError:
        return None
