"""The page that teaches the language: every example of it runs, as it stands there, in an empty folder."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from scscf.cli.main import cli
from scscf.scenario.keys import ActorKeys, ScenarioKeys
from scscf.scenario.step_keys import VERBS

PAGE = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"```yaml\n# (\S+)\n(.*?)```", PAGE, re.DOTALL))
COMMANDS = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_passes(empty: Path, name: str) -> None:
    (empty / name).write_text(EXAMPLES[name], encoding="utf-8")

    result = CliRunner().invoke(cli, ["play", name])

    assert (result.exit_code, result.exception) == (0, None), result.output


def test_every_command_of_the_page_works_where_the_examples_are(empty: Path) -> None:
    for name, text in EXAMPLES.items():
        (empty / name).write_text(text, encoding="utf-8")
    lines = [line for command in COMMANDS for line in command.splitlines()]
    assert lines

    for line in lines:
        result = CliRunner().invoke(cli, line.removeprefix("scscf ").split())
        assert (result.exit_code, result.exception) == (0, None), line


def test_every_key_and_verb_is_on_the_page() -> None:
    keys = {name for model in (ScenarioKeys, ActorKeys) for name in model.model_fields}

    assert [name for name in sorted({*keys, *VERBS}) if f"`{name}" not in PAGE] == []
