"""What a value is held against: a text, `/regular expression/`, number, range, `*` (anything), or that it is absent."""

import re
from typing import NamedTuple

_RANGE = re.compile(r"(-?\d+(?:\.\d+)?)\.\.(-?\d+(?:\.\d+)?)")
_COMPARED = re.compile(r"(<=|>=|<|>|!=)\s*(-?\d+(?:\.\d+)?)")
_MOST = 100_000


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
            return re.search(text[1:-1], value[:_MOST]) is not None
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


def check_pattern(text: str | None) -> str | None:
    """Return a pattern's text. Raises ValueError for a regular expression that is none."""
    if text is not None and len(text) > 1 and text[0] == text[-1] == "/":
        try:
            re.compile(text[1:-1])
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from None
    return text


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
