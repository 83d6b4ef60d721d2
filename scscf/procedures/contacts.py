"""The Contacts of a REGISTER: what each asks for and may have (RFC 3261 §10.3, RFC 5626 §6, RFC 5627 §5.1)."""

from scscf.errors import SipError
from scscf.procedures.state import HomeDomain, Node
from scscf.registration.command import ContactRequest
from scscf.registration.emergency import is_emergency_contact
from scscf.registration.expiry import Limits, granted_expires
from scscf.registration.gruu import is_gruu
from scscf.sip.address import Address, parse_address
from scscf.sip.message import Request
from scscf.sip.outbox import Flow
from scscf.sip.uri_comparison import aor_of

MOST_REG_ID = 2**31 - 1
_OURS = frozenset({"q", "expires", "pub-gruu", "temp-gruu"})
"""Header parameters that say something to or of the registrar, and are no property of the contact."""


def contacts_of(
    node: Node, request: Request, flow: Flow, domain: HomeDomain, aor: str, path: tuple[str, ...], limits: Limits
) -> tuple[ContactRequest, ...]:
    """Return the Contacts of a REGISTER with what each is granted; `path` is the Path that is believed.

    Raises SipError: 400 for a bad q or reg-id, a SIPS contact that came by SIP, several contacts with outbound; 403
    for a contact that leads back to the address of record; 423; 439; 501 where all it does is to remove contacts for
    emergency calls, which only expire.
    """
    header = request.expires
    found: list[ContactRequest] = []
    with_reg_id = for_emergency = False
    for contact in request.contacts:
        if contact.uri.scheme == "sips":
            _check_secure(request, path)
        params, q = contact.params, None
        for name, _value in params:
            if name.lower() in _OURS:
                q = contact.parameter("q")
                params = tuple([pair for pair in params if pair[0].lower() not in _OURS])
                break
        expires = granted_expires(contact, header, limits)
        checked_q = None if q is None else _checked_q(q)
        asked: ContactRequest = tuple.__new__(
            ContactRequest,
            (contact.uri.text, expires, checked_q, contact.display_name, params, False, False, False, ""),
        )
        if params:
            with_reg_id = with_reg_id or contact.parameter("reg-id") is not None
            asked = _with_instance(node, request, domain, aor, path, contact, asked)
        if domain.dialect.ask is not None:
            asked = domain.dialect.ask(request, flow, contact, asked)
        if contact.uri.params and domain.dialect.emergency and is_emergency_contact(contact.uri):
            asked = asked._replace(emergency=True)
            for_emergency = True
        found.append(asked)
    if with_reg_id and sum(asked.expires > 0 for asked in found) > 1:
        raise SipError(400, "Several Contacts With reg-id")
    if for_emergency and all(asked.emergency and not asked.expires for asked in found):
        raise SipError(501, "Emergency Contacts Only Expire")
    return tuple(found)


def _check_secure(request: Request, path: tuple[str, ...]) -> None:
    """Raise SipError(400) unless the whole way of a SIPS contact is SIPS: Request-URI and Path (RFC 5630 §5.2)."""
    if request.uri.scheme != "sips":
        raise SipError(400, "SIPS Contact Needs SIPS Request-URI")
    if any(parse_address(value).uri.scheme != "sips" for value in path):
        raise SipError(400, "SIPS Contact Needs SIPS Path")


def supports(request: Request, option: str) -> bool:
    """Tell whether a request's Supported names an option tag (RFC 3261 §20.37)."""
    return "supported" in request and any(tag.lower() == option for tag in request.values("supported"))


def _with_instance(
    node: Node,
    request: Request,
    domain: HomeDomain,
    aor: str,
    path: tuple[str, ...],
    contact: Address,
    asked: ContactRequest,
) -> ContactRequest:
    """Return what a contact with parameters asks for beyond being bound: outbound and GRUUs."""
    reg_id = contact.parameter("reg-id")
    if reg_id is not None and not _is_reg_id(reg_id):
        raise SipError(400, "Bad reg-id in Contact")
    if not contact.parameter("+sip.instance"):
        return asked
    if asked.expires:
        _check_leads_away(node, domain, aor, contact)
    outbound = reg_id is not None and _keeps_flow(request, path)
    if reg_id is not None and not outbound and asked.expires and supports(request, "outbound"):
        raise SipError(439)
    gruu = asked.expires > 0 and supports(request, "gruu")
    return asked._replace(outbound=outbound, gruu=gruu)


def _is_reg_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 10 and 0 < int(text) <= MOST_REG_ID


def _keeps_flow(request: Request, path: tuple[str, ...]) -> bool:
    """Tell whether the first hop keeps the UE's flow: we, or the edge proxy that says so in Path (RFC 5626 §6).

    With more than one value in Path the edge proxy's is the last, as each proxy puts its own before the others (RFC
    3327 §5.2), or the first, as RFC 5626 has it.
    """
    if path:
        return any(parse_address(value).uri.parameter("ob") is not None for value in {path[0], path[-1]})
    return len(request.values("via")) == 1


def _check_leads_away(node: Node, domain: HomeDomain, aor: str, contact: Address) -> None:
    """Raise SipError(403) where an instance's contact is no SIP URI, or the AOR or a GRUU of it (RFC 5627 §5.1)."""
    uri = contact.uri
    if not uri.is_sip:
        raise SipError(403, "Instance Needs a SIP Contact")
    if uri.host in domain.config.aliases:
        uri = uri._replace(host=domain.config.name)
    leads_back = aor_of(uri) == aor
    if not leads_back and is_gruu(uri):
        gruu = node.gruus.resolve(uri)
        leads_back = gruu is not None and gruu.aor == aor
    if leads_back:
        raise SipError(403, "Contact Leads Back to Itself")


def _checked_q(q: str) -> str:
    """Return a qvalue as it was given. Raises SipError(400) for one that is not 0 to 1 with three decimals at most."""
    whole, _, decimals = q.partition(".")
    if whole not in ("0", "1") or len(decimals) > 3 or (decimals and not decimals.isdigit()):
        raise SipError(400, "Bad q in Contact")
    if whole == "1" and decimals.strip("0"):
        raise SipError(400, "Bad q in Contact")
    return q
