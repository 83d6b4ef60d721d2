"""What another profile does to who is registered by it: identities join and leave their set (TS 24.229 §5.4.2.1.2)."""

from collections.abc import Iterable, Mapping

from scscf.profile.service_profile import PublicIdentity, UserProfile
from scscf.registration.binding import Binding
from scscf.registration.change import Cause, CauseKind, Change, EventOverrides, Row, event_of
from scscf.registration.command import ChangeProfile
from scscf.registration.record import Record
from scscf.registration.registration import Contact, Event, Registration, contact_id


def profile_changed(before: Record, command: ChangeProfile, now: float, overrides: EventOverrides) -> Change:
    """Return what new profiles do to a record: its own object where nothing differs.

    An identity that joins a registered set, or is barred no more, gets the set's contacts as `created`; one that leaves
    it loses them; one that is barred now keeps them, but to watchers they are over. Contacts for emergency calls stay
    where they are.
    """
    cause = Cause(CauseKind.PROFILE_CHANGE)
    new = {
        profile.private_identity: profile
        for profile in command.profiles
        if (device := before.device(profile.private_identity)) is not None and device.profile != profile
    }
    if not new:
        return Change(before, before, cause, now, ())
    devices = tuple(
        [device._replace(profile=new.get(device.profile.private_identity, device.profile)) for device in before.devices]
    )
    old_ones = [device.profile for device in before.devices if device.profile.private_identity in new]
    shown, showing = _hidden(old_ones), _hidden(new.values())
    wanted = {name: _wanted(before, profile) for name, profile in new.items()}
    order = dict.fromkeys(uri for device in devices for uri in _uris(device.profile))
    order.update(dict.fromkeys(registration.aor for registration in before.registrations))
    rows: list[Row] = []
    registrations = []
    for aor in order:
        live: list[Contact] = []
        for contact in before.contacts(aor):
            name = contact.binding.private_identity
            if name not in new or contact.binding.emergency:
                live.append(contact)
                continue
            stays = any(binding is contact.binding for binding in wanted[name].get(aor, ()))
            if not stays or ((name, aor) in showing and (name, aor) not in shown):
                rows.append(Row(aor, contact._replace(event=event_of(cause, overrides), retry_after=None)))
            elif (name, aor) in shown and (name, aor) not in showing:
                contact = contact._replace(event=Event.CREATED, retry_after=None)
                rows.append(Row(aor, contact))
            if stays:
                live.append(contact)
        _join(aor, wanted, live, rows)
        if live:
            registrations.append(Registration(aor, tuple(live)))
    record = before._replace(revision=before.revision + 1, devices=devices, registrations=tuple(registrations))
    return Change(before, record, cause, now, tuple(rows))


def _wanted(before: Record, profile: UserProfile) -> dict[str, tuple[Binding, ...]]:
    """Return the bindings that each identity of a profile is to show: those of any identity of its set."""
    wanted: dict[str, tuple[Binding, ...]] = {}
    for implicit_set in profile.sets:
        bindings = {
            id(contact.binding): contact.binding
            for identity in implicit_set
            for contact in before.contacts(identity.uri)
            if contact.binding.private_identity == profile.private_identity and not contact.binding.emergency
        }
        wanted.update(dict.fromkeys([identity.uri for identity in implicit_set], tuple(bindings.values())))
    return wanted


def _join(
    aor: str, wanted: Mapping[str, Mapping[str, tuple[Binding, ...]]], live: list[Contact], rows: list[Row]
) -> None:
    known = {id(contact.binding) for contact in live}
    for name, of_aor in wanted.items():
        for binding in of_aor.get(aor, ()):
            if id(binding) not in known:
                contact = Contact(contact_id(aor, name, binding.key), binding, Event.CREATED)
                live.append(contact)
                rows.append(Row(aor, contact))


def _hidden(profiles: Iterable[UserProfile]) -> set[tuple[str, str]]:
    """Return (private identity, public identity) of what is barred."""
    return {
        (profile.private_identity, identity.uri)
        for profile in profiles
        for implicit_set in profile.sets
        for identity in implicit_set
        if identity.barred
    }


def _uris(profile: UserProfile) -> list[str]:
    return [identity.uri for implicit_set in profile.sets for identity in implicit_set]


def retired(change: Change) -> frozenset[str]:
    """Return the identities that a change of profiles takes out of sight: watchers hear of their end, then no more."""
    if change.cause.kind is not CauseKind.PROFILE_CHANGE or change.before is None or not change.record.devices:
        return frozenset()
    return frozenset(_visible(change.before) - _visible(change.record))


def _visible(record: Record) -> set[str]:
    found: dict[str, PublicIdentity] = {}
    for device in record.devices:
        for implicit_set in device.profile.sets:
            for identity in implicit_set:
                found.setdefault(identity.uri, identity)
    return {uri for uri, identity in found.items() if not identity.barred}
