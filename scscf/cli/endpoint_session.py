"""One session of `scscf ue --endpoint`: an endpoint of Microsoft's, which does what it is told of itself."""

from enum import Enum
from typing import Any, Final

from scscf.cli.endpoint_printing import EndpointPrinting
from scscf.cli.ue import Wishes
from scscf.cli.ue_session import DONE, NOBODY, REFUSED
from scscf.conformance.finding import Finding
from scscf.conformance.network.judge import NetworkJudge
from scscf.errors import SipError
from scscf.promise import Promise
from scscf.sip.message import Response
from scscf.sip.outbox import Flow, NextHop
from scscf.sip.parser import Unparseable, parse_message
from scscf.sip.routing import hop_of_uri
from scscf.sip.uri import parse_uri
from scscf.ue.alarm import Alarm
from scscf.ue.answers import AnswerRule
from scscf.ue.authorization import Authorizer
from scscf.ue.autonomous.behaviour import is_temporary, retry_after
from scscf.ue.endpoint import Endpoint, Noticed
from scscf.ue.exchange import Exchange
from scscf.ue.identity import Identity
from scscf.ue.ntlm_authorizer import NtlmAuthorizer
from scscf.ue.user_agent import UserAgent

LATER: Final = 60.0
"""Seconds until an endpoint tries again, where the network does not say when."""
_EARLY = 30.0
"""So many seconds before its end a registration is refreshed."""


class Reaction(Enum):
    """What an endpoint does when it is told of itself (MS-SIPREGE §3.2)."""

    STAY = "nothing changes"
    STOP = "it is over until its user says otherwise"
    AGAIN = "it registers anew"
    LATER = "it registers anew in a while"
    ELSEWHERE = "it registers where it was told to"


REACTIONS: Final[dict[tuple[bool, str], Reaction]] = {
    (False, "unregistered"): Reaction.STOP,
    (False, "rejected"): Reaction.STOP,
    (False, "deactivated"): Reaction.AGAIN,
    (False, "userservices-unavailable"): Reaction.LATER,
    (False, "preferred-registrar-change"): Reaction.ELSEWHERE,
    (True, "userservices-unavailable"): Reaction.STAY,
}
"""Whether it is still registered, and the event → reaction."""


class Logon:
    """User, domain and password of NTLM; the password does not show."""

    def __init__(self, user: str, domain: str, password: str) -> None:
        self.user = user
        self.domain = domain
        self._password = password

    def authorizer(self, agent: UserAgent) -> NtlmAuthorizer:
        """Return what answers challenges with it."""
        return NtlmAuthorizer(self.user, self.domain, self._password, agent.identifiers, agent.now)


