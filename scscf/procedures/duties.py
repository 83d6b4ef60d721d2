"""What the HSS still has to be told: assignments that it may not have taken notice of (TS 29.228 §6.1.2).

A duty is told again and again, ever more rarely, until the HSS has answered, or until the user has registered again.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from scscf.cx import Result
from scscf.registration.change import ServerAssignmentDue
from scscf.timers import Deadline, Deadlines

FIRST_AFTER = 1.0
"""Seconds of wire time until a duty is tried for the first time; each further time it is twice as long."""
AT_MOST = 60.0
MAX_DUTIES = 100_000
"""Beyond so many, the oldest is given up."""


class Duty(NamedTuple):
    """One assignment that is owed."""

    due: ServerAssignmentDue
    result: Result
    """What the last attempt came to."""
    attempts: int
    since: float
    """Service time at which the first attempt failed."""


class Duties:
    """The assignments that are owed, one for each private identity and address of record, oldest first."""

    def __init__(self, deadlines: Deadlines, wire_clock: Callable[[], float]) -> None:
        self._deadlines = deadlines
        self._now = wire_clock
        self.settle: Callable[[Duty], None] = lambda duty: None
        """Tries one again: called at its deadline."""
        self._owed: dict[tuple[str, str], tuple[Duty, Deadline]] = {}

    def __len__(self) -> int:
        """Return how many assignments are owed."""
        return len(self._owed)

    def __iter__(self) -> Iterator[Duty]:
        """Yield what is owed, oldest first."""
        return iter([duty for duty, _ in self._owed.values()])

    def owe(self, due: ServerAssignmentDue, result: Result, now: float) -> None:
        """Owe an assignment since service time `now`, in place of what was owed of the same user before."""
        self.discharge(due.private_identity, due.aor)
        if len(self._owed) >= MAX_DUTIES:
            self.discharge(*next(iter(self._owed)))
        self._keep(Duty(due, result, 1, now))

    def again(self, duty: Duty, result: Result) -> None:
        """Owe on, after another attempt that came to `result`."""
        if self.discharge(duty.due.private_identity, duty.due.aor):
            self._keep(duty._replace(result=result, attempts=duty.attempts + 1))

    def is_owed(self, duty: Duty) -> bool:
        """Tell whether a duty is still there."""
        found = self._owed.get((duty.due.private_identity, duty.due.aor))
        return found is not None and found[0] is duty

    def discharge(self, private_identity: str, aor: str) -> bool:
        """Owe nothing any more; return whether anything was."""
        found = self._owed.pop((private_identity, aor), None)
        if found is None:
            return False
        self._deadlines.cancel(found[1])
        return True

    def clear(self) -> int:
        """Forget everything that is owed; return how much it was."""
        count = len(self._owed)
        for _, deadline in self._owed.values():
            self._deadlines.cancel(deadline)
        self._owed.clear()
        return count

    def _keep(self, duty: Duty) -> None:
        wait = min(FIRST_AFTER * 2 ** min(duty.attempts - 1, 10), AT_MOST)
        deadline = self._deadlines.at(self._now() + wait, lambda _now: self.settle(duty))
        self._owed[(duty.due.private_identity, duty.due.aor)] = (duty, deadline)
