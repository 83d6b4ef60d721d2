"""A request on its way through a stateful proxy: its branches, and what goes back (RFC 3261 §16.6-§16.10)."""

from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

from scscf.procedures.state import Node
from scscf.promise import Promise
from scscf.proxy.best_response import best_response, status_to_pass_on
from scscf.proxy.forwarded import max_breadth, without_top_via
from scscf.proxy.private_headers import strip_claims, strip_for_stranger
from scscf.proxy.response_context import BRANCH, TIMER_C, BranchAction, BranchInput, BranchState
from scscf.sip.message import Request, Response
from scscf.sip.outbox import Failure, NextHop, Send
from scscf.sip.transaction_layer import ServerTransaction
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


class Outcome(NamedTuple):
    """What became of a request on its branches."""

    response: Response | None
    """The best final response; None where a 2xx has been passed on."""
    rang: bool
    """Whether a provisional response other than 100 was passed on."""
    failed: bool = False
    """Whether nobody answered at all."""


class Proxied:
    """One request that is proxied: its server transaction and the branches that it is on at the moment."""

    def __init__(self, node: Node, call: ServerTransaction) -> None:
        self.node = node
        self.call = call
        self.invite = call.request.method == "INVITE"
        self.trusted = node.is_trusted(call.flow)
        """Whether the peer that it came from is a trusted one, or an application server."""
        self.cancelled = False
        self._context: _ResponseContext | None = None
        if self.invite:
            call.on_cancel = self.cancel

    def cancel(self) -> None:
        """Cancel every branch: the caller does not want it any more (RFC 3261 §16.10)."""
        self.cancelled = True
        if self._context is not None:
            self._context.cancel()

    async def forward(self, groups: Sequence[Sequence[Leg]], patience: float | None = None) -> Outcome:
        """Send to the legs of the first group at once, to the next ones when all of a group have refused.

        `patience` is how many seconds the legs may stay without any response. Provisional responses and 2xx are passed
        on as they come. Raises SipError(440) where Max-Breadth allows no branch.
        """
        if self.cancelled:
            return self._terminated()
        context = self._context = _ResponseContext(self, groups)
        context.begin(patience)
        outcome = await context.outcome
        return self._terminated() if self.cancelled and outcome.response is not None else outcome

    def _terminated(self) -> Outcome:
        return Outcome(self.call.request.response(487, to_tag=self.node.identifiers.tag()), rang=False)

    def finish(self, outcome: Outcome) -> None:
        """Give the caller the best response, in the form in which it may be passed on."""
        response = outcome.response
        if response is None or self.call.answered:
            return
        status = status_to_pass_on(response.status, invite=self.invite)
        if status != response.status:
            response = self.call.request.response(status, to_tag=self.node.identifiers.tag())
        self.call.answer(response)

    def pass_on(self, response: Response) -> None:
        """Pass a provisional response or a 2xx on; a non-INVITE request gets one final response and nothing else."""
        if self.invite:
            if not self.call.answered or (200 <= response.status < 300 and self.call.status < 300):
                self.call.answer(response)
        elif response.status >= 200 and not self.call.answered:
            self.call.answer(response)

    def upstream(self, response: Response, *, trusted: bool) -> Response:
        """Return a response of a branch as the caller may see it: without our Via, and what trust does not cover."""
        passed = without_top_via(response)
        if not trusted:
            strip_claims(passed)
        if not self.trusted:
            strip_for_stranger(passed)
        return passed


