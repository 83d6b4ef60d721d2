"""Microsoft's registrar: endpoints known by epid and instance, told of their own end (MS-SIPREGE, MS-SIPRE §3)."""

from typing import Final

from scscf.config import Siprege
from scscf.dialects.dialect import Dialect, Headers, Registered
from scscf.errors import SipError
from scscf.regevent.package import REG
from scscf.regevent.registration_notify import REGISTRATION_NOTIFY
from scscf.registration.binding import Binding
from scscf.registration.change import CauseKind
from scscf.registration.command import ContactRequest
from scscf.registration.gruu import epid_gruu
from scscf.registration.instance import canonical_instance
from scscf.registration.registration import Event
from scscf.sip.address import Address
from scscf.sip.grammar import quote
from scscf.sip.message import Request
from scscf.sip.outbox import Flow
from scscf.sip.parameters import parameter, parse_parameters
from scscf.sip.uri import format_uri, parse_uri

SURVIVABLE: Final = "ms-userservices-state-notification"
"""Option tag of an endpoint that can do without user services (MS-SIPREGE §2.2.1.5)."""
DIAGNOSTICS: Final = "ms-diagnostics-public"
"""Header that says why, to whoever asks (MS-OCER §2.2.1)."""

_LONGEST_EPID = 64
_NOT_KEPT = frozenset({"proxy", "gruu"})
"""Contact parameters that say something to or of the registrar, and are no property of the contact."""


def supports(request: Request, option: str) -> bool:
    """Tell whether a request's Supported names an option tag."""
    return "supported" in request and any(tag.lower() == option for tag in request.values("supported"))


def endpoint_of(request: Request) -> str:
    """Return what names the endpoint that sends a request: its epid, else its instance, else "" (MS-SIPAE §3.3.5.2).

    Every request of an endpoint has its epid (MS-SIPRE §3.2.4.1). Raises SipError(400) for a Contact that cannot be
    read, where there is no epid.
    """
    epid = request.from_.parameter("epid")
    if epid or "contact" not in request:
        return epid or ""
    return endpoint_name(_endpoint("", next((each.parameter("+sip.instance") for each in request.contacts), None)))


def endpoint_name(endpoint: str) -> str:
    """Return what names the endpoint of a binding in its messages: its epid, else its instance."""
    epid, _, instance = endpoint.partition(";")
    return epid or instance


def _endpoint(epid: str, instance: str | None) -> str:
    return f"{epid};{canonical_instance(instance) if instance else ''}"


def connection_id(flow: Flow) -> str | None:
    """Return the name of a connection in `ms-received-cid`, None where there is none."""
    return f"{flow.connection << 8:X}" if flow.connection else None


def _permit(request: Request) -> None:
    """Raise SipError(400, 421, 489) with the ErrorId of what is wrong (MS-SIPREGE §3.1.2.5.1)."""
    epid = request.from_.parameter("epid")
    if not epid and not any(contact.parameter("+sip.instance") for contact in request.contacts):
        raise _refusal(400, None, 4010, "Missing endpoint identifier")
    if epid and (len(epid) > _LONGEST_EPID or ";" in epid):
        raise _refusal(400, "Bad epid in From", 4010, "Endpoint identifier is malformed")
    event = request.event
    if event is not None and event[0] != "registration":
        raise _refusal(489, None, 4055, "Event header is not registration", ("Allow-Events", "registration"))
    if supports(request, "msrtc-event-categories") and not supports(request, "gruu-10"):
        raise _refusal(421, None, 2057, "gruu-10 is required with msrtc-event-categories", ("Require", "gruu-10"))
    if len(request.get_all("ms-keep-alive")) > 1:
        raise SipError(400, "Repeated ms-keep-alive header")


def _refusal(status: int, phrase: str | None, error_id: int, reason: str, *more: tuple[str, str]) -> SipError:
    return SipError(status, phrase, [(DIAGNOSTICS, f"{error_id};reason={quote(reason)}"), *more])


