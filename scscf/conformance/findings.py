"""What somebody is found to do wrong, gathered until somebody takes it."""

from collections.abc import Hashable, Iterable, Mapping

from scscf.conformance.check import Check
from scscf.conformance.finding import Finding, Found
from scscf.conformance.recent import Recent

_MOST = 1024
_LONGEST = 400


class Findings:
    """Gathers findings of the checks of a table: none of `silent` ones, and none of one cause twice."""

    def __init__(self, checks: Mapping[str, Check], silent: frozenset[str] = frozenset()) -> None:
        self._checks = checks
        self._silent = silent
        self._found: list[Finding] = []
        self._causes: Recent[tuple[str, Hashable], None] = Recent(_MOST)

    def bring(self, check: str, message: str, now: float, cause: Hashable = None) -> None:
        """Add a finding, seen at `now` (seconds). Raises KeyError for a check that is in no table.

        `cause` is what it comes of, where one thing that is wrong shows again and again.
        """
        clause = self._checks[check].clause
        if check in self._silent or (cause is not None and (check, cause) in self._causes):
            return
        if cause is not None:
            self._causes[check, cause] = None
        self._found.append(Finding(check, clause, message[:_LONGEST], now))

    def bring_all(self, found: Iterable[Found], now: float, cause: Hashable = None) -> None:
        """Add several of one cause, as they are found."""
        for check, message in found:
            self.bring(check, message, now, cause)

    def take(self) -> list[Finding]:
        """Return what was found since the last time."""
        found, self._found = self._found, []
        return found
