"""What an endpoint of Microsoft's registrar is told of itself (MS-SIPREGE §2.2.1.13)."""

import pytest

from scscf.regevent.registration_notify import NOTICES, diagnostics, notice, notice_of
from scscf.registration.binding import Binding
from scscf.registration.change import Cause, CauseKind
from scscf.registration.registration import Contact, Event

pytestmark = pytest.mark.clause("MS-SIPREGE §2.2.1.13")

BINDING = Binding("sip:a@127.0.0.9", "alice", "call", 1, 0.0, 3600.0, 3600, endpoint="492a7ce35f;")


def ended(event: Event) -> Contact:
    return Contact("c1", BINDING, event)


@pytest.mark.parametrize(
    ("event", "body", "error_id"),
    [
        ("unregistered", b"deregistered;event=unregistered", 4140),
        ("rejected", b"deregistered;event=rejected", 4141),
        ("deactivated", b"deregistered;event=deactivated", 4142),
        ("userservices-unavailable", b"deregistered;event=userservices-unavailable", 4165),
        ("preferred-registrar-change", b"deregistered;event=preferred-registrar-change", 4166),
    ],
)
def test_every_event_has_its_body_and_its_error_id(event: str, body: bytes, error_id: int) -> None:
    assert (notice(event).body, notice(event).error_id) == (body, error_id)


def test_there_are_no_other_events() -> None:
    assert list(NOTICES) == [
        "unregistered",
        "rejected",
        "deactivated",
        "userservices-unavailable",
        "preferred-registrar-change",
    ]


def test_an_endpoint_that_survives_stays_registered() -> None:
    assert notice("userservices-unavailable", registered=True).body == b"registered;event=userservices-unavailable"


def test_the_reason_is_quoted() -> None:
    assert diagnostics(notice("rejected", reason='say "no"')) == '4141;reason="say \\"no\\""'


@pytest.mark.parametrize("kind", CauseKind)
@pytest.mark.parametrize("event", Event)
def test_every_cause_and_event_is_told_or_is_not(kind: CauseKind, event: Event) -> None:
    told = notice_of(Cause(kind), ended(event))

    own_doing = kind in (CauseKind.USER, CauseKind.EXPIRY, CauseKind.FLOW_LOST)
    tellable = event in (Event.UNREGISTERED, Event.REJECTED, Event.DEACTIVATED, Event.PROBATION)
    assert (told is not None) is (tellable and not own_doing)
    assert told is None or told.event in NOTICES


def test_what_the_cause_says_goes_before_the_event() -> None:
    told = notice("preferred-registrar-change", 4167)

    assert notice_of(Cause(CauseKind.OPERATOR, notice=told), ended(Event.DEACTIVATED)) is told
