"""Examples that are the same in every run, however slow; and what became of every test, for docs/conformance.md's."""

import signal
from collections import defaultdict

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "tests", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("tests")

# A shell has its background jobs ignore ^C, and so would every program that they start: a test would wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)

LAST = "tests/test_conformance.py"
LOOKS_BACK = f"{LAST}::test_a_row_s_tests_ran_passed_and_are_marked_with_its_clauses"
"""Looks back on all the others, so it has nothing to say of a run of some of them."""


class Outcomes:
    """The tests that were run and how they ended, by their name without parameters."""

    def __init__(self) -> None:
        self.of: defaultdict[str, set[str]] = defaultdict(set)
        self.clauses: dict[str, frozenset[str]] = {}

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Note the clauses that each test is marked with, and put the test that looks back at the end."""
        for item in items:
            marks = frozenset(clause for mark in item.iter_markers("clause") for clause in mark.args)
            self.clauses[plain(item.nodeid)] = marks
        items.sort(key=lambda item: item.nodeid.startswith(LAST))
        if not _is_whole(config):
            back = [item for item in items if plain(item.nodeid) == LOOKS_BACK]
            items[:] = [item for item in items if item not in back]
            config.hook.pytest_deselected(items=back)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note how a test ended."""
        if report.when == "call" or report.outcome != "passed":
            self.of[plain(report.nodeid)].add(report.outcome)


def _is_whole(config: pytest.Config) -> bool:
    """Tell whether nothing is left out of a run, and all of it runs in this process."""
    chosen = [argument for argument in config.args if argument.rstrip("/") not in ("tests", str(config.rootpath))]
    spread = hasattr(config, "workerinput") or bool(config.getoption("numprocesses", None))
    return not (config.option.keyword or getattr(config.option, "lf", False) or chosen or spread)


def plain(nodeid: str) -> str:
    """Return the name of a test without its parameters."""
    return nodeid.partition("[")[0]


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Outcomes(), "outcomes")


@pytest.fixture
def outcomes(request: pytest.FixtureRequest) -> Outcomes:
    """Everything that was run before."""
    found = request.config.pluginmanager.get_plugin("outcomes")
    assert isinstance(found, Outcomes)
    return found
