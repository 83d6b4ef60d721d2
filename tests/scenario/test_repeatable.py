"""The same seed sends the same octets, whatever the hash seed and however many processes play."""

import os
import subprocess
import sys
from pathlib import Path

from scscf.scenario.loading import load_scenarios
from scscf.scenario.playing import exit_code, play_files
from scscf.scenario.runner import run_virtually

TEXT = """\
config: {reg_event: {documents: delta}}
actors:
  phone: {aor: "sip:tobias@home1.test", identities: ["sip:tobias@home1.test", "tel:+1", "sip:b@home1.test"]}
  tablet: {aor: "sip:tobias@home1.test", transport: tcp}
steps:
  - wire: {loss: 0.2, duplication: 0.2, jitter: 0.3}
  - parallel: [{register: phone}, {register: tablet}]
  - parallel: [{subscribe: phone}, {subscribe: tablet}]
  - repeat: {times: 3, steps: [{wait: 20m}, {refresh: phone}]}
  - operator: {deregister: {aor: phone, event: deactivated}}
  - wait: 1m
"""
PRINT = """
import sys
from pathlib import Path
from scscf.scenario.loading import load_scenarios
from scscf.scenario.runner import run_virtually
print(run_virtually(load_scenarios(Path(sys.argv[1]))[0], int(sys.argv[2])).fingerprint)
"""


def written(folder: Path, name: str = "chance") -> Path:
    path = folder / f"{name}.scenario.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_two_processes_with_different_hash_seeds_send_the_same_octets(tmp_path: Path) -> None:
    path = written(tmp_path)
    prints = [
        subprocess.run(
            [sys.executable, "-c", PRINT, str(path), "0"],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for hash_seed in ("0", "1")
    ]

    assert prints[0] == prints[1]
    assert prints[0] == run_virtually(load_scenarios(path)[0]).fingerprint
    assert len(prints[0]) == 64


def test_another_seed_is_another_run(tmp_path: Path) -> None:
    (scenario,) = load_scenarios(written(tmp_path))

    assert run_virtually(scenario, 1).fingerprint != run_virtually(scenario, 2).fingerprint


def test_one_process_and_four_come_to_the_same_verdicts_in_the_same_order(tmp_path: Path) -> None:
    files = [written(tmp_path, f"chance{number}") for number in range(6)]
    alone, together = (list(play_files(files, jobs=jobs)) for jobs in (1, 4))

    assert [verdict.fingerprint for verdict in alone] == [verdict.fingerprint for verdict in together]
    assert [verdict._replace(seconds=0) for verdict in alone] == [verdict._replace(seconds=0) for verdict in together]
    assert exit_code(alone) == 0
