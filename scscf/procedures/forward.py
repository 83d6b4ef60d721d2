"""A request on its way through a stateful proxy: its branches, and what goes back (RFC 3261 §16.6-§16.10)."""

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from scscf.procedures.branch import Branch, Leg
from scscf.procedures.state import Node
from scscf.promise import Promise
from scscf.proxy.best_response import best_response, status_to_pass_on
from scscf.proxy.forwarded import max_breadth, without_top_via
from scscf.proxy.private_headers import strip_claims, strip_for_stranger
from scscf.proxy.response_context import BranchInput
from scscf.sip.message import Response
from scscf.sip.transaction_layer import ServerTransaction
from scscf.timers import Deadline


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
        self._branches: list[Branch] = []
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
        branches = [Branch(self, leg, share) for leg in group]
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

    @property
    def invite(self) -> bool:
        return self.proxied.invite

    def upstream(self, response: Response, *, trusted: bool) -> Response:
        return self.proxied.upstream(response, trusted=trusted)

    def cancel_others(self, than: Branch) -> None:
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
