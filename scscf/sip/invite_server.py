"""INVITE server transactions: answers that are repeated until they are acknowledged (RFC 3261 §17.2.1, RFC 6026)."""

from collections.abc import Callable
from typing import Protocol

from scscf.metrics.times import Tally
from scscf.sip.invite_transaction import INVITE_SERVER, InviteServerAction, InviteServerInput, InviteServerState
from scscf.sip.message import Request, Response
from scscf.sip.outbox import Flow, Outbox
from scscf.sip.server_transaction import ServerTransaction
from scscf.sip.transaction import TimerValues
from scscf.timers import Deadline, Deadlines

TRYING_AFTER = 0.2
"""Seconds until a 100 unless the transaction user has answered (RFC 3261 §17.2.1)."""


class InviteLayer(Protocol):
    """What an INVITE server transaction needs of its layer."""

    outbox: Outbox
    timers: TimerValues
    deadlines: Deadlines
    answers: Tally
    clock: Callable[[], float]

    def over(self, call: "InviteServerTransaction") -> None:
        """Forget a transaction that is terminated."""


class InviteServerTransaction(ServerTransaction):
    """One INVITE and the answers to it: any number of 1xx, then one final response, or the 2xx of every branch."""

    __slots__ = (
        "_began",
        "_final_timer",
        "_g",
        "_interval",
        "_last",
        "_layer",
        "_to",
        "state",
    )  # fmt: skip

    key: str

    def __init__(self, layer: InviteLayer, request: Request, flow: Flow, to: Flow, key: str) -> None:
        self.request = request
        self.flow = flow
        self.key = key
        self.merge_key = None
        self.state = InviteServerState.PROCEEDING
        self.status = 0
        self.answered = False
        self.on_cancel = None
        self._began = layer.deadlines.now
        self._layer = layer
        self._to = to
        self._last = b""
        self._interval = layer.timers.t1
        self._g: Deadline | None = None
        self._final_timer = layer.deadlines.at(
            layer.deadlines.now + TRYING_AFTER, lambda _now: self.take(InviteServerInput.TIMER_100)
        )
        """Of the timers that come one after the other: the 100, then H, I or L."""

    def answer(self, response: Response) -> None:
        """Send a response: 1xx before the final one, and further 2xx after a first (RFC 6026 §8.5).

        Raises RuntimeError for anything else after the final response.
        """
        status = response.status
        if self.answered and not (200 <= status < 300 and self.state is InviteServerState.ACCEPTED):
            if self.state is InviteServerState.TERMINATED and 200 <= status < 300:
                return
            raise RuntimeError("this INVITE was answered before")
        self.status = status
        self._last = response.to_bytes()
        if status < 200:
            self.take(InviteServerInput.PROVISIONAL)
        else:
            if not self.answered:
                layer = self._layer
                layer.answers["INVITE"].add(status, layer.clock() - self._began)
            self.answered = True
            self.take(InviteServerInput.SUCCESS if status < 300 else InviteServerInput.FINAL)

    def take(self, event: InviteServerInput) -> None:
        """Do what the table has for an event."""
        self.state, steps = _STEPS[self.state][event]
        for step in steps:
            step(self)
        if self.state is InviteServerState.TERMINATED:
            self.stop()
            self._layer.over(self)

    def stop(self) -> None:
        """Let no timer of it fire any more."""
        self._layer.deadlines.cancel(self._final_timer)
        if self._g is not None:
            self._layer.deadlines.cancel(self._g)
            self._g = None

    def _send(self) -> None:
        if self._last:
            self._layer.outbox.transmit(self._last, self._to, self.fallback() if self.flow.connection else None)

    def _send_100(self) -> None:
        if not self.status:
            self.status = 100
            self._last = self.request.response(100).to_bytes()
            self._send()

    def _start_g_and_h(self) -> None:
        self._await(self._layer.timers.timeout, InviteServerInput.TIMER_H)
        if not self.flow.connection:
            self._start_g()

    def _start_g(self) -> None:
        deadlines = self._layer.deadlines
        self._g = deadlines.at(deadlines.now + self._interval, lambda _now: self.take(InviteServerInput.TIMER_G))

    def _double_g(self) -> None:
        self._interval = min(2 * self._interval, self._layer.timers.t2)
        self._start_g()

    def _stop_g_and_h(self) -> None:
        self.stop()

    def _start_i(self) -> None:
        self._await(0.0 if self.flow.connection else self._layer.timers.t4, InviteServerInput.TIMER_I)

    def _start_l(self) -> None:
        self._await(self._layer.timers.timeout, InviteServerInput.TIMER_L)

    def _await(self, seconds: float, event: InviteServerInput) -> None:
        deadlines = self._layer.deadlines
        deadlines.cancel(self._final_timer)
        self._final_timer = deadlines.at(deadlines.now + seconds, lambda _now: self.take(event))


_STEP_OF: dict[InviteServerAction, Callable[[InviteServerTransaction], None]] = {
    InviteServerAction.SEND: InviteServerTransaction._send,
    InviteServerAction.RESEND: InviteServerTransaction._send,
    InviteServerAction.SEND_100: InviteServerTransaction._send_100,
    InviteServerAction.START_G_AND_H: InviteServerTransaction._start_g_and_h,
    InviteServerAction.DOUBLE_G: InviteServerTransaction._double_g,
    InviteServerAction.STOP_G_AND_H: InviteServerTransaction._stop_g_and_h,
    InviteServerAction.START_I: InviteServerTransaction._start_i,
    InviteServerAction.START_L: InviteServerTransaction._start_l,
}
_STEPS = {
    state: {event: (after, tuple(_STEP_OF[action] for action in actions)) for event, (after, actions) in row.items()}
    for state, row in INVITE_SERVER.items()
}
