"""The documents tell the truth."""

import runpy
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_state_machines_are_drawn_from_the_tables_that_run() -> None:
    drawn = runpy.run_path(str(ROOT / "docs" / "draw.py"))["page"]()

    assert (ROOT / "docs" / "state-machines.md").read_text("utf-8") == drawn


def test_the_standing_checks_are_drawn_from_the_tables_that_run() -> None:
    drawn = runpy.run_path(str(ROOT / "docs" / "draw_checks.py"))["page"]()

    assert (ROOT / "docs" / "checks.md").read_text("utf-8") == drawn


def test_the_failures_of_the_hss_are_drawn_from_the_table_that_runs() -> None:
    drawn = runpy.run_path(str(ROOT / "docs" / "draw_failures.py"))["page"]()

    assert (ROOT / "docs" / "cx-failures.md").read_text("utf-8") == drawn
