"""What a measurement gives: a name, its values, and the figure that it is held against."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

RUNS = 5


class Figure(NamedTuple):
    """The values of some runs in one unit; `target` is what the project wants it to stay under."""

    name: str
    unit: str
    values: tuple[float, ...]
    target: float | None = None

    @property
    def median(self) -> float:
        return median(self.values)

    def __str__(self) -> str:
        spread = f"({min(self.values):.2f} - {max(self.values):.2f})" if len(self.values) > 1 else ""
        verdict = ""
        if self.target is not None:
            verdict = f"<= {self.target:g}: {'yes' if self.median <= self.target else 'NO'}"
        return f"{self.name:<58} {self.median:>10.2f} {self.unit:<4} {spread:<22} {verdict}".rstrip()


def repeated(measure: Callable[[], float], runs: int = RUNS) -> tuple[float, ...]:
    """Return the values of some runs, after one that does not count."""
    measure()
    return tuple(measure() for _ in range(runs))


@contextmanager
def folder() -> Iterator[Path]:
    """Give a folder that is gone afterwards."""
    with TemporaryDirectory(prefix="scscf-bench-") as name:
        yield Path(name)
