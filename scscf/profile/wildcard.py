"""Wildcarded public identities: a regular expression between `!` in the user part (TS 23.003 §13.4A)."""

from functools import lru_cache

from scscf.profile.pattern import Pattern, PatternError, compiled


@lru_cache(maxsize=4096)
def pattern_of(wildcard: str) -> tuple[str, Pattern, str]:
    """Return what stands before, between and after the two `!`. Raises PatternError."""
    before, _, rest = wildcard.partition("!")
    expression, mark, after = rest.rpartition("!")
    if not mark or not expression:
        raise PatternError("needs a regular expression between two !")
    return before, compiled(expression), after.lower() if "@" in after else after


def matches(wildcard: str, aor: str) -> bool:
    """Tell whether a wildcarded identity stands for an address of record, which is canonical."""
    try:
        before, pattern, after = pattern_of(wildcard)
    except PatternError:
        return False
    return (
        len(aor) >= len(before) + len(after)
        and aor.startswith(before)
        and aor.endswith(after)
        and pattern.is_all_of(aor[len(before) : len(aor) - len(after)])
    )


def example(wildcard: str) -> str:
    """Return a URI to show a wildcarded identity by, where a URI has to stand (TS 24.229 §7.10.2)."""
    before, _, rest = wildcard.partition("!")
    return f"{before}wildcard{rest.rpartition('!')[2]}"
