"""Deadlines in one heap: who is to be called at which second. Knows no clock; it is told the time."""

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from math import inf

Call = Callable[[float], None]


class Deadline:
    """One entry: `call(now)` is due at `when`; cancelled when `call` is None."""

    __slots__ = ("call", "serial", "when")

    def __init__(self, when: float, serial: int, call: Call) -> None:
        self.when = when
        self.serial = serial
        self.call: Call | None = call

    def __lt__(self, other: "Deadline") -> bool:
        return (self.when, self.serial) < (other.when, other.serial)


class Deadlines:
    """A heap of deadlines, fired in the order of their time, then of their making."""

    def __init__(self) -> None:
        self.now = 0.0
        """The time as it was last told, seconds."""
        self._heap: list[Deadline] = []
        self._serial = 0
        self._cancelled = 0
        self.first = inf
        """No pending deadline is due before this; infinite where there is none."""

    def __len__(self) -> int:
        """Return how many deadlines are pending."""
        return len(self._heap) - self._cancelled

    def at(self, when: float, call: Call) -> Deadline:
        """Have `call(now)` called once `now` has reached `when` (seconds)."""
        self._serial += 1
        deadline = Deadline(when, self._serial, call)
        heappush(self._heap, deadline)
        if when < self.first:
            self.first = when
        return deadline

    def cancel(self, deadline: Deadline) -> None:
        """Forget a deadline; one that has fired or was cancelled already is left alone."""
        if deadline.call is None:
            return
        deadline.call = None
        self._cancelled += 1
        if self._cancelled > 64 and self._cancelled * 2 > len(self._heap):
            self._heap = [entry for entry in self._heap if entry.call is not None]
            heapify(self._heap)
            self._cancelled = 0

    def next(self) -> float | None:
        """Return when the first pending deadline is due, None where there is none."""
        while self._heap and self._heap[0].call is None:
            heappop(self._heap)
            self._cancelled -= 1
        if not self._heap:
            self.first = inf
            return None
        self.first = self._heap[0].when
        return self.first

    def fire(self, now: float, limit: int | None = None) -> int:
        """Call everything due at `now`, at most `limit` of them, and return how many were called."""
        self.now = now
        fired = 0
        while limit is None or fired < limit:
            when = self.next()
            if when is None or when > now:
                break
            deadline = heappop(self._heap)
            call, deadline.call = deadline.call, None
            if call is not None:
                call(now)
                fired += 1
        return fired
