"""Commands of the person who tests: run to their end while the scenario waits."""

# mypy: allow-untyped-calls

import os
import shlex
from typing import Any

from scscf.scenario.outcome import NotRunnable

_LINES = 5
"""So many lines of what a command complained of are told."""


async def run_command(reactor: Any, command: str, *arguments: str, target: tuple[str, int]) -> None:
    """Run a command, with the S-CSCF's place in SCSCF_HOST and SCSCF_PORT. Raises NotRunnable where it fails."""
    from twisted.internet.utils import getProcessOutputAndValue

    words = shlex.split(command)
    env = {**os.environ, "SCSCF_HOST": target[0], "SCSCF_PORT": str(target[1])}
    _, errors, code = await getProcessOutputAndValue(words[0], [*words[1:], *arguments], env=env, reactor=reactor)
    if code != 0:
        text = errors.decode("utf-8", "replace").splitlines()[-_LINES:]
        raise NotRunnable(f"the command {command!r} ended with {code}: {' '.join(text)}")
