"""What a value is held against: a text, `/regular expression/`, number, range, `*` (anything), or that it is absent."""

import re
from functools import lru_cache
from typing import NamedTuple

from scscf.profile.automaton import Automaton
from scscf.profile.expression import (
    Characters,
    Choice,
    Expression,
    PatternError,
    Repetition,
    Sequence,
    parse_expression,
)

_RANGE = re.compile(r"(-?\d+(?:\.\d+)?)\.\.(-?\d+(?:\.\d+)?)")
_COMPARED = re.compile(r"(<=|>=|<|>|!=)\s*(-?\d+(?:\.\d+)?)")
_MOST = 100_000
LONGEST = 1000
"""Characters of a regular expression."""
_ANY, _IN_LINE = Characters((), negated=True), Characters((("\n", "\n"),), negated=True)


class Pattern(NamedTuple):
    """A pattern as it is written; None: the value must not be there."""

    text: str | None

    def matches(self, value: str | None) -> bool:
        """Tell whether a value (None: there is none) is as the pattern says."""
        text = self.text
        if text is None or value is None:
            return text is None and value is None
        if text == "*":
            return True
        if len(text) > 1 and text[0] == text[-1] == "/":
            return _finds(text[1:-1], value[:_MOST])
        number = _number(value)
        between = _RANGE.fullmatch(text)
        if between:
            return number is not None and float(between[1]) <= number <= float(between[2])
        compared = _COMPARED.fullmatch(text)
        if compared:
            return _compare(compared[1], number, float(compared[2]))
        return text == value or (number is not None and number == _number(text))

    def __str__(self) -> str:
        return "(absent)" if self.text is None else self.text


def is_about_numbers(text: str) -> bool:
    """Tell whether a pattern is a number, a range of numbers, or a comparison with one."""
    return any(each is not None for each in (_number(text), _RANGE.fullmatch(text), _COMPARED.fullmatch(text)))


def check_pattern(text: str | None) -> str | None:
    """Return a pattern's text. Raises ValueError for a regular expression that is none, or is too long."""
    if text is not None and len(text) > 1 and text[0] == text[-1] == "/":
        if len(text) - 2 > LONGEST:
            raise ValueError(f"a regular expression may have {LONGEST} characters, and not {len(text) - 2}")
        try:
            re.compile(text[1:-1])
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from None
    return text


@lru_cache(maxsize=200)
def _automaton(expression: str) -> Automaton | None:
    """Return what finds an expression in linear time, None for one that only Python's `re` can read."""
    try:
        return Automaton(_in_line(parse_expression(expression)))
    except PatternError:
        return None


def _in_line(expression: Expression) -> Expression:
    """Return an expression whose `.` is anything but the end of a line, as Python has it."""
    if isinstance(expression, Sequence):
        return Sequence(tuple(map(_in_line, expression.parts)))
    if isinstance(expression, Choice):
        return Choice(tuple(map(_in_line, expression.alternatives)))
    if isinstance(expression, Repetition):
        return expression._replace(part=_in_line(expression.part))
    return _IN_LINE if expression == _ANY else expression


def _finds(expression: str, value: str) -> bool:
    automaton = _automaton(expression)
    if automaton is None:
        return re.search(expression, value) is not None
    return automaton.finds(value)


def _number(value: str) -> float | None:
    try:
        return float(value) if value[:1] in "+-.0123456789" and value else None
    except ValueError:
        return None


def _compare(how: str, number: float | None, bound: float) -> bool:
    if number is None:
        return False
    if how == "!=":
        return number != bound
    return {"<": number < bound, "<=": number <= bound, ">": number > bound, ">=": number >= bound}[how]
