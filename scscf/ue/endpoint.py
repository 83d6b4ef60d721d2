"""A simulated endpoint of Microsoft's: registers as they do, and is told of its own end (MS-SIPREGE §3.1, §3.2)."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from scscf.errors import SipError
from scscf.regevent.registration_event import (
    CONTENT_TYPE,
    Diagnostics,
    RegistrationEvent,
    read_diagnostics,
    read_registration_event,
)
from scscf.registration.epid import instance_of
from scscf.sip.message import Request, Response, make_request
from scscf.sip.outbox import Flow, NextHop
from scscf.sip.transaction_layer import ServerTransaction
from scscf.ue.alarm import Alarm
from scscf.ue.answers import AnswerRule
from scscf.ue.authorization import Authorizer
from scscf.ue.endpoint_headers import (
    ALLOW_EVENTS,
    KEEP_ALIVE,
    SUPPORTED,
    SURVIVABLE,
    USER_AGENT,
    agreed_timeout,
    bound,
    contact_value,
)
from scscf.ue.endpoint_state import TRANSITIONS, EndpointInput, EndpointState
from scscf.ue.exchange import Exchange, Headers
from scscf.ue.identity import Identity
from scscf.ue.ntlm_authorizer import NtlmAuthorizer
from scscf.ue.ue import Ue
from scscf.ue.user_agent import UserAgent
from scscf.ue.watch import Notified, Watch, subscription_state

_UNSIGNED: Final = "NTLM"
"""What stands where the signature goes until the request is whole."""


class Noticed(NamedTuple):
    """A NOTIFY or BENOTIFY that told an endpoint of itself."""

    notified: Notified
    said: RegistrationEvent
    diagnostics: Diagnostics | None
    """Of ms-diagnostics, else of ms-diagnostics-public."""
    preferred_registrar: str | None
    signed: bool
    """Whether it has a signature of the endpoint's security association that is right (MS-SIPAE §3.2)."""


