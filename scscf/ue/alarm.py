"""One timer of a simulated UE: set again it forgets what it was set to."""

from collections.abc import Callable

from scscf.timers import Deadline
from scscf.ue.user_agent import UserAgent


class Alarm:
    """Calls `ring()` when its time has come, on the clock of a user agent."""

    def __init__(self, agent: UserAgent, ring: Callable[[], None]) -> None:
        self._agent = agent
        self._ring = ring
        self._deadline: Deadline | None = None

    @property
    def is_set(self) -> bool:
        """Whether it is still to ring."""
        return self._deadline is not None

    @property
    def left(self) -> float:
        """In how many seconds it rings, infinite where it is not set."""
        if self._deadline is None:
            return float("inf")
        return self._deadline.when - self._agent.shell.reactor.seconds()

    def set(self, seconds: float) -> None:
        """Ring so many seconds from now, and not when it was to ring before."""
        self.cancel()
        shell = self._agent.shell
        with shell.turn():
            self._deadline = shell.wire.at(shell.reactor.seconds() + max(0.0, seconds), self._due)

    def cancel(self) -> None:
        """Do not ring."""
        if self._deadline is not None:
            self._agent.shell.wire.cancel(self._deadline)
            self._deadline = None

    def _due(self, now: float) -> None:
        self._deadline = None
        self._ring()
