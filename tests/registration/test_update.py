"""RFC 3261 §10.3 and RFC 3680 §4.7, command by command."""

import pytest

from scscf.cx import ServerAssignment
from scscf.errors import SipError
from scscf.profile.service_profile import ExpiresLimits
from scscf.registration.change import Cause, CauseKind
from scscf.registration.command import ContactRequest, Deregister, Expire, Register, Shorten
from scscf.registration.registration import Event
from scscf.registration.update import _refresh, _updated, update
from tests.builders import (
    GAMES,
    PAGER,
    PAGER_PROFILE,
    PHONE,
    PHONE_PROFILE,
    TEL,
    TOBIAS,
    after,
    by_operator,
    events,
    register,
    star,
)

pytestmark = pytest.mark.clause("RFC 3261 §10.3", "RFC 3680 §4.7")


def test_one_register_binds_the_whole_implicit_set_explicit_and_implicit() -> None:
    change = update(None, register(), 100.0, {})

    assert events(change) == [
        (TOBIAS, PHONE, "registered"),
        (TEL, PHONE, "created"),
        (GAMES, PHONE, "created"),
    ]
    assert [due.type for due in change.assignments] == [ServerAssignment.REGISTRATION]
    assert change.record.revision == 1


def test_the_identities_of_a_set_share_one_binding() -> None:
    record = after(register())

    assert len(list(record.bindings())) == 1
    assert record.contacts(TOBIAS)[0].binding is record.contacts(TEL)[0].binding


def test_contact_ids_differ_between_addresses_of_record_and_stay_on_refresh() -> None:
    record = after(register())
    refreshed = update(record, register(cseq=2), 10.0, {}).record

    ids = [registration.contacts[0].id for registration in record.registrations]
    assert len(set(ids)) == 3
    assert [registration.contacts[0].id for registration in refreshed.registrations] == ids


def test_a_refresh_keeps_the_time_of_the_first_registration() -> None:
    change = update(after(register()), register(cseq=2), 50.0, {})

    binding = change.record.contacts(TOBIAS)[0].binding
    assert (binding.registered_at, binding.expires_at, binding.cseq) == (0.0, 3650.0, 2)
    assert [event for *_, event in events(change)] == ["refreshed"] * 3
    assert [due.type for due in change.assignments] == [ServerAssignment.RE_REGISTRATION]


def test_equal_uris_are_one_contact_however_they_are_written() -> None:
    record = after(register("sip:bob@EXAMPLE.com;x=1"), register("sip:bob@example.com", cseq=2))

    assert len(record.contacts(TOBIAS)) == 1


@pytest.mark.clause("RFC 3261 §10.2.4")
@pytest.mark.parametrize("cseq", [0, 1])
def test_an_old_cseq_of_the_same_call_aborts_the_whole_request(cseq: int) -> None:
    record = after(register())
    both = (ContactRequest("sip:new@192.0.2.1", 60), ContactRequest(PHONE, 60))

    with pytest.raises(SipError) as refused:
        update(record, register(contacts=both, cseq=cseq), 10.0, {})

    assert refused.value.status == 500


@pytest.mark.clause("RFC 3261 §10.2.4")
def test_another_call_id_may_update_whatever_its_cseq() -> None:
    change = update(after(register(cseq=100)), register(call_id="b@ue", cseq=1), 10.0, {})

    assert change.record.contacts(TOBIAS)[0].binding.call_id == "b@ue"


@pytest.mark.clause("RFC 3261 §10.2.2")
def test_star_removes_every_contact_of_the_device_only() -> None:
    record = after(register(), register("sip:two@192.0.2.1", cseq=2), register(PAGER, device=PAGER_PROFILE))

    change = update(record, star(cseq=3), 10.0, {})

    assert {(uri, event) for _, uri, event in events(change)} == {
        (PHONE, "unregistered"),
        ("sip:two@192.0.2.1", "unregistered"),
    }
    assert [contact.binding.uri for contact in change.record.contacts(TOBIAS)] == [PAGER]


