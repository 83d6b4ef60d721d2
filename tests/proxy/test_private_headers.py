import pytest

from scscf.profile.filter_criteria import SessionCase
from scscf.profile.service_profile import PublicIdentity
from scscf.proxy.private_headers import (
    add_charging_vector,
    asserted_identities,
    served_user,
    strip_claims,
    strip_for_stranger,
    wants_privacy,
)
from scscf.sip.message import make_request

ALICE = PublicIdentity("sip:alice@home1.test", display_name="Alice A.")
TEL = PublicIdentity("tel:+15550001")


@pytest.mark.clause("TS 24.229 §5.4.3.2", "RFC 3325 §9.1")
@pytest.mark.parametrize(
    ("identities", "served", "value"),
    [
        ((ALICE, TEL), ALICE.uri, '"Alice A." <sip:alice@home1.test>, <tel:+15550001>'),
        ((TEL, ALICE), TEL.uri, "<tel:+15550001>"),
        ((ALICE,), ALICE.uri, '"Alice A." <sip:alice@home1.test>'),
        ((ALICE._replace(display_name="Al"),), ALICE.uri, "Al <sip:alice@home1.test>"),
        ((ALICE, TEL._replace(barred=True)), ALICE.uri, '"Alice A." <sip:alice@home1.test>'),
        ((), "sip:x@home1.test", "<sip:x@home1.test>"),
    ],
)
def test_who_is_asserted(identities: tuple[PublicIdentity, ...], served: str, value: str) -> None:
    assert asserted_identities(identities, served) == value


@pytest.mark.clause("RFC 5502 §4")
@pytest.mark.parametrize(
    ("case", "value"),
    [
        (SessionCase.ORIGINATING_REGISTERED, "<sip:a@b>;sescase=orig;regstate=reg"),
        (SessionCase.ORIGINATING_UNREGISTERED, "<sip:a@b>;sescase=orig;regstate=unreg"),
        (SessionCase.TERMINATING_REGISTERED, "<sip:a@b>;sescase=term;regstate=reg"),
        (SessionCase.TERMINATING_UNREGISTERED, "<sip:a@b>;sescase=term;regstate=unreg"),
    ],
)
def test_whose_services_a_server_is_asked_for(case: SessionCase, value: str) -> None:
    assert served_user("sip:a@b", case) == value


@pytest.mark.clause("RFC 7315 §4.6")
@pytest.mark.parametrize(
    ("before", "ioi", "after"),
    [
        (None, "home1.test", "icid-value=1f;orig-ioi=home1.test"),
        (None, None, "icid-value=1f"),
        ("icid-value=a", "home1.test", "icid-value=a;orig-ioi=home1.test"),
        ("icid-value=a;orig-ioi=b", "home1.test", "icid-value=a;orig-ioi=b"),
        ("icid-value=a", None, "icid-value=a"),
    ],
)
def test_the_charging_vector(before: str | None, ioi: str | None, after: str) -> None:
    request = make_request("MESSAGE", "sip:a@b", [("P-Charging-Vector", before)] if before else [])
    add_charging_vector(request, "1f", ioi)

    assert request.get_all("p-charging-vector") == [after]


@pytest.mark.clause("RFC 3325 §5", "RFC 3325 §7", "RFC 3325 §9.3")
@pytest.mark.parametrize(
    ("privacy", "hidden"), [(None, False), ("none", False), ("id", True), ("header;id", True), ("ID ; user", True)]
)
def test_an_identity_is_kept_from_strangers_where_its_owner_wants_that(privacy: str | None, hidden: bool) -> None:
    headers = [("P-Asserted-Identity", "<sip:a@b>"), ("P-Charging-Vector", "icid-value=1"), ("Subject", "y")]
    request = make_request("MESSAGE", "sip:a@b", headers + ([("Privacy", privacy)] if privacy else []))

    assert wants_privacy(request) is hidden
    strip_for_stranger(request)
    assert ("p-asserted-identity" in request) is not hidden
    assert "p-charging-vector" not in request
    assert "subject" in request


@pytest.mark.clause("RFC 3325 §5")
def test_what_a_stranger_claims_is_taken_out() -> None:
    request = make_request("MESSAGE", "sip:a@b", [("P-Asserted-Identity", "<sip:a@b>"), ("P-Served-User", "<sip:a@b>")])
    strip_claims(request)

    assert request.headers == []
