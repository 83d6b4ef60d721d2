"""What reached a simulated UE and its test has not looked at yet: filled in one thread, emptied in another."""

from collections import deque
from collections.abc import Callable
from threading import Condition
from time import monotonic
from typing import Generic, TypeVar

T = TypeVar("T")
_MOST = 100_000


class NothingCameError(AssertionError):
    """What a test waited for did not come in time."""


class Mailbox(Generic[T]):
    """Items in the order they came; of more than a hundred thousand the oldest are forgotten."""

    def __init__(self) -> None:
        self._items: deque[T] = deque(maxlen=_MOST)
        self._changed = Condition()

    def put(self, item: T) -> None:
        """Take in what came."""
        with self._changed:
            self._items.append(item)
            self._changed.notify_all()

    def take(self, wanted: Callable[[T], bool], timeout: float, what: str) -> T:
        """Return the oldest item that is wanted, and forget it.

        Waits `timeout` seconds for it; raises NothingCameError, whose text names `what` did not come.
        """
        __tracebackhide__ = True
        end = monotonic() + timeout
        with self._changed:
            while True:
                for item in self._items:
                    if wanted(item):
                        self._items.remove(item)
                        return item
                left = end - monotonic()
                if left <= 0:
                    raise NothingCameError(f"no {what} within {timeout:g} s")
                self._changed.wait(left)

    def clear(self) -> None:
        """Forget everything that came."""
        with self._changed:
            self._items.clear()
