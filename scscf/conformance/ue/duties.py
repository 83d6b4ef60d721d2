"""What a UE owes by when, and what it is to leave alone until when."""

from collections.abc import Hashable
from typing import NamedTuple

from scscf.conformance.recent import Recent


class Duty(NamedTuple):
    """Something that has to be done by a time, in seconds, and what is found if it is not."""

    by: float
    check: str
    message: str
    cause: Hashable = None
    """What it is found once for, however often the duty comes back."""


class Ban(NamedTuple):
    """Something that must not be done before a time, in seconds, and what is found if it is."""

    until: float
    check: str
    message: str


Subject = tuple[Hashable, ...]
"""What a duty or a ban is about; the first item is its kind: `("refresh", ...)`."""

_MOST = 256
_INSTANT = 1e-6
"""Seconds that are no time at all: what clocks that count from different beginnings differ by."""


class Duties:
    """The duties and bans of one UE. Each is found broken once and then forgotten."""

    def __init__(self) -> None:
        self._duties: Recent[Subject, Duty] = Recent(_MOST)
        self._bans: Recent[Subject, Ban] = Recent(_MOST)

    def owe(self, subject: Subject, by: float, check: str, message: str, cause: Hashable = None) -> None:
        """Lay a duty upon the UE, in place of one about the same subject."""
        self._duties[subject] = Duty(by, check, message, cause)

    def owes(self, subject: Subject) -> bool:
        """Tell whether there is a duty about a subject."""
        return subject in self._duties

    def find(self, subject: Subject) -> Duty | None:
        """Return the duty about a subject, None where there is none."""
        return self._duties.get(subject)

    def settle(self, *kind: Hashable) -> None:
        """Take away every duty whose subject begins with `kind`."""
        size = len(kind)
        for subject in [subject for subject in self._duties if subject[:size] == kind]:
            del self._duties[subject]

    def postpone(self, kind: Hashable, by: float) -> None:
        """Have the duties of a kind done no earlier than `by`."""
        for subject, duty in list(self._duties.items()):
            if subject[0] == kind and duty.by < by:
                self._duties[subject] = duty._replace(by=by)

    def overdue(self, now: float, *, inclusive: bool) -> list[Duty]:
        """Return the duties that were not done in time, and forget them; one due `now` counts if `inclusive`."""
        late = [
            (subject, duty)
            for subject, duty in self._duties.items()
            if duty.by < now or (inclusive and duty.by <= now + _INSTANT)
        ]
        for subject, _ in late:
            del self._duties[subject]
        return sorted((duty for _, duty in late), key=lambda duty: duty.by)

    def due(self) -> float | None:
        """Return when the next duty has to be done, None where there is none."""
        return min((duty.by for duty in self._duties.values()), default=None)

    def forbid(self, subject: Subject, until: float, check: str, message: str) -> None:
        """Forbid something, in place of a ban about the same subject."""
        self._bans[subject] = Ban(until, check, message)

    def allow(self, *kind: Hashable) -> None:
        """Take away every ban whose subject begins with `kind`."""
        size = len(kind)
        for subject in [subject for subject in self._bans if subject[:size] == kind]:
            del self._bans[subject]

    def forbidden_until(self, subject: Subject) -> float:
        """Return when a ban ends; minus infinity where there is none."""
        return self._bans[subject].until if subject in self._bans else float("-inf")

    def broken(self, subject: Subject, now: float) -> Ban | None:
        """Return the ban that doing this now breaks, None where there is none; forget it either way."""
        ban = self._bans.pop(subject, None)
        return ban if ban is not None and now < ban.until else None
