"""The tables of metrics: their names are well made, and everything that is counted under a name is in them."""

import re
from pathlib import Path

import pytest

from hss_stub.measures import METRICS as HSS_METRICS
from scscf.metrics.metric import Kind, Metric
from scscf.metrics.table import DIAMETER_EVENTS, HEP_OUTCOMES, METRICS, SIP_EVENTS

SCSCF = Path(__file__).parents[2] / "scscf"
EVERY = [*METRICS, *HSS_METRICS]


@pytest.mark.parametrize("metric", EVERY, ids=[metric.name for metric in EVERY])
def test_a_name_says_whose_it_is_and_what_may_be_done_with_it(metric: Metric) -> None:
    assert re.fullmatch(r"(scscf|hss)_[a-z][a-z0-9_]*", metric.name)
    assert metric.name.endswith("_total") is (metric.kind is Kind.COUNTER)
    assert metric.name.endswith("_seconds") is (metric.kind is Kind.HISTOGRAM)
    assert metric.help.endswith(".")


def test_no_name_is_there_twice() -> None:
    assert len({metric.name for metric in EVERY}) == len(EVERY)


def test_every_name_that_something_is_counted_under_is_known() -> None:
    counted = {
        name
        for path in [*(SCSCF / "sip").rglob("*.py"), *(SCSCF / "net").rglob("*.py")]
        for name in re.findall(r'counters\["([^"]+)"\]', path.read_text("utf-8"))
    }

    assert counted == {*SIP_EVENTS, *DIAMETER_EVENTS, *HEP_OUTCOMES}
