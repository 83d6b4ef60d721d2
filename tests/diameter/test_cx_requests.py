"""Cx requests: what one may be without, and values that are none."""

from typing import Any

import pytest

from scscf.cx import DeregistrationReason, MultimediaAuth, Restoration, RestoredContact, ServerAssignment
from scscf.diameter.answers import refusal_of
from scscf.diameter.cx_requests import read_request
from scscf.diameter.cx_restoration import restoration_avp, restoration_of
from scscf.diameter.message import DiameterError, Message, decode, encode
from tests.diameter.golden import HSS, octets


def changed(name: str, *avps: tuple[str, Any], without: str = "") -> Message:
    """Return a golden request with AVPs in the place of those of their names."""
    names = {without, *(each for each, _ in avps)}
    message = decode(octets(name))
    message.avps = [each for each in message.avps if each[0] not in names] + list(avps)
    return decode(encode(message))


@pytest.mark.clause("RFC 6733 §7.1.5")
@pytest.mark.parametrize(
    ("name", "avp", "failed"),
    [
        ("uar", ("User-Authorization-Type", 3), None),
        ("lir", ("User-Authorization-Type", 9), None),
        ("sar", ("Server-Assignment-Type", 15), None),
        (
            "rtr",
            ("Deregistration-Reason", [("Reason-Code", 4), ("Reason-Info", "no such")]),
            ("Deregistration-Reason", [("Reason-Code", 4)]),
        ),
        ("mar", ("SIP-Auth-Data-Item", [("SIP-Authorization", b"x" * 29)]), None),
        ("mar", ("SIP-Auth-Data-Item", [("SIP-Authorization", b"x" * 31)]), None),
    ],
)
def test_a_value_that_is_none_is_refused_and_shown(
    name: str, avp: tuple[str, Any], failed: tuple[str, Any] | None
) -> None:
    with pytest.raises(DiameterError) as caught:
        read_request(changed(name, avp))

    answer = refusal_of(caught.value, HSS)
    assert answer is not None
    assert answer.get("Result-Code") == 5004
    assert decode(encode(answer)).get("Failed-AVP") == [failed or avp]


def test_a_message_of_the_base_protocol_is_no_request_of_cx() -> None:
    with pytest.raises(DiameterError) as caught:
        read_request(decode(octets("dwr")))

    assert caught.value.result == 3001


@pytest.mark.clause("TS 29.229 §6.3.15")
@pytest.mark.parametrize("assignment", ServerAssignment)
def test_every_server_assignment_type_is_read(assignment: ServerAssignment) -> None:
    request: Any = read_request(changed("sar", ("Server-Assignment-Type", assignment.value)))

    assert request.type is assignment


@pytest.mark.clause("TS 29.229 §6.3.17")
@pytest.mark.parametrize("reason", DeregistrationReason)
def test_every_reason_is_read(reason: DeregistrationReason) -> None:
    request: Any = read_request(changed("rtr", ("Deregistration-Reason", [("Reason-Code", reason.value)])))

    assert request.reason is reason
    assert request.reason_info == ""


@pytest.mark.parametrize(
    ("name", "without", "field", "value"),
    [
        ("uar", "User-Authorization-Type", "type", 0),
        ("uar", "UAR-Flags", "emergency", False),
        ("lir", "Originating-Request", "originating", False),
        ("lir", "User-Authorization-Type", "type", None),
        ("sar", "User-Name", "private_identity", None),
        ("sar", "SCSCF-Restoration-Info", "restoration", None),
        ("sar", "Multiple-Registration-Indication", "multiple", False),
        ("sar", "Wildcarded-Public-Identity", "wildcarded", None),
        ("rtr", "Public-Identity", "public_identities", ()),
        ("rtr", "Associated-Identities", "associated", ()),
        ("ppr", "User-Data", "user_data", None),
        ("ppr", "Charging-Information", "charging", None),
        ("ppr", "SIP-Auth-Data-Item", "digest", None),
    ],
)
def test_what_is_optional_may_be_missing(name: str, without: str, field: str, value: object) -> None:
    read = getattr(read_request(changed(name, without=without)), field)

    assert getattr(read, "value", read) == value


def test_a_mar_need_not_say_a_scheme() -> None:
    request = read_request(changed("mar", ("SIP-Auth-Data-Item", [])))

    assert isinstance(request, MultimediaAuth)
    assert request.scheme == "Unknown"
    assert request.failed is None


@pytest.mark.clause("TS 29.229 §6.3.46", "TS 29.229 §6.3.52")
def test_paths_are_one_list_of_which_each_value_is_read() -> None:
    path = ('"a, b" <sip:p1.home1.test;lr>', "<sip:p2.home1.test;x=1,2>")
    kept = Restoration("u", (RestoredContact("<sip:c>", path),))

    _, avps = restoration_avp(kept)

    assert [value for name, value in avps[1][1] if name == "Path"] == [", ".join(path).encode()]
    assert restoration_of(avps) == kept


def test_a_list_that_is_none_stays_in_one_piece_and_control_characters_become_blanks() -> None:
    info = [("Path", b'"open <sip:a>, <sip:b>'), ("Contact", b"<sip:c>\r\nVia: x\x00\xff")]

    contact = restoration_of([("Restoration-Info", info)], "u").contacts[0]

    assert contact.path == ('"open <sip:a>, <sip:b>',)
    assert contact.contact == "<sip:c>  Via: x \ufffd"


def test_restoration_without_a_subscription_or_a_path() -> None:
    kept = Restoration("u", (RestoredContact("<sip:c>"),))

    assert restoration_of(restoration_avp(kept)[1]) == kept
