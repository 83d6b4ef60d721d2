"""Requests of ours to application servers: a few to each at once, the others in its queue."""

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from scscf.sip.message import Request, Response
from scscf.sip.outbox import ClientUser, Failure, NextHop, Outbox


class _Waiting(NamedTuple):
    request: Request
    hop: NextHop
    user: ClientUser


class _Queue:
    """What one server is being sent, and what it will be."""

    __slots__ = ("in_flight", "waiting")

    def __init__(self) -> None:
        self.in_flight = 0
        self.waiting: deque[_Waiting] = deque()


class ServerQueues:
    """A queue for each server, so that a silent one delays nobody else; `clock` tells service time in seconds."""

    MOST_IN_FLIGHT = 1000
    MOST_WAITING = 50_000

    def __init__(self, outbox: Outbox, clock: Callable[[], float]) -> None:
        self._outbox = outbox
        self._clock = clock
        self._queues: dict[str, _Queue] = {}

    def __len__(self) -> int:
        """Return the number of servers that owe an answer."""
        return len(self._queues)

    @property
    def waiting(self) -> int:
        """How many requests wait until their server has answered others."""
        return sum(len(queue.waiting) for queue in self._queues.values())

    def send(self, server: str, request: Request, hop: NextHop, user: ClientUser) -> None:
        """Send a request, at once or in its turn; one too many fails with `overload`."""
        queue = self._queues.get(server)
        if queue is None:
            queue = self._queues[server] = _Queue()
        if queue.in_flight < self.MOST_IN_FLIGHT:
            self._start(server, queue, _Waiting(request, hop, user))
        elif len(queue.waiting) < self.MOST_WAITING:
            queue.waiting.append(_Waiting(request, hop, user))
        else:
            user.on_failure(Failure("overload", f"{len(queue.waiting)} requests wait for it"), self._clock())

    def _start(self, server: str, queue: _Queue, next_one: _Waiting) -> None:
        queue.in_flight += 1
        slot = _Slot(next_one.user, lambda: self._ended(server, queue))
        self._outbox.send(next_one.request, next_one.hop, slot)

    def _ended(self, server: str, queue: _Queue) -> None:
        queue.in_flight -= 1
        if queue.waiting:
            self._start(server, queue, queue.waiting.popleft())
        elif not queue.in_flight:
            self._queues.pop(server, None)


class _Slot:
    """A place among the requests that are in flight; given back before the user hears of the end (ClientUser)."""

    __slots__ = ("_ended", "_user")

    def __init__(self, user: ClientUser, ended: Callable[[], None]) -> None:
        self._user = user
        self._ended = ended

    def on_response(self, response: Response, now: float) -> None:
        """Pass a response on; a final one is the end."""
        if response.status >= 200:
            self._ended()
        self._user.on_response(response, now)

    def on_failure(self, failure: Failure, now: float) -> None:
        """Pass the failure on."""
        self._ended()
        self._user.on_failure(failure, now)
