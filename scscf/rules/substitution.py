"""Replacing what a regular expression finds, in time proportional to the text (IEEE Std 1003.1 §9.4)."""

from functools import lru_cache

from scscf.profile.automaton import Automaton
from scscf.profile.expression import parse_expression

MOST_STEPS = 1_000_000
"""Characters that one substitution looks at; what is found after that stays as it is."""


@lru_cache(maxsize=256)
def pattern_of(text: str) -> Automaton:
    """Return an extended regular expression ready to be used. Raises PatternError."""
    return Automaton(parse_expression(text))


def substitute(pattern: str, replacement: str, text: str) -> str:
    """Return `text` with `replacement` for whatever the pattern finds: the leftmost and longest, never nothing."""
    written: list[str] = []
    at = 0
    for begin, end in pattern_of(pattern).spans(text, MOST_STEPS):
        written += [text[at:begin], replacement]
        at = end
    return "".join([*written, text[at:]]) if written else text
