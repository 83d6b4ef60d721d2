"""Readings in the text format of Prometheus, with what there is to say of the process: memory, CPU, open files."""

from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Any

from scscf.control.route import Answer, Content
from scscf.metrics.metric import Kind, Reading
from scscf.metrics.times import BOUNDS

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def exposed(readings: Iterable[Reading]) -> Answer:
    """Return the answer to GET /metrics."""
    # Only here: a server that nobody scrapes is up sooner without it.
    from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest

    registry = CollectorRegistry(auto_describe=False)
    collector: Any = _Readings(readings)
    registry.register(collector)
    ProcessCollector(registry=registry)
    return Answer(200, {}, Content(MEDIA_TYPE, generate_latest(registry)))


class _Readings:
    """What the library asks (prometheus_client.registry.Collector)."""

    def __init__(self, readings: Iterable[Reading]) -> None:
        self._readings = readings

    def collect(self) -> Iterator[Any]:
        """Yield each metric with what it says."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

        for metric, values in self._readings:
            arguments = (metric.name, metric.help)
            labels = metric.labels
            if metric.kind is Kind.HISTOGRAM:
                histogram = HistogramMetricFamily(*arguments, labels=labels)
                for names, row in values.items():
                    if isinstance(row, list):
                        histogram.add_metric(_texts(names), _buckets(row), row[-1])
                yield histogram
                continue
            numbers = (CounterMetricFamily if metric.kind is Kind.COUNTER else GaugeMetricFamily)(
                *arguments, labels=labels
            )
            for names, number in values.items():
                if not isinstance(number, list):
                    numbers.add_metric(_texts(names), number)
            yield numbers


def _buckets(row: list[float]) -> list[tuple[str, float]]:
    """Return for each upper end how many took as long or less."""
    ends = [*(f"{bound:g}" for bound in BOUNDS), "+Inf"]
    return list(zip(ends, accumulate(row[:-1]), strict=True))


def _texts(names: tuple[str, ...]) -> list[str]:
    """Return label values without what is no UTF-8."""
    return [name.encode("utf-8", "replace").decode("utf-8") for name in names]
