"""A clock that stands still until it is told to go on: the reactor's time for tests and scenarios, kept in a heap.

twisted.internet.task.Clock sorts all of its calls at every call; this one pays O(log n).
"""

from collections.abc import Callable
from heapq import heappop, heappush


class HeapCall:
    """One pending call; has the part of IDelayedCall that is used here."""

    __slots__ = ("_call", "_clock", "serial", "when")

    def __init__(self, clock: "HeapClock", when: float, serial: int, call: Callable[[], object]) -> None:
        self._clock = clock
        self._call: Callable[[], object] | None = call
        self.when = when
        self.serial = serial

    def active(self) -> bool:
        """Return whether the call is still to come."""
        return self._call is not None

    def cancel(self) -> None:
        """Forget the call; harmless where it is over."""
        if self.take() is not None:
            self._clock.forget()

    def reset(self, seconds: float) -> None:
        """Have the call made `seconds` from now instead; nothing happens where it is over."""
        if self._call is not None:
            self._clock.push(self, seconds)

    def take(self) -> Callable[[], object] | None:
        """Return what is to be called, once."""
        call, self._call = self._call, None
        return call


class HeapClock:
    """Has `callLater` and `seconds` as a reactor has them; `advance` makes the calls in order, each at its own time."""

    def __init__(self, now: float = 0.0) -> None:
        self._now = now
        self._serial = 0
        self._heap: list[tuple[float, int, HeapCall]] = []
        self._pending = 0

    def __len__(self) -> int:
        """Return how many calls are pending."""
        return self._pending

    def seconds(self) -> float:
        """Return the time, seconds."""
        return self._now

    def callLater(self, delay: float, call: Callable[..., object], *args: object) -> HeapCall:
        """Have `call(*args)` made `delay` seconds from now. Raises ValueError for a negative delay."""
        if delay < 0:
            raise ValueError("a call cannot be made in the past")
        self._pending += 1
        entry = HeapCall(self, self._now, 0, (lambda: call(*args)) if args else call)
        self.push(entry, delay)
        return entry

    def push(self, entry: HeapCall, delay: float) -> None:
        """Put a call into the heap; where it stood before does not count any more."""
        self._serial += 1
        entry.when, entry.serial = self.seconds() + delay, self._serial
        heappush(self._heap, (entry.when, entry.serial, entry))

    def forget(self) -> None:
        """Count one call less."""
        self._pending -= 1

    def next(self) -> float | None:
        """Return when the next call is due, None where there is none."""
        heap = self._heap
        while heap and not (heap[0][2].active() and heap[0][1] == heap[0][2].serial):
            heappop(heap)
        return heap[0][0] if heap else None

    def advance(self, seconds: float) -> int:
        """Go on by so many seconds, making every call due on the way; return how many were made."""
        return self.advance_to(self._now + seconds)

    def advance_to(self, end: float) -> int:
        """Go on to a time, making every call due on the way; return how many were made."""
        made = 0
        while True:
            when = self.next()
            if when is None or when > end:
                break
            entry = heappop(self._heap)[2]
            self._now = max(self._now, when)
            call = entry.take()
            if call is not None:
                self._pending -= 1
                call()
                made += 1
        self._now = max(self._now, end)
        return made
