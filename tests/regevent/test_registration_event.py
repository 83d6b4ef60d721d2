"""What an endpoint reads of a notice of its registrar (MS-SIPREGE §2.2.1.13)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scscf.regevent.registration_event import Diagnostics, read_diagnostics, read_registration_event
from scscf.regevent.registration_notify import NOTICES, diagnostics, notice

pytestmark = pytest.mark.clause("MS-SIPREGE §2.2.1.13")


@pytest.mark.parametrize("event", NOTICES)
@pytest.mark.parametrize(("before", "after"), [("", ""), (" ", "\r\n"), ("\r\n\t ", " \t\r\n\r\n")])
def test_every_body_is_read_with_white_space_around_it(event: str, before: str, after: str) -> None:
    body = before.encode() + notice(event).body + after.encode()

    read = read_registration_event(body)

    assert (read.registered, read.state, read.event, read.is_legal) == (False, "deregistered", event, True)


@pytest.mark.parametrize(
    ("body", "registered", "event", "legal"),
    [
        (b"registered;event=userservices-unavailable", True, "userservices-unavailable", True),
        (b"Registered; Event = UserServices-Unavailable", True, "userservices-unavailable", True),
        (b"DEREGISTERED;EVENT=REJECTED", False, "rejected", True),
        (b"registered;event=rejected", True, "rejected", False),
        (b"deregistered;event=something-new", False, "something-new", False),
    ],
)
def test_case_does_not_matter_and_a_pair_that_there_is_not_is_said(
    body: bytes, registered: bool, event: str, legal: bool
) -> None:
    read = read_registration_event(body)

    assert (read.registered, read.event, read.is_legal) == (registered, event, legal)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"deregistered",
        b"deregistered;event=",
        b"deregistered;reason=rejected",
        b"gone;event=rejected",
        b"deregistered;event=rejected;more=1",
        b"deregistered\r\n;event=rejected",
        b"\xff\xfe",
        b"deregistered;event=" + b"a" * 100,
        b" " * 1001,
    ],
)
def test_what_is_no_registration_event_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="registration event"):
        read_registration_event(body)


@settings(max_examples=50)
@given(st.binary(max_size=60))
def test_any_octets_are_read_or_refused(body: bytes) -> None:
    try:
        read = read_registration_event(body)
    except ValueError:
        return
    assert read_registration_event(f"{read.state};event={read.event}".encode()) == read


@pytest.mark.clause("MS-OCER §2.2.1")
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('4141;reason="User disabled"', Diagnostics(4141, "User disabled")),
        (
            '4010; source="ocs.fabrikam.com"; Reason="a \\"b\\"; c"; x=1',
            Diagnostics(4010, 'a "b"; c', "ocs.fabrikam.com"),
        ),
        ("2057", Diagnostics(2057)),
        (diagnostics(notice("unregistered")), Diagnostics(4140, NOTICES["unregistered"].reason)),
    ],
)
def test_diagnostics_have_an_error_id_a_reason_and_a_source(value: str, expected: Diagnostics) -> None:
    assert read_diagnostics(value) == expected


@pytest.mark.parametrize(
    "value", ["", "abc", "-1", "4141;;", '4141;reason="x', "4141;reason=a;reason=b", "9" * 11, "٤"]
)
def test_what_is_no_diagnostics_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="ErrorId"):
        read_diagnostics(value)
