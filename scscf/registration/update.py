"""The one door: a record, a command and the time make a change, or the SIP error that refuses it (RFC 3261 §10.3)."""

from math import inf
from sys import intern

from scscf.cx import ServerAssignment
from scscf.errors import SipError
from scscf.profile.service_profile import UserProfile
from scscf.registration.assignment import devices_after
from scscf.registration.binding import Binding
from scscf.registration.change import (
    Cause,
    CauseKind,
    Change,
    Delta,
    EventOverrides,
    Row,
    ServerAssignmentDue,
    derive,
)
from scscf.registration.command import Command, ContactRequest, Deregister, Expire, Register, Shorten
from scscf.registration.record import Record
from scscf.registration.registration import Contact, Event, Registration
from scscf.sip.grammar import MAX_DELTA
from scscf.sip.uri import parse_uri
from scscf.sip.uri_comparison import same_uri


def update(before: Record | None, command: Command, now: float, overrides: EventOverrides) -> Change:
    """Return everything that `command` does to `before` at `now`, or raise SipError and do nothing.

    A command on no record, or one that touches nothing, gives a change without rows.
    """
    if before is not None and isinstance(command, Register):
        refreshed = _refresh(before, command, now)
        if refreshed is not None:
            return refreshed
    return _updated(before, command, now, overrides)


def _refresh(before: Record, command: Register, now: float) -> Change | None:
    """Do what `_updated` does, at half the cost, for the commonest command by far: the only contact is refreshed.

    None where the command is any other, or the device's profile has changed.
    """
    contacts = before.contacts(command.aor)
    if len(contacts) != 1 or len(command.contacts) != 1 or len(before.devices) != 1:
        return None
    profile, asked, old = command.profile, command.contacts[0], contacts[0].binding
    if before.devices[0].profile is not profile or old.uri != asked.uri or not asked.expires:
        return None
    if len(before.registrations) != len(profile.set_of(command.aor) or ()):
        return None
    _check_order(old, command)
    binding = _binding(asked, command, now, old)
    registrations, rows = [], []
    for registration in before.registrations:
        contact = registration.contacts[0]
        if contact.binding is not old or len(registration.contacts) != 1:
            return None
        contact = tuple.__new__(Contact, (contact.id, binding, Event.REFRESHED, None))
        registrations.append(tuple.__new__(Registration, (registration.aor, (contact,))))
        rows.append(tuple.__new__(Row, (registration.aor, contact)))
    due = ServerAssignmentDue(profile.private_identity, command.aor, ServerAssignment.RE_REGISTRATION)
    record = Record(before.name, before.revision + 1, before.domain, before.devices, tuple(registrations))
    return Change(before, record, Cause(CauseKind.USER, command.aor), now, tuple(rows), (due,))


def _updated(before: Record | None, command: Command, now: float, overrides: EventOverrides) -> Change:
    delta, cause, profile, domain = _plan(command, before, now)
    registrations, rows = derive(before, delta, cause, overrides)
    known = before if before is not None else Record(profile.subscription if profile else "", 0, domain)
    if not rows:
        return Change(before, known, cause, now, ())
    devices, assignments = devices_after(before, profile, registrations, delta, cause)
    record = Record(known.name, known.revision + 1, known.domain, devices, registrations)
    return Change(before, record, cause, now, rows, assignments)


_Plan = tuple[Delta, Cause, UserProfile | None, str]


def _register(command: Register, before: Record | None, now: float) -> _Plan:
    cause = Cause(CauseKind.USER, command.aor)
    aors = tuple([identity.uri for identity in command.profile.set_of(command.aor) or ()])
    delta = Delta({}, {}, [], aors)
    rows = before.contacts(command.aor) if before is not None else ()
    held = [contact.binding for contact in rows]
    if command.own_only:
        held = [binding for binding in held if binding.private_identity == command.profile.private_identity]
    elif len(held) > 1:
        held.sort(key=lambda binding: binding.private_identity != command.profile.private_identity)
    if command.star:
        for binding in held:
            _check_order(binding, command)
            delta.removed[id(binding)] = cause
    for contact in command.contacts:
        _bind(delta, held, contact, command, cause, now)
    if delta.added:
        _limit(delta, rows, command)
    return delta, cause, command.profile, command.domain


