"""Steps about a UE under test: what it is asked to do, and what it has to do by itself."""

import sys

from scscf.scenario.matching import Difference, lines, request_differences
from scscf.scenario.outcome import NotRunnable, Unmet
from scscf.scenario.outside import run_command
from scscf.scenario.run import Run
from scscf.scenario.step_keys import AskKeys, DoesKeys
from scscf.scenario.waiting import next_of


async def start(run: Run, name: str) -> None:
    """Have an autonomous actor begin."""
    for actor in run.actors(name):
        if actor.autonomous is None:
            raise Unmet(f"{actor.name} is not autonomous: it does what steps say")
        actor.autonomous.start()


async def ask(run: Run, keys: AskKeys) -> None:
    """Have a UE under test do something: its stand-in, its hook, or the person before the screen."""
    actors = run.world.named(keys.who)
    for actor in actors:
        if actor.autonomous is None:
            raise Unmet(f"{actor.name} does what steps say: `ask` is for an actor with external or autonomous")
        actor.autonomous.order(keys.to)
    if actors:
        return
    run.world.asked()
    hook = run.scenario.actors[keys.who].hook
    if hook is None:
        print(f">>> {keys.prompt or f'{keys.who}: please {keys.to}'}", file=sys.stderr, flush=True)
        return
    await run_command(run.world.real_reactor, hook, keys.to, target=run.world.target)


async def does(run: Run, keys: DoesKeys) -> None:
    """Expect that a UE under test does something by itself."""
    ue = run.world.under_test.get(keys.who)
    if ue is None:
        raise Unmet(f"{keys.who} is no UE under test: `does` is for an actor with external: true")
    began = run.world.now()
    deed = await next_of(run.world, ue.deeds, lambda each: each.what == keys.what, keys.within)
    if deed is None:
        if not ue.addresses:
            raise NotRunnable(f"no UE came: nothing of {ue.aor} was seen within {keys.within:g} s")
        raise Unmet(f"{keys.who}: did not {keys.what} within {keys.within:g} s", [keys.what], ["nothing of the kind"])
    differences = list(request_differences("*", dict(keys.headers), "*", deed.request))
    came_after = run.world.now() - began
    if came_after < keys.not_before:
        differences.append(Difference("time", f"not before {keys.not_before:g} s", f"after {came_after:.3f} s"))
    if differences:
        expected, came = lines(differences)
        raise Unmet(f"{keys.who}: {keys.what} is not as expected: {differences[0].what}", expected, came)