def _ask(request: Request, flow: Flow, contact: Address, asked: ContactRequest) -> ContactRequest:
    """Return a contact as the endpoint that it is: named by epid and instance, reached where it was seen."""
    epid, instance = request.from_.parameter("epid") or "", contact.parameter("+sip.instance")
    uri = asked.uri
    if (contact.parameter("proxy") or "").lower() == "replace" and contact.uri.is_sip:
        uri = _replaced(uri, flow)
    params = asked.params
    if any(name.lower() in _NOT_KEPT for name, _value in params):
        params = tuple([pair for pair in params if pair[0].lower() not in _NOT_KEPT])
    endpoint = "" if asked.outbound else _endpoint(epid, instance)
    return asked._replace(uri=uri, params=params, endpoint=endpoint)


def _replaced(text: str, flow: Flow) -> str:
    """Return a contact URI with the address that the request came from in place of its own (`proxy=replace`)."""
    uri = parse_uri(text)
    host, port = flow.remote
    params = tuple([pair for pair in uri.params if pair[0].lower() != "ms-received-cid"])
    cid = connection_id(flow)
    if cid is not None:
        params += (("ms-received-cid", cid),)
    return format_uri(uri._replace(host=host, port=port, params=params, text=""))


def _list(request: Request, aor: str, binding: Binding, now: float) -> str:
    """Return a Contact of the 200: what it expires in, its instance and its GRUU (MS-SIPRE §3.4)."""
    value = f"<{binding.uri}>;expires={binding.remaining(now)}"
    if binding.q is not None:
        value += f";q={binding.q}"
    instance = binding.instance
    if instance is None:
        return value
    value += f';+sip.instance="<{canonical_instance(instance)}>"'
    gruu = epid_gruu(aor, instance) if supports(request, "gruu-10") else None
    return f"{value};gruu={quote(gruu)}" if gruu is not None else value


def _decorate(registered: Registered) -> Headers:
    """Return what the server can do, how long the endpoint stays, and how its connection is kept (MS-SIPREGE §4.1)."""
    request, settings = registered.request, registered.settings
    headers: Headers = [("Path", value) for value in registered.path]
    own = _own(registered)
    if own is not None:
        headers.append(("Expires", str(own.granted)))
        headers.append(("Presence-State", presence_state(own, registered.services)))
    kept = keep_alive(request, registered.flow, settings)
    if kept is not None:
        headers.append(("ms-keep-alive", f"UAS; tcp=no; hop-hop=yes; end-end=no; timeout={kept}"))
    if settings.allow_events:
        headers.append(("Allow-Events", ",".join(settings.allow_events)))
    if settings.supported:
        headers.append(("Supported", ", ".join(settings.supported)))
    return headers


def _own(registered: Registered) -> Binding | None:
    """Return the binding that this REGISTER has made or refreshed."""
    call_id, cseq = registered.request.call_id, registered.request.cseq.number
    for contact in registered.contacts:
        if contact.binding.cseq == cseq and contact.binding.call_id == call_id:
            return contact.binding
    return None


def presence_state(binding: Binding, services: bool) -> str:
    """Return the value of Presence-State (MS-SIPREGE §2.2.1.4); `services`: those of the user are available."""
    value = f'register-action="{"refreshed" if binding.refreshes else "added"}"'
    if services:
        return value
    return f'{value};primary-cluster-type="central";is-connected-to-primary="yes";user-services-state=unavailable'


def keep_alive(request: Request, flow: Flow, settings: Siprege) -> int | None:
    """Return the seconds of silence that a connection is kept for, None where nothing is agreed (MS-CONMGMT §2.2.1)."""
    offer = request.get("ms-keep-alive")
    if offer is None or not flow.connection or not settings.keep_alive:
        return None
    role, _, rest = offer.partition(";")
    try:
        mechanisms = parse_parameters(f";{rest}") if rest.strip() else ()
    except SipError:
        return None
    hops = parameter(mechanisms, "hop-hop")
    return settings.keep_alive if role.strip().upper() == "UAC" and (hops or "").lower() == "yes" else None


SIPREGE = Dialect(
    "siprege",
    False,
    _decorate,
    REG,
    permit=_permit,
    ask=_ask,
    list_contact=_list,
    implicit=REGISTRATION_NOTIFY,
    ntlm=True,
    events={CauseKind.MAX_CONTACTS: Event.UNREGISTERED},
    silent=frozenset({CauseKind.REMOVE_SCSCF}),
)
