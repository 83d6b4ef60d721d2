"""The one turn: every entry from the reactor begins and ends here, and only here does anything leave.

Rules know neither reactor nor clock; the shell tells them the time, sends what they put into the outbox, and wakes them
by one timer for all deadlines.
"""

import logging
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure as TwistedFailure

from scscf.errors import ScscfError
from scscf.promise import Promise
from scscf.sip.outbox import Cancel, Outbox, Send, Transmit
from scscf.timers import Deadlines

T = TypeVar("T")

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
    those of the Unix clock), never goes backwards, and may be advanced on its own.
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
        self.stopped = False
        self._latest = float("-inf")
        self._depth = 0
        self._turn_began = 0.0
        self._timer: DelayedCall | None = None
        self._timer_at = float("inf")

    def now(self) -> float:
        """Return service time: seconds since the Unix epoch, never less than before; it stands still within a turn."""
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
        if self.service.first - self.offset < due:
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

    def perform(
        self, coroutine: Coroutine[Any, Any, T], on_error: Callable[[Exception], None] | None = None
    ) -> Promise[T]:
        """Run a procedure as far as it goes now, and on whenever what it awaits (Promise, Deferred) has come.

        Returns the promise of its result. `on_error` gets the exception that ends it; one that is no ScscfError, or
        that has no `on_error`, is logged as a bug.
        """
        promise: Promise[T] = Promise()
        self._step(coroutine, promise, on_error, None)
        return promise

    def start(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run a procedure as `perform` does, where nobody waits for its end: the hot path, within a turn."""
        try:
            awaited = coroutine.send(None)
        except StopIteration:
            return
        except Exception:
            self.bug("in a procedure")
            return
        self._wait(awaited, coroutine, Promise(), None)

    def _step(
        self,
        coroutine: Coroutine[Any, Any, T],
        promise: Promise[T],
        on_error: Callable[[Exception], None] | None,
        error: BaseException | None,
    ) -> None:
        self.enter()
        try:
            try:
                awaited = coroutine.send(None) if error is None else coroutine.throw(error)
            except StopIteration as end:
                promise.keep(end.value)
            except Exception as failure:
                if on_error is None or not isinstance(failure, ScscfError):
                    self.bug("in a procedure")
                try:
                    if on_error is not None:
                        on_error(failure)
                finally:
                    promise.fail(failure)
            else:
                self._wait(awaited, coroutine, promise, on_error)
        except Exception:
            self.bug("after a procedure")
        finally:
            self.leave()

    def _wait(
        self,
        awaited: object,
        coroutine: Coroutine[Any, Any, T],
        promise: Promise[T],
        on_error: Callable[[Exception], None] | None,
    ) -> None:
        """Go on with a procedure when what it awaits has come."""
        if isinstance(awaited, Promise):
            awaited.when_done(lambda: self._step(coroutine, promise, on_error, None))
        elif isinstance(awaited, Deferred):
            self._wait_for_deferred(awaited, coroutine, promise, on_error)
        else:
            error = TypeError(f"a procedure awaits a Promise or a Deferred, not {type(awaited).__name__}")
            self._step(coroutine, promise, on_error, error)

    def _wait_for_deferred(
        self,
        deferred: "Deferred[Any]",
        coroutine: Coroutine[Any, Any, T],
        promise: Promise[T],
        on_error: Callable[[Exception], None] | None,
    ) -> None:
        def fired(result: object) -> object:
            if isinstance(result, TwistedFailure):
                self._step(coroutine, promise, on_error, result.value)
                return None
            self._step(coroutine, promise, on_error, None)
            return result

        deferred.addBoth(fired)

    def advance_service(self, seconds: float) -> int:
        """Move service time alone, deadline by deadline with a turn between; return how many were fired."""
        end = self.now() + seconds
        fired = 0
        while True:
            due = self.service.next()
            if due is None or due > end:
                break
            self.offset += max(0.0, due - self.now())
            with self.turn():
                fired += self.service.fire(self.now(), 1)
        self.offset += max(0.0, end - self.now())
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
            self.service.fire(self.now(), DEADLINES_PER_TURN)
        except Exception:
            self.bug("at a deadline")
        finally:
            self.leave()


def _drop(items: list[Transmit | Send | Cancel]) -> None:
    log.warning("%d messages were dropped: there is no endpoint", len(items))
