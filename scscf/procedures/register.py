"""REGISTER: the registrar's procedure from the first check to the 200 (RFC 3261 §10.3, TS 24.229 §5.4.1.2)."""

from typing import NamedTuple

from scscf.cx import ServerAssignment
from scscf.dialects.dialect import Registered
from scscf.errors import SipError
from scscf.procedures.assign import assign, tell_hss
from scscf.procedures.authenticate import Challenge, authenticate
from scscf.procedures.expire import expire_due, has_due
from scscf.procedures.state import HomeDomain, Node
from scscf.profile.service_profile import PublicIdentity, UserProfile
from scscf.registration.change import Change, ServerAssignmentDue
from scscf.registration.command import ContactRequest, Register
from scscf.registration.expiry import Limits, granted_expires
from scscf.registration.record import Record
from scscf.registration.registration import Contact
from scscf.registration.update import update
from scscf.sip.date import sip_date
from scscf.sip.grammar import is_token, quote
from scscf.sip.message import Request, Response
from scscf.sip.parameters import format_parameters
from scscf.sip.transaction_layer import ServerTransaction

_ATTEMPTS = 3


class Outcome(NamedTuple):
    """What a REGISTER came to."""

    change: Change
    profile: UserProfile
    others: tuple[ServerAssignmentDue, ...] = ()
    """What the HSS has to be told of other devices, which lost their contacts."""


async def register(node: Node, call: ServerTransaction, domain: HomeDomain, aor: str) -> None:
    """Answer a REGISTER for an address of record of one of our domains. Raises the SipError that refuses it."""
    request = call.request
    who = await authenticate(node, request, domain, aor)
    if isinstance(who, Challenge):
        response = request.response(401, to_tag=node.identifiers.tag())
        response.headers += who.headers
        call.answer(response)
        return
    if not node.turns.take_at_once(who.private_identity):
        await node.turns.take(who.private_identity)
    try:
        path = _path(node, call)
        outcome = await _registered(node, call, domain, aor, who.private_identity, path)
        call.answer(_accepted(node, request, domain, aor, path, outcome))
        node.commit(outcome.change)
        if outcome.others:
            await tell_hss(node, outcome.others)
    finally:
        node.turns.give_back(who.private_identity)


async def _registered(
    node: Node, call: ServerTransaction, domain: HomeDomain, aor: str, private_identity: str, path: tuple[str, ...]
) -> Outcome:
    """Plan, ask the HSS, plan again where something moved, save; three times, then 500."""
    for _ in range(_ATTEMPTS):
        before = await node.store.find(aor)
        now = node.now()
        if before is not None and not node.expiries.sleeps(before.name, now) and has_due(before, now):
            before = await expire_due(node, before)
        device = before.device(private_identity) if before is not None else None
        known = device is not None and device.profile.set_of(aor) is not None
        profile = device.profile if device is not None and known else _stranger(private_identity, aor)
        plan = update(before, _command(call, domain, aor, profile, path), now, node.overrides)
        if not plan.rows:
            return Outcome(plan, profile)
        served = [due for due in plan.assignments if due.private_identity == private_identity]
        asked = profile
        for due in served:
            profile = await assign(node, due) or profile
        current = await node.store.load(plan.record.name if profile is asked else profile.subscription)
        if profile is not asked or current is not before or node.now() != now:
            try:
                plan = _plan_again(node, current, call, domain, aor, profile, path)
            except SipError:
                await _take_back(node, current, served)
                raise
            if not plan.rows:
                return Outcome(plan, profile)
            if [due.type for due in served] != [
                due.type for due in plan.assignments if due.private_identity == private_identity
            ]:
                continue
        if await node.store.save(plan.record):
            others = tuple([due for due in plan.assignments if due.private_identity != private_identity])
            return Outcome(plan, profile, others)
    raise SipError(500, "Too Many Changes at Once", [("Retry-After", "1")])


def _plan_again(
    node: Node,
    current: Record | None,
    call: ServerTransaction,
    domain: HomeDomain,
    aor: str,
    profile: UserProfile,
    path: tuple[str, ...],
) -> Change:
    """Return the plan for what is known after the HSS has answered."""
    if profile.set_of(aor) is None:
        raise SipError(403, "Identity Not of This User")
    return update(current, _command(call, domain, aor, profile, path), node.now(), node.overrides)


