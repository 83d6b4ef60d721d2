"""One branch of a proxied request: the way to one target, until it has answered (RFC 3261 §16.6-§16.10)."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

from scscf.procedures.state import Node
from scscf.proxy.response_context import BRANCH, TIMER_C, BranchAction, BranchInput, BranchState
from scscf.sip.message import Request, Response
from scscf.sip.outbox import Failure, NextHop, Send
from scscf.timers import Deadline


class Leg(NamedTuple):
    """One way to one target: the request as it leaves."""

    request: Request
    next_hop: NextHop
    trusted: bool = False
    """Whether the responses may assert identities."""
    alternates: tuple["Leg", ...] = ()
    """Further flows of the same instance (RFC 5626 §7)."""
    unreachable: int = 503
    """What stands for the response where the next hop cannot be reached (§16.9)."""


class ResponseContext(Protocol):
    """What a branch tells of itself, and what it needs to know (RFC 3261 §16.7)."""

    node: Node
    heard: bool
    """Whether any response has come on any branch."""

    @property
    def invite(self) -> bool:
        """Whether the request is an INVITE."""

    def upstream(self, response: Response, *, trusted: bool) -> Response:
        """Return a response of a branch as the caller may see it."""

    def own_response(self, status: int) -> Response:
        """Return a response of our own."""

    def pass_on(self, response: Response) -> None:
        """Pass a provisional response or a 2xx on."""

    def keep(self, response: Response, *, failure: bool) -> None:
        """Keep a final response among those of which the best is chosen."""

    def cancel_others(self, than: "Branch") -> None:
        """Cancel every other branch and try no further target."""

    def go_on(self) -> None:
        """Try the next targets, or choose the best response, once no branch is waited for."""


class Branch:
    """One leg of a forked request: the client user of its transaction."""

    def __init__(self, context: ResponseContext, leg: Leg, breadth: int) -> None:
        self._context = context
        self._leg = leg
        self._alternates = list(leg.alternates)
        self._breadth = breadth
        self._state = BranchState.TRYING
        self._send: Send | None = None
        self._timer_c: Deadline | None = None
        self._response: Response | None = None

    @property
    def over(self) -> bool:
        """Whether nothing is waited for: a non-INVITE branch cannot be cancelled, so it is not waited for either."""
        if self._state is BranchState.CANCELLED:
            return not self._context.invite
        return self._state in (BranchState.SUCCEEDED, BranchState.COMPLETED)

    def send(self) -> None:
        """Send the request along the leg."""
        leg, node = self._leg, self._context.node
        leg.request.set("Max-Breadth", str(self._breadth))
        self._set_c()
        self._send = node.outbox.send(leg.request, leg.next_hop, self)

    def on_response(self, response: Response, now: float) -> None:
        """Take a response of the target (ClientUser)."""
        self._context.heard = True
        status = response.status
        self._response = response
        if status == 100:
            event = BranchInput.TRYING
        elif status < 200:
            event = BranchInput.PROVISIONAL
        elif status < 300:
            event = BranchInput.SUCCESS
        elif status == 430 and self._alternates:
            event = BranchInput.FLOW_FAILED
        else:
            event = BranchInput.GLOBAL_FAILURE if status >= 600 else BranchInput.FAILURE
        self.take(event)

    def on_failure(self, failure: Failure, now: float) -> None:
        """Take it that no final response comes (ClientUser)."""
        self._response = None
        if failure.kind == "transport":
            status = self._leg.unreachable
            if self._alternates:
                self.take(BranchInput.FLOW_FAILED)
                return
        else:
            status = 487 if failure.kind == "cancelled" else 408
        self._failed_with = status
        self.take(BranchInput.NO_ANSWER)

    def take(self, event: BranchInput) -> None:
        """Do what the table has for an event."""
        self._state, actions = BRANCH[self._state][event]
        for action in actions:
            _STEPS[action](self)

    def _set_c(self, now: float | None = None) -> None:
        self._stop_c()
        if self._context.invite:
            node = self._context.node
            self._timer_c = node.wire_deadlines.at(node.wire_now() + TIMER_C, self._fire_c)

    def _stop_c(self) -> None:
        if self._timer_c is not None:
            self._context.node.wire_deadlines.cancel(self._timer_c)
            self._timer_c = None

    def _fire_c(self, now: float) -> None:
        self._timer_c = None
        self.take(BranchInput.TIMER_C)

    def _pass(self) -> None:
        if self._response is not None:
            self._context.pass_on(self._context.upstream(self._response, trusted=self._leg.trusted))

    def _keep(self) -> None:
        if self._response is None:
            self._context.keep(self._context.own_response(self._failed_with), failure=True)
        else:
            kept = self._context.upstream(self._response, trusted=self._leg.trusted)
            self._context.keep(kept, failure=False)

    def _cancel(self) -> None:
        if self._send is not None and self._context.invite:
            self._context.node.outbox.cancel(self._send)

    def _cancel_others(self) -> None:
        self._context.cancel_others(self)

    def _try_next_flow(self) -> None:
        self._leg = self._alternates.pop(0)
        self.send()

    def _go_on(self) -> None:
        self._context.go_on()

    _failed_with = 408


_STEPS: dict[BranchAction, Callable[[Branch], None]] = {
    BranchAction.PASS: Branch._pass,
    BranchAction.SET_C: Branch._set_c,
    BranchAction.STOP_C: Branch._stop_c,
    BranchAction.KEEP: Branch._keep,
    BranchAction.CANCEL_THIS: Branch._cancel,
    BranchAction.CANCEL_OTHERS: Branch._cancel_others,
    BranchAction.TRY_NEXT_FLOW: Branch._try_next_flow,
    BranchAction.GO_ON: Branch._go_on,
}
