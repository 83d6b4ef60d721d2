"""When a peer that is gone is tried again: the timer Tc of RFC 6733 §2.1, short at first."""

from collections.abc import Callable

from scscf.net.shell import Shell
from scscf.timers import Deadline

FIRST_RETRY, LAST_RETRY = 1.0, 30.0
"""Seconds until a peer that is gone is tried again; each further time it is twice as long."""


class Reconnection:
    """The attempts to connect to one peer. `connect` makes the next one."""

    def __init__(self, shell: Shell, connect: Callable[[], None]) -> None:
        self._shell = shell
        self._connect = connect
        self.tried = False
        """Whether there was an attempt since the peer was connected the last time."""
        self._wait = FIRST_RETRY
        self._next: Deadline | None = None

    def connected(self) -> None:
        """Begin anew with short waits when the peer is gone the next time."""
        self.tried = False
        self._wait = FIRST_RETRY

    def unwanted(self) -> None:
        """Wait long: the peer has taken leave for good (RFC 6733 §5.4)."""
        self._wait = LAST_RETRY

    def put_off(self) -> None:
        """Try again after a while, unless that is to come already."""
        if self._next is None:
            self._next = self._shell.wire.at(self._shell.reactor.seconds() + self._wait, lambda _now: self._connect())
            self._wait = min(self._wait * 2, LAST_RETRY)
            self.tried = True

    def cancel(self) -> None:
        """Try no more."""
        if self._next is not None:
            self._shell.wire.cancel(self._next)
            self._next = None
