"""INVITE client transactions, their ACK and their CANCEL (RFC 3261 §17.1.1, §9.1, RFC 6026 §7.2)."""

from collections.abc import Callable
from typing import Protocol

from scscf.sip.invite_transaction import INVITE_CLIENT, InviteClientAction, InviteClientInput, InviteClientState
from scscf.sip.message import Request, Response, make_request
from scscf.sip.outbox import ClientUser, Failure, Flow, Outbox
from scscf.sip.transaction import TimerValues
from scscf.timers import Deadline, Deadlines

_TIMER_D = 32.0
"""Seconds for which final responses are acknowledged again over UDP at least (RFC 3261 §17.1.1.2)."""


class InviteClients(Protocol):
    """What an INVITE client transaction needs of its layer."""

    outbox: Outbox
    timers: TimerValues
    deadlines: Deadlines
    seal: Callable[[Request, Request], None] | None
    """(INVITE, the ACK or CANCEL that goes with it): signs that as the INVITE is; None where nothing is signed."""

    def tell_time(self) -> float:
        """Return the time that users are told."""

    def send_cancel(self, transaction: "InviteClientTransaction", data: bytes) -> None:
        """Send a CANCEL in a transaction of its own."""

    def over(self, transaction: "InviteClientTransaction") -> None:
        """Forget a transaction that is terminated."""


