"""REGISTER: the registrar's procedure from the first check to the 200 (RFC 3261 §10.3, TS 24.229 §5.4.1.2)."""

from typing import NamedTuple

from scscf.cx import ServerAssignment
from scscf.errors import SipError
from scscf.procedures.assign import assign, tell_hss
from scscf.procedures.authenticate import Authenticated, Challenge, authenticate
from scscf.procedures.contacts import contacts_of
from scscf.procedures.expire import expire_due, has_due
from scscf.procedures.flow_lost import keep_flow
from scscf.procedures.implicit_subscription import subscribe_implicitly
from scscf.procedures.profile_update import current_profile
from scscf.procedures.register_answer import accepted
from scscf.procedures.restoration import restoration_of
from scscf.procedures.security_agreement import agree
from scscf.procedures.state import HomeDomain, Node
from scscf.procedures.user_services import check_user_services
from scscf.profile.service_profile import PublicIdentity, UserProfile
from scscf.registration.change import Change, ServerAssignmentDue
from scscf.registration.command import ContactRequest, Register
from scscf.registration.record import Record
from scscf.registration.update import update
from scscf.sip.address import parse_address
from scscf.sip.fields import bad
from scscf.sip.message import Request
from scscf.sip.transaction_layer import ServerTransaction
from scscf.sip.via import Via

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
    if request.is_relayed and any(_is_ours(node, via) for via in request.vias[1:]):
        # An application server that sends a third-party REGISTER back would never hear the last of it.
        raise SipError(482)
    agreement = agree(node, call) if node.config.sec_agree == "headers" else None
    who = await authenticate(node, call, domain, aor)
    if isinstance(who, Challenge):
        response = request.response(401, to_tag=node.identifiers.tag())
        response.headers += who.headers
        if agreement is not None:
            response.headers.append(("Security-Server", agreement.server))
        call.answer(response)
        return
    if agreement is not None and not agreement.verified:
        raise agreement.refusal()
    if domain.dialect.permit is not None:
        domain.dialect.permit(request)
    if domain.dialect.implicit is not None:
        check_user_services(node, request, aor)
    if not node.turns.take_at_once(who.private_identity):
        await node.turns.take(who.private_identity)
    try:
        path = _path(node, call)
        outcome = await _registered(node, call, domain, aor, who, path)
        response = accepted(node, call, domain, aor, path, outcome.change, outcome.profile)
        call.answer(response)
        node.commit(outcome.change, (request, response))
        if call.flow.connection:
            keep_flow(node, outcome.change.record, call.flow)
        if domain.dialect.implicit is not None:
            subscribe_implicitly(node, call, domain, aor, response, outcome.change)
        if outcome.others:
            await tell_hss(node, outcome.change, outcome.others)
    finally:
        node.turns.give_back(who.private_identity)


def _is_ours(node: Node, via: Via) -> bool:
    """Tell whether a request was sent by this node before (RFC 3261 §16.3 step 4)."""
    return via.host in node.own_hosts and (via.port or 5060) in node.own_ports


async def _registered(
    node: Node, call: ServerTransaction, domain: HomeDomain, aor: str, who: Authenticated, path: tuple[str, ...]
) -> Outcome:
    """Plan, ask the HSS, plan again where something moved, save; three times, then 500."""
    private_identity = who.private_identity
    for _ in range(_ATTEMPTS):
        before = await node.store.find(aor) or await node.store.find_device(private_identity)
        now = node.now()
        if before is not None and not node.expiries.sleeps(before.name, now) and has_due(before, now):
            before = await expire_due(node, before)
        device = before.device(private_identity) if before is not None else None
        known = device is not None and device.profile.set_of(aor) is not None
        profile = device.profile if device is not None and known else _stranger(private_identity, aor)
        plan = update(before, _command(node, call, domain, aor, profile, path, who), now, domain.events)
        served = _of(private_identity, plan.assignments)
        if not known and not served and not who.confirmed and before is not None and before.contacts(aor):
            # Nobody else would notice: the HSS is asked only about those who come or stay.
            raise SipError(403, "Identity Not of This User")
        if not plan.rows:
            if node.config.strict:
                _check_bound(domain, call.request)
            return Outcome(plan, profile)
        asked = profile
        kept = restoration_of(plan.record, private_identity, now) if domain.config.registrar.restoration else None
        for due in served:
            profile = await assign(node, domain, due, device.profile if device is not None else None, kept) or profile
        if before is not None and profile.subscription != before.name and profile is not asked:
            # The HSS may call the subscription otherwise by now; whose identity it is has not changed.
            profile = profile._replace(subscription=before.name)
        current = await node.store.load(plan.record.name if profile is asked else profile.subscription)
        profile = current_profile(node, device, current, profile)
        if profile is not asked or current is not before or node.now() != now:
            try:
                plan = _plan_again(node, current, call, domain, aor, profile, path, who)
            except SipError:
                await _take_back(node, domain, current, served)
                raise
            if not plan.rows:
                return Outcome(plan, profile)
            if [due.type for due in served] != [due.type for due in _of(private_identity, plan.assignments)]:
                continue
        if await node.store.save(plan.record):
            others = plan.assignments
            others = () if others == served else tuple([due for due in others if due not in served])
            return tuple.__new__(Outcome, (plan, profile, others))
    raise SipError(500, "Too Many Changes at Once", [("Retry-After", "1")])


