from scscf.net.heap_clock import HeapClock
from scscf.scenario.warp_clock import WarpClock


def test_time_flows_as_the_reactor_has_it_and_calls_are_made_in_time() -> None:
    reactor = HeapClock(100.0)
    clock = WarpClock(reactor)
    made: list[float] = []
    clock.callLater(2, lambda: made.append(clock.seconds()))
    clock.callLater(1, lambda: made.append(clock.seconds()))

    reactor.advance(1.5)
    assert made == [101]
    reactor.advance(1)
    assert made == [101, 102]


def test_an_hour_is_skipped_with_everything_due_in_it_made_at_its_time_in_order() -> None:
    reactor = HeapClock(100.0)
    clock = WarpClock(reactor)
    made: list[tuple[str, float]] = []

    def first() -> None:
        made.append(("first", clock.seconds()))
        clock.callLater(600, lambda: made.append(("what it began", clock.seconds())))

    clock.callLater(3000, lambda: made.append(("second", clock.seconds())))
    clock.callLater(1800, first)
    clock.callLater(3601, lambda: made.append(("later", clock.seconds())))

    assert clock.skip(3600) == 3
    assert made == [("first", 1900), ("what it began", 2500), ("second", 3100)]
    assert clock.seconds() == 3700
    reactor.advance(1)
    assert made[-1] == ("later", 3701)


def test_a_clock_that_was_stopped_makes_no_call() -> None:
    reactor = HeapClock()
    clock = WarpClock(reactor)
    clock.callLater(1, lambda: 1 / 0)
    clock.stop()

    assert reactor.advance(5) == 0


def test_held_it_stands_still_and_makes_no_call_until_it_goes_on() -> None:
    reactor = HeapClock(100.0)
    clock = WarpClock(reactor)
    made: list[float] = []
    clock.callLater(2, lambda: made.append(clock.seconds()))
    clock.hold()

    reactor.advance(10)
    assert (clock.seconds(), made) == (100, [])
    clock.release()
    reactor.advance(1.5)
    assert (clock.seconds(), made) == (101.5, [])
    reactor.advance(1)
    assert (clock.seconds(), made) == (102.5, [102])
