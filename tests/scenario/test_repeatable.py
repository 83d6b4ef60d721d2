"""The same seed sends the same octets and writes the same reports, whatever the hash seed and the processes."""

import json
import os
import re
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
FAILING = "actors: {phone: }\nsteps: [{register: phone}, {subscribe: phone}, {notified: {by: phone, version: 7}}]\n"
PLAY = "from scscf.cli import main; main()"
TIMES = re.compile(rb' time="[0-9.]+"|"seconds": [0-9.e-]+')
"""What is another in every run: how long it took."""


def written(folder: Path, name: str = "chance") -> Path:
    path = folder / f"{name}.scenario.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_two_processes_with_different_hash_seeds_send_the_same_octets_and_write_the_same_reports(
    tmp_path: Path,
) -> None:
    path = written(tmp_path)
    (tmp_path / "failing.scenario.yaml").write_text(FAILING, encoding="utf-8")
    found = []
    for hash_seed in ("0", "1"):
        to = tmp_path / hash_seed
        reports = ("--json", f"{to}/report.json", "--junit", f"{to}/report.xml", "--artifacts", f"{to}/failed")
        done = subprocess.run(
            [sys.executable, "-c", PLAY, "play", str(tmp_path), *reports],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 1, done.stderr
        files = [each for each in sorted(to.rglob("*")) if each.is_file()]
        found.append({str(each.relative_to(to)): TIMES.sub(b"", each.read_bytes()) for each in files})
        (fingerprint,) = {
            each["fingerprint"]
            for each in json.loads((to / "report.json").read_text(encoding="utf-8"))["scenarios"]
            if each["outcome"] == "passed"
        }
        assert fingerprint == run_virtually(load_scenarios(path)[0]).fingerprint
        assert len(fingerprint) == 64

    assert found[0] == found[1]
    assert {"report.json", "report.xml"} < set(found[0])


def test_another_seed_is_another_run(tmp_path: Path) -> None:
    (scenario,) = load_scenarios(written(tmp_path))

    assert run_virtually(scenario, 1).fingerprint != run_virtually(scenario, 2).fingerprint


def test_one_process_and_four_come_to_the_same_verdicts_in_the_same_order(tmp_path: Path) -> None:
    files = [written(tmp_path, f"chance{number}") for number in range(6)]
    alone, together = (list(play_files(files, jobs=jobs)) for jobs in (1, 4))

    assert [verdict.fingerprint for verdict in alone] == [verdict.fingerprint for verdict in together]
    assert [verdict._replace(seconds=0) for verdict in alone] == [verdict._replace(seconds=0) for verdict in together]
    assert exit_code(alone) == 0
