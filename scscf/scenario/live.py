"""Plays scenarios on sockets, one after the other, in one run of the reactor."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred

from scscf.errors import InputError
from scscf.scenario.bug_log import BugLog, kept_to_itself
from scscf.scenario.live_settings import Live
from scscf.scenario.live_world import LiveWorld
from scscf.scenario.loading import Scenario
from scscf.scenario.outcome import NotRunnable
from scscf.scenario.playing import scenarios_of
from scscf.scenario.run import Run
from scscf.scenario.runner import LOGGERS, judge, not_run, play, unusable
from scscf.scenario.verdict import Verdict


def play_live(
    files: Sequence[Path],
    keep: Callable[[Verdict], object],
    live: Live,
    *,
    parameters: dict[str, str],
    expression: str | None,
    seed: int,
) -> None:
    """Play the scenarios of files; `keep` is told of each verdict. ^C ends it with those there are."""
    from twisted.internet import reactor as default_reactor

    reactor: Any = default_reactor
    failures: list[BaseException] = []

    async def all_of_them() -> None:
        for file in files:
            for each in scenarios_of(file, parameters, expression):
                keep(each if isinstance(each, Verdict) else await play_on_sockets(each, seed, reactor, live))

    def over(failure: Any) -> None:
        if failure is not None:
            failures.append(failure.value)
        if reactor.running:
            reactor.stop()

    reactor.callWhenRunning(lambda: Deferred.fromCoroutine(all_of_them()).addCallbacks(over, over))
    reactor.run()
    if failures:
        raise failures[0]


async def play_on_sockets(scenario: Scenario, seed: int, reactor: Any, live: Live) -> Verdict:
    """Return the verdict on one scenario."""
    with kept_to_itself(*LOGGERS) as bugs:
        return await _play(scenario, seed, reactor, live, bugs)


async def _play(scenario: Scenario, seed: int, reactor: Any, live: Live, bugs: BugLog) -> Verdict:
    began = time.perf_counter()
    try:
        world = LiveWorld(scenario, seed, reactor, live)
    except InputError as error:
        return unusable(scenario, error, time.perf_counter() - began)
    except NotRunnable as reason:
        return not_run(scenario, reason, time.perf_counter() - began)
    run = Run(world.scenario, world)

    async def whole() -> None:
        await world.prepare()
        await play(run)

    over: Deferred[None] = Deferred()
    promise = world.perform(whole())
    promise.when_done(lambda: reactor.callLater(0, over.callback, None))
    await over
    verdict = judge(run, promise.result, bugs, time.perf_counter() - began)
    cleaned: Deferred[None] = Deferred()
    world.perform(world.clean()).when_done(lambda: reactor.callLater(0, cleaned.callback, None))
    await cleaned
    world.stop()
    return verdict