class EndpointSession:
    """One endpoint from its first REGISTER to its last. `finished` is kept with the exit code."""

    def __init__(self, agent: UserAgent, wishes: Wishes, printing: EndpointPrinting) -> None:
        self._agent = agent
        self._wishes = wishes
        self._printing = printing
        self.finished: Promise[int] = Promise()
        self._alarm = Alarm(agent, self._register)
        self._judge = NetworkJudge()
        self._found: list[Finding] = []
        self._wrong = self._busy = self._leaving = self._was_registered = False
        self._again: float | None = None
        self.endpoint = self._endpoint(agent, wishes)
        self._state = self.endpoint.state
        self.endpoint.on_noticed.append(self._noticed)
        agent.traces.append(self._trace)

    @staticmethod
    def _endpoint(agent: UserAgent, wishes: Wishes) -> Endpoint:
        settings = wishes.endpoint
        if settings is None:
            raise ValueError("this UE is no endpoint")
        identity = Identity(wishes.aor, wishes.private_identity, wishes.domain, wishes.next_hop)
        secret: Any = wishes.secret
        authorizer: Authorizer
        if isinstance(secret, Logon):
            authorizer = secret.authorizer(agent)
        else:
            authorizer = Authorizer(wishes.private_identity, wishes.domain, secret, agent.identifiers.hex(8))
        endpoint = Endpoint(
            agent, identity, authorizer, epid=settings.epid, survivable=settings.survivable, keeps_alive=True
        )
        if wishes.answer_notify != "200":
            status = None if wishes.answer_notify == "none" else int(wishes.answer_notify)
            endpoint.answers.add(AnswerRule("NOTIFY", status))
        return endpoint

    def begin(self) -> None:
        """Register."""
        self._register()

    def end(self) -> None:
        """Leave; told a second time, wait for nothing."""
        if self._leaving:
            self._finish(DONE)
        else:
            self._leave(DONE)

    def _register(self) -> None:
        if not self._busy and not self._leaving:
            self._agent.shell.perform(self._one())

    async def _one(self) -> None:
        endpoint = self.endpoint
        if self._was_registered and endpoint.registered_until is None:
            endpoint.begin_anew()
        self._again = None
        exchange = await self._exchange(self._wishes.expires)
        if self._leaving:
            await self._go(DONE)
            return
        if endpoint.registered_until is not None:
            self._was_registered = True
            if self._wishes.hold:
                self._plan()
            else:
                await self._go(DONE)
        elif not self._was_registered:
            self._failed(exchange)
        elif self._again is not None:
            self._alarm.set(self._again)
        elif is_temporary(exchange.final):
            self._alarm.set(float(retry_after(exchange.final) or LATER))
        elif not self._wishes.hold:
            self._finish(REFUSED)

    async def _exchange(self, expires: int | None) -> Exchange:
        self._busy = True
        endpoint = self.endpoint
        exchange = await endpoint.register(expires)
        self._busy = False
        final = exchange.final
        if isinstance(final, Response) and final.status == 200 and self._is_unproved(final):
            self._unproved("The 200 to a REGISTER")
        self._printing.exchanged(exchange, endpoint, self._take_findings())
        self._changed()
        return exchange

    def _is_unproved(self, message: Response) -> bool:
        return isinstance(self.endpoint.authorizer, NtlmAuthorizer) and not self.endpoint.proves(message)

    def _plan(self) -> None:
        until = self.endpoint.registered_until
        if until is not None:
            left = until - self._agent.now()
            self._alarm.set(left - _EARLY if left > 2 * _EARLY else left / 2)

    def _failed(self, exchange: Exchange) -> None:
        reply = exchange.final
        if isinstance(reply, Response):
            self._printing.refused(reply, has_secret=self._wishes.secret is not None)
            self._finish(REFUSED)
        else:
            self._printing.nobody(self.endpoint.identity.next_hop, reply.detail)
            self._finish(NOBODY)

    def _noticed(self, noticed: Noticed) -> None:
        if isinstance(self.endpoint.authorizer, NtlmAuthorizer) and not noticed.signed:
            self._unproved("A NOTIFY")
        reaction = REACTIONS.get((noticed.said.registered, noticed.said.event))
        self._printing.noticed(noticed, self.endpoint, self._take_findings())
        self._changed()
        if reaction in (None, Reaction.STAY) or self._leaving:
            return
        self._alarm.cancel()
        if not self._wishes.hold:
            self._leave(REFUSED)
            return
        wait = _WAITS.get(reaction) if reaction is not None else None
        if reaction is Reaction.ELSEWHERE:
            wait = 0.0 if self._turn_to(self.endpoint.preferred_registrar) else None
        if wait is not None:
            self._again = wait
            if not self._busy:
                self._alarm.set(wait)

    def _turn_to(self, registrar: str | None) -> bool:
        """Send REGISTERs to another registrar from now on; tell whether there is one that can be gone to."""
        try:
            hop: NextHop | None = hop_of_uri(parse_uri(registrar or ""))
        except SipError:
            hop = None
        if hop is None or hop.sips or hop.transport not in (None, "udp", "tcp"):
            return False
        endpoint = self.endpoint
        endpoint.identity = endpoint.identity._replace(next_hop=hop._replace(transport=hop.transport or "tcp"))
        return True

    def _changed(self) -> None:
        state = self.endpoint.state
        if state is not self._state and self._was_registered and not self._leaving:
            self._printing.stands(state)
        self._state = state

    def _leave(self, code: int) -> None:
        self._leaving = True
        self._alarm.cancel()
        if not self._busy:
            self._agent.shell.perform(self._go(code))

    async def _go(self, code: int) -> None:
        """De-register, where it is registered, and finish."""
        self._leaving = True
        if self.endpoint.registered_until is not None:
            exchange = await self._exchange(0)
            if exchange.status != 200:
                code = REFUSED if isinstance(exchange.final, Response) else NOBODY
        self._finish(code)

    def _trace(self, direction: str, flow: Flow, data: bytes) -> None:
        try:
            message = parse_message(data)
        except (SipError, Unparseable):
            return
        self._found += self._judge.observe(direction, message, self._agent.now())

    def _unproved(self, what: str) -> None:
        text = f"{what} has no signature of the security association that is right."
        self._found.append(Finding("signature-wrong", "MS-SIPAE §3.2", text, self._agent.now()))

    def _take_findings(self) -> list[Finding]:
        found, self._found = self._found, []
        self._wrong = self._wrong or bool(found)
        return found

    def _finish(self, code: int) -> None:
        if self.finished.done:
            return
        self._alarm.cancel()
        self._found += self._judge.end(self._agent.now())
        self._printing.found(self._take_findings())
        code = REFUSED if code == DONE and self._wrong else code
        self._printing.end(code)
        self.finished.keep(code)


_WAITS: Final[dict[Reaction, float]] = {Reaction.AGAIN: 0.0, Reaction.LATER: LATER}
"""Reaction → seconds until it registers anew, where it does."""


def make_logon(user: str, password: str) -> Logon | None:
    """Return the logon of `DOMAIN\\user`, or a user alone; None where that is none."""
    domain, separator, name = user.partition("\\")
    if not separator:
        domain, name = "", user
    return Logon(name, domain, password) if name and "\\" not in name else None
