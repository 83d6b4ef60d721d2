"""The purposes for UEs: a good UE passes all of them and is never blamed, each misbehaviour is named."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from scscf.scenario.loading import Scenario, Step, load_scenarios
from scscf.scenario.runner import run_virtually
from scscf.scenario.step_keys import StepKeys
from scscf.scenario.verdict import Outcome, Verdict
from scscf.ue.autonomous.misbehaviour import MISBEHAVIOURS

FOLDER = Path(__file__).parents[2] / "scenarios" / "ue"
FILES = sorted(FOLDER.glob("*.scenario.yaml"))
CAUGHT_BY = {
    "no-register-after-deactivated": ["network_initiated_deregistration", "deactivated_with_a_usim"],
    "register-after-rejected": ["rejected", "ended_by_the_hss"],
    "too-early-after-probation": ["probation"],
    "ignores-423": ["interval_too_brief", "interval_too_brief_at_a_refresh"],
    "call-id-changed-after-401": ["initial_registration", "initial_registration_with_a_password"],
    "cseq-wrong-after-401": ["initial_registration", "sequence_number_is_old"],
    "wrong-security-verify": ["initial_registration", "registered_again_after_leaving"],
    "no-subscribe": ["registration_without_challenge", "rejected"],
    "no-answer-to-notify": ["registration_without_challenge", "unsubscribes_and_deregisters"],
    "late-refresh": ["re_registration_in_time"],
    "wrong-identity": ["initial_registration", "initial_registration_with_a_password"],
    "too-late-after-shortened": ["reauthentication_asked_for_by_the_network", "shortened_twice"],
    "unsubscribe-loop": ["interval_too_brief"],
}


def scenarios(name: str) -> list[Scenario]:
    return load_scenarios(FOLDER / f"{name}.scenario.yaml")


def misbehaving(scenario: Scenario, *names: str) -> Scenario:
    """Return a scenario whose UE under test does these things wrong."""
    actors = {
        name: keys.model_copy(update={"misbehave": names}) if keys.external else keys
        for name, keys in scenario.actors.items()
    }
    return scenario._replace(actors=actors)


def on_a_bad_wire(scenario: Scenario, loss: float) -> Scenario:
    """Return a scenario whose wire loses, doubles and reorders what the phone sends and gets."""
    wire = {"wire": {"of": "phone", "loss": loss, "duplication": loss / 2, "jitter": loss}}
    return scenario._replace(steps=(Step(StepKeys.model_validate(wire), scenario.file, ("steps", 0)), *scenario.steps))


def blamed(verdict: Verdict, who: str = "phone") -> set[str]:
    return {finding.check for name, finding in verdict.findings if name == who}


def all_scenarios() -> Iterator[Scenario]:
    for file in FILES:
        yield from load_scenarios(file)


def test_every_misbehaviour_has_its_scenarios() -> None:
    assert CAUGHT_BY.keys() == MISBEHAVIOURS.keys()


@pytest.mark.parametrize(
    ("misbehaviour", "name"), [(check, name) for check, names in CAUGHT_BY.items() for name in names]
)
def test_a_misbehaviour_is_called_by_its_name(misbehaviour: str, name: str) -> None:
    verdict = run_virtually(misbehaving(scenarios(name)[0], misbehaviour))

    assert verdict.outcome is Outcome.FAILED
    assert blamed(verdict) == {misbehaviour}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name.partition(".")[0])
def test_a_good_ue_passes_with_any_seed(file: Path) -> None:
    for scenario in load_scenarios(file):
        for seed in (1, 2):
            verdict = run_virtually(scenario, seed)

            assert (verdict.outcome, verdict.findings, verdict.failures) == (Outcome.PASSED, (), ()), seed


@pytest.mark.parametrize("seed", [1, 2])
def test_a_good_ue_on_a_bad_wire_is_blamed_for_nothing(seed: int) -> None:
    for scenario in all_scenarios():
        verdict = run_virtually(on_a_bad_wire(scenario, 0.1), seed)

        assert verdict.outcome is not Outcome.ERROR, scenario.name
        assert blamed(verdict) == set(), scenario.name


def test_each_scenario_fails_some_ue() -> None:
    lenient = [
        file.name
        for file in FILES
        if run_virtually(misbehaving(load_scenarios(file)[0], "wrong-identity")).outcome is Outcome.PASSED
    ]

    assert lenient == []