def _deregister(command: Deregister, before: Record | None, now: float) -> _Plan:
    removed = {id(binding): command.cause for binding in _selected(before, command)}
    return Delta(removed, {}, []), command.cause, None, ""


def _shorten(command: Shorten, before: Record | None, now: float) -> _Plan:
    ends = now + command.expires
    replaced = {
        id(binding): binding._replace(expires_at=min(ends, binding.expires_at))
        for binding in _selected(before, command)
    }
    return Delta({}, replaced, []), Cause(CauseKind.OPERATOR), None, ""


def _expire(command: Expire, before: Record | None, now: float) -> _Plan:
    cause = Cause(CauseKind.EXPIRY)
    ended = {id(binding): cause for binding in before.bindings() if binding.expires_at <= now} if before else {}
    return Delta(ended, {}, []), cause, None, ""


def _plan(command: Command, before: Record | None, now: float) -> _Plan:
    if isinstance(command, Register):
        return _register(command, before, now)
    if isinstance(command, Deregister):
        return _deregister(command, before, now)
    if isinstance(command, Shorten):
        return _shorten(command, before, now)
    return _expire(command, before, now)


def _check_order(binding: Binding, command: Register) -> None:
    """RFC 3261 §10.3 step 7: within one Call-ID, only a higher CSeq may touch a binding."""
    if binding.call_id == command.call_id and binding.cseq >= command.cseq:
        raise SipError(500, "CSeq Out of Order")


def _bind(
    delta: Delta, held: list[Binding], contact: ContactRequest, command: Register, cause: Cause, now: float
) -> None:
    for index, known in enumerate(delta.added):
        if _same_contact(known.uri, contact.uri):
            del delta.added[index]
            if contact.expires:
                delta.added.append(_binding(contact, command, now, None))
            return
    for old in held:
        if old.uri == contact.uri or _same_contact(old.uri, contact.uri):
            break
    else:
        if contact.expires:
            delta.added.append(_binding(contact, command, now, None))
        return
    _check_order(old, command)
    if delta.removed or delta.replaced:
        delta.removed.pop(id(old), None)
        delta.replaced.pop(id(old), None)
    if not contact.expires:
        delta.removed[id(old)] = cause
    elif old.private_identity == command.profile.private_identity:
        delta.replaced[id(old)] = _binding(contact, command, now, old)
    else:
        # It goes over to another device, which may register fewer identities.
        delta.removed[id(old)] = cause
        delta.added.append(_binding(contact, command, now, None))


def _same_contact(known: str, asked: str) -> bool:
    return same_uri(parse_uri(known), parse_uri(asked))


def _binding(contact: ContactRequest, command: Register, now: float, old: Binding | None) -> Binding:
    refreshes = old.refreshes + 1 if old is not None else 0
    granted = contact.expires
    limits = command.profile.expires
    if limits is not None and limits.granted:
        granted = min(granted, limits.granted[min(refreshes, len(limits.granted) - 1)])
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
    )
    return tuple.__new__(Binding, fields)


def _limit(delta: Delta, contacts: tuple[Contact, ...], command: Register) -> None:
    surplus = len(contacts) - len(delta.removed) + len(delta.added) - command.max_contacts
    if surplus <= 0:
        return
    bindings = [contact.binding for contact in contacts]
    untouched = [b for b in bindings if id(b) not in delta.removed and id(b) not in delta.replaced]
    if not command.replace_oldest or len(untouched) < surplus:
        raise SipError(403, "Too Many Contacts")
    untouched.sort(key=lambda binding: binding.registered_at)
    for binding in untouched[:surplus]:
        delta.removed[id(binding)] = Cause(CauseKind.REPLACED)


def _selected(before: Record | None, command: Deregister | Shorten) -> list[Binding]:
    if before is None:
        return []
    chosen: dict[int, Binding] = {}
    for registration in before.registrations:
        if command.aors is not None and registration.aor not in command.aors:
            continue
        for contact in registration.contacts:
            binding = contact.binding
            if command.private_identity not in (None, binding.private_identity):
                continue
            if command.contact is not None and not _same_contact(binding.uri, command.contact):
                continue
            chosen[id(binding)] = binding
    return list(chosen.values())
