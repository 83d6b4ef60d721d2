"""A user's profile changes while they are served (TS 29.228 §6.2.2, TS 24.229 §5.4.2.1.2)."""

from collections.abc import Callable

from scscf.procedures.assign import tell_hss
from scscf.procedures.state import Node
from scscf.profile.service_profile import ImplicitSet, PublicIdentity, UserProfile
from scscf.registration.change import Cause, CauseKind, Change
from scscf.registration.command import ChangeProfile, Command, Deregister
from scscf.registration.record import Device, Record
from scscf.registration.update import update


async def change_profile(node: Node, profile: UserProfile, *, sets_are_shared: bool = False) -> bool:
    """Serve a private identity by another profile from now on; return whether it is served at all.

    Who is registered stays so with the sets that are left: watchers are told of identities that come and go. A set that
    is gone, or barred as a whole, ends. A REGISTER in flight goes on with the new profile. The HSS is not waited for.
    What an identity is now, it is for the subscription's other private identities too; with `sets_are_shared` those
    that register the same set have the new one as well.
    """
    private_identity = profile.private_identity
    in_flight = node.turns.push(private_identity, profile)
    served = _change_unregistered(node, profile)
    record = await node.store.find_device(private_identity)
    device = record.device(private_identity) if record is not None else None
    if record is None or device is None:
        return served or in_flight
    profile = profile._replace(subscription=device.profile.subscription)
    profiles = (profile, *_shared(record, device.profile if sets_are_shared else None, profile))
    for new in profiles:
        await _end_sets(node, record, new)
    await _apply(node, record.name, ChangeProfile(profiles))
    return True


async def change_profiles(node: Node, profile_of: Callable[[str], UserProfile | None]) -> None:
    """Serve everybody by what `profile_of` has of their private identity now; who is not there stays as they are."""
    for record in node.store.records():
        for device in record.devices:
            profile = profile_of(device.profile.private_identity)
            if profile is not None and profile != device.profile:
                await change_profile(node, profile)
    for served in node.unregistered:
        profile = profile_of(served.profile.private_identity)
        if profile is not None and profile != served.profile:
            _change_unregistered(node, profile)


async def _end_sets(node: Node, record: Record, new: UserProfile) -> None:
    """End what a device has registered with sets that its new profile has no more, or has barred."""
    device = record.device(new.private_identity)
    for implicit_set in device.profile.sets if device is not None else ():
        if not record.has_bindings(new.private_identity, implicit_set):
            continue
        left = next((each for each in new.sets if _overlap(each, implicit_set)), None)
        if left is None:
            kind = CauseKind.REMOVED_SUBSCRIBER
        elif all(identity.barred for identity in left):
            kind = CauseKind.PROFILE_CHANGE
        else:
            continue
        aors = frozenset(identity.uri for identity in implicit_set)
        await _apply(node, record.name, Deregister(Cause(kind), aors, new.private_identity))


async def _apply(node: Node, name: str, command: Command) -> None:
    """Do a command to a record at once; the HSS hears of it beside."""
    while True:
        record = await node.store.load(name)
        if record is None:
            return
        change = update(record, command, node.now(), node.events_in(record))
        if change.record is record:
            return
        if await node.store.save(change.record):
            node.commit(change)
            if change.assignments:
                node.perform(_tell(node, change))
            return


async def _tell(node: Node, change: Change) -> None:
    await tell_hss(node, change)


def _change_unregistered(node: Node, profile: UserProfile) -> bool:
    """Serve whom we serve unregistered by another profile; return whether there is any of this private identity."""
    found = [served for served in node.unregistered if served.profile.private_identity == profile.private_identity]
    for served in found:
        if profile.set_of(served.aor) is None:
            node.unregistered.forget(profile.private_identity, frozenset({served.aor}))
        else:
            node.unregistered.change(served.aor, profile._replace(subscription=served.profile.subscription))
    return bool(found)


def _shared(record: Record, old: UserProfile | None, new: UserProfile) -> list[UserProfile]:
    """Return the profiles of the subscription's other devices that the change of one concerns.

    Who has the same set as one of `old` has its successor.
    """
    after = {identity.uri: identity for implicit_set in new.sets for identity in implicit_set}
    changed = []
    for device in record.devices:
        if device.profile.private_identity != new.private_identity:
            sets = tuple(_succeeding(each, old, new, after) for each in device.profile.sets)
            if sets != device.profile.sets:
                changed.append(device.profile._replace(sets=sets))
    return changed


def _succeeding(
    implicit_set: ImplicitSet, old: UserProfile | None, new: UserProfile, after: dict[str, PublicIdentity]
) -> ImplicitSet:
    uris = {identity.uri for identity in implicit_set}
    if old is not None and any({identity.uri for identity in each} == uris for each in old.sets):
        successor = next((each for each in new.sets if _overlap(each, implicit_set)), None)
        if successor is not None:
            return successor
    return tuple(after.get(identity.uri, identity) for identity in implicit_set)


def _overlap(one: ImplicitSet, other: ImplicitSet) -> bool:
    uris = {identity.uri for identity in other}
    return any(identity.uri in uris for identity in one)


def current_profile(node: Node, was: Device | None, current: Record | None, answered: UserProfile) -> UserProfile:
    """Return the profile that a REGISTER goes on with whose question the HSS has `answered`.

    One that the HSS has pushed since the question was asked is newer. `was` is the device before the question.
    """
    private_identity = answered.private_identity
    pushed = node.turns.pushed(private_identity)
    if pushed is None:
        return answered
    device = current.device(private_identity) if current is not None else None
    if was is not None and device is not None:
        return device.profile
    for implicit_set in pushed.sets:
        answered = answered.with_set(implicit_set)
    return answered._replace(charging=pushed.charging or answered.charging)
