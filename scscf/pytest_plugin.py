"""The pytest plugin: collects `*.scenario.yaml` files as tests, and has fixtures for an S-CSCF beside the test.

Nothing but pytest is imported here before a scenario file is collected or a fixture is asked for.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from scscf.laboratory.clock import Clock
    from scscf.laboratory.hss import Hss
    from scscf.laboratory.reactor_thread import ReactorThread
    from scscf.laboratory.running_scscf import RunningScscf
    from scscf.laboratory.simulated_ue import SimulatedUe
    from scscf.laboratory.ues import Ues
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
    group.addoption(
        "--scscf-artifacts",
        type=Path,
        metavar="DIR",
        help="write ladder, pcapng, documents and verdict of each scenario that fails below DIR",
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
            folder = self.config.getoption("--scscf-artifacts")
            if folder is not None:
                from scscf.scenario.artifacts import write_artifacts

                self.add_report_section("call", "artifacts", str(write_artifacts(folder, verdict)))
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


@pytest.fixture(scope="session")
def scscf_thread() -> Iterator["ReactorThread"]:
    """The reactor of every S-CSCF of a run, in a thread of its own."""
    from scscf.laboratory.reactor_thread import ReactorThread

    thread = ReactorThread()
    thread.start()
    yield thread
    thread.stop()


@pytest.fixture
def scscf_config() -> Mapping[str, Any]:
    """Configuration of the fixture `scscf`, with the keys of a configuration file: a project has its own here."""
    return {}


@pytest.fixture
def scscf_subscribers() -> Sequence[Any] | Path | None:
    """Subscribers of the fixture `scscf`: the list `subscriptions` of a subscribers file, a path, None: demo ones."""
    return None


@pytest.fixture
def scscf(
    scscf_thread: "ReactorThread",
    scscf_config: Mapping[str, Any],
    scscf_subscribers: Sequence[Any] | Path | None,
) -> Iterator["RunningScscf"]:
    """An S-CSCF on free ports of 127.0.0.1, with its control API and the embedded HSS stub."""
    from scscf.laboratory.running_scscf import RunningScscf

    running = RunningScscf(scscf_thread, scscf_config, scscf_subscribers)
    yield running
    running.stop()


@pytest.fixture
def _scscf_ues(scscf: "RunningScscf") -> Iterator["Ues"]:
    """The simulated UEs of a test."""
    from scscf.laboratory.ues import Ues

    ues = Ues(scscf)
    yield ues
    ues.close()


@pytest.fixture
def ue(_scscf_ues: "Ues") -> "Callable[..., SimulatedUe]":
    """Makes simulated UEs: `ue("sip:alice@home1.test")`."""
    return _scscf_ues.make


@pytest.fixture
def watcher(_scscf_ues: "Ues") -> "Callable[..., SimulatedUe]":
    """Makes simulated UEs that have subscribed: `watcher("sip:alice@home1.test").notified()`."""
    return _scscf_ues.watcher


@pytest.fixture
def hss(scscf: "RunningScscf") -> "Hss":
    """The HSS stub of `scscf`."""
    from scscf.laboratory.hss import Hss

    return Hss(scscf)


@pytest.fixture
def clock(_scscf_ues: "Ues") -> "Clock":
    """Service time of `scscf`."""
    return _scscf_ues.clock


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Fail a test that passed where the network did something wrong at one of its UEs."""
    yield
    ues: Ues | None = getattr(item, "funcargs", {}).get("_scscf_ues")
    if ues is not None:
        wrong = ues.judge()
        if wrong:
            pytest.fail(f"{wrong}\n(where that is meant: ue(..., permit=[NAME]), or judged=False)", pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what was sent beside the failure of a test that has an S-CSCF."""
    report = yield
    running = getattr(item, "funcargs", {}).get("scscf")
    if running is not None and report.failed and call.when == "call":
        ladder = getattr(running, "ladder", None)  # a project may have a fixture of that name of its own
        if ladder is not None:
            report.sections.append(("SIP", ladder()))
    return report
