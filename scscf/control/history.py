"""What event streams have told of lately, for a client that comes back with Last-Event-ID (HTML §9.2.4)."""

from collections import deque
from collections.abc import Callable, Collection, Mapping
from typing import Final, NamedTuple

from scscf.feed import Feed
from scscf.timers import Deadline, Deadlines

KEPT: Final = 5000
"""Events that are kept, messages not counted: those are in the ring."""
REPLAYED: Final = 5000
"""Events that a client who comes back is told of at once."""
GRACE: Final = 60.0
"""Seconds that events are kept on for after the last client has gone."""


class Happened(NamedTuple):
    """One event."""

    number: int
    at: float
    kind: str
    data: Mapping[str, object]


class Missed(NamedTuple):
    """What a client has missed: `lost` events (at most) are known no more."""

    events: list[Happened]
    lost: int


NOTHING_MISSED: Final = Missed([], 0)


class History:
    """Listens to a feed from the first client on, and until there has been none for GRACE seconds.

    `now()` is service time, seconds; `wire` and `wire_now` are the clock of connections.
    """

    def __init__(self, feed: Feed, now: Callable[[], float], wire: Deadlines, wire_now: Callable[[], float]) -> None:
        self._feed = feed
        self._now = now
        self._wire = wire
        self._wire_now = wire_now
        self._clients = 0
        self._kept: deque[Happened] = deque()
        self._complete_after = 0
        """Nothing with a higher number is missing."""
        self._silence: Callable[[], None] | None = None
        self._end: Deadline | None = None

    def enter(self) -> None:
        """There is one client more."""
        self._clients += 1
        if self._end is not None:
            self._wire.cancel(self._end)
            self._end = None
        if self._silence is None:
            self._complete_after = self._feed.newest
            self._silence = self._feed.listen(self._happened)

    def leave(self) -> None:
        """There is one client less."""
        self._clients -= 1
        if not self._clients and self._silence is not None:
            self._end = self._wire.at(self._wire_now() + GRACE, lambda _now: self.close())

    def close(self) -> None:
        """Forget it all, listen no more."""
        if self._end is not None:
            self._wire.cancel(self._end)
            self._end = None
        if self._silence is not None:
            self._silence()
            self._silence = None
        self._kept.clear()

    def after(self, number: int, kinds: Collection[str], *, whole: bool = False) -> Missed:
        """Return the events of these kinds with a higher number, in order; of too many the last ones.

        Messages come summed up, unless `whole`.
        """
        newest = self._feed.newest
        if number > newest:
            return Missed([], newest)
        lost = 0
        events = [event for event in self._kept if event.number > number and event.kind in kinds]
        if any(kind != "message" for kind in kinds):
            lost = max(0, self._complete_after - number)
        if "message" in kinds:
            kept, missing = self._feed.messages_after(number, whole)
            lost = max(lost, missing)
            events += [Happened(each, 0.0, "message", data) for each, data in kept]
            events.sort(key=lambda event: event.number)
        lost += max(0, len(events) - REPLAYED)
        return Missed(events[-REPLAYED:], lost)

    def _happened(self, kind: str, data: Mapping[str, object]) -> None:
        self._kept.append(Happened(self._feed.number, self._now(), kind, data))
        if len(self._kept) > KEPT:
            self._complete_after = self._kept.popleft().number
