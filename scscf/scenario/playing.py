"""Plays many scenario files, in this process or in several: verdicts in the order of the files, whoever made them."""

import multiprocessing
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path

from scscf.errors import InputError, Problem
from scscf.scenario.loading import Scenario, load_scenarios
from scscf.scenario.runner import run_virtually
from scscf.scenario.selection import selected
from scscf.scenario.verdict import Outcome, Verdict
from scscf.yaml_model import did_you_mean

Player = Callable[[Scenario, int], Verdict]


def play_files(
    files: Sequence[Path],
    *,
    parameters: Mapping[str, str] | None = None,
    expression: str | None = None,
    seed: int = 0,
    jobs: int = 1,
    player: Player = run_virtually,
) -> Iterator[Verdict]:
    """Yield the verdicts on the scenarios of files; one that cannot be read is an error and the others are played.

    Raises InputError for an expression that cannot be read.
    """
    selected([], expression)
    one = partial(play_file, parameters=parameters or {}, expression=expression, seed=seed, player=player)
    if jobs <= 1 or len(files) <= 1:
        for file in files:
            yield from one(file)
        return
    with ProcessPoolExecutor(min(jobs, len(files)), multiprocessing.get_context("fork")) as pool:
        for verdicts in pool.map(one, files, chunksize=1 + len(files) // (jobs * 8)):
            yield from verdicts


def play_file(
    file: Path, *, parameters: Mapping[str, str], expression: str | None, seed: int, player: Player = run_virtually
) -> list[Verdict]:
    """Return the verdicts on one file's scenarios."""
    found = scenarios_of(file, parameters, expression)
    return [each if isinstance(each, Verdict) else player(each, seed) for each in found]


def scenarios_of(file: Path, parameters: Mapping[str, str], expression: str | None) -> Sequence[Scenario | Verdict]:
    """Return the scenarios of a file that are chosen; for one that cannot be read, the verdict on it."""
    try:
        return selected(load_scenarios(file, parameters), expression)
    except InputError as error:
        if any(problem.file == "-k" for problem in error.problems):
            raise
        reason = "\n".join(str(problem) for problem in error.problems)
        return [Verdict(file.name, str(file), Outcome.ERROR, reason)]


def check_parameters(files: Sequence[Path], given: Mapping[str, str]) -> None:
    """See that some scenario of the files has each parameter that is given. Raises InputError for one that none has."""
    known: set[str] = set()
    for file in files if given else ():
        with suppress(InputError):
            known |= {name for scenario in load_scenarios(file, given) for name in scenario.parameters}
    unknown = [name for name in given if name not in known]
    if unknown:
        there = f"there are {', '.join(sorted(known))}" if known else "these scenarios have none"
        raise InputError(
            [
                Problem("--param", 0, 0, f"{name}: no such parameter; {there}{did_you_mean(name, list(known))}")
                for name in unknown
            ]
        )


def exit_code(verdicts: Sequence[Verdict]) -> int:
    """Return what `scscf play` ends with: 2 a file cannot be used, 1 one failed, 3 none was run, else 0."""
    outcomes = {verdict.outcome for verdict in verdicts}
    if Outcome.ERROR in outcomes:
        return 2
    if Outcome.FAILED in outcomes:
        return 1
    return 0 if Outcome.PASSED in outcomes else 3
