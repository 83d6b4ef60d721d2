"""Two texts line by line: what both have, what only one has."""

from collections.abc import Sequence
from difflib import SequenceMatcher


def difference(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """Return the lines of both in order: `- ` before one that went, `+ ` before one that came, two spaces else."""
    told = []
    for what, start, end, begin, stop in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what == "equal":
            told += [f"  {line}" for line in after[begin:stop]]
        else:
            told += [f"- {line}" for line in before[start:end]] + [f"+ {line}" for line in after[begin:stop]]
    return told