class InviteClientTransaction:
    """One INVITE of ours on its way over one flow; `via` is the value of the Via that it went out with."""

    __slots__ = (
        "_a",
        "_final_timer",
        "_interval",
        "_layer",
        "_told",
        "_user",
        "_wants_cancel",
        "data",
        "flow",
        "key",
        "proxied",
        "request",
        "sent_by",
        "state",
        "via",
    )  # fmt: skip

    def __init__(
        self,
        layer: InviteClients,
        key: str,
        request: Request,
        via: str,
        data: bytes,
        flow: Flow,
        sent_by: tuple[str, int],
        user: ClientUser,
    ) -> None:
        self.key = key
        self.request = request
        self.via = via
        self.data = data
        self.flow = flow
        self.sent_by = sent_by
        self.proxied = "via" in request
        """Whether responses carry further Vias below ours."""
        self.state = InviteClientState.CALLING
        self._layer = layer
        self._user = user
        self._told: Response | Failure | None = None
        self._interval = layer.timers.t1
        self._wants_cancel = False
        self._a: Deadline | None = None
        self._final_timer = self._after(layer.timers.timeout, InviteClientInput.TIMER_B)
        """Of the timers that come one after the other: B, the wait after a CANCEL, D or M."""
        layer.outbox.transmit(data, flow)
        if not flow.connection:
            self._a = self._after(self._interval, InviteClientInput.TIMER_A)

    def receive(self, response: Response) -> None:
        """Take a response from the network."""
        status = response.status
        if status < 200:
            event = InviteClientInput.PROVISIONAL
        else:
            event = InviteClientInput.SUCCESS if status < 300 else InviteClientInput.FINAL
        self.take(event, response)

    def take(self, event: InviteClientInput, told: Response | Failure | None = None) -> None:
        """Do what the table has for an event; `told` is what the user hears of it."""
        self.state, steps = _STEPS[self.state][event]
        self._told = told
        if self.state is not InviteClientState.CALLING:
            self._stop_a()
        if self.state is InviteClientState.TERMINATED:
            self.stop()
            self._layer.over(self)
        for step in steps:
            step(self)

    def stop(self) -> None:
        """Let no timer of it fire any more."""
        self._stop_a()
        self._layer.deadlines.cancel(self._final_timer)

    def _stop_a(self) -> None:
        if self._a is not None:
            self._layer.deadlines.cancel(self._a)
            self._a = None

    def _after(self, seconds: float, event: InviteClientInput) -> Deadline:
        deadlines = self._layer.deadlines
        return deadlines.at(deadlines.now + seconds, lambda _now: self.take(event))

    def _instead(self, seconds: float, event: InviteClientInput) -> None:
        self._layer.deadlines.cancel(self._final_timer)
        self._final_timer = self._after(seconds, event)

    def _pass_response(self) -> None:
        if isinstance(self._told, Response):
            if self.state is InviteClientState.PROCEEDING and not self._wants_cancel:
                # There is no limit to ringing here: the one who forks has Timer C.
                self._layer.deadlines.cancel(self._final_timer)
            self._user.on_response(self._told, self._layer.tell_time())

    def _inform_timeout(self) -> None:
        self._user.on_failure(Failure("timeout", "no final answer in time"), self._layer.tell_time())

    def _inform_transport(self) -> None:
        told = self._told if isinstance(self._told, Failure) else Failure("transport", "the flow is gone")
        self._user.on_failure(told, self._layer.tell_time())

    def _resend(self) -> None:
        self._layer.outbox.transmit(self.data, self.flow)

    def _double_a(self) -> None:
        self._interval *= 2
        self._a = self._after(self._interval, InviteClientInput.TIMER_A)

    def _send_ack(self) -> None:
        if isinstance(self._told, Response):
            to = self._told.get("to") or self.request.get("to") or ""
            self._layer.outbox.transmit(self._made_of_it("ACK", to), self.flow)

    def _remember_cancel(self) -> None:
        self._wants_cancel = True

    def _send_cancel_if_due(self) -> None:
        if self._wants_cancel:
            self._send_cancel()

    def _send_cancel(self) -> None:
        self._wants_cancel = True
        self._layer.send_cancel(self, self._made_of_it("CANCEL", self.request.get("to") or ""))
        self._instead(self._layer.timers.timeout, InviteClientInput.TIMER_CANCEL)

    def _start_d(self) -> None:
        # As long as the peer's Timer H, where T1 is longer than the standard's.
        seconds = 0.0 if self.flow.connection else max(_TIMER_D, self._layer.timers.timeout)
        self._instead(seconds, InviteClientInput.TIMER_D)

    def _start_m(self) -> None:
        self._instead(self._layer.timers.timeout, InviteClientInput.TIMER_M)

    def _made_of_it(self, method: str, to: str) -> bytes:
        """Return an ACK or a CANCEL: like the INVITE in all that says which one is meant (§17.1.1.3, §9.1)."""
        request = self.request
        headers = [("Via", self.via)]
        headers += [("Route", value) for value in request.get_all("route")]
        headers += [
            ("Max-Forwards", "70"),
            ("From", request.get("from") or ""),
            ("To", to),
            ("Call-ID", request.call_id),
            ("CSeq", f"{request.cseq.number} {method}"),
        ]
        made = make_request(method, request.uri_text, headers)
        if self._layer.seal is not None:
            self._layer.seal(request, made)
        return made.to_bytes()


_STEP_OF: dict[InviteClientAction, Callable[[InviteClientTransaction], None]] = {
    InviteClientAction.PASS_RESPONSE: InviteClientTransaction._pass_response,
    InviteClientAction.RESEND: InviteClientTransaction._resend,
    InviteClientAction.DOUBLE_A: InviteClientTransaction._double_a,
    InviteClientAction.SEND_ACK: InviteClientTransaction._send_ack,
    InviteClientAction.START_D: InviteClientTransaction._start_d,
    InviteClientAction.START_M: InviteClientTransaction._start_m,
    InviteClientAction.SEND_CANCEL: InviteClientTransaction._send_cancel,
    InviteClientAction.SEND_CANCEL_IF_DUE: InviteClientTransaction._send_cancel_if_due,
    InviteClientAction.REMEMBER_CANCEL: InviteClientTransaction._remember_cancel,
    InviteClientAction.INFORM_TIMEOUT: InviteClientTransaction._inform_timeout,
    InviteClientAction.INFORM_TRANSPORT: InviteClientTransaction._inform_transport,
}
_STEPS = {
    state: {event: (after, tuple(_STEP_OF[action] for action in actions)) for event, (after, actions) in row.items()}
    for state, row in INVITE_CLIENT.items()
}
