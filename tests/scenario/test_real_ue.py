"""Scenarios for real UEs on sockets: without a UE that could come they are not run, and say why."""

import subprocess
import sys
from pathlib import Path

from tests.patience import PATIENCE

PURPOSE = Path(__file__).parents[2] / "scenarios" / "ue" / "rejected.scenario.yaml"


def played(*options: str) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-c", "from scscf.cli import main; main()", "play", str(PURPOSE), "--live", *options)
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)


def test_without_an_address_a_real_ue_cannot_come() -> None:
    done = played()

    assert done.returncode == 3, done.stderr
    assert "--listen udp://HOST:PORT says where it is" in done.stdout
    assert "34.229-1 11.1 (rejected)  not run" in done.stdout


def test_a_ue_that_does_not_come_is_no_verdict() -> None:
    done = played("--listen", "udp://127.0.0.1:0", "--skip-after", "0.1", "--longest-wait", "0.2")

    assert done.returncode == 3, done.stdout
    assert ">>> Switch the UE on" in done.stderr
    assert "the UE did nothing in 0.2 s of real time" in done.stdout
