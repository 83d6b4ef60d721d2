"""Service time moved ahead on real sockets (`--virtual-time`): deadline by deadline, with the peers' answers between.

Wire time is never moved: retransmissions, connections and the Diameter watchdog are between real programs.
"""

import re
from collections import deque
from typing import Final, NamedTuple

from scscf.net.shell import Shell
from scscf.promise import Promise
from scscf.sip.outbox import Flow

MOST_FIRED: Final = 1_000_000
"""So many deadlines are fired by one order; it ends there, so that nothing that is always due holds it for ever."""
ANSWERS_WITHIN: Final = 0.25
"""Seconds of wire time that peers have to answer before service time goes on."""
PATIENCE: Final = 5.0
"""Seconds of wire time that one order waits for answers altogether."""
_APART = 0.5
"""Deadlines closer than this (seconds) follow at once: in real time answers would not come between them either."""
_POLL = 0.001
_PER_SLICE = 100
_SLICE = 0.02
_BRANCH = re.compile(rb"branch=([^;,\s]+)")


class Moved(NamedTuple):
    """What an order has done."""

    now: float
    """Service time."""
    fired: int
    """How many deadlines came."""
    sent: int
    """How many SIP messages left: those that deadlines made, and the requests that followed from the answers."""
    left: float
    """Seconds that service time was not moved, because `MOST_FIRED` deadlines had come."""


class _Order:
    __slots__ = ("end", "fired", "freeze", "patience", "promise", "seconds", "sent")

    def __init__(self, seconds: float, freeze: bool | None) -> None:
        self.seconds = seconds
        self.freeze = freeze
        self.promise: Promise[Moved] = Promise()
        self.end = 0.0
        self.fired = 0
        self.sent = 0
        self.patience = PATIENCE


class VirtualTime:
    """The service time of one node, to be moved, stopped and let go on.

    `trace` has to be told of every message (see `scscf.service.Scscf.observe`).
    """

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._orders: deque[_Order] = deque()
        self._moving: _Order | None = None
        self._is_firing = False
        self._unanswered: set[bytes] = set()
        self._waiting = 0
        self._wait_began = 0.0
        self.frozen = False
        """Whether service time stands still but for orders."""

    def move(self, seconds: float = 0.0, freeze: bool | None = None) -> Promise[Moved]:
        """Move service time ahead, and before that stop it or let it flow where `freeze` is given.

        Everything that is due on the way is done, at its time and in order. One order is done after the other.
        """
        order = _Order(seconds, freeze)
        self._orders.append(order)
        if len(self._orders) == 1:
            self._shell.reactor.callLater(0.0, self._begin)
        return order.promise

    def trace(self, direction: str, flow: Flow, data: bytes) -> None:
        """Take note of a message; direction is `in` or `out`."""
        order = self._moving
        if order is None:
            return
        is_response = data.startswith(b"SIP/2.0 ")
        if direction == "in":
            if is_response and not data.startswith(b"SIP/2.0 1"):
                self._unanswered.discard(_branch(data))
        elif is_response:
            order.sent += self._is_firing
        elif _branch(data) not in self._unanswered:
            order.sent += 1
            if not data.startswith(b"ACK "):
                self._unanswered.add(_branch(data))

    def _begin(self) -> None:
        order = self._moving = self._orders[0]
        shell = self._shell
        if order.freeze is not None:
            self.frozen = order.freeze
        shell.firing = False
        shell.stand_still()
        order.end = shell.now() + order.seconds
        self._waiting = shell.performer.waiting
        self._go(order)

    def _go(self, order: _Order) -> None:
        """Fire what is due; now and then let the reactor do what else there is."""
        shell = self._shell
        began = shell.reactor.seconds()
        for _ in range(_PER_SLICE):
            due = shell.service.next()
            if (due is None or due > shell.now() + _APART) and order.patience > 0 and self._is_unsettled():
                self._wait_began = began
                shell.reactor.callLater(_POLL, lambda: self._look(order))
                return
            if due is None or due > order.end or shell.stopped:
                self._end(order, order.end)
                return
            if order.fired >= MOST_FIRED:
                self._end(order, shell.now())
                return
            self._is_firing = True
            try:
                shell.fire_at(due)
            finally:
                self._is_firing = False
            order.fired += 1
            if shell.reactor.seconds() - began > _SLICE:
                break
        shell.reactor.callLater(0.0, lambda: self._go(order))

    def _is_unsettled(self) -> bool:
        """Tell whether a peer has still to answer, or a procedure that a deadline began waits for something."""
        return bool(self._unanswered) or self._shell.performer.waiting > self._waiting

    def _look(self, order: _Order) -> None:
        """Go on once everything is answered, or has not been for long enough."""
        waited = self._shell.reactor.seconds() - self._wait_began
        due = self._shell.service.next()
        if (
            self._is_unsettled()
            and waited < min(ANSWERS_WITHIN, order.patience)
            and (due is None or due > self._shell.now() + _APART)
        ):
            self._shell.reactor.callLater(_POLL, lambda: self._look(order))
            return
        order.patience -= waited
        self._unanswered.clear()
        self._waiting = self._shell.performer.waiting
        self._go(order)

    def _end(self, order: _Order, reached: float) -> None:
        shell = self._shell
        shell.skip_to(reached)
        self._unanswered.clear()
        self._moving = None
        shell.firing = True
        if self.frozen:
            with shell.turn():
                pass
        else:
            shell.flow()
        self._orders.popleft()
        if self._orders:
            shell.reactor.callLater(0.0, self._begin)
        order.promise.keep(Moved(reached, order.fired, order.sent, max(0.0, order.end - reached)))


def _branch(data: bytes) -> bytes:
    found = _BRANCH.search(data, 0, 4000)
    return found[1] if found is not None else b""