class Endpoint(Ue):
    """One endpoint of a user: `epid`, and the UUID `instance` that follows from it where none is given.

    `survivable`: it can do without user services; `keeps_alive`: it keeps its connection alive as agreed on.
    """

    def __init__(
        self,
        agent: UserAgent,
        identity: Identity,
        authorizer: Authorizer,
        *,
        epid: str | None = None,
        instance: str | None = None,
        survivable: bool = False,
        keeps_alive: bool = False,
        branch: bool = False,
        named: bool = False,
    ) -> None:
        super().__init__(agent, identity, authorizer, named=named)
        identifiers = agent.identifiers
        self.epid = identifiers.hex(5) if epid is None else epid
        self.instance = instance or f"urn:uuid:{instance_of(self.epid)}"
        self.survivable = survivable
        self.keeps_alive = keeps_alive
        self.call_id, self.tag = identifiers.hex(16), identifiers.hex(5)
        agent.layer.clients.branches = branch
        transport = identity.next_hop.transport or "tcp"
        self.contact = contact_value(*agent.address, transport, identifiers.hex(5), self.instance)
        self.state = EndpointState.UNREGISTERED
        self.why: Noticed | None = None
        """What it was told last."""
        self.preferred_registrar: str | None = None
        """Where it was told to register."""
        self.bound_uri: str | None = None
        """Its contact as the registrar knows it."""
        self.gruu: str | None = None
        self.on_noticed: list[Callable[[Noticed], None]] = []
        self._alarm = Alarm(agent, self._keep_alive)
        self._silence: int | None = None
        self._flow: Flow | None = None
        agent.traces.append(self._note_flow)

    def begin_anew(self) -> None:
        """Forget what the last registration agreed on: the next REGISTER is an initial one."""
        super().begin_anew()
        identifiers = self.agent.identifiers
        self.call_id, self.tag = identifiers.hex(16), identifiers.hex(5)
        self.bound_uri = self.gruu = None

    def proves(self, message: Request | Response) -> bool:
        """Tell whether a message of the server is signed within the endpoint's security association, and rightly."""
        return isinstance(self.authorizer, NtlmAuthorizer) and self.authorizer.proves(message)

    async def register(
        self,
        expires: int | None = None,
        contacts: Sequence[str] | None = None,
        headers: Headers | None = None,
        *,
        answer_challenges: bool = True,
    ) -> Exchange:
        """Register (MS-SIPREGE §4.1); `expires` is in the header alone, 0 ends it, None leaves it out."""
        own = [self.contact] if contacts is None else list(contacts)
        fields = [("Contact", contact) for contact in own]
        supported = f"{SUPPORTED}, {SURVIVABLE}" if self.survivable else SUPPORTED
        fields += [
            ("User-Agent", USER_AGENT),
            ("Allow-Events", ALLOW_EVENTS),
            ("Supported", supported),
            ("ms-keep-alive", KEEP_ALIVE),
            ("Event", "registration"),
        ]
        if expires is not None:
            fields.append(("Expires", str(expires)))
        identity = self.identity

        def make() -> Request:
            self.cseq += 1
            head = [
                ("Max-Forwards", "70"),
                ("From", f"{identity.name_addr};tag={self.tag}"),
                ("To", identity.name_addr),
                ("Call-ID", self.call_id),
                ("CSeq", f"{self.cseq} REGISTER"),
            ]
            return make_request("REGISTER", identity.request_uri, head + fields)

        exchange = await self._exchange(make, identity.next_hop, headers, answer_challenges)
        if isinstance(exchange.final, Response) and exchange.final.status == 200:
            self._registered(exchange.final)
        return exchange

    def _route(self, request: Request, way: NextHop | Watch) -> NextHop:
        """Have From name the endpoint, as every request of it does (MS-SIPRE §3.2.4.1)."""
        if self.epid:
            request.set("From", f"{request.get('from')};epid={self.epid}")
        return super()._route(request, way)

    def _authorize(self, request: Request) -> None:
        if not isinstance(self.authorizer, NtlmAuthorizer):
            super()._authorize(request)
        elif self.authorizer.is_challenged:
            names = [name for name, _ in request.headers]
            place = names.index("User-Agent") + 1 if "User-Agent" in names else len(names)
            request.headers.insert(place, (self.authorizer.header, _UNSIGNED))

    def _complete(self, request: Request) -> None:
        authorizer = self.authorizer
        if isinstance(authorizer, NtlmAuthorizer) and request.get(authorizer.header.lower()) == _UNSIGNED:
            request.set(authorizer.header, authorizer.credentials(request))

    def _registered(self, response: Response) -> None:
        found = bound(response, self.instance)
        if found is None or not found.expires:
            self.registered_until = self.bound_uri = self.gruu = self._silence = None
            self._alarm.cancel()
            self._feed(EndpointInput.RELEASED)
            return
        self.registered_until = self.now() + found.expires
        self.bound_uri, self.gruu = found.uri, found.gruu
        self._feed(EndpointInput.BOUND if found.services else EndpointInput.BOUND_WITHOUT_SERVICES)
        self._silence = agreed_timeout(response)
        self._set_alarm()

    def _on_request(self, call: ServerTransaction) -> None:
        request = call.request
        best_effort = request.method == "BENOTIFY"
        if best_effort:
            call.leave()
        elif request.method != "NOTIFY" or not _is_notice(request):
            super()._on_request(call)
            return
        status, noticed = 200, None
        try:
            noticed = self._read(request)
        except SipError as error:
            status = error.status
        if not best_effort:
            self._answer(call, self.answers.next("NOTIFY") or AnswerRule("NOTIFY", status))
        if noticed is None:
            for heard in self.on_received:
                heard(request)
            return
        self._take(noticed)
        for told in self.on_noticed:
            told(noticed)

    def _read(self, request: Request) -> Noticed:
        """Read a notice. Raises SipError: 481 where it is for somebody else, 400, 415, 489."""
        if not _is_notice(request):
            raise SipError(489)
        to = request.to
        if request.call_id != self.call_id or to.tag != self.tag or to.parameter("epid") not in (None, self.epid):
            raise SipError(481)
        content_type = (request.get("content-type") or "").partition(";")[0].strip().lower()
        if content_type != CONTENT_TYPE:
            raise SipError(415)
        try:
            said = read_registration_event(request.body)
        except ValueError as error:
            raise SipError(400, "Bad Registration Event") from error
        text = request.get("ms-diagnostics") or request.get("ms-diagnostics-public")
        try:
            diagnostics = read_diagnostics(text) if text is not None else None
        except ValueError:
            diagnostics = None
        notified = Notified(self.now(), request, subscription_state(request))
        registrar = request.get("p-preferred-registrar")
        registrar = registrar.strip().strip("<>") if registrar is not None else None
        return Noticed(notified, said, diagnostics, registrar, self.proves(request))

    def _take(self, noticed: Noticed) -> None:
        """Do as it is told; an event that there is not changes nothing (MS-SIPREGE §3.2)."""
        self.why = noticed
        if noticed.preferred_registrar is not None:
            self.preferred_registrar = noticed.preferred_registrar
        if not noticed.said.is_legal:
            return
        if noticed.said.registered:
            self._feed(EndpointInput.WITHOUT_SERVICES)
            return
        self.registered_until = None
        self._alarm.cancel()
        self._feed(EndpointInput.DEREGISTERED)

    def _feed(self, event: EndpointInput) -> None:
        self.state = TRANSITIONS[self.state][event]

    def _note_flow(self, direction: str, flow: Flow, data: bytes) -> None:
        if direction == "out" and flow.connection and data.startswith(b"REGISTER "):
            self._flow = flow

    def _set_alarm(self) -> None:
        if self.keeps_alive and self._silence is not None:
            self._alarm.set(self._silence - 30 if self._silence > 60 else max(1.0, self._silence / 2))
        else:
            self._alarm.cancel()

    def _keep_alive(self) -> None:
        connection = self.agent.endpoint.connections.get(self._flow) if self._flow is not None else None
        if connection is not None and connection.open:
            connection.ping()
            self._set_alarm()


def _is_notice(request: Request) -> bool:
    return (request.get("event") or "").partition(";")[0].strip().lower() == "registration-notify"
