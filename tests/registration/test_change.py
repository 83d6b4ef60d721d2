"""Causes and the events that follow from them (RFC 3680 §4.7.2, TS 24.229 §5.4.2.1.2)."""

import pytest

from scscf.registration.change import (
    ACTIVE_EVENT_OF,
    TERMINAL_EVENT_OF,
    Cause,
    CauseKind,
    Delta,
    derive,
    event_of,
)
from scscf.registration.registration import ACTIVE_EVENTS, TERMINAL_EVENTS, Event
from tests.builders import GAMES, PHONE, TEL, TOBIAS, after, register

pytestmark = pytest.mark.clause("RFC 3680 §4.7")


def test_the_tables_are_total() -> None:
    assert set(TERMINAL_EVENT_OF) == set(ACTIVE_EVENT_OF) == set(CauseKind)
    assert set(TERMINAL_EVENT_OF.values()) <= TERMINAL_EVENTS
    assert set(ACTIVE_EVENT_OF.values()) <= ACTIVE_EVENTS


@pytest.mark.parametrize(
    ("kind", "event"),
    [
        ("user", "unregistered"),
        ("expiry", "expired"),
        ("operator", "deactivated"),
        ("permanent_termination", "rejected"),
        ("new_server_assigned", "deactivated"),
        ("server_change", "deactivated"),
        ("remove_scscf", "deactivated"),
        ("as_failure", "rejected"),
        ("authentication_failure", "rejected"),
        ("removed_subscriber", "rejected"),
        ("replaced", "deactivated"),
        ("flow_lost", "deactivated"),
    ],
)
def test_the_event_of_each_cause(kind: str, event: str) -> None:
    assert TERMINAL_EVENT_OF[CauseKind(kind)].value == event


def test_what_was_asked_for_goes_before_the_configuration_and_that_before_the_table() -> None:
    overrides = {CauseKind.OPERATOR: Event.REJECTED}

    assert event_of(Cause(CauseKind.OPERATOR), {}) is Event.DEACTIVATED
    assert event_of(Cause(CauseKind.OPERATOR), overrides) is Event.REJECTED
    assert event_of(Cause(CauseKind.OPERATOR, event=Event.PROBATION), overrides) is Event.PROBATION
    assert event_of(Cause(CauseKind.EXPIRY), overrides) is Event.EXPIRED


def test_what_nothing_happened_to_is_the_same_object() -> None:
    before = after(register())
    after_it, rows = derive(before, Delta({}, {}, []), Cause(CauseKind.EXPIRY), {})

    assert rows == ()
    assert all(new is old for new, old in zip(after_it, before.registrations, strict=True))


def test_a_binding_that_goes_goes_from_every_address_of_record() -> None:
    before = after(register())
    cause = Cause(CauseKind.EXPIRY)
    binding = next(before.bindings())
    left, rows = derive(before, Delta({id(binding): cause}, {}, []), cause, {})

    assert left == ()
    assert [(row.aor, row.contact.event) for row in rows] == [(aor, Event.EXPIRED) for aor in (TOBIAS, TEL, GAMES)]


def test_the_identity_of_the_to_header_is_registered_and_the_others_created() -> None:
    binding = next(after(register()).bindings())
    delta = Delta({}, {}, [binding], (TOBIAS, TEL, GAMES))
    made, rows = derive(None, delta, Cause(CauseKind.USER, TEL), {})

    assert [(row.aor, row.contact.event) for row in rows] == [
        (TOBIAS, Event.CREATED),
        (TEL, Event.REGISTERED),
        (GAMES, Event.CREATED),
    ]
    assert {contact.binding.uri for registration in made for contact in registration.contacts} == {PHONE}
