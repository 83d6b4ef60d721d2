"""Real programs against a running server: which of them are there, the server, the capture that judges them all."""

import os
from collections import defaultdict
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.interop.capture import Capture
from tests.interop.programs import find
from tests.interop.server import Server

SUBSCRIBERS = """\
subscriptions:
  - name: alice
    private_identities:
      - {id: alice@home1.test, auth: {scheme: digest, password: secret}}
    implicit_sets:
      - [sip:alice@home1.test, sip:alice.smith@home1.test, "tel:+15550001"]
  - name: bob
    private_identities:
      - {id: bob@home1.test, auth: {scheme: digest, password: "bobsword"}}
    implicit_sets: [[sip:bob@home1.test]]
  - name: erin
    private_identities:
      - id: "001010000000001@home1.test"
        auth: {scheme: aka, k: 4572696e735375627363726962657231, op: 4f70657261746f7256617269616e7437}
    implicit_sets:
      - - {id: "sip:001010000000001@home1.test", barred: true}
        - sip:erin@home1.test
        - "tel:+15550002"
  - range: [1, 1000]
    private_identities:
      - {id: "user{n:04d}@home1.test", auth: {scheme: digest, password: "secret{n}", algorithms: [MD5]}}
    implicit_sets: [["sip:user{n:04d}@home1.test"]]
"""

OUTCOMES = pytest.StashKey[defaultdict[str, list[str]]]()
FOLDER = pytest.StashKey[Path]()
OF_A_LOG = 4000
"""So many characters of each log are shown where a test has failed."""


def pytest_configure(config: pytest.Config) -> None:
    outcomes: defaultdict[str, list[str]] = defaultdict(list)
    config.stash[OUTCOMES] = outcomes


def peers_of(item: pytest.Item) -> tuple[str, ...]:
    return tuple(name for mark in item.iter_markers("peer") for name in mark.args)


def pytest_runtest_setup(item: pytest.Item) -> None:
    missing = [name for name in peers_of(item) if find(name) is None]
    if missing:
        pytest.skip(f"not run: {', '.join(missing)} not installed")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call" or report.outcome != "passed":
        for name in peers_of(item):
            item.config.stash[OUTCOMES][name].append(report.outcome)
    if report.failed and FOLDER in item.stash:
        for log in sorted(item.stash[FOLDER].rglob("*.log")):
            text = log.read_text(encoding="utf-8", errors="replace")
            report.sections.append((f"the end of {log.name}", text[-OF_A_LOG:]))
    return report


def required() -> list[str]:
    return [name for name in os.environ.get("REQUIRE", "").replace(",", " ").split() if name]


def unmet(config: pytest.Config) -> list[str]:
    return [name for name in required() if "passed" not in config.stash[OUTCOMES].get(name, [])]


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED) and unmet(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    outcomes = config.stash[OUTCOMES]
    for name in sorted({*outcomes, *required()}):
        results = outcomes.get(name, [])
        passed, failed = results.count("passed"), results.count("failed")
        verdict = f"{passed} passed, {failed} failed" if passed or failed else "not run"
        terminalreporter.write_line(f"{name}: {verdict}{' (required)' if name in unmet(config) else ''}")


@pytest.fixture(autouse=True)
def _folder(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Remember where a test's programs write their logs."""
    request.node.stash[FOLDER] = tmp_path


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server on 127.0.0.1:5060, and on 10.99.0.1:5060 where the namespace has a veth."""
    running = Server(tmp_path, SUBSCRIBERS)
    try:
        running.start()
        yield running
    finally:
        running.stop()
    assert "Traceback" not in running.output()
    assert "is wrong" not in running.output()


@pytest.fixture
def capture(tmp_path: Path) -> Iterator[Capture]:
    """Everything that crosses the loopback device during the test."""
    running = Capture(tmp_path / "capture.pcapng")
    running.start()
    try:
        yield running
    finally:
        running.stop()
