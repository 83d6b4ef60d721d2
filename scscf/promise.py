"""One-shot results that a procedure awaits, with no reactor behind them."""

from collections.abc import Callable, Generator
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Promise(Generic[T]):
    """A value that comes later. `await` it in a procedure; `keep` or `fail` it once from wherever it is decided."""

    __slots__ = ("_callbacks", "_error", "_value", "done")

    def __init__(self) -> None:
        self.done = False
        self._value: T | None = None
        self._error: BaseException | None = None
        self._callbacks: list[Callable[[], None]] = []

    def keep(self, value: T) -> None:
        """Give the value; whoever waits goes on at once."""
        self._value = value
        self._settle()

    def fail(self, error: BaseException) -> None:
        """Give an error instead; it is raised where the promise is awaited."""
        self._error = error
        self._settle()

    def _settle(self) -> None:
        if self.done:
            raise RuntimeError("this promise was kept before")
        self.done = True
        callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    def when_done(self, callback: Callable[[], None]) -> None:
        """Have `callback()` called once there is a result, at once if there is one already."""
        if self.done:
            callback()
        else:
            self._callbacks.append(callback)

    def result(self) -> T:
        """Return the value or raise the error."""
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[return-value]  # keep() put a T there

    def __await__(self) -> Generator["Promise[Any]", None, T]:
        if not self.done:
            yield self
        return self.result()
