"""A clock on a real reactor that can be moved on: time flows as it does, and whole hours of it are skipped."""

from typing import Any

from scscf.net.heap_clock import HeapCall, HeapClock


class WarpClock(HeapClock):
    """Has `callLater` and `seconds` as a reactor has them; `skip` makes the calls of a time that nobody waits for."""

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self._skipped = 0.0
        self._held: float | None = None
        self._alarm: Any = None
        super().__init__(reactor.seconds())

    def seconds(self) -> float:
        """Return the time, seconds."""
        if self._held is not None:
            return self._held
        return float(self._reactor.seconds()) + self._skipped

    def push(self, entry: HeapCall, delay: float) -> None:
        """Put a call into the heap and see to it that it is made in time."""
        super().push(entry, delay)
        self._arm()

    def skip(self, seconds: float) -> int:
        """Go on by so many seconds at once, making every call due on the way at its time; return how many were made."""
        end = self.seconds() + seconds
        made = 0
        while True:
            due = self.next()
            if due is None or due > end:
                break
            self._skipped += max(0.0, due - self.seconds())
            made += self.advance_to(max(due, self.seconds()))
        self._skipped += max(0.0, end - self.seconds())
        self._arm()
        return made

    def hold(self) -> None:
        """Stand still, and make no call."""
        self._held = self.seconds()

    def release(self) -> None:
        """Go on from where it stood still."""
        if self._held is None:
            return
        self._skipped, self._held = self._held - float(self._reactor.seconds()), None
        self._arm()

    def stop(self) -> None:
        """Make no call any more."""
        if self._alarm is not None and self._alarm.active():
            self._alarm.cancel()
        self._alarm = None

    def _arm(self) -> None:
        due = self.next()
        if due is None or self._held is not None:
            return
        delay = max(0.0, due - self.seconds())
        if self._alarm is not None and self._alarm.active():
            self._alarm.reset(delay)
        else:
            self._alarm = self._reactor.callLater(delay, self._tick)

    def _tick(self) -> None:
        self._alarm = None
        if self._held is None:
            self.advance_to(self.seconds())
            self._arm()
