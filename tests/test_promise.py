"""A result that comes later: kept or failed once, heard by everybody who waits."""

import pytest

from scscf.promise import Promise


def test_who_waits_hears_and_who_comes_later_hears_at_once() -> None:
    promise: Promise[int] = Promise()
    heard: list[int] = []
    promise.when_done(lambda: heard.append(1))
    promise.when_done(lambda: heard.append(2))
    assert heard == []
    promise.keep(7)
    promise.when_done(lambda: heard.append(3))

    assert (heard, promise.done, promise.result()) == ([1, 2, 3], True, 7)


def test_an_error_is_raised_where_the_result_is_wanted() -> None:
    promise: Promise[int] = Promise()
    promise.fail(ValueError("no"))

    with pytest.raises(ValueError, match="no"):
        promise.result()


@pytest.mark.parametrize("again", ["keep", "fail"])
def test_a_promise_is_kept_once(again: str) -> None:
    promise: Promise[int] = Promise()
    promise.keep(1)

    with pytest.raises(RuntimeError):
        promise.keep(2) if again == "keep" else promise.fail(ValueError())


def test_a_coroutine_goes_on_with_the_value() -> None:
    promise: Promise[int] = Promise()

    async def double() -> int:
        return 2 * await promise

    coroutine = double()
    assert coroutine.send(None) is promise
    promise.keep(21)
    with pytest.raises(StopIteration) as end:
        coroutine.send(None)

    assert end.value.value == 42


def test_awaiting_what_is_done_does_not_suspend() -> None:
    promise: Promise[int] = Promise()
    promise.keep(1)

    async def wait() -> int:
        return await promise

    with pytest.raises(StopIteration) as end:
        wait().send(None)

    assert end.value.value == 1
