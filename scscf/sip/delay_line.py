"""A queue of things that are all due after the same delay: constant time each, one deadline for the lot."""

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from scscf.timers import Deadline, Deadlines

T = TypeVar("T")


class DelayLine(Generic[T]):
    """Calls `expire(item, now)` for every item `delay` seconds after it was put in.

    `live(item)` says whether anybody still waits for it; an item that nobody waits for neither wakes nor is called.
    `slack` seconds may pass beyond the delay, so that many items cost one wake-up.
    """

    __slots__ = ("_armed", "_deadlines", "_expire", "_items", "_live", "delay", "slack")

    def __init__(
        self,
        deadlines: Deadlines,
        delay: float,
        expire: Callable[[T, float], None],
        live: Callable[[T], bool] | None = None,
        slack: float = 0.0,
    ) -> None:
        self._deadlines = deadlines
        self._items: deque[tuple[float, T]] = deque()
        self._armed: Deadline | None = None
        self._expire = expire
        self._live = live
        self.delay = delay
        self.slack = slack

    def __len__(self) -> int:
        """Return how many items are in the queue, those that nobody waits for included."""
        return len(self._items)

    def put(self, item: T, now: float) -> None:
        """Have `item` expire `delay` seconds after `now`."""
        due = now + self.delay
        self._items.append((due, item))
        if self._armed is None:
            self._armed = self._deadlines.at(due + self.slack, self._sweep)

    def oldest(self) -> T | None:
        """Take the oldest item out before its time; None where there is none."""
        return self._items.popleft()[1] if self._items else None

    def clear(self) -> None:
        """Forget everything."""
        self._items.clear()
        if self._armed is not None:
            self._deadlines.cancel(self._armed)
            self._armed = None

    def _sweep(self, now: float) -> None:
        items, live = self._items, self._live
        try:
            while items:
                due, item = items[0]
                waited_for = live is None or live(item)
                if waited_for and due > now:
                    break
                items.popleft()
                if waited_for:
                    self._expire(item, now)
        finally:
            self._armed = self._deadlines.at(items[0][0] + self.slack, self._sweep) if items else None
