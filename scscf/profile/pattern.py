"""The regular expressions of filter criteria and wildcarded identities: POSIX extended ones (TS 29.228 annex F).

They come from files and from the HSS, and are tried on what strangers send. So they are not run by `re`, which may take
for ever, but by an automaton that reads each character once. Look-around and back-references are no part of them.
"""

from functools import lru_cache

from scscf.profile.automaton import Automaton
from scscf.profile.expression import PatternError, parse_expression

LONGEST = 500
"""Characters of a pattern."""
LONGEST_TEXT = 2000
"""Characters of the text that a pattern is tried on: the rest of a longer one is not looked at."""

_SPECIAL = frozenset("\\^$.[]|()*+?{}")

__all__ = ["LONGEST", "LONGEST_TEXT", "Pattern", "PatternError", "compiled", "finds"]


class Pattern:
    """A regular expression, ready to search with."""

    __slots__ = ("_automaton", "_literal", "ignore_case", "text")

    def __init__(self, text: str, ignore_case: bool) -> None:
        self.text = text
        """As it was written."""
        self.ignore_case = ignore_case
        """Whether `a` means `A` too."""
        self._literal = None if _SPECIAL.intersection(text) else text.lower() if ignore_case else text
        self._automaton = Automaton(parse_expression(text), ignore_case=ignore_case)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pattern) and (self.text, self.ignore_case) == (other.text, other.ignore_case)

    def __hash__(self) -> int:
        return hash((self.text, self.ignore_case))

    def __repr__(self) -> str:
        return f"Pattern({self.text!r}, ignore_case={self.ignore_case})"

    def finds(self, text: str) -> bool:
        """Tell whether the pattern is found anywhere in a text."""
        text = text[:LONGEST_TEXT]
        if self._literal is not None:
            return self._literal in (text.lower() if self.ignore_case else text)
        return self._automaton.finds(text)

    def is_all_of(self, text: str) -> bool:
        """Tell whether the pattern is a whole text, which must not be longer than LONGEST_TEXT."""
        return len(text) <= LONGEST_TEXT and self._automaton.is_all_of(text)


@lru_cache(maxsize=4096)
def compiled(pattern: str, *, ignore_case: bool = False) -> Pattern:
    """Return a pattern, POSIX classes included. Raises PatternError."""
    if len(pattern) > LONGEST:
        raise PatternError(f"a pattern has at most {LONGEST} characters")
    return Pattern(pattern, ignore_case)


def finds(pattern: Pattern, text: str) -> bool:
    """Tell whether a pattern is found anywhere in a text."""
    return pattern.finds(text)
