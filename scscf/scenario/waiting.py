"""Waiting for one thing or another on a stage."""

from collections.abc import Callable
from typing import TypeVar

from scscf.promise import Promise
from scscf.scenario.inbox import Inbox
from scscf.scenario.world import World, either

T = TypeVar("T")


async def settled(world: World, promise: Promise[T]) -> T:
    """Wait for a promise and for the end of the turn that kept it."""
    if not promise.done:
        await either(promise)
        await world.pause(0)
    return promise.result()


async def next_of(world: World, inbox: Inbox[T], wanted: Callable[[T], bool], within: float) -> T | None:
    """Return the next item that is wanted, waiting for it at most `within` seconds; None where it has not come."""
    deadline = world.now() + within
    while True:
        found = inbox.take(wanted)
        if found is not None:
            return found
        left = deadline - world.now()
        if left <= 0:
            return None
        await world.lapse(left, inbox.more())
        await world.pause(0)
