"""The clock of a capture: where it is set back, the frames say in which order messages came."""

from collections.abc import Iterable, Sequence
from itertools import islice, takewhile
from typing import NamedTuple

from scscf.conformance.network.exchanges import Key
from scscf.judgement.seen import Seen

_LEAST = 1.0
"""Seconds: less is how much frames of several interfaces are out of order."""
_MOST_STEPS = 16
_Row = tuple[str, str, str]


class Step(NamedTuple):
    """A moment at which the clock was set back."""

    frame: int
    """The first message after it."""
    seconds: float


def straightened(messages: Sequence[Seen]) -> tuple[list[Seen], list[Step]]:
    """Return messages with times that go on where the clock was set back, and where it was.

    It was set back where rows of requests (one Call-ID, one method, CSeq rising) go on at an earlier time, and requests
    are answered. Where not, somebody put captures together in another order, and times are right as they are.
    """
    found = sorted(messages, key=lambda each: each.captured.frame)
    steps: list[Step] = []
    latest, back, earlier = float("-inf"), 0.0, False
    highest: dict[_Row, int] = {}
    waiting: set[Key] = set()
    for index, each in enumerate(found):
        at = each.captured.at + back
        if at >= latest - _LEAST:
            earlier = False
        elif not earlier and len(steps) < _MOST_STEPS:
            earlier = not _goes_on(islice(found, index, None), latest - back, highest, waiting)
            if not earlier:
                steps.append(Step(each.captured.frame, latest - at))
                back += latest - at
                at = latest
        if back:
            found[index] = each._replace(captured=each.captured._replace(at=at))
        latest = max(latest, at)
        row, number = _row(each)
        highest[row] = max(number, highest.get(row, number))
        (waiting.add if each.is_request else waiting.discard)(each.key)
    return found, steps


def _goes_on(messages: Iterable[Seen], until: float, highest: dict[_Row, int], waiting: set[Key]) -> bool:
    """Tell whether more requests are answered and rows of them go on than begin again, in messages until a time."""
    rows: dict[_Row, int] = {}
    answered = 0
    for each in takewhile(lambda each: each.captured.at < until, messages):
        row, number = _row(each)
        if each.is_request and row in highest:
            rows.setdefault(row, number)
        elif not each.is_request and each.key in waiting:
            answered += 1
    return answered + sum(1 if number > highest[row] else -1 for row, number in rows.items()) > 0


def _row(each: Seen) -> tuple[_Row, int]:
    number = each.key[1]
    row = (each.call_id, each.method, each.captured.source[0])
    return row, int(number) if number.isdecimal() else 0
