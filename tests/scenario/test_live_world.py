"""What of scenarios on sockets can be said without any."""

import subprocess
import sys
from pathlib import Path

import pytest

from scscf.net.heap_clock import HeapClock
from scscf.scenario.live import play_on_sockets
from scscf.scenario.live_settings import Live
from scscf.scenario.loading import load_scenarios
from scscf.scenario.verdict import Outcome, Verdict

RESTART = Path(__file__).parents[2] / "scenarios" / "faults" / "restart_of_the_s_cscf.scenario.yaml"
SCSCF = (sys.executable, "-c", "from scscf.cli import main; main()")


def played(tmp_path: Path, text: str) -> Verdict:
    """Return the verdict on a scenario that no socket is opened for."""
    file = tmp_path / "one.scenario.yaml"
    file.write_text(text)
    (scenario,) = load_scenarios(file)
    with pytest.raises(StopIteration) as over:
        play_on_sockets(scenario, 1, HeapClock(0.0), Live()).send(None)
    verdict: Verdict = over.value.value
    return verdict


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("live: false\nconfig: {diameter: {watchdog: 3600}}", "live: false"),
        ("hss: diameter\nconfig: {diameter: {watchdog: 3600}}", "hss: diameter is for virtual time"),
    ],
)
def test_what_is_not_for_sockets_is_not_run_whatever_its_configuration(tmp_path: Path, text: str, reason: str) -> None:
    verdict = played(tmp_path, text + "\nactors: {phone: }\nsteps: [{register: phone}]\n")

    assert verdict.outcome is Outcome.NOT_RUN
    assert reason in verdict.reason


def test_an_s_cscf_begins_again_on_the_sockets_that_it_had() -> None:
    command = (*SCSCF, "play", str(RESTART), "--live")
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert "1 passed, 0 failed" in done.stdout
    assert done.returncode == 0
