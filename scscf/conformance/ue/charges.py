"""What one UE is found to do wrong, gathered until somebody takes it."""

from collections.abc import Hashable

from scscf.conformance.finding import Finding
from scscf.conformance.ue.checks import UE_CHECKS
from scscf.conformance.ue.duties import Duty, Recent

_MOST = 1024


class Charges:
    """Gathers findings. Checks in `permitted` are not reported, and neither is one cause a second time."""

    def __init__(self, permitted: frozenset[str] = frozenset()) -> None:
        self._permitted = permitted
        self._found: list[Finding] = []
        self._causes: Recent[tuple[str, Hashable], None] = Recent(_MOST)

    def bring(self, check: str, message: str, now: float, cause: Hashable = None) -> None:
        """Add a finding, seen at `now` (seconds). Raises KeyError for a check that is in no table.

        `cause` is what it comes of, where one thing that a UE does wrong shows again and again.
        """
        clause = UE_CHECKS[check].clause
        if check in self._permitted or (cause is not None and (check, cause) in self._causes):
            return
        if cause is not None:
            self._causes[check, cause] = None
        self._found.append(Finding(check, clause, message, now))

    def overdue(self, duty: Duty) -> None:
        """Add the finding of a duty that was not done in time."""
        self.bring(duty.check, duty.message, duty.by, duty.cause)

    def take(self) -> list[Finding]:
        """Return what was found since the last time."""
        found, self._found = self._found, []
        return found
