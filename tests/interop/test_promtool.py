"""Prometheus's own tool finds nothing wrong in what is exposed, in the dashboard's questions and in the guide's."""

import json
import re
from pathlib import Path

import pytest

from hss_stub.process import api_of
from tests.control.browser import Browser
from tests.cx_world import CxWorld
from tests.interop.programs import run

pytestmark = [pytest.mark.interop, pytest.mark.peer("promtool")]

DOCS = Path(__file__).parents[2] / "docs"


def test_what_is_exposed_is_well_formed_and_well_named(tmp_path: Path) -> None:
    world = CxWorld()
    assert world.client(username="phone@home1.test").register().status == 200

    for browser in (Browser(world), Browser(world, resource=api_of(world.stub))):
        text = browser.get("/metrics").text
        assert text.count("# TYPE ") >= 14

        status, output = run("promtool", "check", "metrics", folder=tmp_path, stdin=text)

        assert (status, output) == (0, "")


def test_every_question_of_dashboard_and_guide_is_promql(tmp_path: Path) -> None:
    panels = json.loads((DOCS / "dashboard.json").read_text("utf-8"))["panels"]
    asked = [target["expr"] for panel in panels for target in panel.get("targets", ())]
    asked = [text.replace("$__rate_interval", "1m").replace("$instance", ".*") for text in asked]
    guide = (
        (DOCS / "guides" / "metrics.md").read_text("utf-8").partition("| question | PromQL |")[2].partition("\n\n")[0]
    )
    asked += [text.replace("\\|", "|") for text in re.findall(r"\| `(.+)` \|$", guide, re.MULTILINE)]
    assert len(asked) >= 35
    rules = [{"record": f"asked:{number}", "expr": text} for number, text in enumerate(asked)]
    (tmp_path / "rules.yaml").write_text(json.dumps({"groups": [{"name": "asked", "rules": rules}]}))

    status, output = run("promtool", "check", "rules", "rules.yaml", folder=tmp_path)

    assert status == 0, output
    assert f"{len(asked)} rules found" in output
