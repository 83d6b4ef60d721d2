"""The pytest plugin: collects `*.scenario.yaml` files as tests, each with its verdict.

Nothing but pytest is imported here before a scenario file is collected.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from scscf.scenario.loading import Scenario
    from scscf.scenario.verdict import Verdict

_SUFFIX = ".scenario.yaml"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of scenarios."""
    group = parser.getgroup("scscf", "scenarios of the S-CSCF simulator")
    group.addoption("--scscf-seed", type=int, default=0, help="seed of chance in scenarios (default 0)")
    group.addoption(
        "--scscf-param", action="append", default=[], metavar="K=V", help="a parameter in place of a scenario file's"
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "ScenarioFile | None":
    """Collect a scenario file."""
    if file_path.name.endswith(_SUFFIX):
        return ScenarioFile.from_parent(parent, path=file_path)
    return None


class ScenarioFile(pytest.File):
    """A scenario file: one test, or one for each of its rows."""

    def collect(self) -> Iterator["ScenarioItem"]:
        """Yield its tests. A file with mistakes fails to be collected, with every mistake."""
        from scscf.errors import InputError
        from scscf.scenario.loading import load_scenarios

        given = dict(text.partition("=")[::2] for text in self.config.getoption("--scscf-param"))
        try:
            scenarios = load_scenarios(self.path, given)
        except InputError as error:
            raise self.CollectError("\n".join(str(problem) for problem in error.problems)) from None
        for scenario in scenarios:
            yield ScenarioItem.from_parent(self, name=scenario.name, scenario=scenario)


class ScenarioItem(pytest.Item):
    """One scenario as a test; `-k` finds it by its tags too."""

    def __init__(self, *, scenario: "Scenario", **more: Any) -> None:
        super().__init__(**more)
        self.scenario = scenario
        self.extra_keyword_matches.update(scenario.keys.tags)
        self.user_properties += [("clause", clause) for clause in scenario.keys.clauses]

    def runtest(self) -> None:
        """Run the scenario on virtual time."""
        from scscf.scenario.runner import run_virtually
        from scscf.scenario.verdict import Outcome

        verdict = run_virtually(self.scenario, self.config.getoption("--scscf-seed"))
        if verdict.outcome is Outcome.NOT_RUN:
            pytest.skip(verdict.reason)
        if verdict.outcome is not Outcome.PASSED:
            raise ScenarioFailed(verdict)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show what was expected, what came, and the ladder."""
        if isinstance(excinfo.value, ScenarioFailed):
            from scscf.scenario.failure_text import failure_text

            return failure_text(excinfo.value.verdict)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where the test stands."""
        return self.path, 0, self.name


class ScenarioFailed(Exception):
    """A scenario that did not pass."""

    def __init__(self, verdict: "Verdict") -> None:
        super().__init__(verdict.name)
        self.verdict = verdict
