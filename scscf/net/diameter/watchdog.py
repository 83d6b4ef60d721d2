"""The watchdog of one Diameter peer at work: the table of RFC 3539 §3.4.1 with its timer (RFC 6733 §5.5)."""

from collections.abc import Callable
from typing import Any, Protocol

from scscf.diameter.watchdog import WATCHDOG, Action, Event, State
from scscf.net.shell import Shell
from scscf.timers import Deadline

_ENOUGH = 3
"""So many DWAs make a peer that comes back one that may be asked again."""


class Watched(Protocol):
    """The peer, as its watchdog sees it."""

    def send_watchdog(self) -> None:
        """Send a DWR."""

    def watchdog_failed(self) -> None:
        """Close the connection: the peer does not answer."""

    def fail_over(self) -> None:
        """Have other peers answer what this one has not."""


class PeerWatchdog:
    """Whether a peer is believed to be alive. `interval()` is Tw with its jitter, seconds."""

    def __init__(self, peer: Watched, shell: Shell, interval: Callable[[], float]) -> None:
        self.state = State.INITIAL
        self._peer = peer
        self._shell = shell
        self._interval = interval
        self._timer: Deadline | None = None
        self._heard = False
        """Whether the peer has sent anything since the timer was set."""
        self._pending = False
        """Whether a DWR is not answered yet."""
        self._answers = 0

    @property
    def is_okay(self) -> bool:
        """Whether the peer may be asked."""
        return self.state is State.OKAY

    def connection_up(self) -> None:
        """The peer is connected."""
        self._event(Event.CONNECTION_UP)

    def connection_down(self) -> None:
        """It is not any more."""
        self._event(Event.CONNECTION_DOWN)

    def heard(self) -> None:
        """The peer has sent something else than a DWA: the hot path while all is well."""
        if self.state is State.OKAY and not self._pending:
            self._heard = True
        else:
            self._event(Event.RECEIVE_NON_DWA)

    def answered(self) -> None:
        """The peer has sent a DWA."""
        self._pending = False
        self._answers += 1
        third = self.state is State.REOPEN and self._answers >= _ENOUGH
        self._event(Event.RECEIVE_THIRD_DWA if third else Event.RECEIVE_DWA)

    def stop(self) -> None:
        """Set no timer any more."""
        if self._timer is not None:
            self._shell.wire.cancel(self._timer)
            self._timer = None

    def _event(self, event: Event) -> None:
        self.state, actions = WATCHDOG[self.state][event]
        for action in actions:
            _ACTIONS.get(action, _nothing)(self)

    def _set(self) -> None:
        self.stop()
        self._heard = False
        if self.state not in (State.DOWN, State.INITIAL):
            until = self._shell.reactor.seconds() + self._interval()
            self._timer = self._shell.wire.at(until, lambda _now: self._over())

    def _over(self) -> None:
        self._timer = None
        if self._heard and not self._pending:
            self._set()
        else:
            self._event(Event.TIMER_PENDING if self._pending else Event.TIMER)

    def _ask(self) -> None:
        self._pending = True
        self._peer.send_watchdog()

    def _close(self) -> None:
        self._pending = False
        self._answers = 0
        self._peer.watchdog_failed()

    def _fail_over(self) -> None:
        self._peer.fail_over()


def _nothing(watchdog: PeerWatchdog) -> None:
    """Do nothing: what OpenConnection, AttemptOpen, Failback and NumDWA++ stand for happens by itself."""


_ACTIONS: dict[Action, Callable[[PeerWatchdog], Any]] = {
    Action.SET_WATCHDOG: PeerWatchdog._set,
    Action.SEND_WATCHDOG: PeerWatchdog._ask,
    Action.CLOSE_CONNECTION: PeerWatchdog._close,
    Action.FAILOVER: PeerWatchdog._fail_over,
}
