"""States, events and ids of RFC 3680 §4.7 and §5.1."""

import pytest

from scscf.registration.registration import (
    ACTIVE_EVENTS,
    TERMINAL_EVENTS,
    Contact,
    Event,
    Registration,
    State,
    contact_id,
    registration_id,
)
from tests.builders import PHONE, TEL, TOBIAS, after, register

BINDING = after(register()).contacts(TOBIAS)[0].binding


def test_every_event_is_of_one_state() -> None:
    assert frozenset(Event) == ACTIVE_EVENTS | TERMINAL_EVENTS
    assert not ACTIVE_EVENTS & TERMINAL_EVENTS


@pytest.mark.parametrize("event", list(Event))
def test_the_state_of_a_contact_follows_from_its_event(event: Event) -> None:
    expected = State.ACTIVE if event.value in {"registered", "created", "refreshed", "shortened"} else State.TERMINATED

    assert Contact("c", BINDING, event).state is expected


def test_a_registration_is_active_while_it_has_a_contact() -> None:
    assert Registration(TOBIAS).state is State.INIT
    assert Registration(TOBIAS, (Contact("c", BINDING, Event.CREATED),)).state is State.ACTIVE


def test_ids_are_names_and_the_same_for_ever() -> None:
    assert registration_id(TOBIAS) == registration_id(TOBIAS) == "r494b211d47f7"
    assert contact_id(TOBIAS, "phone@home1.test", PHONE) == "c544716f2e832"


def test_ids_differ_where_anything_differs() -> None:
    ids = {
        registration_id(TOBIAS),
        registration_id(TEL),
        contact_id(TOBIAS, "phone@home1.test", PHONE),
        contact_id(TEL, "phone@home1.test", PHONE),
        contact_id(TOBIAS, "pager@home1.test", PHONE),
        contact_id(TOBIAS, "phone@home1.test", "sip:other@192.0.2.1"),
    }

    assert len(ids) == 6
