from pathlib import Path

import pytest

from scscf.errors import InputError
from scscf.scenario.loading import load_scenarios
from scscf.scenario.selection import scenario_files, selected, shipped_folder, shown_file

TEXT = "name: {name}\ntags: [{tag}]\nactors: {{phone: }}\nsteps: [{{register: phone}}]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, tag in (("aka works", "ims"), ("expiry", "ims"), ("digest", "plain")):
        path = tmp_path / f"{name.split()[0]}.scenario.yaml"
        path.write_text(TEXT.format(name=name, tag=tag), encoding="utf-8")
    (tmp_path / "other.yaml").write_text("not: a scenario\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        (None, ["aka works", "digest", "expiry"]),
        ("ims", ["aka works", "expiry"]),
        ("ims and not aka", ["expiry"]),
        ("plain or AKA", ["aka works", "digest"]),
        ("not (plain or aka)", ["expiry"]),
        ("nothing", []),
    ],
)
def test_scenarios_are_chosen_by_name_path_and_tags(folder: Path, expression: str | None, names: list[str]) -> None:
    scenarios = [each for file in scenario_files([str(folder)]) for each in load_scenarios(file)]
    # The folder's own name must not be what matches.
    scenarios = [each._replace(path=Path(each.path.name)) for each in scenarios]

    assert [each.name for each in selected(scenarios, expression)] == names


@pytest.mark.parametrize("expression", ["and", "(ims", "ims not", "not", "ims and or aka", ")"])
def test_an_expression_that_cannot_be_read_says_how_it_is_written(folder: Path, expression: str) -> None:
    (scenario,) = load_scenarios(folder / "aka.scenario.yaml")

    with pytest.raises(InputError, match="words with and, or, not"):
        selected([scenario], expression)


def test_files_folders_and_names_of_shipped_ones_are_found_once_each(folder: Path) -> None:
    one = folder / "aka.scenario.yaml"

    assert scenario_files([str(one), str(folder)])[0] == one
    assert len(scenario_files([str(one), str(folder)])) == 3
    assert scenario_files([str(folder / "aka")]) == [one]
    shipped = sorted(shipped_folder().rglob("*.scenario.yaml"))
    assert scenario_files(["ims", "rfc3261", "faults", "ue"]) != []
    assert set(scenario_files([shipped[0].name.removesuffix(".scenario.yaml")])) <= set(shipped)


def test_a_path_that_leads_to_none_says_what_is_near() -> None:
    with pytest.raises(InputError, match=r"no shipped scenario \(did you mean new_registration\?\)"):
        scenario_files(["new_registratoin"])


def test_a_shipped_file_is_shown_by_its_name_and_others_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = shipped_folder() / "rfc3261" / "new_registration.scenario.yaml"
    monkeypatch.chdir(tmp_path)

    assert shown_file(str(shipped)) == "rfc3261/new_registration"
    assert shown_file(str(tmp_path / "mine" / "a.scenario.yaml")) == "mine/a.scenario.yaml"
    assert shown_file("a.scenario.yaml") == "a.scenario.yaml"
    assert shown_file("/elsewhere/a.scenario.yaml") == "/elsewhere/a.scenario.yaml"
