"""Ladders of many parties: those who speak least share one column, so that the arrows have room."""

from collections import Counter
from collections.abc import Sequence

from scscf.scenario.ladder import Rung, fits


def folded(shown: Sequence[Rung], names: Sequence[str], width: int) -> tuple[list[Rung], list[str]]:
    """Return rungs and columns that fit the width, as they are where they do.

    Who shares a column is named by a note of each message.
    """
    if fits(names, width):
        return list(shown), list(names)
    spoken = Counter(name for rung in shown for name in (rung.source, rung.target))
    for kept in range(len(names) - 2, 0, -1):
        busiest = {name for name, _ in spoken.most_common(kept)}
        others = [name for name in names if name not in busiest]
        shared = f"{len(others)} others"
        left = [name for name in names if name in busiest]
        left.insert(min(names.index(others[0]), len(left)), shared)
        if fits(left, width):
            return [_folded(rung, busiest, shared) for rung in shown], left
    return list(shown), list(names)


def _folded(rung: Rung, kept: set[str], shared: str) -> Rung:
    if rung.source in kept and rung.target in kept:
        return rung
    ends = [name for name in (rung.source, rung.target) if name not in kept]
    who = " to ".join(ends)
    first, *rest = rung.notes or ("",)
    return rung._replace(
        source=rung.source if rung.source in kept else shared,
        target=rung.target if rung.target in kept else shared,
        notes=(f"{who}: {first}" if first else who, *rest),
    )
