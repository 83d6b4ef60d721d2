"""What a terminal, and what is none, is shown while scenarios are played."""

import io

from rich.console import Console

from scscf.scenario.progress import Progress, verdict_line
from tests.scenario.samples import ERROR, FAILED, NOT_RUN, PASSED, SECRETS, VERDICTS


def shown(*, terminal: bool = False, verbose: bool = False) -> str:
    to = io.StringIO()
    console = Console(file=to, force_terminal=terminal, width=100, markup=False, highlight=False, legacy_windows=False)
    progress = Progress(console, verbose=verbose)
    progress.start(len(VERDICTS))
    for verdict in VERDICTS:
        progress.done(verdict)
    progress.end(VERDICTS)
    return to.getvalue()


def test_each_verdict_has_its_line() -> None:
    assert [verdict_line(each).plain for each in (PASSED, NOT_RUN)] == [
        "passed  scenarios/rfc3261/refresh.scenario.yaml  A refresh keeps the binding  1 h in 20 ms",
        "not run scenarios/ue/phone.scenario.yaml  Real phone  no UE came within 30 s",
    ]
    assert verdict_line(FAILED).plain.startswith("FAILED  scenarios/ims/deactivated.scenario.yaml")
    assert verdict_line(ERROR).plain.startswith("ERROR   ")


def test_without_a_terminal_there_are_plain_lines() -> None:
    text = shown()

    assert "\x1b" not in text
    assert "    expected: 200\n" in text
    assert "b.yaml:4:1: x\n" in text
    assert text.count("- REGISTER lost -") == 1
    assert text.endswith("1 passed, 1 failed, 1 not run, 1 in error; 3 h simulated in 0.05 s\n")
    assert [secret for secret in SECRETS if secret in text] == []


def test_a_terminal_has_colours_and_a_bar_that_goes_away() -> None:
    text = shown(terminal=True)

    assert "\x1b[" in text
    assert "scenarios" in text
    assert text.rstrip().endswith("\x1b[0m")


def test_verbose_shows_the_ladder_of_what_passed_too() -> None:
    assert shown(verbose=True).count("- REGISTER lost -") == 2


def test_the_sum_of_nothing_is_none_passed() -> None:
    to = io.StringIO()
    Progress(Console(file=to)).end([])

    assert to.getvalue() == "0 passed, 0 failed; 0 s simulated in 0.00 s\n"