class _ResponseContext:
    """The branches that one request is forked to (RFC 3261 §16.7)."""

    def __init__(self, proxied: Proxied, groups: Sequence[Sequence[Leg]]) -> None:
        self.proxied = proxied
        self.node = proxied.node
        self.outcome: Promise[Outcome] = Promise()
        self.rang = False
        self.heard = False
        self._breadth = max_breadth(proxied.call.request)
        self._waiting: deque[Sequence[Leg]] = deque()
        for group in groups:
            for start in range(0, len(group), self._breadth):
                self._waiting.append(group[start : start + self._breadth])
        self._branches: list[_Branch] = []
        self._responses: list[Response] = []
        self._failures = 0
        self._abandoned = False
        self._patience: Deadline | None = None

    def begin(self, patience: float | None) -> None:
        if patience is not None:
            when = self.node.wire_now() + patience
            self._patience = self.node.wire_deadlines.at(when, self._lose_patience)
        self._try_next()

    def _try_next(self) -> None:
        group = self._waiting.popleft() if self._waiting else ()
        share = self._breadth // max(1, len(group))
        branches = [_Branch(self, leg, share) for leg in group]
        self._branches += branches
        for branch in branches:
            branch.send()
        if not branches:
            self._choose()

    def _choose(self) -> None:
        if not self._responses:
            self._responses.append(self.own_response(480))
        failed = not self.heard and self._failures == len(self._responses)
        self._settle(Outcome(best_response(self._responses), self.rang, failed))

    def _settle(self, outcome: Outcome) -> None:
        if self._patience is not None:
            self.node.wire_deadlines.cancel(self._patience)
            self._patience = None
        if not self.outcome.done:
            self.outcome.keep(outcome)

    def _lose_patience(self, now: float) -> None:
        self._patience = None
        if self.heard or self.outcome.done:
            return
        self._abandoned = True
        self.cancel()
        self._settle(Outcome(self.own_response(408), self.rang, failed=True))

    def own_response(self, status: int) -> Response:
        return self.proxied.call.request.response(status, to_tag=self.node.identifiers.tag())

    def cancel(self) -> None:
        self._waiting.clear()
        for branch in self._branches:
            branch.take(BranchInput.CANCEL)

    def cancel_others(self, than: "_Branch") -> None:
        self._waiting.clear()
        for branch in self._branches:
            if branch is not than:
                branch.take(BranchInput.CANCEL)

    def go_on(self) -> None:
        if any(not branch.over for branch in self._branches) or self.outcome.done:
            return
        self._try_next()

    def keep(self, response: Response, *, failure: bool) -> None:
        self._responses.append(response)
        self._failures += failure

    def pass_on(self, response: Response) -> None:
        if self._abandoned:
            return
        if response.status < 200:
            self.rang = True
        else:
            self._settle(Outcome(None, self.rang))
        self.proxied.pass_on(response)


class _Branch:
    """One leg of a forked request: the client user of its transaction."""

    def __init__(self, context: _ResponseContext, leg: Leg, breadth: int) -> None:
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
            return not self._context.proxied.invite
        return self._state in (BranchState.SUCCEEDED, BranchState.COMPLETED)

    def send(self) -> None:
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
        if self._context.proxied.invite:
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
            proxied = self._context.proxied
            self._context.pass_on(proxied.upstream(self._response, trusted=self._leg.trusted))

    def _keep(self) -> None:
        if self._response is None:
            self._context.keep(self._context.own_response(self._failed_with), failure=True)
        else:
            proxied = self._context.proxied
            self._context.keep(proxied.upstream(self._response, trusted=self._leg.trusted), failure=False)

    def _cancel(self) -> None:
        if self._send is not None and self._context.proxied.invite:
            self._context.node.outbox.cancel(self._send)

    def _cancel_others(self) -> None:
        self._context.cancel_others(self)

    def _try_next_flow(self) -> None:
        self._leg = self._alternates.pop(0)
        self.send()

    def _go_on(self) -> None:
        self._context.go_on()

    _failed_with = 408


_STEPS: dict[BranchAction, Callable[[_Branch], None]] = {
    BranchAction.PASS: _Branch._pass,
    BranchAction.SET_C: _Branch._set_c,
    BranchAction.STOP_C: _Branch._stop_c,
    BranchAction.KEEP: _Branch._keep,
    BranchAction.CANCEL_THIS: _Branch._cancel,
    BranchAction.CANCEL_OTHERS: _Branch._cancel_others,
    BranchAction.TRY_NEXT_FLOW: _Branch._try_next_flow,
    BranchAction.GO_ON: _Branch._go_on,
}
