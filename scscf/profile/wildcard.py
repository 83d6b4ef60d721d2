"""Wildcarded public identities: a regular expression between `!` in the user part (TS 23.003 §13.4A)."""

import re
from functools import lru_cache

from scscf.profile.pattern import LONGEST, PatternError, compiled


@lru_cache(maxsize=4096)
def pattern_of(wildcard: str) -> re.Pattern[str]:
    """Return what finds the identities that a wildcarded one stands for. Raises PatternError."""
    before, mark, rest = wildcard.partition("!")
    expression, second, after = rest.rpartition("!")
    if not mark or not second or not expression:
        raise PatternError("needs a regular expression between two !")
    compiled(expression)
    return re.compile(f"{re.escape(before)}(?:{expression}){re.escape(after)}")


def matches(wildcard: str, aor: str) -> bool:
    """Tell whether a wildcarded identity stands for an address of record."""
    try:
        pattern = pattern_of(wildcard)
    except PatternError:
        return False
    return len(aor) <= LONGEST and pattern.fullmatch(aor) is not None


def example(wildcard: str) -> str:
    """Return a URI to show a wildcarded identity by, where a URI has to stand (TS 24.229 §7.10.2)."""
    before, _, rest = wildcard.partition("!")
    return f"{before}wildcard{rest.rpartition('!')[2]}"
