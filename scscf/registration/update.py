"""The one door: a record, a command and the time make a change, or the SIP error that refuses it (RFC 3261 §10.3)."""

from scscf.cx import ServerAssignment
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
from scscf.registration.command import ChangeProfile, Command, Deregister, Expire, LoseFlow, Register, Shorten
from scscf.registration.profile_change import profile_changed
from scscf.registration.record import Device, Record
from scscf.registration.register import bind, check_order, new_binding, same_contact
from scscf.registration.registration import Contact, Event, Registration
from scscf.sip.outbox import Flow

_Binding = Register | Deregister | Shorten | LoseFlow | Expire
"""Commands that change bindings, and what follows from them."""


def update(before: Record | None, command: Command, now: float, overrides: EventOverrides) -> Change:
    """Return everything that `command` does to `before` at `now`, or raise SipError and do nothing.

    A command on no record, or one that touches nothing, gives a change without rows.
    """
    if isinstance(command, ChangeProfile):
        if before is None:
            return Change(None, Record("", 0, ""), Cause(CauseKind.PROFILE_CHANGE), now, ())
        return profile_changed(before, command, now, overrides)
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
    device = before.devices[0]
    if device.profile is not profile or device.reauthenticate or old.uri != asked.uri or not asked.expires:
        return None
    if old.endpoint != asked.endpoint:
        return None
    if (asked.outbound or old.outbound) and (asked.outbound != old.outbound or asked.params != old.params):
        return None
    if len(before.registrations) != len(profile.set_of(command.aor) or ()):
        return None
    check_order(old, command)
    binding = new_binding(asked, command, now, old)
    registrations, rows = [], []
    for registration in before.registrations:
        contact = registration.contacts[0]
        if contact.binding is not old or len(registration.contacts) != 1:
            return None
        contact = tuple.__new__(Contact, (contact.id, binding, Event.REFRESHED, None))
        registrations.append(tuple.__new__(Registration, (registration.aor, (contact,))))
        rows.append(tuple.__new__(Row, (registration.aor, contact)))
    aor = command.aor
    due = tuple.__new__(ServerAssignmentDue, (profile.private_identity, aor, ServerAssignment.RE_REGISTRATION))
    kept = (before.name, before.revision + 1, before.domain, before.devices, tuple(registrations))
    cause = tuple.__new__(Cause, (CauseKind.USER, aor, None, None, None, None))
    change: Change = tuple.__new__(Change, (before, tuple.__new__(Record, kept), cause, now, tuple(rows), (due,), None))
    return change


def _updated(before: Record | None, command: _Binding, now: float, overrides: EventOverrides) -> Change:
    delta, cause, profile, domain = _plan(command, before, now)
    registrations, rows = derive(before, delta, cause, overrides)
    known = before if before is not None else Record(profile.subscription if profile else "", 0, domain)
    if not rows:
        if isinstance(command, Shorten) and before is not None and (meant := selected(before, command)):
            devices = _to_prove_themselves(before.devices, meant)
            known = before._replace(revision=before.revision + 1, devices=devices)
        return Change(before, known, cause, now, ())
    proven = isinstance(command, Register) and command.proven
    devices, assignments = devices_after(before, profile, registrations, delta, cause, proven=proven)
    if isinstance(command, Shorten):
        devices = _to_prove_themselves(devices, selected(before, command))
    record = Record(known.name, known.revision + 1, known.domain, devices, registrations)
    ended = delta.removed if any(each != cause for each in delta.removed.values()) else None
    return Change(before, record, cause, now, rows, assignments, ended)


_Plan = tuple[Delta, Cause, UserProfile | None, str]


def _register(command: Register, before: Record | None, now: float) -> _Plan:
    return bind(command, before, now), Cause(CauseKind.USER, command.aor), command.profile, command.domain


def _deregister(command: Deregister, before: Record | None, now: float) -> _Plan:
    removed = {id(binding): command.cause for binding in selected(before, command)}
    return Delta(removed, {}, []), command.cause, None, ""


def _shorten(command: Shorten, before: Record | None, now: float) -> _Plan:
    ends = now + command.expires
    replaced = {
        id(binding): binding._replace(expires_at=ends)
        for binding in selected(before, command)
        if binding.expires_at > ends
    }
    return Delta({}, replaced, []), Cause(CauseKind.OPERATOR), None, ""


def _expire(command: Expire, before: Record | None, now: float) -> _Plan:
    cause = Cause(CauseKind.EXPIRY)
    ended = {id(binding): cause for binding in before.bindings() if binding.expires_at <= now} if before else {}
    return Delta(ended, {}, []), cause, None, ""


def _lose_flow(command: LoseFlow, before: Record | None, now: float) -> _Plan:
    cause = Cause(CauseKind.FLOW_LOST)
    bindings = before.bindings() if before is not None else ()
    ended = {id(binding): cause for binding in bindings if is_bound_along(binding, command.flow)}
    return Delta(ended, {}, []), cause, None, ""


def is_bound_along(binding: Binding, flow: Flow) -> bool:
    """Tell whether a binding ends with a flow: it is outbound, and no edge proxy keeps the flow (RFC 5626 §6, §7)."""
    return binding.outbound and not binding.path and binding.flow == flow


def _to_prove_themselves(devices: tuple[Device, ...], bindings: list[Binding]) -> tuple[Device, ...]:
    """Mark the devices of these bindings: their next REGISTER is challenged (TS 24.229 §5.4.1.6)."""
    meant = {binding.private_identity for binding in bindings}
    return tuple(
        [
            device._replace(reauthenticate=True) if device.profile.private_identity in meant else device
            for device in devices
        ]
    )


def _plan(command: _Binding, before: Record | None, now: float) -> _Plan:
    if isinstance(command, Register):
        return _register(command, before, now)
    if isinstance(command, Deregister):
        return _deregister(command, before, now)
    if isinstance(command, Shorten):
        return _shorten(command, before, now)
    if isinstance(command, LoseFlow):
        return _lose_flow(command, before, now)
    return _expire(command, before, now)


def selected(before: Record | None, command: Deregister | Shorten) -> list[Binding]:
    """Return the bindings that a command of the network means; those for emergency calls only where it names them."""
    if before is None:
        return []
    chosen: dict[int, Binding] = {}
    for registration in before.registrations:
        if command.aors is not None and registration.aor not in command.aors:
            continue
        for contact in registration.contacts:
            binding = contact.binding
            if binding.emergency and command.contact is None:
                continue
            if command.private_identity not in (None, binding.private_identity):
                continue
            if command.contact is not None and not same_contact(binding.uri, command.contact):
                continue
            chosen[id(binding)] = binding
    return list(chosen.values())
