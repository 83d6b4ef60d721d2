"""`scscf play` and `scscf scenarios` as they are typed."""

import json
import sys
from pathlib import Path
from typing import NamedTuple

import click
import pytest
from click.testing import CliRunner
from lxml import etree

from scscf.cli.exits import exit_with
from scscf.cli.main import cli
from scscf.scenario.selection import shipped_folder

GOOD = "actors: {phone: }\nsteps: [{register: phone}]\n"
BAD = "actors: {phone: }\nsteps: [{register: {by: phone, expires: 1}}]\n"


class Result(NamedTuple):
    """How a command line ended."""

    exit_code: int
    output: str


def run(*arguments: str) -> Result:
    runner = CliRunner()

    @click.command()
    def whole() -> None:
        sys.argv = ["scscf", *arguments]
        exit_with(cli, "scscf")

    result = runner.invoke(whole, [])
    return Result(result.exit_code, result.output)


@pytest.fixture(autouse=True)
def arguments_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", sys.argv)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.scenario.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "bad.scenario.yaml").write_text(BAD, encoding="utf-8")
    return tmp_path


def test_what_passes_is_exit_0_and_one_line_each(folder: Path) -> None:
    result = run("play", str(folder / "good.scenario.yaml"))

    assert result.exit_code == 0
    assert "1 passed, 0 failed" in result.output


def test_the_api_of_a_running_server_in_the_environment_is_no_target(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCSCF_API", "http://127.0.0.1:1")

    assert run("play", str(folder / "good.scenario.yaml")).exit_code == 0


def test_what_fails_is_exit_1_with_both_sides_and_the_ladder(folder: Path) -> None:
    result = run("play", str(folder))

    assert result.exit_code == 1
    assert "expected: status: 200" in result.output
    assert "came:     status: 423 Interval Too Brief" in result.output
    assert "423 Interval Too Brief" in result.output.split("came:")[1]


def test_a_file_with_mistakes_is_exit_2_and_the_others_are_played(folder: Path) -> None:
    (folder / "wrong.scenario.yaml").write_text("steps: [{regster: phone}]\n", encoding="utf-8")

    result = run("play", str(folder), "-j", "2")

    assert result.exit_code == 2
    assert "did you mean register?" in result.output
    assert "1 passed" in result.output


def test_nothing_that_was_run_is_exit_3(folder: Path) -> None:
    done = run("play", str(folder), "-k", "zebra")

    assert done.exit_code == 3
    assert "scscf: -k zebra matches no scenario of " in done.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--target", "sip:127.0.0.1"], "--target: goes with --live"),
        (["--param", "x"], "--param: x: must be NAME=VALUE"),
        (["--param", "x=1"], "--param: x: no such parameter; these scenarios have none"),
        (["--live", "--target", "nonsense:"], "--target: must be like sip:192.0.2.7:5060"),
        (["-k", "("], "-k: must be words"),
    ],
)
def test_wrong_usage_is_told_in_one_line(folder: Path, arguments: list[str], said: str) -> None:
    result = run("play", str(folder / "good.scenario.yaml"), *arguments)

    assert result.exit_code == 2
    assert said in result.output


def test_reports_are_written(folder: Path) -> None:
    paths = [folder / name for name in ("out/junit.xml", "out/report.json", "out/report.html")]
    failed = folder / "failed"

    run(
        "play", str(folder), "--junit", str(paths[0]), "--json", str(paths[1]), "--html", str(paths[2]),
        "--artifacts", str(failed),
    )  # fmt: skip

    suite = etree.parse(paths[0]).getroot()
    assert {case.get("name") for case in suite.iter("testcase")} == {"good", "bad"}
    assert len(list(suite.iter("failure"))) == 1
    assert len(json.loads(paths[1].read_text(encoding="utf-8"))["scenarios"]) == 2
    assert "<html" in paths[2].read_text(encoding="utf-8")
    assert {"ladder.txt", "messages.pcapng"} <= {path.name for path in failed.rglob("*")}
    assert len(list(failed.iterdir())) == 1


def test_shipped_scenarios_are_listed_and_copied(tmp_path: Path) -> None:
    listed = run("scenarios").output.splitlines()
    copied = run("scenarios", "--copy", str(tmp_path / "mine"))

    assert any(line.startswith("rfc3261/new_registration ") for line in listed)
    assert copied.exit_code == 0
    names = {path.relative_to(shipped_folder()) for path in shipped_folder().rglob("*.scenario.yaml")}
    assert {path.relative_to(tmp_path / "mine") for path in (tmp_path / "mine").rglob("*.scenario.yaml")} == names


def test_scenario_files_are_checked(folder: Path) -> None:
    assert run("check", str(folder / "good.scenario.yaml")).output.endswith("good.scenario.yaml: fine\n")
