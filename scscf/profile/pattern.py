"""The regular expressions of filter criteria and wildcarded identities, bounded in what they may cost."""

import re
from functools import lru_cache

LONGEST = 500
"""Characters of a pattern, and of the text that it is tried on: the rest of a longer text is not looked at."""
MOST_REPETITIONS = 3
"""Unbounded repetitions in one pattern, but for `.*` at its ends."""

_CLASSES = {
    "alpha": "a-zA-Z",
    "digit": "0-9",
    "alnum": "a-zA-Z0-9",
    "upper": "A-Z",
    "lower": "a-z",
    "space": r"\s",
    "blank": r" \t",
    "xdigit": "0-9A-Fa-f",
    "punct": r"!-/:-@\[-`{-~",
}
_POSIX_CLASS = re.compile(r"\[:(\w+):\]")
_UNBOUNDED = re.compile(r"[*+]|\{\d*,\}")


class PatternError(ValueError):
    """A pattern that is none, or that might take for ever."""


@lru_cache(maxsize=4096)
def compiled(pattern: str, *, ignore_case: bool = False) -> re.Pattern[str]:
    """Return an extended regular expression (POSIX classes included), ready to search with. Raises PatternError."""
    if len(pattern) > LONGEST:
        raise PatternError(f"a pattern has at most {LONGEST} characters")
    text = _POSIX_CLASS.sub(_class, pattern)
    core = text.removeprefix(".*").removesuffix(".*") if not text.endswith("\\.*") else text
    _check_repetitions(core)
    try:
        return re.compile(core, re.IGNORECASE if ignore_case else 0)
    except (re.error, OverflowError, RecursionError) as error:
        raise PatternError(f"is no regular expression: {error}") from None


def finds(pattern: re.Pattern[str], text: str) -> bool:
    """Tell whether a pattern is found anywhere in a text."""
    return pattern.search(text[:LONGEST]) is not None


def _class(match: re.Match[str]) -> str:
    found = _CLASSES.get(match[1])
    if found is None:
        raise PatternError(f"[:{match[1]}:] is no class; there are {', '.join(_CLASSES)}")
    return found


def _check_repetitions(pattern: str) -> None:
    """Refuse what may take exponential time: repetitions and choices that are repeated without end."""
    repetitions, groups, position = 0, [False], 0
    while position < len(pattern):
        character = pattern[position]
        if character == "\\":
            position += 2
            continue
        if character == "[":
            end = pattern.find("]", position + 2)
            position = len(pattern) if end < 0 else end + 1
            continue
        repeated = _UNBOUNDED.match(pattern, position)
        if character == "(":
            groups.append(False)
        elif character == "|":
            groups[-1] = True
        elif character == ")" and len(groups) > 1:
            many = groups.pop()
            groups[-1] = groups[-1] or many
            if many and _UNBOUNDED.match(pattern, position + 1):
                raise PatternError("repeats without end what repeats, or chooses, itself")
        elif repeated:
            repetitions += 1
            groups[-1] = True
        position = repeated.end() if repeated else position + 1
    if repetitions > MOST_REPETITIONS:
        raise PatternError(f"has more than {MOST_REPETITIONS} repetitions without end")
