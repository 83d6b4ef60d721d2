"""The buffer that is signed, against captures and for each field that may be missing (MS-SIPAE §3.2.4.1, §3.3.4.1)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scscf.auth.sipae import VERSIONS, signature_text
from scscf.errors import SipError
from scscf.sip.message import Request, Response
from tests.auth import ntlm_captures as captures

SENDER, RECIPIENT = "<sip:user@cosmo.local>;tag=3e49177a52;epid=c8ca638a15", "<sip:user@cosmo.local>"
CSEQ = ("CSeq", "3 REGISTER")
REALM = "SIP Communications Service"


def register(*headers: tuple[str, str], sender: str = SENDER, recipient: str = RECIPIENT) -> Request:
    every = [("From", sender), ("To", recipient), ("Call-ID", captures.CALL_ID), CSEQ, *headers]
    return Request("REGISTER", "sip:cosmo.local", every)


def fields(message: Request | Response, version: int = 4) -> list[str]:
    """Return what stands in angle brackets after the name of the server."""
    text = signature_text("NTLM", version, "00000001", "1", REALM, "ocs.cosmo.local", message).decode()
    assert (text[0], text[-1]) == ("<", ">")
    return text[1:-1].split("><")[5:]


@pytest.mark.clause("MS-SIPAE §3.2.4.1")
def test_the_request_of_the_capture_gives_its_buffer() -> None:
    text = signature_text("NTLM", 4, "13317733", "1", captures.REALM, captures.TARGET_NAME, register())

    assert text == captures.SIGNED_REQUEST


@pytest.mark.clause("MS-SIPAE §3.3.4.1")
def test_the_response_of_the_capture_gives_its_buffer() -> None:
    headers = [
        ("From", f'"User"{SENDER}'),
        ("To", "<sip:user@cosmo.local>;tag=5E61CCD925D17E043D9A74835A88F664"),
        ("Call-ID", captures.CALL_ID),
        CSEQ,
        ("Expires", "7200"),
    ]

    text = signature_text(
        "NTLM", 4, "9616454F", "1", captures.REALM, captures.TARGET_NAME, Response(200, "OK", headers)
    )

    assert text == captures.SIGNED_RESPONSE


def test_version_2_signs_neither_the_uri_of_to_nor_the_asserted_identities() -> None:
    headers = [
        ("From", '"Gabriel Burt"<sip:gabriel@ocs.provo.novell.com>;tag=2947328781;epid=1234567890'),
        ("To", "<sip:gabriel@ocs.provo.novell.com>;tag=B816D65C2300A32CFA6D371F2AF537FD"),
        ("Call-ID", "8592g5DCBa1694i5887m0D0Bt2247b3F38xAE9Fx"),
        CSEQ,
        ("Expires", "900"),
        ("P-Asserted-Identity", "<sip:somebody@ocs.provo.novell.com>"),
    ]

    text = signature_text("NTLM", 2, "0878F41B", "1", REALM, "ocs1.ocs.provo.novell.com", Response(200, "OK", headers))

    assert text == captures.OLDER_SIGNED_RESPONSE


def test_a_response_passed_on_by_the_server_is_signed_with_its_asserted_identity_in_its_case() -> None:
    response = Response(
        180,
        "Ringing",
        [
            ("FROM", '"Sender"<sip:sender@company.com>;tag=2420628112;epid=54392f1bbf01'),
            ("TO", '"recipient"<sip:recipient@company.com>;tag=7aee15546a;epid=3102EB8BD1'),
            ("CSEQ", "1 INVITE"),
            ("CALL-ID", "41CEg82ECa0AC8i3DD7mE673t9CF4b19DAxF780x"),
            ("P-ASSERTED-IDENTITY", '"recipient"<SIP:recipient@company.com>'),
        ],
    )

    text = signature_text("NTLM", 4, "1B6D47A1", "11", REALM, "LOC-COMPANYT-FE03.COMPANY.COM", response)

    assert text == (
        b"<NTLM><1B6D47A1><11><SIP Communications Service><LOC-COMPANYT-FE03.COMPANY.COM>"
        b"<41CEg82ECa0AC8i3DD7mE673t9CF4b19DAxF780x><1><INVITE><sip:sender@company.com><2420628112>"
        b"<sip:recipient@company.com><7aee15546a><SIP:recipient@company.com><><><180>"
    )


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([], ("", "")),
        ([("P-Asserted-Identity", "<sip:a@b.c>")], ("sip:a@b.c", "")),
        ([("P-Asserted-Identity", "<tel:+1>")], ("", "tel:+1")),
        ([("P-Asserted-Identity", "tel:+1"), ("P-Asserted-Identity", '"x, y" <sip:a@b.c>')], ("sip:a@b.c", "tel:+1")),
        ([("P-Asserted-Identity", "<sip:a@b.c>, <tel:+1>, <sip:d@e.f>")], ("sip:a@b.c", "tel:+1")),
        ([("P-Preferred-Identity", "<sip:a@b.c>")], ("sip:a@b.c", "")),
        ([("P-Preferred-Identity", "<sip:a@b.c>"), ("P-Asserted-Identity", "<tel:+1>")], ("", "tel:+1")),
        ([("P-Asserted-Identity", "<<, \x01")], ("", "")),
    ],
)
def test_the_first_sip_uri_and_the_first_tel_uri_of_an_identity_are_signed(
    headers: list[tuple[str, str]], expected: tuple[str, str]
) -> None:
    assert tuple(fields(register(*headers))[7:9]) == expected


@pytest.mark.parametrize("version", VERSIONS)
def test_what_the_message_does_not_have_is_empty(version: int) -> None:
    message = register(sender="sip:alice@cosmo.local", recipient="sip:alice@cosmo.local")
    uri = "sip:alice@cosmo.local"

    expected = [captures.CALL_ID, "3", "REGISTER", uri, ""]
    expected += [""] if version == 2 else [uri, "", "", ""]
    assert fields(message, version) == [*expected, ""]


def test_a_uri_is_signed_as_it_stands_there_with_its_parameters() -> None:
    message = register(recipient="<SIP:Bob@Cosmo.Local;user=phone?Subject=x>;tag=Q")

    assert fields(message)[5:7] == ["SIP:Bob@Cosmo.Local;user=phone?Subject=x", "Q"]


def test_expires_is_signed_as_it_stands_there() -> None:
    assert fields(register(("Expires", " 0600 ")))[-1] == "0600"


@pytest.mark.parametrize("name", ["From", "To", "Call-ID", "CSeq"])
def test_a_message_that_lacks_what_every_message_has_is_refused(name: str) -> None:
    message = register()
    message.remove(name.lower())

    with pytest.raises(SipError):
        fields(message)


@settings(max_examples=40)
@given(st.text(max_size=40), st.text(max_size=40))
def test_whatever_identity_and_expires_there_are_raise_nothing(identity: str, expires: str) -> None:
    message = register(("P-Asserted-Identity", identity), ("Expires", expires))

    assert signature_text("NTLM", 4, "00000001", "1", REALM, "ocs", message).startswith(b"<NTLM><00000001>")
