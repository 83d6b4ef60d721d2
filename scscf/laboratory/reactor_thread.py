"""A reactor in a thread of its own, which a test calls into and waits for. The process's own reactor is left alone."""

import logging
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLate
from contextlib import suppress
from threading import Event, Thread, current_thread
from typing import Any, TypeVar, overload

from twisted.internet import tcp
from twisted.internet.defer import Deferred

from scscf.errors import ScscfError
from scscf.net.shell import Shell
from scscf.promise import Promise

log = logging.getLogger(__name__)

T = TypeVar("T")
LONGEST = 60.0
"""Seconds that a call may take."""
_END = 10.0


class NotInTimeError(ScscfError):
    """Something in the reactor's thread took too long."""


class ReactorThread:
    """Runs from `start` to `stop`; nothing of it is left after that."""

    def __init__(self) -> None:
        self.reactor: Any = None
        self._running = Event()
        self._thread = Thread(target=self._run, name="scscf laboratory", daemon=True)

    def start(self) -> None:
        """Begin. Raises NotInTimeError where the reactor does not run."""
        self._thread.start()
        if not self._running.wait(_END):
            raise NotInTimeError("the reactor does not run")

    def stop(self) -> None:
        """End, and close what was forgotten."""
        if self._thread.is_alive():
            self.reactor.callFromThread(self.reactor.stop)
            self._thread.join(_END)

    @overload
    def call(self, function: Callable[..., Promise[T]], *arguments: Any, timeout: float = LONGEST) -> T: ...

    @overload
    def call(self, function: "Callable[..., Deferred[T]]", *arguments: Any, timeout: float = LONGEST) -> T: ...

    @overload
    def call(self, function: Callable[..., T], *arguments: Any, timeout: float = LONGEST) -> T: ...

    def call(self, function: Callable[..., Any], *arguments: Any, timeout: float = LONGEST) -> Any:
        """Call a function in the thread and return what it returns, or what its Promise or Deferred comes to.

        Raises what it raises, and NotInTimeError after `timeout` seconds.
        """
        __tracebackhide__ = True
        if current_thread() is self._thread:
            raise RuntimeError("this is the reactor's own thread: it cannot wait for itself")
        future: Future[Any] = Future()
        self.reactor.callFromThread(_call, future, function, arguments)
        try:
            return future.result(timeout)
        except TooLate:
            if future.done():
                raise
            raise NotInTimeError(f"no end after {timeout:g} s") from None

    def perform(self, shell: Shell, procedure: Callable[[], Coroutine[Any, Any, T]], timeout: float = LONGEST) -> T:
        """Run a procedure of a node to its end; see `call`."""
        __tracebackhide__ = True
        return self.call(lambda: shell.perform(procedure(), on_error=_kept), timeout=timeout)

    def _run(self) -> None:
        try:
            self.reactor = _new_reactor()
            self.reactor.callWhenRunning(self._running.set)
            self.reactor.run(installSignalHandlers=False)
        except BaseException:  # nobody else sees what ends a thread
            log.exception("bug in the laboratory's reactor")
        finally:
            _close(self.reactor)


def _new_reactor() -> Any:
    """Return a reactor that is not the process's; poll has no limit of descriptors, select is everywhere."""
    make: Any
    try:
        from twisted.internet.pollreactor import PollReactor as make
    except ImportError:
        from twisted.internet.selectreactor import SelectReactor as make
    return make()


def _close(reactor: Any) -> None:
    """Close what a reactor that has stopped still holds: connections, and the pipe that it is woken by."""
    if reactor is None:
        return
    for each in [*reactor.removeAll(), *getattr(reactor, "_internalReaders", ())]:
        with suppress(Exception):
            each.connectionLost(None)
    # Twisted keeps a descriptor open for when there are no more; it would be warned of when Python ends.
    reserve = getattr(tcp, "_reservedFD", None)
    with suppress(Exception):
        if reserve is not None and reserve.available():
            reserve.__enter__()


def _call(future: "Future[Any]", function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    try:
        result = function(*arguments)
    except BaseException as error:  # raised again in the thread that waits
        future.set_exception(error)
        return
    if isinstance(result, Promise):
        result.when_done(lambda: _settle(future, result))
    elif isinstance(result, Deferred):
        result.addCallbacks(future.set_result, lambda failure: future.set_exception(failure.value))
    else:
        future.set_result(result)


def _settle(future: "Future[Any]", promise: Promise[Any]) -> None:
    try:
        future.set_result(promise.result())
    except BaseException as error:  # raised again in the thread that waits
        future.set_exception(error)


def _kept(_: Exception) -> None:
    """The promise has the error."""
