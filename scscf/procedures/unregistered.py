"""Users whom this S-CSCF serves though they are not registered (TS 23.228 §5.12, TS 29.228 §6.1.2).

The HSS was told so by a SAR UNREGISTERED_USER; the profile that it sent is kept for a while, and then it is told that
the user is let go.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from scscf.profile.service_profile import PublicIdentity, UserProfile, identity_in
from scscf.timers import Deadline, Deadlines

MAX_KEPT = 100_000
"""Beyond so many sets, the oldest is let go."""


class Served(NamedTuple):
    """An implicit registration set that is served unregistered, as a SAR named it."""

    profile: UserProfile
    aor: str
    domain: str
    """Name of the home domain."""

    def identity(self) -> PublicIdentity | None:
        """Return the identity that the SAR named, or the wildcarded one that stands for it."""
        return identity_in(self.profile.set_of(self.aor) or (), self.aor)


class Unregistered:
    """The users who are served unregistered, by the address of record that somebody asked for."""

    def __init__(self, deadlines: Deadlines, clock: Callable[[], float]) -> None:
        self._deadlines = deadlines
        self._now = clock
        self.over: Callable[[Served], None] = lambda served: None
        """Is called when the time of one is over."""
        self._kept: dict[str, tuple[Served, Deadline]] = {}

    def __len__(self) -> int:
        """Return how many are served."""
        return len(self._kept)

    def __iter__(self) -> Iterator[Served]:
        """Yield who is served, oldest first."""
        return iter([served for served, _ in self._kept.values()])

    def find(self, aor: str) -> Served | None:
        """Return what is kept of an address of record."""
        found = self._kept.get(aor)
        return found[0] if found is not None else None

    def keep(self, served: Served, seconds: float) -> None:
        """Serve a user for so long."""
        self._drop(served.aor)
        if len(self._kept) >= MAX_KEPT:
            self._end(next(iter(self._kept)))
        deadline = self._deadlines.at(self._now() + seconds, lambda _now: self._end(served.aor))
        self._kept[served.aor] = (served, deadline)

    def change(self, aor: str, profile: UserProfile) -> None:
        """Serve an address of record by another profile for the time that is left."""
        found = self._kept.get(aor)
        if found is not None:
            served, deadline = found
            self._kept[aor] = (served._replace(profile=profile), deadline)

    def forget(self, private_identity: str, aors: frozenset[str] | None = None) -> bool:
        """Let go of a private identity's sets (those that have one of `aors`); return whether there was any."""
        gone = [
            aor
            for aor, (served, _) in self._kept.items()
            if served.profile.private_identity == private_identity
            and (aors is None or any(served.profile.set_of(each) is not None for each in aors))
        ]
        for aor in gone:
            self._drop(aor)
        return bool(gone)

    def clear(self) -> None:
        """Forget everybody."""
        for aor in list(self._kept):
            self._drop(aor)

    def _drop(self, aor: str) -> None:
        found = self._kept.pop(aor, None)
        if found is not None:
            self._deadlines.cancel(found[1])

    def _end(self, aor: str) -> None:
        found = self._kept.pop(aor, None)
        if found is not None:
            self._deadlines.cancel(found[1])
            self.over(found[0])
