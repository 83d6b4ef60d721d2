"""A simulated UE that acts by itself: registers, stays registered, and heeds what its network tells it.

What it does when is in the tables of states.py and watch_states.py; one REGISTER is under way at
a time, and one SUBSCRIBE (TS 24.229 §5.1.1).
"""

from collections.abc import Callable
from typing import Final

from scscf.promise import Promise
from scscf.regevent.reading import read_document
from scscf.sip.message import Response
from scscf.ue.alarm import Alarm
from scscf.ue.autonomous.behaviour import (
    Behaviour,
    back_off,
    is_temporary,
    min_expires,
    refresh_after,
    retry_after,
)
from scscf.ue.autonomous.misbehaviour import MISBEHAVIOURS, spoil_answer, understood, wrong_headers
from scscf.ue.autonomous.reginfo import OwnNews, own_news
from scscf.ue.autonomous.states import REGISTRATION, RegistrationAction, RegistrationInput, RegistrationState
from scscf.ue.autonomous.watching import Watching
from scscf.ue.ue import Exchange, Ue, uri_of
from scscf.ue.user_agent import Reply
from scscf.ue.watch import Notified, Watch

_MOST_RAISES = 3
_Input = RegistrationInput


class AutonomousUe:
    """One UE of its own accord. Raises ValueError for a misbehaviour that there is not.

    `order` tells it to do something, as its user would; `on_change` is called after every change of `state` or of
    `watching.state`, `on_exchange` with every request that has come to its end.
    """

    def __init__(self, ue: Ue, behaviour: Behaviour = Behaviour()) -> None:  # noqa: B008
        unknown = behaviour.misbehave - MISBEHAVIOURS.keys()
        if unknown:
            raise ValueError(f"no such misbehaviour: {', '.join(sorted(unknown))}; one of {', '.join(MISBEHAVIOURS)}")
        self.ue = ue
        self.behaviour = behaviour
        self.state = RegistrationState.NOT_REGISTERED
        self.watching = Watching(self)
        self.on_change: list[Callable[[], None]] = []
        self.on_exchange: list[Callable[[Exchange], None]] = []
        self._expires = behaviour.expires
        self._alarm = Alarm(ue.agent, lambda: self.take(_Input.TIMER))
        self._busy: Promise[None] | None = None
        self._turn = 0
        """Counts what it began; the outcome of anything older does not matter any more."""
        self._anew = False
        self._failures = 0
        self._raises = 0
        self._wait = 0.0
        self._leaving: list[Promise[None]] = []
        ue.on_notified.append(self._on_notified)
        ue.before_answer.append(self._before_answer)
        if "no-answer-to-notify" in behaviour.misbehave:
            self.watching.answer_nothing()

    @property
    def is_registered(self) -> bool:
        """Whether it believes that its contact is registered."""
        until = self.ue.registered_until
        return until is not None and until > self.ue.now()

    def start(self) -> None:
        """Begin: register, and go on from there."""
        self.order("register")

    def leave(self) -> Promise[None]:
        """De-register; the promise is kept when that was answered, or nothing came for 64*T1."""
        left: Promise[None] = Promise()
        self._leaving.append(left)
        self.take(_Input.DEREGISTER)
        return left

    def order(self, what: str) -> None:
        """Do what its user asks for: one of ORDERS. Raises ValueError for anything else."""
        if what not in ORDERS:
            raise ValueError(f"{what}: not one of {', '.join(ORDERS)}")
        with self.ue.agent.shell.turn():
            ORDERS[what](self)

    def take(self, what: RegistrationInput) -> None:
        """Do what the table has for something that happened."""
        self.state, actions = REGISTRATION[self.state][what]
        for action in actions:
            _DO[action](self)
        self.changed()

    def changed(self) -> None:
        """Tell whoever wants to know."""
        for told in self.on_change:
            told()

    def wait_after(self, reply: Reply, failures: int) -> float:
        """Return how many seconds to wait after an answer: its Retry-After, else as RFC 5626 §4.5 has it."""
        asked = retry_after(reply)
        if asked is not None:
            return max(1.0, asked)
        return self.back_off(failures)

    def back_off(self, failures: int) -> float:
        """Return how many seconds to wait of its own after so many failures in a row."""
        return back_off(failures, int(self.ue.agent.identifiers.hex(2), 16) / 0xFFFF)

    def misbehaves(self, name: str) -> bool:
        """Tell whether it does something wrong."""
        return name in self.behaviour.misbehave

    def _restart(self) -> None:
        self.watching.forget()
        self.take(_Input.RESTART)

    def _stop(self) -> None:
        self._alarm.cancel()

    def _forget(self) -> None:
        self._turn += 1
        self._anew = True
        self.ue.registered_until = None

    def _raise(self) -> None:
        """The interval was raised when the answer came."""

    def _register(self) -> None:
        self._begin(self._expires)

    def _deregister(self) -> None:
        self._begin(0)

    def _begin(self, expires: int | None) -> None:
        self._turn += 1
        self._alarm.cancel()
        self.ue.agent.shell.perform(self._one(self._turn, expires))

    async def _one(self, turn: int, expires: int | None) -> None:
        """Send one REGISTER, after the one that is under way."""
        while self._busy is not None:
            await self._busy
        if turn != self._turn:
            return
        ue = self.ue
        if expires == 0 and not self.is_registered:
            self.take(_Input.ACCEPTED)
            return
        if self._anew or (ue.registered_until is not None and not self.is_registered):
            self._anew = False
            ue.begin_anew()
        busy = self._busy = Promise()
        exchange = await ue.register(expires, headers=wrong_headers(ue, self.behaviour.misbehave))
        for told in self.on_exchange:
            told(exchange)
        self._busy = None
        if turn == self._turn:
            self._answered(exchange, expires)
        elif self._anew:
            ue.registered_until = None
        busy.keep(None)

    def _before_answer(self) -> None:
        if self._busy is not None:
            spoil_answer(self.ue, self.behaviour.misbehave)

    def _answered(self, exchange: Exchange, expires: int | None) -> None:
        reply = exchange.final
        what = _Input.REFUSED
        if isinstance(reply, Response) and reply.status == 200:
            what = _Input.ACCEPTED if expires == 0 or self.is_registered else _Input.TRY_LATER
        elif exchange.status == 423 and self._raised(min_expires(reply)):
            what = _Input.TOO_BRIEF
        elif exchange.status == 423 or is_temporary(reply):
            what = _Input.TRY_LATER
        if what is _Input.ACCEPTED:
            self._failures = self._raises = 0
        elif what is _Input.TRY_LATER:
            self._failures += 1
            self._wait = self.wait_after(reply, self._failures)
        self.take(what)

    def _raised(self, least: int | None) -> bool:
        """Ask for more from now on; tell whether there is a point in trying at once (RFC 3261 §10.2.8)."""
        self._raises += 1
        if self._raises > _MOST_RAISES:
            self._raises = 0
            return False
        if self.misbehaves("ignores-423"):
            return True
        if least is None or (self._expires is not None and least <= self._expires):
            return False
        self._expires = least
        return True

    def _set_refresh(self) -> None:
        """Wait for the time to refresh; where the end was shortened, not longer than was meant before."""
        until = self.ue.registered_until
        if until is None:
            return
        left = until - self.ue.now()
        when = left + 30 if self.misbehaves("late-refresh") else refresh_after(left)
        self._alarm.set(when)

    def _shorten(self, seconds: int) -> None:
        ue = self.ue
        if ue.registered_until is None or ue.now() + seconds >= ue.registered_until:
            return
        ue.registered_until = ue.now() + seconds
        late = self.misbehaves("too-late-after-shortened")
        meant = self._alarm.left
        self.take(_Input.SHORTENED)
        if self._alarm.is_set:
            # The NOTIFY was under way, and the network counts from when it was sent.
            when = seconds + 5.0 if late else min(meant, refresh_after(seconds) - 1.0)
            self._alarm.set(when)

    def _wait_for_it(self) -> None:
        self._alarm.set(self._wait)

    def _lose(self) -> None:
        self.watching.lose()

    def _subscribe(self) -> None:
        if self.behaviour.subscribe and not self.misbehaves("no-subscribe"):
            self.watching.subscribe()

    def _left(self) -> None:
        leaving, self._leaving = self._leaving, []
        for promise in leaving:
            promise.keep(None)

    def _on_notified(self, watch: Watch, notified: Notified) -> None:
        if watch is not self.watching.watch:
            return
        try:
            document = read_document(notified.request.body)
        except ValueError:
            document = None
        if document is not None and self.watching.is_news(document):
            news = own_news(document, self.ue.identity.aor, uri_of(self.ue.contact))
            if news is not None and self.ue.registered_until is not None:
                self._told(news)
        self.watching.notified(watch, notified)

    def _told(self, news: OwnNews) -> None:
        """Heed what the network says about its own contact (TS 24.229 §5.1.1.7)."""
        if news.input is _Input.SHORTENED:
            self._shorten(news.seconds or 0)
            return
        if news.input is _Input.PROBATION:
            self._failures += 1
            wait = self.back_off(self._failures) if news.seconds is None else max(1.0, news.seconds)
            self._wait = wait / 4 if self.misbehaves("too-early-after-probation") else wait
        what = understood(news.input, self.behaviour.misbehave)
        if what is not None:
            self.take(what)


