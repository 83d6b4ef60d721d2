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


@pytest.mark.parametrize(
    ("steps", "problem"),
    [
        (
            "notified: {by: phone, registrations: {phone: {contacts: {phone: deactivaated}}}}",
            "did you mean deactivated?",
        ),
        ("notified: {by: phone, registrations: {phone: actif}}", "must be init, active, terminated, or a pattern"),
        ("notified: {by: phone, state: ful}", "did you mean full?"),
        ("notified: {by: phone, version: '>>0'}", ">>0: must be a number, a range (3590..3600)"),
        ("state: {aor: phone, contacts: {phone: {expires: soon}}}", "soon: must be a number"),
        ("quirk: unstable-id", "did you mean unstable-ids?"),
        ("send: {by: phone, uri: '${phone.contct}'}", "did you mean contact?"),
        ("send: {by: my phone}", "must be a name: a letter, then letters, digits, _ and -"),
        ("register: {by: phone, expires: 10m}", "must be a whole number: seconds, without a unit"),
        (
            "register: {by: phone, expect: {status: 200, headers: {Contact: /(/}}}",
            "not a regular expression: missing )",
        ),
        ("subscribe: phone\n    notified: phone", "one step has one verb, and this has subscribe, notified"),
        ("subscribe", "a step is a verb and what it is about"),
    ],
)
def test_a_word_that_can_never_come_is_a_mistake_of_the_file(tmp_path: Path, steps: str, problem: str) -> None:
    (found,) = problems(tmp_path, f"actors: {{phone: }}\nsteps:\n  - {steps}\n")

    assert found.startswith("3:")
    assert problem in found


@pytest.mark.parametrize("pattern", ["/^de/", "'*'", "null", '"${what}"', "deactivated"])
def test_an_event_may_be_a_pattern(tmp_path: Path, pattern: str) -> None:
    step = f"notified: {{by: phone, registrations: {{phone: {{contacts: {{phone: {{event: {pattern}}}}}}}}}}}"

    assert load(tmp_path, f"actors: {{phone: }}\nsteps:\n  - set: {{what: rejected}}\n  - {step}\n")


@pytest.mark.parametrize(
    ("actor", "problem"),
    [
        ("aor: tobias", "tobias: must be like sip:alice@home1.test or tel:+15550100"),
        ("aor: 'sip:tobias'", "sip:tobias: must be like"),
        ("auth: aka, k: 12, opc: 00112233445566778899aabbccddeeff", "must be 32 hexadecimal digits, not 2 characters"),
        ("external: true, count: 2", "a UE under test is one: no count"),
        ("count: 101, aor: 'sip:tobias@home1.test'", "one user has at most 100 devices"),
    ],
)
def test_what_an_actor_cannot_be_is_told(tmp_path: Path, actor: str, problem: str) -> None:
    (found,) = problems(tmp_path, f"actors:\n  phone: {{{actor}}}\nsteps: [{{register: phone}}]\n")

    assert found.startswith("2:")
    assert problem in found


def test_each_of_a_count_has_a_name_that_nobody_else_may_have(tmp_path: Path) -> None:
    text = "actors: {phone: {count: 2}, phone2: }\nsteps: [{register: phone1}, {register: phone3}]\n"

    taken, unknown = problems(tmp_path, text)

    assert taken == "1:29: actors.phone2: phone2 is one of phone, by its count"
    assert "no actor is called phone3" in unknown
    assert load(tmp_path, "actors: {phone: {count: 2}}\nsteps: [{send: {by: phone2, uri: '${phone1.contact}'}}]\n")


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
