"""What a simulated UE answers to the requests that reach it, as it is told to."""

from collections.abc import Sequence
from typing import NamedTuple


class AnswerRule(NamedTuple):
    """How the next requests of a method are answered."""

    method: str
    """`*`: every method."""
    status: int | None = 200
    """None: with silence."""
    reason: str | None = None
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""
    delay: float = 0.0
    """Seconds until the answer."""
    times: int | None = None
    """So many requests; None: all that come."""


class Answers:
    """The rules of one UE, the newest first; a request that none is for gets the UE's own answer."""

    def __init__(self) -> None:
        self._rules: list[tuple[AnswerRule, int]] = []

    def add(self, rule: AnswerRule) -> None:
        """Follow a rule from now on, before those there are."""
        self._rules.insert(0, (rule, 0))

    def clear(self, method: str | None = None) -> None:
        """Forget the rules of a method, or all."""
        self._rules = [each for each in self._rules if method is not None and each[0].method != method]

    def next(self, method: str) -> AnswerRule | None:
        """Return the rule for a request that came, and count it."""
        for index, (rule, used) in enumerate(self._rules):
            if rule.method in (method, "*"):
                if rule.times is not None and used + 1 >= rule.times:
                    del self._rules[index]
                else:
                    self._rules[index] = (rule, used + 1)
                return rule
        return None
