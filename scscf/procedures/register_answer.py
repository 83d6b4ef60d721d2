"""The 200 to a REGISTER: every current binding, and what the dialect adds (RFC 3261 §10.3 step 8)."""

from scscf.dialects.dialect import Registered
from scscf.procedures.contacts import supports
from scscf.procedures.state import HomeDomain, Node
from scscf.profile.service_profile import UserProfile
from scscf.registration.binding import Binding
from scscf.registration.change import Change
from scscf.registration.emergency import is_emergency
from scscf.registration.gruu import public_gruu
from scscf.registration.registration import Contact
from scscf.sip.date import sip_date
from scscf.sip.grammar import is_token, quote
from scscf.sip.message import Request, Response
from scscf.sip.parameters import format_parameters
from scscf.sip.transaction_layer import ServerTransaction


def accepted(
    node: Node,
    call: ServerTransaction,
    domain: HomeDomain,
    aor: str,
    path: tuple[str, ...],
    change: Change,
    profile: UserProfile,
) -> Response:
    """Return the 200 that lists every current binding of the address of record (RFC 3261 §10.3 step 8).

    Contacts for emergency calls are listed only for a REGISTER that names one: others are no business of theirs.
    """
    request, record, now = call.request, change.record, change.now
    contacts = record.contacts(aor)
    response = request.response(200, to_tag=node.identifiers.tag())
    headers = response.headers
    wants_gruus: bool | None = None
    outbound = hidden = False
    listed = domain.dialect.list_contact
    for contact in contacts:
        binding = contact.binding
        extra = ""
        if binding.emergency and not is_emergency(request):
            hidden = True
            continue
        if binding.params:
            if wants_gruus is None:
                wants_gruus = supports(request, "gruu")
            if wants_gruus:
                extra = _gruus(node, aor, binding)
            outbound = outbound or (binding.outbound and _any_left((contact,), request))
        if listed is not None:
            headers.append(("Contact", listed(request, aor, binding, now)))
        else:
            headers.append(("Contact", _listed(contact, extra, now)))
    if not _any_left(contacts, request) and (request.contact_is_star or request.contacts):
        headers.append(("Expires", "0"))
    if outbound and supports(request, "outbound"):
        headers.append(("Require", "outbound"))
        if not path and domain.config.registrar.flow_timer:
            headers.append(("Flow-Timer", str(domain.config.registrar.flow_timer)))
    still = record.device(profile.private_identity)
    registered = (still.profile.set_of(aor) if still is not None else None) or ()
    if hidden and not _is_listed(contacts, profile.private_identity):
        registered = ()
    charged = profile.charging is not None or "p-charging-vector" in request
    said: Registered = tuple.__new__(
        Registered,
        (
            request,
            path,
            registered,
            node.service_route,
            domain.config.name,
            profile.charging,
            charged and node.is_trusted(call.flow),
            node.config.feature_caps,
            node.config.siprege,
            contacts,
            call.flow,
            not node.without_services or aor not in node.without_services,
        ),
    )
    headers += domain.dialect.decorate(said)
    headers.append(("Date", sip_date(int(now))))
    return response


def _any_left(contacts: tuple[Contact, ...], request: Request) -> bool:
    """Tell whether a contact that this REGISTER names is bound after it."""
    call_id, cseq = request.call_id, request.cseq.number
    for contact in contacts:
        binding = contact.binding
        if binding.cseq == cseq and binding.call_id == call_id:
            return True
    return False


def _is_listed(contacts: tuple[Contact, ...], private_identity: str) -> bool:
    """Tell whether a device has more than contacts for emergency calls: with those alone it is not registered."""
    return any(
        contact.binding.private_identity == private_identity and not contact.binding.emergency for contact in contacts
    )


def _gruus(node: Node, aor: str, binding: Binding) -> str:
    """Return the GRUUs of a contact as parameters (RFC 5627 §5.2): the public one, and the latest temporary one."""
    public, temporary = public_gruu(aor, binding), node.gruus.temporary(aor, binding)
    text = f";pub-gruu={quote(public)}" if public else ""
    return f"{text};temp-gruu={quote(temporary)}" if temporary else text


def _listed(contact: Contact, extra: str, now: float) -> str:
    binding = contact.binding
    q = f";q={binding.q}" if binding.q is not None else ""
    params = format_parameters(binding.params) if binding.params else ""
    value = f"<{binding.uri}>{params}{extra}{q};expires={binding.remaining(now)}"
    name = binding.display_name
    if not name:
        return value
    return f"{name} {value}" if is_token(name) else f"{quote(name)} {value}"
