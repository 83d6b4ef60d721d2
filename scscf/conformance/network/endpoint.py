"""Judges what one of Microsoft's endpoints is answered and told (MS-SIPREGE §3.2, §4.1.3, MS-SIPAE §3.3)."""

from collections.abc import Iterator

from scscf.conformance.finding import Found
from scscf.conformance.network.bindings import Listed
from scscf.conformance.recent import Recent
from scscf.errors import SipError
from scscf.regevent.registration_event import (
    CONTENT_TYPE,
    RegistrationEvent,
    read_diagnostics,
    read_registration_event,
)
from scscf.regevent.registration_notify import NOTICES
from scscf.registration.instance import same_instance
from scscf.sip.credentials import Credentials, parse_credentials
from scscf.sip.message import Message, Request, Response

_MOST = 256
_CHALLENGES = frozenset({401, 407})
_FRESH = 300.0
"""Seconds after a signed answer in which a security association is taken to be alive still."""
_CREDENTIALS = ("authorization", "proxy-authorization")


class Endpoints:
    """What is known of the endpoints whose messages are seen: their REGISTERs and their security associations."""

    def __init__(self) -> None:
        self._calls: Recent[str, None] = Recent(_MOST)
        """Call-ID of each REGISTER."""
        self._senders: Recent[tuple[str, str | None, str | None], None] = Recent(_MOST)
        """Call-ID, and tag and epid in From, of each REGISTER: an endpoint may change its tag from one to the next."""
        self._sealed: Recent[str, float] = Recent(_MOST)
        """Call-ID of REGISTERs and SUBSCRIBEs → when an answer was signed last."""
        self._established: Recent[str, None] = Recent(_MOST)
        """opaque of each security association that an answer was signed in."""
        self._numbers: Recent[tuple[str, str], str] = Recent(_MOST)
        """opaque and snum → the message that had them."""

    def asked(self, request: Request) -> None:
        """Take a REGISTER. Raises SipError(400)."""
        if is_of_endpoint(request):
            sender = request.from_
            self._calls[request.call_id] = None
            self._senders[request.call_id, sender.tag, sender.parameter("epid")] = None

    def answered(
        self, request: Request, response: Response, listed: list[Listed] | None, now: float
    ) -> Iterator[Found]:
        """Yield what is wrong with a final answer; `listed` is what the 2xx to a REGISTER lists."""
        sealed = ntlm_of(response, "authentication-info")
        yield from self._number(sealed, response)
        own = next((found for name in _CREDENTIALS if (found := ntlm_of(request, name)) is not None), None)
        within = own is not None and "response" in own.params and own.params.get("opaque") in self._established
        if within and sealed is None and response.status not in _CHALLENGES and response.status < 500:
            message = f"{response.status} to a {request.method} within a security association is not signed."
            yield "endpoint-answer-unsigned", message
        if sealed is not None:
            self._established[sealed.params.get("opaque", "")] = None
            self._sealed[request.call_id] = now
        elif not within:
            self._sealed.pop(request.call_id, None)
        if listed is not None and is_of_endpoint(request):
            yield from _listing(request, listed)

    def told(self, request: Request, now: float) -> Iterator[Found]:
        """Yield what is wrong with a NOTIFY for an endpoint, of itself or of a subscription. Raises SipError(400)."""
        event = request.event
        if request.method not in ("NOTIFY", "BENOTIFY") or event is None:
            return
        sealed = ntlm_of(request, "authentication-info")
        yield from self._number(sealed, request)
        if sealed is None and now - self._sealed.get(request.call_id, now - _FRESH - 1) <= _FRESH:
            yield "endpoint-notify-unsigned", f"A NOTIFY ({event[0]}) for {request.to.uri} is not signed."
        if event[0] != "registration-notify":
            return
        call_id, to = request.call_id, request.to
        if self._calls and call_id not in self._calls:
            yield "endpoint-notice-to", f"A notice has Call-ID {call_id[:80]}, which no REGISTER had."
        elif self._calls and (call_id, to.tag, to.parameter("epid")) not in self._senders:
            yield "endpoint-notice-to", f"A notice is for {request.get('to')}, which no REGISTER was from."
        try:
            said = read_registration_event(request.body)
        except ValueError as error:
            yield "endpoint-notice-body", f"A notice cannot be read: {error}."
            return
        if request.content_type != CONTENT_TYPE or not said.is_legal:
            message = f"A notice says {said.state};event={said.event} as {request.content_type or 'nothing'}."
            yield "endpoint-notice-body", message
        yield from _beside(request, said)

    def _number(self, sealed: Credentials | None, message: Request | Response) -> Iterator[Found]:
        if sealed is None:
            return
        opaque, number = sealed.params.get("opaque", ""), sealed.params.get("snum", "")
        what = f"{message.call_id} {message.get('cseq')} {message.get('via')}"
        if self._numbers.setdefault((opaque, number), what) != what:
            yield "endpoint-number-repeated", f"snum {number[:20]} of {opaque[:20]} comes with a second message."


def is_of_endpoint(request: Request) -> bool:
    """Tell whether a REGISTER is one of Microsoft's endpoints: it subscribes its sender (MS-SIPREGE §2.2.1.5)."""
    return (request.get("event") or "").partition(";")[0].strip().lower() == "registration"


def ntlm_of(message: Message, name: str) -> Credentials | None:
    """Return what a header says of NTLM, None where it does not."""
    for value in message.get_all(name):
        try:
            found = parse_credentials(value)
        except SipError:
            continue
        if found.scheme == "ntlm":
            return found
    return None


def _listing(request: Request, listed: list[Listed]) -> Iterator[Found]:
    for contact in request.contacts:
        instance = contact.parameter("+sip.instance")
        if instance is None:
            continue
        there = any(
            each.seconds and same_instance(each.address.parameter("+sip.instance") or "", instance) for each in listed
        )
        leaves = (contact.parameter("expires") or request.get("expires") or "").strip() == "0"
        if leaves and there:
            yield "endpoint-still-listed", f"{instance} leaves and is still listed."
        elif not leaves and not there:
            yield "endpoint-not-listed", f"{instance} registers and is not listed."


def _beside(request: Request, said: RegistrationEvent) -> Iterator[Found]:
    """Yield what in the headers of a notice is not as its body has it."""
    state = (request.get("subscription-state") or "").partition(";")[0].strip().lower()
    if state != ("active" if said.registered else "terminated"):
        yield "endpoint-notice-state", f"A notice says {said.state}, and Subscription-State {state[:40] or '(absent)'}."
    text = request.get("ms-diagnostics") or request.get("ms-diagnostics-public")
    kind = NOTICES.get(said.event)
    try:
        error_id = None if text is None else read_diagnostics(text).error_id
    except ValueError:
        error_id = None
    if kind is not None and error_id not in kind.error_ids:
        message = f"A notice of {said.event} has ErrorId {error_id}, {' or '.join(map(str, kind.error_ids))} is due."
        yield "endpoint-notice-error-id", message
    if said.event == "preferred-registrar-change" and len(request.get_all("p-preferred-registrar")) != 1:
        yield "endpoint-registrar-missing", "A notice of another registrar does not say which one."
