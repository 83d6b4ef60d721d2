import pytest

from scscf.sip.delay_line import DelayLine
from scscf.timers import Deadlines


def test_items_expire_in_order_after_the_delay_at_the_cost_of_one_deadline() -> None:
    deadlines = Deadlines()
    expired: list[tuple[str, float]] = []
    line: DelayLine[str] = DelayLine(deadlines, 5.0, lambda item, now: expired.append((item, now)))
    for number, item in enumerate("abc"):
        line.put(item, float(number))
    assert len(deadlines) == 1
    for now in (5.0, 6.0, 7.0):
        deadlines.fire(now)
    assert expired == [("a", 5.0), ("b", 6.0), ("c", 7.0)]
    assert (len(deadlines), len(line)) == (0, 0)


def test_slack_lets_many_expire_at_one_wake_up() -> None:
    deadlines = Deadlines()
    expired: list[str] = []
    line: DelayLine[str] = DelayLine(deadlines, 5.0, lambda item, now: expired.append(item), slack=1.0)
    for number in range(10):
        line.put("x", number / 10)
    assert deadlines.next() == 6.0
    assert deadlines.fire(6.0) == 1
    assert len(expired) == 10


def test_what_nobody_waits_for_neither_expires_nor_wakes() -> None:
    deadlines = Deadlines()
    expired: list[str] = []
    live = {"a", "c"}
    line: DelayLine[str] = DelayLine(deadlines, 5.0, lambda item, now: expired.append(item), live.__contains__)
    for number, item in enumerate("abbc"):
        line.put(item, float(number))
    deadlines.fire(5.0)
    assert expired == ["a"]
    assert deadlines.next() == 8.0


def test_an_item_put_in_while_others_expire_gets_its_turn() -> None:
    deadlines = Deadlines()
    expired: list[float] = []

    def again(item: str, now: float) -> None:
        expired.append(now)
        line.put(item, now)

    line: DelayLine[str] = DelayLine(deadlines, 2.0, again)
    line.put("a", 0.0)
    for now in (2.0, 4.0, 6.0):
        deadlines.fire(now)
    assert expired == [2.0, 4.0, 6.0]
    assert len(deadlines) == 1


def test_an_error_while_one_expires_leaves_the_others_their_turn() -> None:
    deadlines = Deadlines()
    expired: list[str] = []

    def expire(item: str, now: float) -> None:
        if item == "bad":
            raise ZeroDivisionError
        expired.append(item)

    line: DelayLine[str] = DelayLine(deadlines, 1.0, expire)
    line.put("bad", 0.0)
    line.put("good", 0.0)
    with pytest.raises(ZeroDivisionError):
        deadlines.fire(1.0)
    deadlines.fire(1.0)
    assert expired == ["good"]


def test_clear_forgets_everything() -> None:
    deadlines = Deadlines()
    line: DelayLine[str] = DelayLine(deadlines, 1.0, lambda item, now: None)
    line.put("a", 0.0)
    line.clear()
    assert (len(deadlines), len(line)) == (0, 0)
    line.put("b", 1.0)
    assert deadlines.next() == 2.0
