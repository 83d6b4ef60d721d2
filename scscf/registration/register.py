"""What a REGISTER does to the bindings of an address of record (RFC 3261 §10.3 step 7, RFC 5626 §6)."""

from math import inf
from sys import intern

from scscf.errors import SipError
from scscf.registration.binding import Binding
from scscf.registration.change import Cause, CauseKind, Delta
from scscf.registration.command import ContactRequest, Register
from scscf.registration.instance import canonical_instance, same_instance
from scscf.registration.record import Record
from scscf.registration.registration import Contact
from scscf.sip.grammar import MAX_DELTA
from scscf.sip.parameters import parameter
from scscf.sip.uri import parse_uri
from scscf.sip.uri_comparison import same_uri


def bind(command: Register, before: Record | None, now: float) -> Delta:
    """Return what becomes of the bindings.

    Raises SipError: 403 for too many or unknown ones, and for an identity that merely matches a wildcarded one, which
    is registered implicitly only; 500 out of order.
    """
    cause = Cause(CauseKind.USER, command.aor)
    aors = tuple([identity.uri for identity in command.profile.set_of(command.aor) or ()])
    if aors and command.aor not in aors:
        raise SipError(403, "Wildcarded Identities Are Registered Implicitly")
    delta = Delta({}, {}, [], aors)
    rows = before.contacts(command.aor) if before is not None else ()
    held = [contact.binding for contact in rows]
    if command.own_only:
        held = [binding for binding in held if binding.private_identity == command.profile.private_identity]
    elif len(held) > 1:
        held.sort(key=lambda binding: binding.private_identity != command.profile.private_identity)
    if command.star:
        for old in held:
            if not old.emergency:
                check_order(old, command)
                delta.removed[id(old)] = cause
    for contact in command.contacts:
        if contact.expires or not contact.outbound or not _stays(contact, command):
            _bind(delta, held, contact, command, cause, now)
    if delta.added:
        if command.known_only:
            _check_known(delta.added, command, before)
        if command.replaces_contacts:
            _replace(delta, held, command)
        _limit(delta, rows, command)
    return delta


def check_order(binding: Binding, command: Register) -> None:
    """Raise SipError(500) unless the REGISTER may touch a binding.

    RFC 3261 §10.3 step 7: within one Call-ID, only a higher CSeq may.
    """
    if binding.call_id == command.call_id and binding.cseq >= command.cseq and command.ordered:
        raise SipError(500, "CSeq Out of Order")


def same_contact(known: str, asked: str) -> bool:
    """Tell whether two contact URIs are the same (RFC 3261 §10.3 step 7)."""
    return known == asked or same_uri(parse_uri(known), parse_uri(asked))


def new_binding(
    contact: ContactRequest, command: Register, now: float, old: Binding | None, first_cseq: int = 0
) -> Binding:
    """Return the binding that a Contact makes, or makes of an old one.

    `first_cseq` is that of the temporary GRUUs that the instance has already; 0: none.
    """
    refreshes = old.refreshes + 1 if old is not None else 0
    granted = contact.expires
    limits = command.profile.expires
    if limits is not None and limits.granted:
        granted = min(granted, limits.granted[min(refreshes, len(limits.granted) - 1)])
    if contact.gruu:
        if old is not None and old.gruu and old.call_id == command.call_id:
            first_cseq = old.first_cseq
        first_cseq = first_cseq or command.cseq
    fields = (
        contact.uri,
        command.profile.private_identity,
        command.call_id,
        command.cseq,
        old.registered_at if old is not None else now,
        now + granted if granted < MAX_DELTA else inf,
        granted,
        refreshes,
        contact.q,
        contact.display_name,
        contact.params,
        command.path,
        command.flow,
        intern(command.user_agent) if command.user_agent else None,
        contact.outbound,
        contact.emergency,
        contact.gruu,
        first_cseq,
        contact.endpoint,
    )
    return tuple.__new__(Binding, fields)


def _bind(
    delta: Delta, held: list[Binding], contact: ContactRequest, command: Register, cause: Cause, now: float
) -> None:
    first_cseq = _first_cseq(held, contact, command) if contact.gruu else 0
    if delta.added:
        delta.added[:] = [new for new in delta.added if not (_matches(new, contact) or _is_at(new, contact))]
    matching = [old for old in held if _matches(old, contact)]
    if contact.endpoint and contact.expires:
        _take_over(delta, held, contact, cause)
    for old in matching:
        check_order(old, command)
        if delta.removed or delta.replaced:
            delta.removed.pop(id(old), None)
            delta.replaced.pop(id(old), None)
        if not contact.expires:
            if not old.emergency:
                delta.removed[id(old)] = cause
        elif old.private_identity != command.profile.private_identity:
            # It goes over to another device, which may register fewer identities.
            delta.removed[id(old)] = cause
        elif old.outbound != contact.outbound or (old.outbound and not same_contact(old.uri, contact.uri)):
            # To watchers another URI is another contact (RFC 3680 §5.1), whatever names the flow.
            delta.removed[id(old)] = Cause(CauseKind.REPLACED)
        else:
            delta.replaced[id(old)] = new_binding(contact, command, now, old, first_cseq)
            return
    if contact.expires:
        delta.added.append(new_binding(contact, command, now, None, first_cseq))


