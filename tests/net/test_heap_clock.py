import pytest

from scscf.net.heap_clock import HeapClock


def test_calls_are_made_in_the_order_of_their_time_then_of_their_making() -> None:
    clock = HeapClock()
    made: list[tuple[float, str]] = []
    for delay, name in ((2.0, "b"), (1.0, "a"), (2.0, "c")):
        clock.callLater(delay, lambda name=name: made.append((clock.seconds(), name)))
    assert clock.advance(1.5) == 1
    assert clock.advance(5.0) == 2
    assert made == [(1.0, "a"), (2.0, "b"), (2.0, "c")]
    assert clock.seconds() == 6.5


def test_a_call_may_be_cancelled_and_put_off() -> None:
    clock = HeapClock()
    made: list[str] = []
    cancelled, moved = clock.callLater(1.0, made.append, "x"), clock.callLater(1.0, made.append, "y")
    cancelled.cancel()
    cancelled.cancel()
    moved.reset(3.0)
    clock.advance(2.0)
    assert (made, len(clock), moved.active(), cancelled.active()) == ([], 1, True, False)
    moved.reset(0.5)
    clock.advance(0.5)
    assert (made, len(clock), moved.active()) == (["y"], 0, False)
    moved.reset(1.0)
    assert clock.next() is None


def test_calls_made_on_the_way_are_part_of_the_way() -> None:
    clock = HeapClock()
    made: list[float] = []

    def again() -> None:
        made.append(clock.seconds())
        clock.callLater(1.0, again)

    clock.callLater(1.0, again)
    clock.advance(3.0)
    assert made == [1.0, 2.0, 3.0]


def test_the_past_is_refused() -> None:
    with pytest.raises(ValueError, match="past"):
        HeapClock().callLater(-1.0, lambda: None)
