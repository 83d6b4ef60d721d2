"""A request and what was answered to it (RFC 3261 §17.2); the transaction of every method but INVITE (§17.2.2)."""

from collections import Counter
from collections.abc import Callable
from typing import Protocol

from scscf.errors import SipError
from scscf.metrics.times import Tally
from scscf.sip.message import Request, Response
from scscf.sip.outbox import Flow, NextHop, Outbox
from scscf.sip.routing import response_fallback
from scscf.sip.transaction import NON_INVITE_SERVER, ServerAction, ServerInput, ServerState
from scscf.timers import Deadlines


class ServerTransaction:
    """One request and the answers to it, as the transaction user has it."""

    __slots__ = ("answered", "flow", "key", "merge_key", "on_cancel", "request", "status")

    request: Request
    """The request; its topmost Via holds `received` and `rport` already."""
    flow: Flow
    """The flow that it came in on."""
    key: str | None
    merge_key: str | None
    status: int
    """Status of the last answer."""
    answered: bool
    """Whether there was a final answer."""
    on_cancel: Callable[[], None] | None
    """Told that the caller cancels an INVITE; whoever sets it answers 487 itself (RFC 3261 §9.2)."""

    def answer(self, response: Response) -> None:
        """Send a response, as it is. Raises RuntimeError for one that may not follow what was answered before."""
        raise NotImplementedError

    def leave(self) -> None:
        """Let the request have no answer at all, as a BENOTIFY of Microsoft's has none; only while it is given."""
        self.answered = True

    def fallback(self) -> NextHop | None:
        """Return where a response goes whose connection is gone (RFC 3261 §18.2.2), None where Via does not say."""
        try:
            return response_fallback(self.request.via, self.flow)
        except SipError:
            return None


class Layer(Protocol):
    """What a transaction needs of those who keep them all."""

    outbox: Outbox
    counters: "Counter[str]"
    answers: Tally
    clock: Callable[[], float]
    deadlines: Deadlines

    def complete(self, call: "NonInviteServerTransaction", data: bytes, to: Flow) -> None:
        """Keep the final answer for retransmissions."""


class NonInviteServerTransaction(ServerTransaction):
    """The transaction of one request other than INVITE. Costs no timer while it is answered within its own turn."""

    __slots__ = ("_began", "_last", "_layer", "_to", "state")

    def __init__(self, layer: Layer, request: Request, flow: Flow, to: Flow, key: str | None) -> None:
        self.request = request
        self.flow = flow
        self.key = key
        self.merge_key = None
        self.state = ServerState.TRYING
        self.status = 0
        self.answered = False
        self.on_cancel = None
        self._began = layer.deadlines.now
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
            layer = self._layer
            layer.answers[self.request.method].add(status, layer.clock() - self._began)
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
        self._layer.outbox.transmit(self._last, self._to, self.fallback() if self.flow.connection else None)

    def _send_100(self) -> None:
        self._last = self.request.response(100).to_bytes()
        self._layer.outbox.transmit(self._last, self._to)

    def _start_j(self) -> None:
        self._layer.complete(self, self._last, self._to)

    def _give_up(self) -> None:
        self._layer.counters["requests never answered"] += 1

    def _inform(self) -> None:
        """Who answered waits for nothing more."""


_STEP_OF: dict[ServerAction, Callable[[NonInviteServerTransaction], None]] = {
    ServerAction.SEND: NonInviteServerTransaction._send,
    ServerAction.RESEND: NonInviteServerTransaction._send,
    ServerAction.SEND_100: NonInviteServerTransaction._send_100,
    ServerAction.START_J: NonInviteServerTransaction._start_j,
    ServerAction.GIVE_UP: NonInviteServerTransaction._give_up,
    ServerAction.INFORM: NonInviteServerTransaction._inform,
}
_STEPS = {
    state: {event: (after, tuple(_STEP_OF[action] for action in actions)) for event, (after, actions) in row.items()}
    for state, row in NON_INVITE_SERVER.items()
}
