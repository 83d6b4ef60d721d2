"""What reaches a simulated actor, held against the rules that always apply to a network."""

from collections.abc import Callable

from scscf.conformance.finding import Finding
from scscf.conformance.network.judge import NetworkJudge
from scscf.conformance.network.profile import NetworkProfile
from scscf.errors import SipError
from scscf.sip.message import Request
from scscf.sip.outbox import Flow
from scscf.sip.parser import Unparseable, parse_message

_OF_ORDER = frozenset({"notify-before-answer"})
"""Checks that look at which of two messages was first."""


class Judged:
    """The judge that sits where one actor is; `now()` is the scenario's time."""

    def __init__(self, permitted: frozenset[str], *, ims: bool, now: Callable[[], float]) -> None:
        self.findings: list[Finding] = []
        self._judge = NetworkJudge(permitted, NetworkProfile(ims=ims))
        self._now = now
        self._asked_over: tuple[str, tuple[str, int]] | None = None
        """The connection that the actor's last request went over."""
        self._told_over: tuple[str, tuple[str, int]] | None = None
        """The one that the last request of the network came over since."""

    def trace(self, direction: str, flow: Flow, data: bytes) -> None:
        """Take a message, direction `in` from the network or `out` to it."""
        try:
            message = parse_message(data)
        except (SipError, Unparseable):
            return
        found = self._judge.observe(direction, message, self._now())
        over = (flow.transport, flow.remote)
        if isinstance(message, Request) and direction == "out":
            self._asked_over = self._told_over = over
        elif isinstance(message, Request):
            self._told_over = over
        if direction == "in" and self._asked_over not in (None, self._told_over):
            # Nothing is known of the order in which two connections were written to.
            found = [each for each in found if each.check not in _OF_ORDER]
        self.findings += found

    def due(self) -> float | None:
        """Return when all that the network owes now is late, seconds of the scenario; None: it owes nothing."""
        return self._judge.due()

    def end(self) -> None:
        """Ask for what is missing at the end."""
        self.findings += self._judge.end(self._now())