async def _take_back(node: Node, current: Record | None, served: list[ServerAssignmentDue]) -> None:
    """Tell the HSS that a user is not served after all whom it was told of and who is refused."""
    for due in served:
        if due.type is ServerAssignment.REGISTRATION and (
            current is None or current.device(due.private_identity) is None
        ):
            await assign(node, due._replace(type=ServerAssignment.ADMINISTRATIVE_DEREGISTRATION))


def _stranger(private_identity: str, aor: str) -> UserProfile:
    """Return what a plan takes for the profile of a device of which it is not known that it registers `aor`."""
    return UserProfile(private_identity, private_identity, ((PublicIdentity(aor),),))


def _command(
    call: ServerTransaction, domain: HomeDomain, aor: str, profile: UserProfile, path: tuple[str, ...]
) -> Register:
    request = call.request
    registrar = domain.config.registrar
    star = request.contact_is_star
    cseq = request.cseq.number
    if star:
        if request.expires != 0:
            raise SipError(400, "Contact * Needs Expires: 0")
        contacts: tuple[ContactRequest, ...] = ()
    else:
        contacts = _contacts(request, domain.limits.of_user(profile.expires))
    return Register(
        profile,
        domain.config.name,
        aor,
        contacts,
        star,
        request.call_id,
        cseq,
        path,
        call.flow,
        request.get("user-agent"),
        domain.dialect.own_bindings_only,
        registrar.max_contacts,
        registrar.on_max_contacts == "replace_oldest",
    )


def _contacts(request: Request, limits: Limits) -> tuple[ContactRequest, ...]:
    """Return the Contacts of a REGISTER with what each is granted. Raises SipError (400, 423; RFC 5630 §5.2)."""
    header = request.expires
    found = []
    for contact in request.contacts:
        if contact.uri.scheme == "sips" and request.uri.scheme != "sips":
            raise SipError(400, "SIPS Contact Needs SIPS Request-URI")
        params, q = contact.params, None
        for name, _value in params:
            if name.lower() in ("q", "expires"):
                q = contact.parameter("q")
                params = tuple(pair for pair in params if pair[0].lower() not in ("q", "expires"))
                break
        expires = granted_expires(contact, header, limits)
        found.append(ContactRequest(contact.uri.text, expires, _checked_q(q), contact.display_name, params))
    return tuple(found)


def _checked_q(q: str | None) -> str | None:
    """Return a qvalue as it was given. Raises SipError(400) for one that is not 0 to 1 with three decimals at most."""
    if q is None:
        return None
    whole, _, decimals = q.partition(".")
    if whole not in ("0", "1") or len(decimals) > 3 or (decimals and not decimals.isdigit()):
        raise SipError(400, "Bad q in Contact")
    if whole == "1" and decimals.strip("0"):
        raise SipError(400, "Bad q in Contact")
    return q


def _path(node: Node, call: ServerTransaction) -> tuple[str, ...]:
    """Return the Path of a trusted peer; anybody else's is ignored (RFC 3327 §7)."""
    if "path" not in call.request:
        return ()
    if not node.is_trusted(call.flow):
        node.ignore("Path", call.flow)
        return ()
    return tuple(call.request.values("path"))


def _accepted(
    node: Node, request: Request, domain: HomeDomain, aor: str, path: tuple[str, ...], outcome: Outcome
) -> Response:
    """Return the 200 that lists every current binding of the address of record (RFC 3261 §10.3 step 8)."""
    change, profile = outcome.change, outcome.profile
    record, now = change.record, change.now
    contacts = record.contacts(aor)
    response = request.response(200, to_tag=node.identifiers.tag())
    headers = response.headers
    for contact in contacts:
        headers.append(("Contact", _listed(contact, now)))
    if not _any_left(contacts, request) and (request.contact_is_star or request.contacts):
        headers.append(("Expires", "0"))
    still = record.device(profile.private_identity)
    registered = (still.profile.set_of(aor) if still else None) or ()
    headers += domain.dialect.decorate(Registered(request, path, registered, node.service_route))
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


def _listed(contact: Contact, now: float) -> str:
    binding = contact.binding
    q = f";q={binding.q}" if binding.q is not None else ""
    params = format_parameters(binding.params) if binding.params else ""
    value = f"<{binding.uri}>{params}{q};expires={binding.remaining(now)}"
    name = binding.display_name
    if not name:
        return value
    return f"{name} {value}" if is_token(name) else f"{quote(name)} {value}"
