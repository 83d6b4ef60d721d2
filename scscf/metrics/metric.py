"""What a metric is, and one reading of it (the words of Prometheus)."""

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import NamedTuple

from scscf.metrics.times import Tally, Times


class Kind(Enum):
    """What may be done with the numbers of a metric."""

    COUNTER = "counter"
    """Only rises, from the start of the process on; its name ends in `_total`."""
    GAUGE = "gauge"
    """How it is at this moment."""
    HISTOGRAM = "histogram"
    """Counts by duration: `_bucket{le}`, `_sum` and `_count`, seconds; its name ends in `_seconds`."""


class Metric(NamedTuple):
    """A metric with the names of its labels and a sentence on what it counts."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    help: str


class Reading(NamedTuple):
    """What a metric says now: for each set of label values, in the order of `metric.labels`, a number.

    That of a histogram is a row of `Times`.
    """

    metric: Metric
    values: Mapping[tuple[str, ...], float | list[float]]


def plain(metric: Metric, value: float) -> Reading:
    """Return the reading of a metric that has no labels."""
    return Reading(metric, {(): value})


def by_end(counter: Metric, times: Times, *names: str) -> Reading:
    """Return how many came to each end; `names` are the values of the labels before it."""
    return Reading(counter, {(*names, shown(end)): times.count(end) for end in list(times)})


def by_name_and_end(metric: Metric, tally: Tally) -> Reading:
    """Return counts or durations by name and end."""
    rows = ((name, end, row) for name, times in tally.items() for end, row in times.items())
    if metric.kind is Kind.HISTOGRAM:
        return Reading(metric, {(name, shown(end)): row for name, end, row in rows})
    return Reading(metric, {(name, shown(end)): sum(row[:-1]) for name, end, row in rows})


def durations(histogram: Metric, times: Times) -> Reading:
    """Return how long it took, by end."""
    return Reading(histogram, {(shown(end),): row for end, row in times.items()})


def events(counter: Metric, counts: Iterable[Mapping[str, int]], known: Iterable[str] = ()) -> Reading:
    """Return counts of what happened, by name; what is `known` to happen is there from the beginning, at 0."""
    found = dict.fromkeys(known, 0)
    for each in counts:
        for name, count in each.items():
            found[name] = found.get(name, 0) + count
    return Reading(counter, {(name.replace(" ", "_").lower(),): count for name, count in found.items()})


def shown(end: object) -> str:
    """Return an end as the value of a label: a status, the name of a result."""
    return end.name if isinstance(end, Enum) else str(end)
