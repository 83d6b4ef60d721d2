"""What one network is found to do wrong, gathered until somebody takes it."""

from collections.abc import Hashable

from scscf.conformance.finding import Finding
from scscf.conformance.network.checks import CHECKS
from scscf.conformance.network.profile import NetworkProfile
from scscf.conformance.ue.duties import Recent

_MOST = 1024
_LONGEST = 400


class Findings:
    """Gathers findings: none of checks that are permitted or do not hold here, and none of one cause twice."""

    def __init__(self, profile: NetworkProfile, permitted: frozenset[str]) -> None:
        self._silent = permitted | {
            name
            for name, check in CHECKS.items()
            if (check.asked_for and name not in profile.also) or (check.ims and not profile.ims)
        }
        self._found: list[Finding] = []
        self._causes: Recent[tuple[str, Hashable], None] = Recent(_MOST)

    def bring(self, check: str, message: str, now: float, cause: Hashable = None) -> None:
        """Add a finding, seen at `now` (seconds). Raises KeyError for a check that is in no table.

        `cause` is what it comes of, where one thing that is wrong shows again and again.
        """
        clause = CHECKS[check].clause
        if check in self._silent or (cause is not None and (check, cause) in self._causes):
            return
        if cause is not None:
            self._causes[check, cause] = None
        self._found.append(Finding(check, clause, message[:_LONGEST], now))

    def take(self) -> list[Finding]:
        """Return what was found since the last time."""
        found, self._found = self._found, []
        return found
