"""The subscription of a UE that acts by itself to its own registration state (TS 24.229 §5.1.1.3, RFC 6665 §4.1)."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from scscf.promise import Promise
from scscf.regevent.reading import ReadDocument
from scscf.ue.alarm import Alarm
from scscf.ue.answers import AnswerRule
from scscf.ue.autonomous.behaviour import is_temporary, min_expires, refresh_after
from scscf.ue.autonomous.reginfo import default_identity
from scscf.ue.autonomous.restoration import asks_for_registration
from scscf.ue.autonomous.states import RegistrationInput
from scscf.ue.autonomous.watch_states import WATCHING, WatchingAction, WatchingInput, WatchingState
from scscf.ue.ue import Exchange
from scscf.ue.watch import Notified, Watch, WatchState

if TYPE_CHECKING:
    from scscf.ue.autonomous.ue import AutonomousUe

_NO_NOTIFY = 32.0
"""Timer N: 64*T1 (RFC 6665 §4.1.2.4)."""
_LOOP = 2.0
_MOST_RAISES = 3
_MOST_KEPT = 100
_ENDS_IT: Final = frozenset({404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604})
"""Answers to a refresh after which there is no subscription (RFC 5057 §5.1)."""
_FOR_GOOD: Final = frozenset({"rejected", "noresource", "invariant"})
_FOR_NOW: Final = frozenset({"probation", "giveup"})
_SHORT_LIFE = 60.0
_Input = WatchingInput


class Watching:
    """What a UE does about its one subscription."""

    def __init__(self, owner: "AutonomousUe") -> None:
        self._owner = owner
        self.state = WatchingState.NOT_WATCHING
        self.watch: Watch | None = None
        """The subscription that there is, or that is being asked for."""
        self._expires = owner.behaviour.subscribe_expires
        self._alarm = Alarm(owner.ue.agent, self._rang)
        self._busy: Promise[None] | None = None
        self._turn = 0
        self._failures = 0
        self._raises = 0
        self._wait = 0.0
        self._began = 0.0
        self._short_lives = 0
        self._ends = float("inf")
        self._version: int | None = None

    def subscribe(self) -> None:
        """Subscribe, or refresh what there is."""
        self.take(_Input.SUBSCRIBE)

    def unsubscribe(self) -> None:
        """End the subscription."""
        self.take(_Input.UNSUBSCRIBE)

    def lose(self) -> None:
        """Take that the registration is gone."""
        self.take(_Input.LOST)

    def forget(self) -> None:
        """Know nothing of any subscription: the UE was switched off."""
        self._owner.ue.watches.clear()
        self._drop()

    def answer_nothing(self) -> None:
        """Answer no NOTIFY."""
        self._owner.ue.answers.add(AnswerRule("NOTIFY", None))

    def take(self, what: WatchingInput) -> None:
        """Do what the table has for something that happened."""
        self.state, actions = WATCHING[self.state][what]
        for action in actions:
            _DO[action](self)
        self._owner.changed()

    def is_news(self, document: ReadDocument) -> bool:
        """Tell whether a document is to be heeded; one before it that is missing is asked for (RFC 3680 §5.2)."""
        version = int(document.version) if document.version.isascii() and document.version.isdigit() else None
        last, self._version = self._version, version
        if document.state == "full" or version is None or last is None:
            return True
        if version <= last:
            self._version = last
            return False
        if version > last + 1:
            self.take(_Input.MISSED)
        return True

    def notified(self, watch: Watch, notified: Notified) -> None:
        """Take the Subscription-State of a NOTIFY; what its document says was heeded before."""
        del watch.notified[:-_MOST_KEPT]
        if watch is not self.watch:
            return
        if watch.state is not WatchState.TERMINATED:
            sooner = watch.expires_at is not None and watch.expires_at < self._ends - 5.0
            if sooner and self.state is WatchingState.WATCHING:
                self._set_refresh()
            return
        if not self._owner.is_registered:
            self.take(_Input.LOST)
            return
        self._ended(notified)

    def _ended(self, notified: Notified) -> None:
        state = notified.state
        short = notified.at - self._began < _SHORT_LIFE
        self._short_lives = self._short_lives + 1 if short else 0
        if state.reason in _FOR_GOOD:
            self.take(_Input.ENDED_FOR_GOOD)
        elif state.reason in _FOR_NOW or state.retry_after is not None or self._short_lives > 1:
            asked = state.retry_after
            self._wait = self._owner.back_off(max(1, self._short_lives)) if asked is None else max(1.0, asked)
            self.take(_Input.ENDED_FOR_NOW)
        else:
            self.take(_Input.ENDED)

    def _is_live(self, watch: Watch) -> bool:
        ends = watch.expires_at
        in_dialog = watch.remote_tag is not None and watch.state in (WatchState.ACTIVE, WatchState.PENDING)
        return in_dialog and (ends is None or ends > self._owner.ue.now())

    def _drop(self) -> None:
        self._turn += 1
        self.watch = None
        self._version = None

    def _stop(self) -> None:
        self._turn += 1
        self._alarm.cancel()
        if self._owner.misbehaves("unsubscribe-loop") and self._owner.is_registered:
            self._alarm.set(_LOOP)

    def _raise(self) -> None:
        """The interval was raised when the answer came."""

    def _subscribe(self) -> None:
        self._begin(self._expires)

    def _unsubscribe(self) -> None:
        self._begin(0)

    def _begin(self, expires: int | None) -> None:
        self._turn += 1
        self._alarm.cancel()
        self._owner.ue.agent.shell.perform(self._one(self._turn, expires))

    async def _one(self, turn: int, expires: int | None) -> None:
        """Send one SUBSCRIBE, after the one that is under way."""
        while self._busy is not None:
            await self._busy
        if turn != self._turn:
            return
        watch = self.watch
        if watch is None or not self._is_live(watch):
            if expires == 0:
                self.take(_Input.ACCEPTED)
                return
            watch = self._anew()
        busy = self._busy = Promise()
        within = watch.remote_tag is not None
        exchange = await self._owner.ue.resubscribe(watch, expires)
        for told in self._owner.on_exchange:
            told(exchange)
        self._busy = None
        if turn == self._turn:
            self._answered(exchange, within)
        busy.keep(None)

    def _anew(self) -> Watch:
        ue = self._owner.ue
        ue.watches[:] = [each for each in ue.watches if each.state is not WatchState.TERMINATED]
        identity = default_identity(ue.identity.aor, ue.associated)
        own = identity == ue.identity.aor
        self.watch = ue.watch(identity, by=None if own else identity)
        self._version, self._began, self._ends = None, ue.now(), float("inf")
        return self.watch

    def _answered(self, exchange: Exchange, within: bool) -> None:
        reply = exchange.final
        status = exchange.status
        if within and status in _ENDS_IT:
            self.watch = None
        if status is not None and 200 <= status < 300:
            self._failures = self._raises = 0
            self.take(_Input.ACCEPTED)
        elif status == 423 and self._raised(min_expires(reply)):
            self.take(_Input.TOO_BRIEF)
        elif status == 481 and within:
            self.take(_Input.GONE)
        elif status == 504 and asks_for_registration(reply):
            self._owner.take(RegistrationInput.RESTORE)
        elif status in (423, 481) or is_temporary(reply):
            self._failures += 1
            self._wait = self._owner.wait_after(reply, self._failures)
            self.take(_Input.TRY_LATER)
        else:
            self.take(_Input.REFUSED)

    def _raised(self, least: int | None) -> bool:
        self._raises += 1
        if least is None or self._raises > _MOST_RAISES or (self._expires is not None and least <= self._expires):
            self._raises = 0
            return False
        self._expires = least
        return True

    def _set_refresh(self) -> None:
        watch = self.watch
        if watch is None:
            return
        if watch.state is WatchState.NOTIFY_WAIT:
            self._alarm.set(_NO_NOTIFY)
            return
        now = self._owner.ue.now()
        self._ends = watch.expires_at if watch.expires_at is not None else now + (self._expires or 3761)
        self._alarm.set(_LOOP if self._owner.misbehaves("unsubscribe-loop") else refresh_after(self._ends - now))

    def _wait_for_it(self) -> None:
        self._alarm.set(self._wait)

    def _rang(self) -> None:
        watch = self.watch
        if self._owner.misbehaves("unsubscribe-loop"):
            self.take(_Input.UNSUBSCRIBE if self.state is WatchingState.WATCHING else _Input.SUBSCRIBE)
        elif self.state is WatchingState.WATCHING and watch is not None and watch.state is WatchState.NOTIFY_WAIT:
            self._failures += 1
            self._wait = self._owner.back_off(self._failures)
            self.take(_Input.TRY_LATER)
        else:
            self.take(_Input.TIMER)


_DO: Final[dict[WatchingAction, Callable[[Watching], None]]] = {
    WatchingAction.DROP: Watching._drop,
    WatchingAction.RAISE: Watching._raise,
    WatchingAction.SUBSCRIBE: Watching._subscribe,
    WatchingAction.UNSUBSCRIBE: Watching._unsubscribe,
    WatchingAction.SET_REFRESH: Watching._set_refresh,
    WatchingAction.WAIT: Watching._wait_for_it,
    WatchingAction.STOP: Watching._stop,
}
