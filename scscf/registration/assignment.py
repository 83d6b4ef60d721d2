"""Which devices a record has after a change, and what the HSS has to be told of each (TS 29.228 §6.1.2)."""

from scscf.cx import ServerAssignment
from scscf.profile.service_profile import UserProfile
from scscf.registration.change import Cause, CauseKind, Delta, ServerAssignmentDue
from scscf.registration.record import Device, Record
from scscf.registration.registration import Registration

_DEPARTURE = {
    CauseKind.USER: ServerAssignment.USER_DEREGISTRATION,
    CauseKind.EXPIRY: ServerAssignment.TIMEOUT_DEREGISTRATION,
    CauseKind.PERMANENT_TERMINATION: None,
    CauseKind.NEW_SERVER_ASSIGNED: None,
    CauseKind.SERVER_CHANGE: None,
    CauseKind.REMOVE_SCSCF: None,
    CauseKind.REMOVED_SUBSCRIBER: None,
}
"""Cause → what the HSS is told of a device that is gone; None: the HSS asked for it (TS 29.228 §6.1.2)."""


def devices_after(
    before: Record | None,
    profile: UserProfile | None,
    registrations: tuple[Registration, ...],
    delta: Delta,
    cause: Cause,
    *,
    proven: bool = True,
) -> tuple[tuple[Device, ...], tuple[ServerAssignmentDue, ...]]:
    """Return the devices that have bindings after a change, and what the HSS has to be told of each.

    `proven` ends that a device has to authenticate itself anew.
    """
    devices = list(before.devices) if before else []
    due: list[ServerAssignmentDue] = []
    after = Record("", 0, "", (), registrations)
    if before is not None and delta.removed:
        present = {contact.binding.private_identity for each in registrations for contact in each.contacts}
        departure = _DEPARTURE.get(cause.kind, ServerAssignment.ADMINISTRATIVE_DEREGISTRATION)
        for device in before.devices:
            name = device.profile.private_identity
            if departure is not None:
                due += [
                    ServerAssignmentDue(name, implicit_set[0].uri, departure)
                    for implicit_set in device.profile.sets
                    if before.has_bindings(name, implicit_set) and not after.has_bindings(name, implicit_set)
                ]
            if name not in present:
                devices.remove(device)
        if profile is not None and profile.private_identity not in present:
            profile = None
    if profile is None:
        return tuple(devices), tuple(due)
    name, aor = profile.private_identity, cause.aor or ""
    implicit_set = profile.set_of(aor) or ()
    if after.has_bindings(name, implicit_set):
        served = before is not None and before.has_bindings(name, implicit_set)
        what = ServerAssignment.RE_REGISTRATION if served else ServerAssignment.REGISTRATION
        due.append(ServerAssignmentDue(name, aor, what))
    for index, device in enumerate(devices):
        if device.profile.private_identity == name:
            reauthenticate = device.reauthenticate and not proven
            as_it_was = device.profile is profile and device.reauthenticate == reauthenticate
            if as_it_was and before is not None and not delta.removed:
                return before.devices, tuple(due)
            devices[index] = Device(profile, reauthenticate)
            return tuple(devices), tuple(due)
    devices.append(Device(profile))
    return tuple(devices), tuple(due)
