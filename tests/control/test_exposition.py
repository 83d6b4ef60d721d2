"""The text format, read by a parser that is not ours, whatever the labels hold."""

from prometheus_client.parser import text_string_to_metric_families

from scscf.control.exposition import exposed
from scscf.metrics.metric import Kind, Metric, Reading
from scscf.metrics.times import BOUNDS, Times

COUNTER = Metric("x_total", Kind.COUNTER, ("name",), 'Says "this", \\ that.')


def samples(reading: Reading) -> list[tuple[str, dict[str, str], float]]:
    content = exposed([reading]).content
    assert content is not None
    families = text_string_to_metric_families(content.octets.decode())
    every = [sample for family in families for sample in family.samples]
    return [(each.name, each.labels, each.value) for each in every if not each.name.startswith("process_")]


def test_quotes_line_ends_and_what_is_no_utf_8_make_no_broken_line() -> None:
    names = ['a"b', "a\\b", "a\nb", "ä", "\udcff"]
    found = samples(Reading(COUNTER, {(name,): n for n, name in enumerate(names)}))

    assert found == [("x_total", {"name": name}, n) for n, name in enumerate([*names[:4], "?"])]


def test_buckets_hold_what_took_as_long_or_less() -> None:
    times = Times()
    for seconds in (0.0001, 0.2, 0.2, 100.0):
        times.add(200, seconds)
    histogram = Metric("x_seconds", Kind.HISTOGRAM, ("status",), "How long.")

    found = samples(Reading(histogram, {("200",): times[200]}))

    buckets = {labels["le"]: value for name, labels, value in found if name == "x_seconds_bucket"}
    assert [float(end) for end in buckets] == [*BOUNDS, float("inf")]
    assert [buckets[end] for end in ("0.0001", "0.1", "0.25", "35", "+Inf")] == [1, 1, 3, 3, 4]
    assert ("x_seconds_count", {"status": "200"}, 4) in found
    assert [round(value, 4) for name, _, value in found if name == "x_seconds_sum"] == [100.4001]


def test_the_answer_is_said_to_be_of_the_format_it_has() -> None:
    content = exposed([]).content

    assert content is not None
    assert content.type == "text/plain; version=0.0.4; charset=utf-8"