def _stays(ended: ContactRequest, command: Register) -> bool:
    """Tell whether a Contact ends a flow that another one of the same REGISTER keeps, at another address.

    What is ended so is the address: a UE that comes back over a new connection names the old one beside it (pjsip).
    """
    return any(
        other.expires > 0 and other.outbound and other.uri != ended.uri and _flow(other) == _flow(ended)
        for other in command.contacts
    )


def _flow(contact: ContactRequest) -> tuple[str, int]:
    instance, reg_id = parameter(contact.params, "+sip.instance"), parameter(contact.params, "reg-id")
    return canonical_instance(instance or ""), int(reg_id or 0)


def _take_over(delta: Delta, held: list[Binding], contact: ContactRequest, cause: Cause) -> None:
    """End another endpoint that was at the address of a new one: one address is bound once (RFC 3261 §10.3)."""
    for old in held:
        if old.endpoint not in ("", contact.endpoint) and _is_at(old, contact):
            delta.replaced.pop(id(old), None)
            delta.removed[id(old)] = cause


def _is_at(old: Binding, contact: ContactRequest) -> bool:
    return contact.endpoint != "" and same_contact(old.uri, contact.uri)


def _matches(old: Binding, contact: ContactRequest) -> bool:
    """Tell whether a Contact means a binding: by instance and reg-id where both honour it, by endpoint, else by URI."""
    if old.emergency != contact.emergency:
        return False
    if old.outbound and contact.outbound:
        instance, reg_id = parameter(contact.params, "+sip.instance"), parameter(contact.params, "reg-id")
        return same_reg_id(old.reg_id, reg_id) and same_instance(old.instance or "", instance or "")
    if old.endpoint or contact.endpoint:
        return old.endpoint == contact.endpoint
    return same_contact(old.uri, contact.uri)


def same_reg_id(first: str | None, second: str | None) -> bool:
    """Tell whether two reg-id values are the same number (RFC 5626 §10)."""
    return first == second or (first is not None and second is not None and int(first) == int(second))


def _first_cseq(held: list[Binding], contact: ContactRequest, command: Register) -> int:
    """Return where the live temporary GRUUs of an instance start that changes its address, 0 for none."""
    instance = parameter(contact.params, "+sip.instance") or ""
    live = [
        old.first_cseq
        for old in held
        if old.gruu and old.call_id == command.call_id and same_instance(old.instance or "", instance)
    ]
    return min(live, default=0)


def _check_known(added: list[Binding], command: Register, before: Record | None) -> None:
    own = [
        binding
        for binding in (before.bindings() if before is not None else ())
        if binding.private_identity == command.profile.private_identity
    ]
    for new in added:
        if new.outbound or new.emergency or any(same_contact(binding.uri, new.uri) for binding in own):
            continue
        raise SipError(403, "Contact Not Registered")


def _replace(delta: Delta, held: list[Binding], command: Register) -> None:
    """End the contacts whose place new ones take: without outbound, and those for emergency calls apart."""
    kinds = {new.emergency for new in delta.added if not new.outbound}
    for old in held:
        if old.outbound or old.emergency not in kinds or id(old) in delta.removed or id(old) in delta.replaced:
            continue
        check_order(old, command)
        delta.removed[id(old)] = Cause(CauseKind.REPLACED)


def _limit(delta: Delta, contacts: tuple[Contact, ...], command: Register) -> None:
    bindings = [contact.binding for contact in contacts]
    _limit_flows(delta, bindings, command)
    surplus = len(contacts) - len(delta.removed) + len(delta.added) - command.max_contacts
    if surplus <= 0:
        return
    untouched = [b for b in bindings if not b.emergency and id(b) not in delta.removed and id(b) not in delta.replaced]
    if not command.replace_oldest or len(untouched) < surplus:
        raise SipError(403, "Too Many Contacts")
    untouched.sort(key=lambda binding: binding.registered_at)
    for binding in untouched[:surplus]:
        delta.removed[id(binding)] = Cause(CauseKind.MAX_CONTACTS)


def _limit_flows(delta: Delta, bindings: list[Binding], command: Register) -> None:
    new = sum(binding.outbound for binding in delta.added)
    if not new:
        return
    own = command.profile.private_identity
    old = sum(b.outbound and b.private_identity == own and id(b) not in delta.removed for b in bindings)
    if old + new > command.max_flows:
        raise SipError(403, "Too Many Flows")
