"""Which record has a binding that ends when: one deadline a second, not one a binding."""

from collections.abc import Callable
from math import inf

from scscf.registration.record import Record
from scscf.timers import Deadlines

RECORDS_AT_ONCE = 100
"""So many records of one second are looked at by one deadline; the others have the next one."""


class ExpiryWheel:
    """Calls `due(record name, now)` once a record's first binding may have ended; who is called arms it anew.

    A record is armed for the second of its first expiry; refreshing it costs nothing, for when its slot comes and it
    lives on, it is armed again. Within its last second it is armed for the exact time.
    """

    def __init__(self, deadlines: Deadlines) -> None:
        self._deadlines = deadlines
        self._slots: dict[int, tuple[int, list[str]]] = {}
        self._armed: dict[str, int] = {}
        self.due: Callable[[str, float], None] = lambda name, now: None

    def __len__(self) -> int:
        """Return how many records are armed."""
        return len(self._armed)

    def sleeps(self, name: str, now: float) -> bool:
        """Tell whether a record is armed for a later second: nothing of it can have run out."""
        return self._armed.get(name, 0) > now

    def arm(self, record: Record, now: float) -> None:
        """Make sure that a saved record is looked at by its first expiry; one that never expires is left alone.

        One that is gone stays armed: its name stands in its slot once, however often it comes and goes.
        """
        first = record.next_expiry()
        name = record.name
        armed = self._armed.get(name)
        if first is None or first == inf:
            return
        slot = int(first)
        if armed is not None and armed <= slot and armed > now:
            return
        if slot <= now:
            self._armed[name] = slot
            self._deadlines.at(first, lambda then: self._turn((name,), slot, then))
            return
        second = self._slots.get(slot)
        if second is None:
            self._slots[slot] = second = (slot, [])
            self._deadlines.at(float(slot), lambda then: self._turn(self._slots.pop(slot)[1], slot, then))
        # The slot's own number is kept, so that those who wait for it share one.
        self._armed[name] = second[0]
        second[1].append(name)

    def _turn(self, names: list[str] | tuple[str, ...], slot: int, now: float, first: int = 0) -> None:
        rest = first + RECORDS_AT_ONCE
        if rest < len(names):
            self._deadlines.at(float(slot), lambda then: self._turn(names, slot, then, rest))
        for name in names[first:rest]:
            if self._armed.get(name) == slot:
                del self._armed[name]
                self.due(name, now)
