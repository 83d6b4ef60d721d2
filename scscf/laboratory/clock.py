"""Service time of a running S-CSCF: that of bindings, subscriptions and nonces."""

from collections.abc import Callable

from scscf.laboratory.running_scscf import RunningScscf
from scscf.net.virtual_time import Moved

_LONGEST = 600.0


class Clock:
    """Flows as fast as real time, and is moved ahead. `after` is called in the reactor's thread after each move."""

    def __init__(self, scscf: RunningScscf, after: Callable[[], None]) -> None:
        self._scscf = scscf
        self._after = after

    def now(self) -> float:
        """Return service time, seconds since the Unix epoch."""
        return self._scscf.thread.call(self._scscf.scscf.shell.now)

    def advance(self, seconds: float) -> Moved:
        """Move it ahead at once; what is due on the way is done at its time, in order, and answered by the UEs."""
        return self._move(seconds, None)

    def freeze(self) -> None:
        """Have it stand still but for `advance`."""
        self._move(0.0, True)

    def flow(self) -> None:
        """Have it flow again."""
        self._move(0.0, False)

    def _move(self, seconds: float, freeze: bool | None) -> Moved:
        if seconds < 0:
            raise ValueError("time goes ahead only")
        thread = self._scscf.thread
        moved = thread.call(self._scscf.virtual_time.move, seconds, freeze, timeout=_LONGEST)
        thread.call(self._after)
        return moved