def test_star_of_a_plain_registrar_removes_contacts_of_every_device() -> None:
    record = after(register(), register(PAGER, device=PAGER_PROFILE, call_id="p@ue"))

    change = update(record, star(cseq=3, own_only=False), 10.0, {})

    assert change.record.registrations == ()


@pytest.mark.clause("RFC 3261 §10.2.2")
def test_star_with_an_old_cseq_removes_nothing() -> None:
    with pytest.raises(SipError):
        update(after(register(cseq=5)), star(cseq=5), 10.0, {})


@pytest.mark.clause("RFC 3261 §10.2.3")
def test_a_query_changes_nothing() -> None:
    record = after(register())

    change = update(record, register(None, cseq=2), 10.0, {})

    assert change.record is record
    assert change.rows == ()


def test_removing_a_contact_that_is_not_bound_is_no_error() -> None:
    change = update(after(register()), register("sip:other@192.0.2.1", 0, cseq=2), 10.0, {})

    assert change.rows == ()


def test_one_register_may_add_one_contact_and_remove_another() -> None:
    both = (ContactRequest(PHONE, 0), ContactRequest("sip:new@192.0.2.1", 60))

    change = update(after(register()), register(contacts=both, cseq=2), 10.0, {})

    assert [(uri, event) for aor, uri, event in events(change) if aor == TOBIAS] == [
        (PHONE, "unregistered"),
        ("sip:new@192.0.2.1", "registered"),
    ]


def test_the_same_contact_twice_in_one_register_counts_once_the_last_wins() -> None:
    twice = (ContactRequest(PHONE, 60), ContactRequest(PHONE, 120))

    record = after(register(contacts=twice))

    assert [contact.binding.granted for contact in record.contacts(TOBIAS)] == [120]


def test_the_last_contact_gone_de_registers_the_device_at_the_hss() -> None:
    change = update(after(register()), register(expires=0, cseq=2), 10.0, {})

    assert [(due.private_identity, due.type) for due in change.assignments] == [
        ("phone@home1.test", ServerAssignment.USER_DEREGISTRATION)
    ]
    assert change.record.devices == ()


def test_too_many_contacts_are_refused_and_nothing_changes() -> None:
    record = after(register(max_contacts=1))

    with pytest.raises(SipError) as refused:
        update(record, register("sip:two@192.0.2.1", cseq=2, max_contacts=1), 10.0, {})

    assert refused.value.status == 403


def test_the_oldest_contact_makes_room_and_is_told_as_deactivated() -> None:
    record = after(register(max_contacts=1))

    change = update(record, register("sip:two@192.0.2.1", cseq=2, max_contacts=1, replace_oldest=True), 10.0, {})

    assert (TOBIAS, PHONE, "deactivated") in events(change)
    assert [contact.binding.uri for contact in change.record.contacts(TOBIAS)] == ["sip:two@192.0.2.1"]


@pytest.mark.clause("RFC 3261 §10.2.1.1")
def test_expiries_are_granted_one_after_the_other() -> None:
    device = PHONE_PROFILE._replace(expires=ExpiresLimits(granted=(120, 1200, 1800)))
    record, seen = None, []
    for cseq in range(1, 5):
        record = update(record, register(expires=600000, device=device, cseq=cseq), 0.0, {}).record
        seen.append(record.contacts(TOBIAS)[0].binding.granted)

    assert seen == [120, 1200, 1800, 1800]


def test_a_binding_of_4294967295_seconds_never_expires() -> None:
    record = after(register("mailto:bob@example.com", 4294967295))

    assert update(record, Expire(), 1e12, {}).rows == ()
    assert record.contacts(TOBIAS)[0].binding.remaining(1e6) == 4294967295


def test_only_what_has_run_out_expires() -> None:
    record = after(register(expires=60), register("sip:two@192.0.2.1", 600, cseq=2))

    change = update(record, Expire(), 60.0, {})

    assert {(uri, event) for _, uri, event in events(change)} == {(PHONE, "expired")}
    assert len(change.record.contacts(TOBIAS)) == 1
    assert change.assignments == ()


