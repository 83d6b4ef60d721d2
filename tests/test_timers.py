"""Deadlines fire in the order of their time, then of their making."""

from random import Random

from scscf.timers import Deadline, Deadlines


def test_nothing_is_due_where_there_is_nothing() -> None:
    deadlines = Deadlines()

    assert (deadlines.next(), deadlines.fire(1e9), len(deadlines)) == (None, 0, 0)


def test_what_is_due_is_called_once_with_the_time() -> None:
    deadlines = Deadlines()
    called: list[float] = []
    deadlines.at(5.0, called.append)

    assert deadlines.fire(4.9) == 0
    assert deadlines.fire(7.0) == 1
    assert deadlines.fire(8.0) == 0
    assert called == [7.0]


def test_equal_times_fire_in_the_order_of_their_making() -> None:
    deadlines = Deadlines()
    called: list[int] = []
    for index in range(20):
        deadlines.at(5.0 + index % 2, lambda now, index=index: called.append(index))  # type: ignore[misc]
    deadlines.fire(10.0)

    assert called == [*range(0, 20, 2), *range(1, 20, 2)]


def test_a_cancelled_deadline_is_neither_next_nor_fired() -> None:
    deadlines = Deadlines()
    called: list[float] = []
    first = deadlines.at(1.0, called.append)
    deadlines.at(2.0, called.append)
    deadlines.cancel(first)
    deadlines.cancel(first)

    assert (len(deadlines), deadlines.next()) == (1, 2.0)
    assert deadlines.fire(3.0) == 1


def test_cancelling_what_has_fired_does_nothing() -> None:
    deadlines = Deadlines()
    fired = deadlines.at(1.0, lambda now: None)
    deadlines.fire(1.0)
    deadlines.cancel(fired)

    assert len(deadlines) == 0


def test_a_call_may_set_a_deadline_that_is_due_at_once() -> None:
    deadlines = Deadlines()
    called: list[str] = []

    def first(now: float) -> None:
        called.append("first")
        deadlines.at(now, lambda _: called.append("second"))

    deadlines.at(1.0, first)

    assert deadlines.fire(1.0) == 2
    assert called == ["first", "second"]


def test_no_more_are_fired_than_allowed() -> None:
    deadlines = Deadlines()
    for _ in range(5):
        deadlines.at(1.0, lambda now: None)

    assert [deadlines.fire(1.0, 2) for _ in range(4)] == [2, 2, 1, 0]


def test_cancelled_deadlines_do_not_pile_up() -> None:
    deadlines = Deadlines()
    for _ in range(10_000):
        deadlines.cancel(deadlines.at(1.0, lambda now: None))

    assert len(deadlines._heap) < 200
    assert len(deadlines) == 0


def test_any_mixture_fires_what_was_not_cancelled_in_order() -> None:
    random, deadlines = Random(1), Deadlines()
    called: list[tuple[float, int]] = []
    pending: list[Deadline] = []
    expected: list[tuple[float, int]] = []
    for index in range(2000):
        when = float(random.randrange(50))
        entry = deadlines.at(when, lambda now, key=(when, index): called.append(key))  # type: ignore[misc]
        expected.append((when, index))
        pending.append(entry)
        if random.random() < 0.5:
            victim = random.randrange(len(pending))
            if pending[victim].call is not None:
                expected.remove((pending[victim].when, victim))
            deadlines.cancel(pending[victim])
    assert len(deadlines) == len(expected)
    deadlines.fire(100.0)

    assert called == sorted(expected)
