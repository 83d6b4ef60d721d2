"""How often something came to which end, and how long it took: plain numbers, counted where it happens."""

from bisect import bisect_left
from collections.abc import Hashable, Iterable
from typing import Final

BOUNDS: Final = (
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 35.0,
)  # fmt: skip
"""Upper ends of the buckets, seconds; the last but infinity holds 64*T1, after which nobody waits any more."""


class Times(dict[Hashable, list[float]]):
    """For each end (a status, a result): how many fell into each bucket, one more than BOUNDS, then their sum.

    There are as many as there are different ends: whoever counts bounds those.
    """

    __slots__ = ()

    def __missing__(self, end: Hashable) -> list[float]:
        """Begin to count an end."""
        row = self[end] = [0] * (len(BOUNDS) + 1) + [0.0]
        return row

    def add(self, end: Hashable, seconds: float) -> None:
        """Count one; a clock that went backwards makes it 0 s."""
        row = self[end]
        row[bisect_left(BOUNDS, seconds)] += 1
        if seconds > 0.0:
            row[-1] += seconds

    def at_once(self, end: Hashable) -> None:
        """Count one that took no time at all."""
        self[end][0] += 1

    def count(self, end: Hashable) -> int:
        """Return how many came to an end."""
        row = self.get(end)
        return 0 if row is None else int(sum(row[:-1]))


class Tally(dict[str, Times]):
    """Times for each of a few names; every other name is counted as `other`."""

    OTHER: Final = "other"

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__((name, Times()) for name in (*names, self.OTHER))

    def __missing__(self, name: str) -> Times:
        """Return what counts a name that is none of the few."""
        return self[self.OTHER]