def test_an_expired_device_is_told_to_the_hss() -> None:
    change = update(after(register(expires=60)), Expire(), 60.0, {})

    assert [due.type for due in change.assignments] == [ServerAssignment.TIMEOUT_DEREGISTRATION]


@pytest.mark.parametrize(
    "event", [Event.UNREGISTERED, Event.DEACTIVATED, Event.REJECTED, Event.PROBATION, Event.EXPIRED]
)
def test_an_operator_ends_registrations_with_the_event_asked_for(event: Event) -> None:
    record = after(register(), register(PAGER, device=PAGER_PROFILE))

    change = update(record, by_operator(event), 10.0, {})

    assert {e for *_, e in events(change)} == {event.value}
    assert len(change.rows) == 4
    assert change.record.registrations == ()


def test_an_operator_may_end_one_contact_or_one_device() -> None:
    record = after(register(), register(PAGER, device=PAGER_PROFILE))

    one_contact = update(record, by_operator(aors=frozenset({TOBIAS}), contact=PAGER), 10.0, {})
    one_device = update(record, by_operator(private_identity="phone@home1.test"), 10.0, {})

    assert events(one_contact) == [(TOBIAS, PAGER, "deactivated")]
    assert {uri for _, uri, _ in events(one_device)} == {PHONE}


def test_probation_carries_retry_after() -> None:
    cause = Cause(CauseKind.OPERATOR, event=Event.PROBATION, retry_after=120)

    change = update(after(register()), Deregister(cause), 10.0, {})

    assert [row.contact.retry_after for row in change.rows] == [120] * 3


def test_a_shortened_binding_never_gets_longer() -> None:
    record = after(register(expires=100))

    shorter = update(record, Shorten(60), 10.0, {})
    not_longer = update(record, Shorten(6000), 10.0, {})

    assert {event for *_, event in events(shorter)} == {"shortened"}
    assert shorter.record.contacts(TOBIAS)[0].binding.expires_at == 70.0
    assert not_longer.record.contacts(TOBIAS)[0].binding.expires_at == 100.0
    assert not_longer.rows == ()
    assert [device.reauthenticate for device in not_longer.record.devices] == [True]


def test_the_configuration_overrides_the_event_of_a_cause() -> None:
    change = update(after(register(expires=60)), Expire(), 60.0, {CauseKind.EXPIRY: Event.DEACTIVATED})

    assert {event for *_, event in events(change)} == {"deactivated"}


def test_an_identity_that_the_profile_gained_is_created_at_the_next_refresh() -> None:
    small = PHONE_PROFILE._replace(sets=(PHONE_PROFILE.sets[0][:1],))

    change = update(after(register(device=small)), register(cseq=2), 10.0, {})

    assert events(change) == [(TOBIAS, PHONE, "refreshed"), (TEL, PHONE, "created"), (GAMES, PHONE, "created")]


def test_the_short_way_of_a_refresh_does_what_the_long_way_does() -> None:
    for device in (PHONE_PROFILE, PAGER_PROFILE):
        record = after(register(device=device))
        for command in (
            register(device=device, cseq=2, expires=600),
            register(device=device, cseq=2, expires=4294967295),
            register(device=device, call_id="b@ue", cseq=1),
        ):
            short = _refresh(record, command, 10.0)
            long = _updated(record, command, 10.0, {})

            assert short == long


@pytest.mark.parametrize(
    "command",
    [
        register(expires=0, cseq=2),
        register("sip:two@192.0.2.1", cseq=2),
        register(None, cseq=2),
        star(),
        register(device=PHONE_PROFILE._replace(subscription="other"), cseq=2),
    ],
)
def test_anything_but_a_refresh_goes_the_long_way(command: Register) -> None:
    assert _refresh(after(register()), command, 10.0) is None
