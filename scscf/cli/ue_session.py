"""One session of `scscf ue`: what the UE does, when it is over, and with which exit code."""

from collections.abc import Callable

from scscf.cli.ue import Wishes
from scscf.cli.ue_printing import Printing
from scscf.config.listen import hostport
from scscf.conformance.finding import Finding
from scscf.conformance.network.judge import NetworkJudge
from scscf.errors import SipError
from scscf.promise import Promise
from scscf.sip.message import Response
from scscf.sip.outbox import Flow
from scscf.sip.parser import Unparseable, parse_message
from scscf.ue.answers import AnswerRule
from scscf.ue.authorization import Authorizer
from scscf.ue.autonomous.behaviour import Behaviour
from scscf.ue.autonomous.states import RegistrationState
from scscf.ue.autonomous.ue import AutonomousUe
from scscf.ue.autonomous.watch_states import WatchingState
from scscf.ue.identity import Identity
from scscf.ue.ue import Exchange, Ue
from scscf.ue.user_agent import UserAgent
from scscf.ue.watch import Notified, Watch, WatchState

DONE, REFUSED, NOBODY = 0, 1, 3
"""Exit codes."""
_LAST_NOTIFY = 1.0
"""So many seconds the NOTIFY that ends the subscription may come after the UE has left."""


class Session:
    """One UE from its first REGISTER to its last. `finished` is kept with the exit code."""

    def __init__(self, agent: UserAgent, wishes: Wishes, printing: Printing) -> None:
        self._agent = agent
        self._wishes = wishes
        self._printing = printing
        self.finished: Promise[int] = Promise()
        self._judge = NetworkJudge()
        self._found: list[Finding] = []
        self._wrong = False
        self._last: Exchange | None = None
        self._state = RegistrationState.NOT_REGISTERED
        self._was_registered = False
        self._was_notified = False
        self._leaving = False
        self._deciding = False
        agent.traces.append(self._trace)
        identity = Identity(wishes.aor, wishes.private_identity, wishes.domain, wishes.next_hop)
        authorizer = Authorizer(wishes.private_identity, wishes.domain, wishes.secret, agent.identifiers.hex(8))
        ue = Ue(agent, identity, authorizer, named=wishes.named)
        transport = ";transport=tcp" if wishes.next_hop.transport == "tcp" else ""
        user = wishes.aor.partition(":")[2].partition("@")[0]
        ue.contact = f"<sip:{user}@{hostport(*agent.address)}{transport}>"
        if wishes.answer_notify != "200":
            status = None if wishes.answer_notify == "none" else int(wishes.answer_notify)
            ue.answers.add(AnswerRule("NOTIFY", status))
        ue.on_notified.append(self._notified)
        self.phone = AutonomousUe(ue, Behaviour(wishes.expires, wishes.subscribe))
        self.phone.on_exchange.append(self._exchanged)
        self.phone.on_change.append(self._changed)

    def begin(self) -> None:
        """Register."""
        self.phone.start()

    def end(self) -> None:
        """Leave; told a second time, wait for nothing."""
        if self._leaving:
            self._finish(DONE)
        else:
            self._leave(DONE)

    def _trace(self, direction: str, flow: Flow, data: bytes) -> None:
        try:
            message = parse_message(data)
        except (SipError, Unparseable):
            return
        self._found += self._judge.observe(direction, message, self._agent.now())

    def _take_findings(self) -> list[Finding]:
        found, self._found = self._found, []
        self._wrong = self._wrong or bool(found)
        return found

    def _exchanged(self, exchange: Exchange) -> None:
        if exchange.requests[0].method == "REGISTER":
            self._last = exchange
        self._printing.exchanged(exchange, self.phone.ue, self._take_findings())

    def _notified(self, watch: Watch, notified: Notified) -> None:
        self._was_notified = True
        self._printing.notified(notified, self._take_findings())
        self._changed()

    def _changed(self) -> None:
        if self.phone.state is not self._state and self._was_registered and not self._leaving:
            self._printing.state(self.phone.state)
        self._state = self.phone.state
        self._was_registered = self._was_registered or self._state is RegistrationState.REGISTERED
        if not self._deciding:
            self._deciding = True
            self._agent.wait(0).when_done(self._decide)

    def _decide(self) -> None:
        self._deciding = False
        if self._leaving:
            return
        state, watching = self.phone.state, self.phone.watching.state
        failed = state in (RegistrationState.REFUSED, RegistrationState.WAITING)
        if failed and not self._was_registered:
            self._failed()
        elif self._wishes.hold:
            return
        elif failed or state is RegistrationState.NOT_REGISTERED:
            self._leave(REFUSED)
        elif state is RegistrationState.REGISTERED:
            if not self._wishes.subscribe or (watching is WatchingState.WATCHING and self._was_notified):
                self._leave(DONE)
            elif watching in (WatchingState.REFUSED, WatchingState.WAITING):
                self._leave(REFUSED)

    def _failed(self) -> None:
        exchange = self._last
        reply = exchange.final if exchange is not None else None
        if isinstance(reply, Response):
            self._printing.refused(reply, has_secret=self._wishes.secret is not None)
            self._leave(REFUSED)
        else:
            self._printing.nobody(self._wishes.next_hop, "" if reply is None else reply.detail)
            self._leave(NOBODY)

    def _leave(self, code: int) -> None:
        self._leaving = True
        self.phone.leave().when_done(lambda: self._left(code))

    def _left(self, code: int) -> None:
        watch = self.phone.watching.watch
        if watch is None or watch.state is WatchState.TERMINATED or not watch.notified:
            self._finish(code)
        else:
            self._wait_for_last_notify(watch, lambda: self._finish(code))

    def _wait_for_last_notify(self, watch: Watch, then: Callable[[], None]) -> None:
        def told(other: Watch, notified: Notified) -> None:
            if other is watch and watch.state is WatchState.TERMINATED:
                self._agent.wait(0).when_done(then)

        self.phone.ue.on_notified.append(told)
        self._agent.wait(_LAST_NOTIFY).when_done(then)

    def _finish(self, code: int) -> None:
        if self.finished.done:
            return
        self._found += self._judge.end(self._agent.now())
        self._printing.found(self._take_findings())
        code = REFUSED if code == DONE and self._wrong else code
        self._printing.end(code)
        self.finished.keep(code)
