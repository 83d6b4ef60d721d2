from pathlib import Path

import pytest

from scscf.errors import InputError
from scscf.scenario.loading import Scenario, load_scenarios


def load(folder: Path, text: str, parameters: dict[str, str] | None = None) -> list[Scenario]:
    path = folder / "one.scenario.yaml"
    path.write_text(text, encoding="utf-8")
    return load_scenarios(path, parameters)


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        load(folder, text)
    return [str(problem).removeprefix(f"{folder}/one.scenario.yaml:") for problem in caught.value.problems]


def test_every_mistake_is_told_at_once_with_its_place_and_what_is_allowed(tmp_path: Path) -> None:
    text = """\
actors:
  phone: {auth: aka}
  tablet: {tranport: tcp}
steps:
  - regster: phone
  - wait: 1 year
  - notified: {by: phone, version: /(/}
  - operator: {deregister: {aor: "sip:a@b", event: probaton}}
  - register: phone
    wait: 1
"""
    assert [line.split(" ")[0] for line in problems(tmp_path, text)] == [
        "2:10:",
        "3:12:",
        "5:5:",
        "6:11:",
        "7:36:",
        "8:28:",
        "9:5:",
    ]
    assert "did you mean register?" in problems(tmp_path, text)[2]
    assert "auth: aka needs k and opc" in problems(tmp_path, text)[0]


def test_actors_and_variables_that_there_are_none_of_are_mistakes(tmp_path: Path) -> None:
    text = """\
actors: {phone: }
steps:
  - register: phne
  - notified: {by: nobody}
  - send: {by: phone, uri: "${fone.aor}"}
  - set: {mine: yours}
  - send: {by: phone, uri: "${mine}"}
  - operator: {deregister: {aor: "${phone.aor}", event: rejected}}
"""
    found = problems(tmp_path, text)

    assert [line.split(" ")[0] for line in found] == ["3:15:", "4:20:", "5:28:"]
    assert "actors: phone (did you mean phone?)" in found[0]


@pytest.mark.parametrize("path", ["/v1/clock", "/v1/clock/", "/v1/clock?x=1"])
def test_the_clock_of_one_node_is_not_moved_past_its_actors(tmp_path: Path, path: str) -> None:
    clock = f"actors: {{phone: }}\nsteps:\n  - api: {{post: {path}, body: {{advance: 60}}}}\n"

    (problem,) = problems(tmp_path, clock)

    assert "use `wait`, as `wait: 60s`" in problem
    assert load(tmp_path, clock.replace("post", "get").replace(", body: {advance: 60}", ""))


def test_a_scenario_has_a_step(tmp_path: Path) -> None:
    assert problems(tmp_path, "actors: {phone: }\n") == ["1:1: steps: missing: a scenario has at least one"]


def test_rows_are_scenarios_of_their_own_and_parameters_are_text_anywhere(tmp_path: Path) -> None:
    text = """\
name: short
parameters: {lifetime: 600}
rows: [{status: 200}, {status: 423, lifetime: 5}]
actors: {phone: }
steps: [{register: {by: phone, expires: "${lifetime}", expect: "${status}"}}]
"""
    first, second = load(tmp_path, text)

    assert (first.name, second.name) == ("short[0]", "short[1]")
    assert [each.steps[0].keys.keys.expires for each in (first, second)] == [600, 5]
    (given, _) = load(tmp_path, text, {"lifetime": "900", "other": "x"})
    assert given.steps[0].keys.keys.expires == 900


def test_included_files_bring_actors_configuration_and_first_steps(tmp_path: Path) -> None:
    (tmp_path / "cast.yaml").write_text(
        "config: {registrar: {min_expires: 30}}\nactors: {phone: {expires: 60}}\nsteps: [{register: phone}]\n", "utf-8"
    )
    text = "include: cast.yaml\nconfig: {registrar: {max_expires: 90}}\nactors: {tablet: }\nsteps: [{refresh: phone}]\n"

    (scenario,) = load(tmp_path, text)

    assert list(scenario.actors) == ["phone", "tablet"]
    assert scenario.config == {"registrar": {"min_expires": "30", "max_expires": "90"}}
    assert [step.keys.verb for step in scenario.steps] == ["register", "refresh"]
    assert scenario.steps[0].place.file.endswith("cast.yaml")


def test_an_include_that_goes_round_or_nowhere_is_a_mistake(tmp_path: Path) -> None:
    assert "included already" in problems(tmp_path, "include: one.scenario.yaml\nsteps: []\n")[0]
    assert "cannot be read" in problems(tmp_path, "include: [none.yaml]\nsteps: []\n")[0]
