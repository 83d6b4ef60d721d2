"""A reactor beside the test."""

import gc
import os
import threading
from collections.abc import Iterator

import pytest
from twisted.internet.defer import Deferred

from scscf.laboratory.reactor_thread import NotInTimeError, ReactorThread
from scscf.promise import Promise


@pytest.fixture
def thread() -> Iterator[ReactorThread]:
    thread = ReactorThread()
    thread.start()
    yield thread
    thread.stop()


def test_a_call_is_made_in_the_thread_and_its_result_comes_back(thread: ReactorThread) -> None:
    assert thread.call(threading.current_thread) is not threading.current_thread()
    assert thread.call(lambda a, b: a + b, 1, 2) == 3


def test_what_a_call_raises_is_raised_where_it_was_called(thread: ReactorThread) -> None:
    with pytest.raises(ZeroDivisionError):
        thread.call(lambda: 1 // 0)


def test_a_promise_is_waited_for(thread: ReactorThread) -> None:
    def later(error: Exception | None) -> Promise[str]:
        promise: Promise[str] = Promise()
        end = (lambda: promise.keep("kept")) if error is None else (lambda: promise.fail(error))
        thread.reactor.callLater(0.001, end)
        return promise

    assert thread.call(later, None) == "kept"
    with pytest.raises(LookupError):
        thread.call(later, LookupError())


def test_a_deferred_is_waited_for(thread: ReactorThread) -> None:
    def later(good: bool) -> "Deferred[str]":
        deferred: Deferred[str] = Deferred()
        thread.reactor.callLater(0.001, *((deferred.callback, "fired") if good else (deferred.errback, LookupError())))
        return deferred

    assert thread.call(later, True) == "fired"
    with pytest.raises(LookupError):
        thread.call(later, False)


def test_what_does_not_end_is_given_up(thread: ReactorThread) -> None:
    with pytest.raises(NotInTimeError):
        thread.call(Promise, timeout=0.01)


def test_the_thread_does_not_wait_for_itself(thread: ReactorThread) -> None:
    with pytest.raises(RuntimeError):
        thread.call(thread.call, len, "")


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="no /proc")
def test_nothing_is_left_when_it_stops() -> None:
    gc.collect()
    before = len(os.listdir("/proc/self/fd"))
    thread = ReactorThread()
    thread.start()

    thread.stop()
    thread.stop()

    assert len(os.listdir("/proc/self/fd")) <= before
    assert not [each for each in threading.enumerate() if each.name == "scscf laboratory" and each is thread._thread]
