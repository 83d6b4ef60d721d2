"""What the steps of one run share: the world, the variables, and who is meant by a name."""

from collections.abc import Coroutine
from typing import Any, TypeVar

from scscf.promise import Promise
from scscf.scenario.actor import Actor
from scscf.scenario.loading import Scenario
from scscf.scenario.outcome import NotRunnable
from scscf.scenario.world import World

T = TypeVar("T")


class Run:
    """One run of a scenario in a world."""

    def __init__(self, scenario: Scenario, world: World) -> None:
        self.scenario = scenario
        self.world = world
        self.variables: dict[str, str] = dict(scenario.parameters)
        self.steps = 0
        """Steps that were begun."""

    def perform(self, coroutine: Coroutine[Any, Any, T]) -> Promise[T]:
        """Run something beside the step that is going on."""
        return self.world.perform(coroutine)

    def actors(self, name: str) -> list[Actor]:
        """Return the actors of a name. Raises NotRunnable for one that no simulated UE stands for."""
        actors = self.world.named(name)
        if not actors:
            raise NotRunnable(f"{name} is a UE under test, and none is there")
        return actors

    def actor(self, name: str) -> Actor:
        """Return the one actor of a name, the first of many."""
        return self.actors(name)[0]

    def aor_of(self, name: str) -> str:
        """Return the public identity of an actor, or the text itself."""
        actors, ue = self.world.named(name), self.world.under_test.get(name)
        return actors[0].ue.identity.aor if actors else ue.aor if ue is not None else name

    def contact_of(self, name: str) -> str:
        """Return the contact URI of an actor, or the text itself."""
        actors, ue = self.world.named(name), self.world.under_test.get(name)
        return actors[0].contact if actors else ue.contact if ue is not None else name

    def uri_of(self, name: str) -> str:
        """Return where requests for an actor are sent, its public identity; or the text itself."""
        return self.aor_of(name)

    def fill(self, value: T) -> T:
        """Return a value with the variables in its texts put in."""
        filled: T = self.world.fill(value, self.variables)
        return filled