def _check_bound(domain: HomeDomain, request: Request) -> None:
    """Raise SipError(481) for a de-registration of what is not bound, which is an error in IMS (TS 24.229 §5.4.1.4)."""
    if domain.dialect.replaces_contacts and (request.contact_is_star or request.contacts):
        raise SipError(481)


def _of(private_identity: str, assignments: tuple[ServerAssignmentDue, ...]) -> tuple[ServerAssignmentDue, ...]:
    """Return what the HSS has to be told of one device."""
    if len(assignments) == 1 and assignments[0].private_identity == private_identity:
        return assignments
    return tuple([due for due in assignments if due.private_identity == private_identity])


def _plan_again(
    node: Node,
    current: Record | None,
    call: ServerTransaction,
    domain: HomeDomain,
    aor: str,
    profile: UserProfile,
    path: tuple[str, ...],
    who: Authenticated,
) -> Change:
    """Return the plan for what is known after the HSS has answered.

    Raises SipError(403) for an identity that is not the user's, or of a set that is barred as a whole.
    """
    implicit_set = profile.set_of(aor)
    if implicit_set is None:
        raise SipError(403, "Identity Not of This User")
    if node.turns.is_ended(who.private_identity):
        raise SipError(403, "Registration Ended by the HSS")
    command = _command(node, call, domain, aor, profile, path, who)
    if all(identity.barred for identity in implicit_set) and not _is_for_emergency(command):
        raise SipError(403, "Barred")
    return update(current, command, node.now(), domain.events)


async def _take_back(
    node: Node, domain: HomeDomain, current: Record | None, served: tuple[ServerAssignmentDue, ...]
) -> None:
    """Tell the HSS that a user is not served after all whom it was told of and who is refused."""
    for due in served:
        if due.type is ServerAssignment.REGISTRATION and (
            current is None or current.device(due.private_identity) is None
        ):
            await assign(node, domain, due._replace(type=ServerAssignment.ADMINISTRATIVE_DEREGISTRATION))


def _stranger(private_identity: str, aor: str) -> UserProfile:
    """Return what a plan takes for the profile of a device of which it is not known that it registers `aor`."""
    return UserProfile(private_identity, private_identity, ((PublicIdentity(aor),),))


def _is_for_emergency(command: Register) -> bool:
    return any(contact.emergency for contact in command.contacts)


def _command(
    node: Node,
    call: ServerTransaction,
    domain: HomeDomain,
    aor: str,
    profile: UserProfile,
    path: tuple[str, ...],
    who: Authenticated,
) -> Register:
    request = call.request
    registrar, dialect = domain.config.registrar, domain.dialect
    star = request.contact_is_star
    cseq = request.cseq.number
    if star:
        if request.expires != 0:
            raise SipError(400, "Contact * Needs Expires: 0")
        contacts: tuple[ContactRequest, ...] = ()
    else:
        contacts = contacts_of(node, request, call.flow, domain, aor, path, domain.limits.of_user(profile.expires))
    command: Register = tuple.__new__(
        Register,
        (
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
            dialect.own_bindings_only,
            profile.max_contacts or registrar.max_contacts,
            registrar.on_max_contacts == "replace_oldest",
            dialect.replaces_contacts,
            registrar.max_flows,
            dialect.replaces_contacts and who.protected and not who.answered,
            who.answered or not who.protected,
            registrar.cseq_order == "enforced",
        ),
    )
    return command


def _path(node: Node, call: ServerTransaction) -> tuple[str, ...]:
    """Return the Path of a trusted peer; anybody else's is ignored (RFC 3327 §7).

    Raises SipError(400) for a value that no request could take to the contact (RFC 3327 §4).
    """
    if "path" not in call.request:
        return ()
    if not node.is_trusted(call.flow):
        node.ignore("Path", call.flow)
        return ()
    path = tuple(call.request.values("path"))
    for value in path:
        if not _is_way(value):
            raise bad("path")
    return path


def _is_way(value: str) -> bool:
    """Tell whether a Path value is a SIP URI in angle brackets."""
    try:
        return "<" in value and parse_address(value).uri.is_sip
    except SipError:
        return False
