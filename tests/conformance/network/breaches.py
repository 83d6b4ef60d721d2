"""For each check of networks, a scene in which the network breaks it."""

from collections.abc import Callable
from typing import NamedTuple

from tests.conformance.network.scene import Scene

Play = Callable[[Scene], object]


class Breach(NamedTuple):
    """A scene, and what is found in it besides the check that it is of."""

    play: Play
    beside: frozenset[str]
    profile: dict[str, object]

    def scene(self, permitted: frozenset[str] = frozenset()) -> Scene:
        """Play it to the end."""
        scene = Scene(permitted, **self.profile)
        self.play(scene)
        scene.end(7.0)
        return scene


BREACHES: dict[str, Breach] = {}
"""Check → how it is broken."""


def breach(check: str, *beside: str, **profile: object) -> Callable[[Play], Play]:
    """Name the check that a scene breaks, and others that cannot but be broken with it."""

    def keep(play: Play) -> Play:
        assert check not in BREACHES
        BREACHES[check] = Breach(play, frozenset(beside), profile)
        return play

    return keep
