"""What scenarios cost: a small one, a thousand UEs for a day, and the library."""

import time
from pathlib import Path

from bench.figures import RUNS, Figure, folder, repeated
from scscf.scenario.loading import load_scenarios
from scscf.scenario.playing import play_files
from scscf.scenario.runner import run_virtually
from scscf.scenario.selection import scenario_files
from scscf.scenario.verdict import Outcome, Verdict

SMALL = """\
actors: {phone: {aor: "sip:tobias@home1.test"}, tablet: {aor: "sip:tobias@home1.test"}}
steps:
  - register: {by: phone, expires: 600}
  - register: tablet
  - subscribe: tablet
  - notified: tablet
  - wait: 10m
  - notified: {by: tablet, registrations: {phone: {contacts: {phone: expired}}}}
"""
DAY = """\
longest: 2d
config: {registrar: {max_expires: 3600}, reg_event: {max_expires: 7200}}
actors: {phones: {count: COUNT, judged: false}}
steps:
  - register: phones
  - subscribe: phones
  - notified: phones
  - repeat:
      times: 29
      steps:
        - {wait: 40m}
        - refresh: phones
        - notified: phones
        - {wait: 10m}
        - resubscribe: phones
        - notified: phones
"""


def figures(ues: int) -> list[Figure]:
    """Measure a scenario of two devices, `ues` UEs over 24 virtual hours twice, and every shipped scenario."""
    with folder() as place:
        small = _written(place / "small.scenario.yaml", SMALL)
        day = _written(place / "day.scenario.yaml", DAY.replace("COUNT", str(ues)))
        once = [_played(day) for _ in range(2)]
        if once[0].fingerprint != once[1].fingerprint:
            raise RuntimeError("two runs of one scenario sent different messages")
        small_ms = repeated(lambda: _seconds(small) * 1000, RUNS)
    files = scenario_files(["rfc3261", "ims", "faults", "ue"])
    began = time.perf_counter()
    verdicts = list(play_files(files))
    library = time.perf_counter() - began
    return [
        Figure("one small scenario, file to verdict", "ms", small_ms, 50),
        Figure(f"{ues} UEs, registered and subscribed for 24 h", "s", tuple(each.seconds for each in once), 45),
        Figure(f"the {len(files)} shipped files ({len(verdicts)} scenarios)", "s", (library,), 20),
    ]


def _written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def _played(path: Path) -> Verdict:
    (scenario,) = load_scenarios(path)
    verdict = run_virtually(scenario)
    if verdict.outcome is not Outcome.PASSED:
        raise RuntimeError(f"{verdict.name}: {verdict.reason or verdict.failures[0].message}")
    return verdict


def _seconds(path: Path) -> float:
    began = time.perf_counter()
    _played(path)
    return time.perf_counter() - began
