"""Service point triggers as a tree of conditions (TS 29.228 annexes B.2.3, C and F)."""

from typing import NamedTuple

from scscf.errors import SipError
from scscf.profile.filter_criteria import RegistrationType, SessionCase, Trial, Trigger
from scscf.profile.pattern import LONGEST_TEXT, Pattern, finds

_MOST_SDP_LINES = 500


class All(NamedTuple):
    """Every one of these."""

    conditions: tuple[Trigger, ...]

    def holds(self, trial: Trial) -> bool:
        """Tell whether every condition is met."""
        return all(condition.holds(trial) for condition in self.conditions)


class AnyOf(NamedTuple):
    """At least one of these."""

    conditions: tuple[Trigger, ...]

    def holds(self, trial: Trial) -> bool:
        """Tell whether a condition is met."""
        return any(condition.holds(trial) for condition in self.conditions)


class Not(NamedTuple):
    """The contrary."""

    condition: Trigger

    def holds(self, trial: Trial) -> bool:
        """Tell whether the condition is not met."""
        return not self.condition.holds(trial)


class MethodIs(NamedTuple):
    """The method, case and all; of a REGISTER also its kind, where kinds are named."""

    method: str
    registrations: frozenset[RegistrationType] = frozenset()

    def holds(self, trial: Trial) -> bool:
        """Tell whether it is that method."""
        if trial.request.method != self.method:
            return False
        return not self.registrations or trial.registration is None or trial.registration in self.registrations


class RegistrationIs(NamedTuple):
    """A REGISTER of one of these kinds."""

    registrations: frozenset[RegistrationType]

    def holds(self, trial: Trial) -> bool:
        """Tell whether it is one of them."""
        return trial.registration in self.registrations


class SessionCaseIs(NamedTuple):
    """One of these session cases; a REGISTER is an originating request."""

    cases: frozenset[SessionCase]

    def holds(self, trial: Trial) -> bool:
        """Tell whether it is one of them."""
        return trial.case in self.cases


class RequestUri(NamedTuple):
    """A pattern in the host (and port) of a SIP Request-URI, or in the number of a tel one (TS 29.228 table F.1)."""

    pattern: Pattern

    def holds(self, trial: Trial) -> bool:
        """Tell whether the pattern is found."""
        try:
            uri = trial.request.uri
        except SipError:
            return False
        if not uri.is_sip:
            return finds(self.pattern, uri.text.partition(":")[2].partition(";")[0])
        return finds(self.pattern, uri.host if uri.port is None else f"{uri.host}:{uri.port}")


class Header(NamedTuple):
    """A pattern in a header's name, and one in any of its values; without the second its presence counts."""

    name: Pattern
    content: Pattern | None = None

    def holds(self, trial: Trial) -> bool:
        """Tell whether there is such a header."""
        for name, value in trial.request.headers:
            if finds(self.name, name) and (self.content is None or finds(self.content, value)):
                return True
        return False


class SessionDescription(NamedTuple):
    """A pattern in the type of an SDP line, and one in what follows `=`."""

    line: Pattern
    content: Pattern | None = None

    def holds(self, trial: Trial) -> bool:
        """Tell whether the body is SDP with such a line."""
        request = trial.request
        if request.content_type != "application/sdp":
            return False
        text = request.body.decode("utf-8", "replace")
        for line in text.splitlines()[:_MOST_SDP_LINES]:
            kind, equals, rest = line[: LONGEST_TEXT + 2].partition("=")
            if equals and finds(self.line, kind) and (self.content is None or finds(self.content, rest)):
                return True
        return False


def in_groups(conditions: tuple[tuple[frozenset[int], Trigger], ...], *, conjunctive: bool) -> Trigger:
    """Return the tree of service point triggers with the groups that each is in (TS 29.228 annex C).

    Conjunctive normal form: one of each group. Disjunctive: all of one group.
    """
    numbers = sorted({number for groups, _ in conditions for number in groups})
    rows = [tuple(condition for groups, condition in conditions if number in groups) for number in numbers]
    if conjunctive:
        return All(tuple(AnyOf(row) for row in rows))
    return AnyOf(tuple(All(row) for row in rows))
