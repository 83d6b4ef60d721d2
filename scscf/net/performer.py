"""Procedures: coroutines that wait for promises and deferreds, each step of theirs a turn of the shell."""

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure as TwistedFailure

from scscf.errors import ScscfError
from scscf.promise import Promise

if TYPE_CHECKING:
    from scscf.net.shell import Shell

T = TypeVar("T")


class Performer:
    """Runs the procedures of one shell."""

    def __init__(self, shell: "Shell") -> None:
        self._shell = shell
        self.waiting = 0
        """How many procedures wait for something."""

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
            self._shell.bug("in a procedure")
            return
        self._wait(awaited, coroutine, Promise(), None)

    def _step(
        self,
        coroutine: Coroutine[Any, Any, T],
        promise: Promise[T],
        on_error: Callable[[Exception], None] | None,
        error: BaseException | None,
    ) -> None:
        self._shell.enter()
        try:
            try:
                awaited = coroutine.send(None) if error is None else coroutine.throw(error)
            except StopIteration as end:
                promise.keep(end.value)
            except Exception as failure:
                if on_error is None or not isinstance(failure, ScscfError):
                    self._shell.bug("in a procedure")
                try:
                    if on_error is not None:
                        on_error(failure)
                finally:
                    promise.fail(failure)
            else:
                self._wait(awaited, coroutine, promise, on_error)
        except Exception:
            self._shell.bug("after a procedure")
        finally:
            self._shell.leave()

    def _wait(
        self,
        awaited: object,
        coroutine: Coroutine[Any, Any, T],
        promise: Promise[T],
        on_error: Callable[[Exception], None] | None,
    ) -> None:
        """Go on with a procedure when what it awaits has come."""
        if isinstance(awaited, Promise):
            self.waiting += 1
            awaited.when_done(lambda: self._go_on(coroutine, promise, on_error, None))
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
                self._go_on(coroutine, promise, on_error, result.value)
                return None
            self._go_on(coroutine, promise, on_error, None)
            return result

        self.waiting += 1
        deferred.addBoth(fired)

    def _go_on(
        self,
        coroutine: Coroutine[Any, Any, T],
        promise: Promise[T],
        on_error: Callable[[Exception], None] | None,
        error: BaseException | None,
    ) -> None:
        self.waiting -= 1
        self._step(coroutine, promise, on_error, error)