_DO: Final[dict[RegistrationAction, Callable[[AutonomousUe], None]]] = {
    RegistrationAction.STOP: AutonomousUe._stop,
    RegistrationAction.FORGET: AutonomousUe._forget,
    RegistrationAction.LOSE: AutonomousUe._lose,
    RegistrationAction.RAISE: AutonomousUe._raise,
    RegistrationAction.REGISTER: AutonomousUe._register,
    RegistrationAction.DEREGISTER: AutonomousUe._deregister,
    RegistrationAction.SET_REFRESH: AutonomousUe._set_refresh,
    RegistrationAction.WAIT: AutonomousUe._wait_for_it,
    RegistrationAction.SUBSCRIBE: AutonomousUe._subscribe,
    RegistrationAction.LEFT: AutonomousUe._left,
}

ORDERS: Final[dict[str, Callable[[AutonomousUe], None]]] = {
    "register": lambda ue: ue.take(_Input.REGISTER),
    "refresh": lambda ue: ue.take(_Input.REFRESH),
    "deregister": lambda ue: ue.take(_Input.DEREGISTER),
    "restart": AutonomousUe._restart,
    "subscribe": lambda ue: ue.watching.subscribe(),
    "unsubscribe": lambda ue: ue.watching.unsubscribe(),
}
"""What a UE can be told to do: name → how it is done."""
