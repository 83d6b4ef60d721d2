"""The one turn: every entry from the reactor begins and ends here, and only here does anything leave.

Rules know neither reactor nor clock; the shell tells them the time, sends what they put into the outbox, and wakes them
by one timer for all deadlines.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from scscf.net.performer import Performer
from scscf.sip.outbox import Cancel, Outbox, Send, Transmit
from scscf.timers import Deadlines

log = logging.getLogger(__name__)

DEADLINES_PER_TURN = 500
"""So many deadlines of each clock are fired before the network is listened to again."""
_ROUNDS = 1000


class DelayedCall(Protocol):
    """A pending call of the reactor."""

    def active(self) -> bool:
        """Return whether the call is still to come."""

    def cancel(self) -> None:
        """Forget the call."""

    def reset(self, seconds: float) -> None:
        """Have it made `seconds` from now instead."""


class Timekeeper(Protocol):
    """What the shell needs of a reactor: Twisted's has it, and HeapClock."""

    def seconds(self) -> float:
        """Return the time, seconds."""

    def callLater(self, delay: float, call: Callable[[], object]) -> DelayedCall:
        """Have `call()` made `delay` seconds from now."""


class Shell:
    """Turns, time and procedures of one node.

    `reactor.seconds()` is wire time. Service time is wire time plus `epoch` (0 on a real reactor, whose seconds are
    those of the Unix clock), never goes backwards, and may be moved ahead or stand still on its own.
    """

    def __init__(self, reactor: Timekeeper, epoch: float = 0.0) -> None:
        self.reactor = reactor
        self.outbox = Outbox()
        self.wire = Deadlines()
        """Deadlines on wire time: transactions, connections."""
        self.service = Deadlines()
        """Deadlines on service time: bindings, subscriptions, nonces."""
        self.flush: Callable[[list[Transmit | Send | Cancel]], None] = _drop
        """Sends a list of outbox items, in order; the endpoint sets it."""
        self.bugs = 0
        """How many exceptions were nobody's answer."""
        self.counters: Counter[str] = Counter()
        self.offset = epoch
        """Service time minus wire time, seconds."""
        self.standing = False
        """Whether service time stands still, but for `skip_to`."""
        self.firing = True
        """Whether deadlines on service time are fired as they come; False while somebody else does so."""
        self.stopped = False
        self._latest = float("-inf")
        self._depth = 0
        self._turn_began = 0.0
        self._timer: DelayedCall | None = None
        self._timer_at = float("inf")
        self.performer = Performer(self)
        self.perform = self.performer.perform
        self.start = self.performer.start

    def now(self) -> float:
        """Return service time: seconds since the Unix epoch, never less than before; it stands still within a turn."""
        if self.standing:
            return self._latest
        now = (self._turn_began if self._depth else self.reactor.seconds()) + self.offset
        if now > self._latest:
            self._latest = now
        return self._latest

    def enter(self) -> None:
        """Begin a turn (or a part of the one that is going on); `leave` must follow, whatever happens."""
        if self._depth:
            self._depth += 1
        else:
            self._depth = 1
            self.wire.now = self._turn_began = self.reactor.seconds()

    def leave(self) -> None:
        """End the turn: send what the outbox holds, in order, and set the timer for the next deadline."""
        if self._depth > 1:
            self._depth -= 1
            return
        outbox = self.outbox
        if outbox.items:
            self._send_all(outbox)
        self._depth = 0
        due = self.wire.first
        if self.standing:
            if self.firing and self.service.first <= self._latest:
                due = self._turn_began
        elif self.service.first - self.offset < due:
            due = self.service.first - self.offset
        if outbox.items:
            due = self._turn_began
        if due < self._timer_at:
            self._arm(due)

    def _send_all(self, outbox: Outbox) -> None:
        try:
            for _ in range(_ROUNDS):
                self.flush(outbox.take())
                if not outbox.items:
                    return
        except Exception:
            self.bug("while sending")

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Do something within a turn; on the hot path call `enter` and `leave`."""
        self.enter()
        try:
            yield
        finally:
            self.leave()

    def run(self, call: Callable[..., object], *args: object) -> None:
        """Make a call in a turn of its own; an exception is a bug, logged and counted."""
        self.enter()
        try:
            call(*args)
        except Exception:
            self.bug("in a turn")
        finally:
            self.leave()

    def bug(self, where: str) -> None:
        """Log the exception that is being handled, with its traceback, and count it."""
        self.bugs += 1
        log.exception("bug %s", where)

    def stand_still(self) -> None:
        """Have service time stand where it is."""
        self.now()
        self.standing = True

    def flow(self) -> None:
        """Have service time go on from where it stands, as fast as wire time."""
        self.offset = self.now() - self.reactor.seconds()
        self.standing = False
        with self.turn():
            pass

    def skip_to(self, when: float) -> None:
        """Move service time ahead, outside a turn; nothing is fired. A time that is over changes nothing."""
        ahead = when - self.now()
        if ahead > 0:
            self.offset += ahead
            self._latest = when

    def fire_at(self, due: float) -> None:
        """Move service time to its next deadline and fire that one, in a turn of its own."""
        self.skip_to(due)
        self.run(self.service.fire, self.now(), 1)

    def advance_service(self, seconds: float) -> int:
        """Move service time alone, deadline by deadline with a turn between; return how many were fired."""
        end = self.now() + seconds
        fired = 0
        while (due := self.service.next()) is not None and due <= end:
            self.fire_at(due)
            fired += 1
        self.skip_to(end)
        with self.turn():
            return fired

    def stop(self) -> None:
        """Set no timer any more and cancel the one that is set."""
        self.stopped = True
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = None

    def _arm(self, when: float) -> None:
        if self.stopped or (when >= self._timer_at and self._timer is not None):
            return
        self._timer_at = when
        delay = max(0.0, when - self.reactor.seconds())
        if self._timer is not None and self._timer.active():
            self._timer.reset(delay)
        else:
            self._timer = self.reactor.callLater(delay, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self._timer_at = float("inf")
        self.enter()
        try:
            self.wire.fire(self._turn_began, DEADLINES_PER_TURN)
        except Exception:
            self.bug("at a wire deadline")
        try:
            if self.firing:
                self.service.fire(self._service_time(), DEADLINES_PER_TURN)
        except Exception:
            self.bug("at a deadline")
        finally:
            self.leave()

    def _service_time(self) -> float:
        """Return service time; at the deadline that the timer was set for it is not earlier, for all rounding."""
        now, first = self.now(), self.service.first
        if not self.standing and first > now and first - self.offset <= self._turn_began:
            self._latest = now = first
        return now


def _drop(items: list[Transmit | Send | Cancel]) -> None:
    log.warning("%d messages were dropped: there is no endpoint", len(items))
