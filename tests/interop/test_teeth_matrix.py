"""Every scenario under every quirk and a handful of faults: none stays green, but controls."""

import multiprocessing
import os
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

from scscf.quirks.table import QUIRKS
from scscf.scenario.loading import SUFFIX, Scenario, Step, load_scenarios
from scscf.scenario.runner import run_virtually
from scscf.scenario.verdict import Outcome

pytestmark = pytest.mark.interop

SHIPPED = Path(__file__).parents[2] / "scenarios"
FAULTS = {
    "the HSS does not answer an MAR": "hss: {fault: {command: mar, silent: true}}",
    "the HSS refuses every SAR": "hss: {fault: {command: sar, result_code: UNABLE_TO_COMPLY}}",
    "every NOTIFY is lost": "rule: {name: fault, match: {method: NOTIFY, direction: out}, do: drop}",
    "every REGISTER is answered 500": "rule: {name: fault, match: {method: REGISTER}, do: {answer: {status: 500}}}",
    "every SUBSCRIBE is answered 403": "rule: {name: fault, match: {method: SUBSCRIBE}, do: {answer: {status: 403}}}",
    "every answer is lost": "rule: {name: fault, match: {message: response, direction: out}, do: drop}",
}
"""What goes wrong from the first step on, as a step."""
LEAST = 120
"""So many files at least are shipped."""


class Row(NamedTuple):
    """What became of one scenario under all of it."""

    name: str
    control: bool
    plain: Outcome
    failed_under: tuple[str, ...]
    faulty_under: tuple[str, ...]
    """Where the simulator itself had a fault."""


def steps_of_faults(folder: Path) -> dict[str, tuple[Step, ...]]:
    found = {}
    for number, (name, step) in enumerate(FAULTS.items()):
        file = folder / f"{number}{SUFFIX}"
        file.write_text(f"actors: {{nobody: }}\nsteps:\n  - {step}\n")
        found[name] = tuple(load_scenarios(file)[0].steps)
    return found


def rows_of(file: Path, faults: Mapping[str, tuple[Step, ...]]) -> list[Row]:
    return [row_of(scenario, faults) for scenario in load_scenarios(file)]


def row_of(scenario: Scenario, faults: Mapping[str, tuple[Step, ...]]) -> Row:
    own = list(scenario.config.get("quirks") or ())
    variants = {name: scenario._replace(config={**scenario.config, "quirks": [*own, name]}) for name in QUIRKS}
    variants |= {name: scenario._replace(steps=(*steps, *scenario.steps)) for name, steps in faults.items()}
    outcomes = {name: run_virtually(variant).outcome for name, variant in variants.items()}
    return Row(
        f"{scenario.path.parent.name}/{scenario.path.name.removesuffix(SUFFIX)}: {scenario.name}",
        scenario.keys.control,
        run_virtually(scenario).outcome,
        tuple(name for name, outcome in outcomes.items() if outcome is Outcome.FAILED),
        tuple(name for name, outcome in outcomes.items() if outcome is Outcome.ERROR),
    )


def test_no_scenario_stays_green_under_every_quirk_and_fault(tmp_path: Path) -> None:
    files = sorted(SHIPPED.rglob(f"*{SUFFIX}"))
    assert len(files) >= LEAST
    faults = steps_of_faults(tmp_path)
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("fork")) as pool:
        futures = [pool.submit(rows_of, file, faults) for file in files]
        rows = [row for future in futures for row in future.result()]

    caught = {name: sum(name in row.failed_under for row in rows) for name in (*QUIRKS, *FAULTS)}
    for name, count in sorted(caught.items(), key=lambda each: each[1]):
        print(f"{count:4} of {len(rows)} scenarios fail: {name}")
    green = [row.name for row in rows if not row.failed_under and not row.control]
    print(*(f"stays green: {name}" for name in green), sep="\n")

    assert [row.name for row in rows if row.plain is not Outcome.PASSED] == []
    assert [(row.name, row.faulty_under) for row in rows if row.faulty_under] == []
    assert green == []
    assert min(caught.values()) > 0
