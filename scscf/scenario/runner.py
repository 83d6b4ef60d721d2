"""Runs a scenario to its verdict: the steps in their order, then what still comes, then what the judges say."""

import time
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from scscf.errors import InputError, ScscfError
from scscf.scenario import asking, commanding, expecting, requesting
from scscf.scenario.bug_log import BugLog, kept_to_itself
from scscf.scenario.loading import Scenario, Step
from scscf.scenario.memory_use import seldom_collected
from scscf.scenario.outcome import NotRunnable, Unmet
from scscf.scenario.run import Run
from scscf.scenario.verdict import Document, Failure, Outcome, Verdict
from scscf.scenario.virtual_world import VirtualWorld
from scscf.scenario.waiting import settled
from scscf.scenario.wire import wire
from scscf.scenario.world import World

_LONGEST_DEBT = 40.0
"""Seconds after the last step in which what the network owes the actors may still come."""
LOGGERS = ("scscf", "hss")
"""Who logs in a run."""
_VERBS: dict[str, Callable[[Run, Any], Awaitable[None]]] = {
    "register": requesting.register,
    "refresh": requesting.register,
    "deregister": requesting.deregister,
    "subscribe": requesting.subscribe,
    "resubscribe": requesting.resubscribe,
    "unsubscribe": requesting.unsubscribe,
    "send": requesting.send,
    "answer": requesting.answer,
    "notified": expecting.notified,
    "received": expecting.received,
    "silent": expecting.silent,
    "state": commanding.state,
    "api": commanding.api,
    "operator": commanding.operator,
    "hss": commanding.hss,
    "rule": commanding.rule,
    "quirk": commanding.quirk,
    "start": asking.start,
    "ask": asking.ask,
    "does": asking.does,
}
"""What does each verb that needs no other step."""


class StepFailed(ScscfError):
    """A step that failed, and where it stands."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


def run_virtually(scenario: Scenario, seed: int = 0) -> Verdict:
    """Run a scenario on virtual time and return the verdict; a file that cannot be used is one too."""
    began = time.perf_counter()
    with kept_to_itself(*LOGGERS) as bugs, seldom_collected():
        try:
            world = VirtualWorld(scenario, seed)
        except InputError as error:
            return unusable(scenario, error, time.perf_counter() - began)
        except NotRunnable as reason:
            return not_run(scenario, reason, time.perf_counter() - began)
        run = Run(scenario, world)
        promise = world.perform(play(run))
        try:
            endless = world.run(promise, scenario.keys.longest)
            if endless:
                return _verdict(run, Outcome.FAILED, endless, (), time.perf_counter() - began)
            return judge(run, promise.result, bugs, time.perf_counter() - began)
        finally:
            world.stop()


async def play(run: Run) -> None:
    """Do every step, and let what follows from the last one come."""
    for step in run.scenario.steps:
        await perform(run, step)
    await run.world.wait(run.scenario.keys.settle)
    owed = run.world.judges.owed_until() - run.world.now()
    if owed > 0:
        await run.world.wait(min(owed, _LONGEST_DEBT) + 0.001)


async def perform(run: Run, step: Step) -> None:
    """Do one step. Raises StepFailed with its place."""
    run.steps += 1
    try:
        await _perform(run, step)
    except Unmet as unmet:
        raise StepFailed(
            Failure(step.place, unmet.message, unmet.expected, unmet.came, round(run.world.now(), 6))
        ) from None
    # What the step set in motion in this instant is over before the next one begins.
    await run.world.pause(0)


async def _perform(run: Run, step: Step) -> None:
    verb, keys = step.keys.verb, run.fill(step.keys.keys)
    plain = _VERBS.get(verb)
    if plain is not None:
        await plain(run, keys)
    elif verb == "wait":
        await run.world.wait(keys)
    elif verb == "set":
        run.variables.update(keys)
    elif verb == "restart":
        await run.world.restart()
    elif verb == "wire":
        wire(run, keys)
    elif verb == "repeat":
        for number in range(1, keys.times + 1):
            run.variables["round"] = str(number)
            for index, inner in enumerate(keys.steps):
                await perform(run, step.inner("repeat", "steps", index, keys=inner))
    elif verb == "parallel":
        branches = [
            run.perform(_branch(run, [step.inner("parallel", b, i, keys=each) for i, each in enumerate(branch)]))
            for b, branch in enumerate(step.keys.parallel or ())
        ]
        for branch in branches:
            await settled(run.world, branch)
    else:
        raise NotRunnable(f"{verb}: not known")


async def _branch(run: Run, steps: list[Step]) -> None:
    for step in steps:
        await perform(run, step)


def judge(run: Run, result: Callable[[], None], bugs: BugLog, seconds: float) -> Verdict:
    """Return the verdict on a run whose steps are over; `result` raises what ended them, `bugs` has what was logged."""
    try:
        result()
    except StepFailed as failed:
        return _verdict(run, Outcome.FAILED, "", (failed.failure,), seconds)
    except NotRunnable as reason:
        return _verdict(run, Outcome.NOT_RUN, str(reason), (), seconds)
    except Exception as error:  # a fault of ours is a verdict too, not a traceback over everybody's
        text = "".join(traceback.format_exception_only(error)).strip()
        return _verdict(run, Outcome.ERROR, f"a fault of the simulator: {text}", (), seconds)
    if run.world.bugs():
        text = "\n".join(["a fault of the simulator:", *bugs.texts])
        return _verdict(run, Outcome.ERROR, text, (), seconds)
    return _verdict(run, Outcome.PASSED, "", (), seconds)


def _verdict(run: Run, outcome: Outcome, reason: str, failures: tuple[Failure, ...], seconds: float) -> Verdict:
    scenario, world = run.scenario, run.world
    findings = tuple(world.judges.findings())
    if findings and outcome is Outcome.PASSED:
        outcome = Outcome.FAILED
    return Verdict(
        scenario.name,
        str(scenario.path),
        outcome,
        reason,
        failures,
        findings,
        tuple(scenario.parameters.items()),
        scenario.keys.tags,
        scenario.keys.clauses,
        seconds,
        round(world.now(), 6),
        run.steps,
        world.recorder.participants(),
        world.recorder.messages(),
        tuple(_documents(world)),
        world.recorder.fingerprint,
        tuple(name for name, keys in scenario.actors.items() if keys.external),
    )


def _documents(world: World) -> list[Document]:
    found = [
        Document(
            round(told.notified.at - world.stage.offset - world.began, 6),
            actor.name,
            told.notified.request.get("subscription-state") or "",
            told.notified.request.body,
        )
        for actors in world.actors.values()
        for actor in actors
        for told in actor.documents
    ]
    return sorted(found, key=lambda each: each.at)


def unusable(scenario: Scenario, error: InputError, seconds: float) -> Verdict:
    """Return the verdict on a file that cannot be used."""
    return _unplayed(scenario, Outcome.ERROR, "; ".join(str(problem) for problem in error.problems), seconds)


def not_run(scenario: Scenario, reason: NotRunnable, seconds: float) -> Verdict:
    """Return the verdict on a scenario that is not for this place."""
    return _unplayed(scenario, Outcome.NOT_RUN, str(reason), seconds)


def _unplayed(scenario: Scenario, outcome: Outcome, reason: str, seconds: float) -> Verdict:
    return Verdict(
        scenario.name,
        str(scenario.path),
        outcome,
        reason,
        tags=scenario.keys.tags,
        clauses=scenario.keys.clauses,
        seconds=seconds,
    )
