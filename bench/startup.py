"""Seconds from the start of the process until its ready file is there, with a subscribers file of 600,000 users."""

from bench.figures import RUNS, Figure, folder
from bench.node import Scscf


def figures() -> list[Figure]:
    """Start and stop our server some times."""
    values = []
    for _ in range(RUNS):
        with folder() as place:
            node = Scscf(place)
            values.append(node.startup)
            node.stop()
    return [Figure("start until ready", "s", tuple(values), 1.0)]
