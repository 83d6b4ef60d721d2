"""What reached an actor and no step has looked at yet."""

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from scscf.promise import Promise

T = TypeVar("T")
_MOST = 100_000


class Inbox(Generic[T]):
    """Items in the order they came, the oldest forgotten first; whoever waits is told of each."""

    def __init__(self) -> None:
        self._items: deque[T] = deque(maxlen=_MOST)
        self._waiting: list[Promise[None]] = []

    def put(self, item: T) -> None:
        """Take in what came."""
        self._items.append(item)
        waiting, self._waiting = self._waiting, []
        for promise in waiting:
            promise.keep(None)

    def take(self, wanted: Callable[[T], bool]) -> T | None:
        """Return the oldest item that is wanted, and forget it; None where there is none."""
        for item in self._items:
            if wanted(item):
                self._items.remove(item)
                return item
        return None

    def peek(self, wanted: Callable[[T], bool]) -> T | None:
        """Return the oldest item that is wanted and leave it there."""
        return next((item for item in self._items if wanted(item)), None)

    def more(self) -> Promise[None]:
        """Return what is kept with the next item."""
        promise: Promise[None] = Promise()
        self._waiting.append(promise)
        return promise

    def clear(self) -> None:
        """Forget everything that came."""
        self._items.clear()
