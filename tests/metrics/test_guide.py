"""The guide and the dashboard name metrics that there are, and the guide names all of them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from hss_stub.measures import METRICS as HSS_METRICS
from scscf.metrics.metric import Kind, Metric
from scscf.metrics.table import METRICS

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = (DOCS / "guides" / "metrics.md").read_text("utf-8")
DASHBOARD: dict[str, Any] = json.loads((DOCS / "dashboard.json").read_text("utf-8"))
PROCESS = {
    "process_cpu_seconds_total",
    "process_max_fds",
    "process_open_fds",
    "process_resident_memory_bytes",
    "process_start_time_seconds",
    "process_virtual_memory_bytes",
}
NAME = re.compile(r"\b(?:scscf|hss|process)_[a-z0-9_]+")
OF_PROMETHEUS = {"instance", "job", "le"}


def samples(metric: Metric) -> list[str]:
    if metric.kind is Kind.HISTOGRAM:
        return [f"{metric.name}_{end}" for end in ("bucket", "count", "sum")]
    return [metric.name]


LABELS = {name: set(metric.labels) for metric in (*METRICS, *HSS_METRICS) for name in samples(metric)}
LABELS |= {name: set() for name in PROCESS}
EXPRESSIONS = [
    (panel["title"], target["expr"], target["legendFormat"])
    for panel in DASHBOARD["panels"]
    for target in panel.get("targets", ())
]


@pytest.mark.parametrize("metrics", [METRICS, HSS_METRICS], ids=["S-CSCF", "HSS stub"])
def test_the_table_of_the_guide_is_the_table_that_runs(metrics: tuple[Metric, ...]) -> None:
    rows = "".join(
        f"| `{metric.name}` | {metric.kind.value} | {', '.join(f'`{label}`' for label in metric.labels)} "
        f"| {metric.help} |\n"
        for metric in metrics
    )

    assert rows in GUIDE


def test_the_guide_names_no_other_metric() -> None:
    families = {metric.name for metric in (*METRICS, *HSS_METRICS)}

    assert set(NAME.findall(GUIDE)) - families - set(LABELS) == set()


def test_the_guide_names_the_numbers_of_the_process() -> None:
    assert set(re.findall(r"process_[a-z_]+\b", GUIDE)) == PROCESS


@pytest.mark.parametrize(("title", "expression", "legend"), EXPRESSIONS)
def test_a_panel_asks_for_metrics_and_labels_that_there_are(title: str, expression: str, legend: str) -> None:
    names = NAME.findall(expression)
    asked = {label for text in re.findall(r"by \(([^)]*)\)", expression) for label in text.replace(" ", "").split(",")}
    asked |= set(re.findall(r"[{,] ?([a-z]+)[=!]", expression)) | set(re.findall(r"{{(\w+)}}", legend))

    assert len(names) == 1, "one metric an expression, so that its labels are known"
    assert asked - OF_PROMETHEUS <= LABELS[names[0]]


def test_every_metric_family_that_changes_is_on_the_dashboard_or_is_a_detail() -> None:
    shown = {name for _, expression, _ in EXPRESSIONS for name in NAME.findall(expression)}
    families = {metric.name for metric in METRICS if shown & set(samples(metric))}

    assert {metric.name for metric in METRICS} - families == {
        "scscf_build_info",
        "scscf_deadlines",
        "scscf_event_listeners",
        "scscf_hep_total",
        "scscf_messages_kept",
        "scscf_quirks",
        "scscf_rules",
    }


def test_panels_do_not_overlap_and_have_numbers_of_their_own() -> None:
    panels = DASHBOARD["panels"]
    cells = [
        (column, line)
        for panel in panels
        for column in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for line in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]

    assert len(cells) == len(set(cells))
    assert max(column for column, _ in cells) < 24
    assert len({panel["id"] for panel in panels}) == len(panels)


def test_every_panel_asks_the_prometheus_that_was_chosen() -> None:
    sources = [panel["datasource"] for panel in DASHBOARD["panels"] if "datasource" in panel]
    sources += [target["datasource"] for panel in DASHBOARD["panels"] for target in panel.get("targets", ())]

    assert {source["uid"] for source in sources} == {"${datasource}"}
    assert [variable["name"] for variable in DASHBOARD["templating"]["list"]] == ["datasource", "instance"]
