"""What another profile does to a record (TS 24.229 §5.4.2.1.2)."""

import pytest

from scscf.cx import DeregistrationReason
from scscf.profile.service_profile import PublicIdentity, UserProfile
from scscf.registration.change import CauseKind, Change
from scscf.registration.command import ChangeProfile
from scscf.registration.profile_change import retired
from scscf.registration.record import Record
from scscf.registration.registration import Event
from scscf.registration.update import update
from tests.builders import (
    GAMES,
    PAGER,
    PAGER_PROFILE,
    PHONE,
    PHONE_PROFILE,
    TEL,
    TOBIAS,
    after,
    events,
    profile,
    register,
)

pytestmark = pytest.mark.clause("TS 24.229 §5.4.2.1.2")

NEW = "sip:new@home1.test"


def changed(before: Record | None, *profiles: UserProfile, **overrides: Event) -> Change:
    return update(before, ChangeProfile(profiles), 100.0, {CauseKind(name): event for name, event in overrides.items()})


def barring(*aors: str) -> UserProfile:
    """Return the phone's profile with some identities barred."""
    (implicit_set,) = PHONE_PROFILE.sets
    return PHONE_PROFILE._replace(
        sets=(tuple(identity._replace(barred=identity.uri in aors) for identity in implicit_set),)
    )


def test_nobody_and_a_stranger_and_the_same_profile_change_nothing() -> None:
    before = after(register())
    assert changed(None, PHONE_PROFILE).rows == ()
    for one in (PAGER_PROFILE, profile()):
        change = changed(before, one)
        assert change.record is before
        assert change.rows == ()


def test_an_identity_that_joins_shows_the_bindings_of_its_set() -> None:
    before = after(register())
    change = changed(before, profile("phone@home1.test", TOBIAS, NEW, TEL, GAMES))

    assert events(change) == [(NEW, PHONE, "created")]
    assert [each.aor for each in change.record.registrations] == [TOBIAS, NEW, TEL, GAMES]
    assert len(list(change.record.bindings())) == 1
    assert (change.record.revision, change.assignments) == (before.revision + 1, ())
    assert retired(change) == frozenset()


def test_an_identity_that_leaves_shows_none_and_is_out_of_sight_after() -> None:
    change = changed(after(register()), profile("phone@home1.test", GAMES, TOBIAS))

    assert events(change) == [(TEL, PHONE, "rejected")]
    assert [each.aor for each in change.record.registrations] == [GAMES, TOBIAS]
    assert retired(change) == {TEL}
    assert change.cause.kind is CauseKind.PROFILE_CHANGE


def test_the_event_follows_the_configuration() -> None:
    change = changed(after(register()), profile("phone@home1.test", TOBIAS, TEL), profile_change=Event.DEACTIVATED)
    assert events(change) == [(GAMES, PHONE, "deactivated")]


def test_a_barred_identity_keeps_its_contacts_and_is_over_to_watchers() -> None:
    before = after(register())
    change = changed(before, barring(TEL))

    assert events(change) == [(TEL, PHONE, "rejected")]
    assert change.record.contacts(TEL) == before.contacts(TEL)
    assert retired(change) == {TEL}

    back = changed(change.record, PHONE_PROFILE)
    assert events(back) == [(TEL, PHONE, "created")]
    assert retired(back) == frozenset()


def test_of_two_devices_only_the_one_that_is_meant_changes() -> None:
    before = after(register(), register(PAGER, device=PAGER_PROFILE, call_id="b@ue"))
    change = changed(before, profile("phone@home1.test", TEL, GAMES))

    assert events(change) == [(TOBIAS, PHONE, "rejected")]
    assert [contact.binding.uri for contact in change.record.contacts(TOBIAS)] == [PAGER]
    assert retired(change) == frozenset()


def test_two_devices_change_at_once() -> None:
    before = after(register(), register(PAGER, device=PAGER_PROFILE, call_id="b@ue"))
    change = changed(before, profile("phone@home1.test", TOBIAS, NEW), profile("pager@home1.test", TOBIAS, NEW))

    assert sorted(events(change)) == sorted(
        [(TEL, PHONE, "rejected"), (GAMES, PHONE, "rejected"), (NEW, PHONE, "created"), (NEW, PAGER, "created")]
    )


def test_a_set_that_is_not_registered_stays_so() -> None:
    both = PHONE_PROFILE._replace(sets=(*PHONE_PROFILE.sets, (PublicIdentity(NEW),)))
    change = changed(after(register()), both)

    assert change.rows == ()
    assert change.record.devices[0].profile is both
    assert change.record.registration(NEW) is None


def test_what_is_bound_for_emergency_calls_stays_where_it_is() -> None:
    before = after(register())
    binding = next(before.bindings())
    sos = binding._replace(uri="sip:sos@ue", emergency=True)
    registrations = tuple(
        each._replace(contacts=(*each.contacts, each.contacts[0]._replace(id=f"sos{n}", binding=sos)))
        for n, each in enumerate(before.registrations)
    )
    change = changed(before._replace(registrations=registrations), profile("phone@home1.test", TOBIAS, NEW))

    assert [contact.binding for contact in change.record.contacts(TEL)] == [sos]
    assert [contact.binding.uri for contact in change.record.contacts(NEW)] == [PHONE]


def test_every_reason_of_the_hss_has_its_cause() -> None:
    from scscf.procedures.deregister import KIND_OF_REASON

    assert set(KIND_OF_REASON) == set(DeregistrationReason)
