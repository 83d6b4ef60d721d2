"""Times as scenarios write them: `90`, `250ms`, `15m`, `1h30m`, `2d`; always seconds once they are read."""

import re
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_WHOLE = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+")
_PLAIN = re.compile(r"\d+(?:\.\d+)?")
LONGEST = 10 * 366 * 86400.0
"""Ten years: the longest time that a scenario may let pass in one step."""


def seconds(text: str) -> float:
    """Return a time in seconds. Raises ValueError that says what is allowed."""
    text = text.strip()
    if _PLAIN.fullmatch(text):
        return float(text)
    if not _WHOLE.fullmatch(text):
        raise ValueError("must be a time: seconds, or a number with a unit: 250ms, 30s, 15m, 1h30m, 2d")
    return sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))


def _read(value: object) -> object:
    return seconds(value) if isinstance(value, str) else value


Time = Annotated[
    float,
    BeforeValidator(_read),
    Field(ge=0, le=LONGEST),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^(\d+(\.\d+)?(ms|s|m|h|d)?)+$"}]}),
]
"""A time in a scenario file."""
