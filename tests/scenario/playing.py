"""Scenarios from text, for tests."""

from pathlib import Path

from scscf.scenario.loading import load_scenarios
from scscf.scenario.runner import run_virtually
from scscf.scenario.verdict import Outcome, Verdict

CAST = """
actors:
  phone: {aor: "sip:tobias@home1.test"}
  tablet: {aor: "sip:tobias@home1.test"}
"""


def verdict_on(folder: Path, steps: str, *, head: str = CAST, seed: int = 0) -> Verdict:
    """Return the verdict on a scenario of these steps."""
    path = folder / "one.scenario.yaml"
    path.write_text(f"{head}steps:\n{steps}", encoding="utf-8")
    (scenario,) = load_scenarios(path)
    return run_virtually(scenario, seed)


def passes(folder: Path, steps: str, *, head: str = CAST, seed: int = 0) -> Verdict:
    """Return the verdict on a scenario, which has to be that it passed."""
    verdict = verdict_on(folder, steps, head=head, seed=seed)
    assert (verdict.outcome, verdict.reason, verdict.failures, verdict.findings) == (Outcome.PASSED, "", (), ())
    return verdict


def complaint(folder: Path, steps: str, *, head: str = CAST) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Return message, expected and came of the one failure of a scenario."""
    verdict = verdict_on(folder, steps, head=head)
    assert verdict.outcome is Outcome.FAILED
    (failure,) = verdict.failures
    return failure.message, failure.expected, failure.came
