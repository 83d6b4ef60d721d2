"""Bodies of a third-party REGISTER (TS 24.229 §5.4.1.7A, RFC 2046 §5.1)."""

from email import message_from_bytes
from email.message import Message

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from scscf.procedures.service_information import body_of
from scscf.profile.filter_criteria import ApplicationServer
from scscf.sip.message import Request, Response, make_request
from scscf.sip.parser import parse_message

pytestmark = pytest.mark.clause("TS 24.229 §5.4.1.7A")

REGISTER = make_request(
    "REGISTER",
    "sip:home1.test",
    [
        ("To", "<sip:carol@home1.test>"),
        ("Authorization", 'Digest username="carol", response="0123"'),
        ("Proxy-Authorization", 'Digest username="carol", response="4567"'),
    ],
    b"--boundary\r\n",
)
ANSWER = Response(200, "OK", [("Contact", "<sip:carol@192.0.2.1>")], b"")


def parts(kind: str, body: bytes) -> list[Message]:
    """Return the parts of a multipart body as somebody else's parser sees them."""
    found = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body).get_payload()
    assert isinstance(found, list)
    return [part for part in found if isinstance(part, Message)]


@pytest.mark.parametrize(
    ("server", "kinds"),
    [
        (ApplicationServer("sip:as"), None),
        (ApplicationServer("sip:as", service_info=""), ["application/3gpp-ims+xml"]),
        (ApplicationServer("sip:as", include_request=True), ["message/sip"]),
        (ApplicationServer("sip:as", include_response=True), ["message/sip"]),
        (
            ApplicationServer("sip:as", service_info="x", include_response=True),
            ["application/3gpp-ims+xml", "message/sip"],
        ),
        (
            ApplicationServer("sip:as", service_info="x", include_request=True, include_response=True),
            ["application/3gpp-ims+xml", "message/sip", "message/sip"],
        ),
    ],
)
def test_a_server_gets_what_its_criterion_wants(server: ApplicationServer, kinds: list[str] | None) -> None:
    body = body_of(server, (REGISTER, ANSWER), "b0")

    if kinds is None:
        assert body is None
        return
    assert body is not None
    if len(kinds) == 1:
        assert body[0] == kinds[0]
    else:
        assert [part.get_content_type() for part in parts(*body)] == kinds


def test_without_a_register_of_the_ue_only_service_information_is_left() -> None:
    server = ApplicationServer("sip:as", service_info="x", include_request=True, include_response=True)

    body = body_of(server, None, "b0")

    assert body is not None
    assert body[0] == "application/3gpp-ims+xml"
    assert body_of(server._replace(service_info=None), None, "b0") is None


def test_the_register_is_handed_on_without_credentials() -> None:
    body = body_of(ApplicationServer("sip:as", include_request=True), (REGISTER, ANSWER), "b0")

    assert body is not None
    message = parse_message(body[1])
    assert isinstance(message, Request)
    assert (message.uri_text, message.body) == ("sip:home1.test", b"--boundary\r\n")
    assert "authorization" not in message
    assert "proxy-authorization" not in message
    assert "authorization" in REGISTER


@settings(max_examples=100)
@given(
    text=st.text(
        alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\uffff\ufffe")
    )
)
def test_any_service_information_arrives_as_it_is(text: str) -> None:
    body = body_of(ApplicationServer("sip:as", service_info=text), None, "b0")

    assert body is not None
    root = etree.fromstring(body[1])
    assert (root.tag, root.get("version")) == ("ims-3gpp", "1")
    assert (root.findtext("service-info") or "") == text
