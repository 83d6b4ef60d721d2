import pytest

from scscf.errors import SipError
from scscf.sip.message import Request, Response
from scscf.sip.parser import parse_message
from scscf.sip.uri_comparison import aor_of
from scscf.sip.validity import check_request, check_response

pytestmark = pytest.mark.clause("RFC 3261 §8.2")

VALID = [
    ("Via", "SIP/2.0/UDP client.test;branch=z9hG4bK1"),
    ("Max-Forwards", "70"),
    ("From", "<sip:a@home1.test>;tag=1"),
    ("To", "<sip:a@home1.test>"),
    ("Call-ID", "c1"),
    ("CSeq", "1 REGISTER"),
    ("Contact", "<sip:a@192.0.2.1>"),
    ("Content-Length", "0"),
]


def register(
    line: str = "REGISTER sip:home1.test SIP/2.0", without: str = "", more: tuple[tuple[str, str], ...] = ()
) -> Request:
    replaced = {name for name, _ in more}
    fields = [field for field in VALID if field[0] not in {without, *replaced}] + list(more)
    text = "".join(f"{name}: {value}\r\n" for name, value in fields)
    message = parse_message(f"{line}\r\n{text}\r\n".encode())
    assert isinstance(message, Request)
    return message


def refusal(message: Request) -> tuple[int, str | None]:
    with pytest.raises(SipError) as caught:
        check_request(message)
    return caught.value.status, caught.value.reason


def test_a_valid_request_passes() -> None:
    check_request(register())


@pytest.mark.parametrize("name", ["Max-Forwards", "Contact", "Content-Length"])
def test_what_rfc_2543_peers_leave_out_may_be_missing(name: str) -> None:
    check_request(register(without=name))


@pytest.mark.parametrize("name", ["Via", "From", "To", "Call-ID", "CSeq"])
def test_a_mandatory_field_may_not_be_missing(name: str) -> None:
    assert refusal(register(without=name)) == (400, f"Missing {name} header")


@pytest.mark.parametrize("name", ["From", "To", "Call-ID", "CSeq", "Max-Forwards"])
def test_a_single_field_may_not_come_twice(name: str) -> None:
    value = dict(VALID)[name]
    message = register(more=((name, value), (name, value)))
    assert refusal(message)[0] == 400


def test_a_compact_form_counts_as_the_same_field() -> None:
    assert refusal(register(more=(("t", "<sip:b@home1.test>"),)))[0] == 400


@pytest.mark.parametrize("name", ["Via", "Contact", "Supported", "User-Agent", "Authorization"])
def test_other_fields_may_come_twice(name: str) -> None:
    value = dict(VALID).get(name, "x")
    check_request(register(more=((name, value), (name, value))))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Via", "SIP/2.0/UDP"), ("Via", "SIP/2.0/UDP a;branch=z9hG4bK"), ("Via", "SIP/2.0/UDP a;;"),
        ("From", '"a <sip:b@c>'), ("To", "<sip:>"), ("Call-ID", ""), ("Call-ID", "a b"), ("Call-ID", "ä"),
        ("CSeq", "1 OPTIONS"), ("CSeq", "1 register"),
        ("CSeq", "4294967296 REGISTER"), ("Max-Forwards", "-1"), ("Contact", "sip:a@b?c=d"), ("Contact", "*, *"),
        ("Content-Length", "5"),
    ],
)  # fmt: skip
def test_a_malformed_field_is_refused(name: str, value: str) -> None:
    assert refusal(register(more=((name, value),)))[0] == 400


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("REGISTER sip:home1.test SIP/3.0", 505),
        ("REGISTER sip:home1.test SIP/x", 505),
        ("REGISTER  sip:home1.test SIP/3.0", 505),
        ("REGISTER <sip:home1.test> SIP/2.0", 400),
        ("REGISTER sip:home1.test?a=b SIP/2.0", 400),
        ("REGISTER home1.test SIP/2.0", 400),
        ("REGI/STER sip:home1.test SIP/2.0", 400),
        ("REGISTER http://home1.test SIP/2.0", 416),
    ],
)
def test_a_request_line_that_cannot_be_served(line: str, status: int) -> None:
    assert refusal(register(line))[0] == status


@pytest.mark.parametrize("uri", ["sips:home1.test", "tel:+44123", "urn:service:sos"])
def test_other_schemes_that_somebody_serves_pass(uri: str) -> None:
    check_request(register(f"REGISTER {uri} SIP/2.0"))


def respond(line: str, *more: tuple[str, str], without: str = "") -> Response:
    fields = [field for field in VALID if field[0] not in {without, *(name for name, _ in more)}] + list(more)
    message = parse_message((line + "\r\n" + "".join(f"{n}: {v}\r\n" for n, v in fields) + "\r\n").encode())
    assert isinstance(message, Response)
    return message


def test_a_valid_response_is_used() -> None:
    assert check_response(respond("SIP/2.0 200 OK"))
    assert check_response(respond("SIP/2.0 699 "))


@pytest.mark.parametrize(
    "response",
    [
        respond("SIP/2.0 99 Low"), respond("SIP/2.0 700 High"), respond("SIP/2.0 4294967301 x"),
        respond("SIP/2.0 200 OK", without="Via"), respond("SIP/2.0 200 OK", without="CSeq"),
        respond("SIP/2.0 200 OK", ("CSeq", "99999999999 OPTIONS")), respond("SIP/2.0 200 OK", ("Content-Length", "9")),
        respond("SIP/2.0 200 OK", ("To", "<sip:a@b>"), ("To", "<sip:a@b>")),
        respond("SIP/2.0 200 OK", ("Via", "SIP/2.0/UDP a"), ("Via", "SIP/2.0/UDP 255.255.255.255")),
    ],
)  # fmt: skip
def test_a_response_that_is_of_no_use_is_told(response: Response) -> None:
    assert not check_response(response)


MICROSOFT = (
    "REGISTER sip:fabrikam.test SIP/2.0\r\n"
    "Via: SIP/2.0/TLS 10.1.2.50:4237\r\n"
    "Max-Forwards: 70\r\n"
    "From: <sip:alice@fabrikam.test>;tag=2d0b;epid=492a7ce35f\r\n"
    "To: <sip:alice@fabrikam.test>\r\n"
    "Call-ID: 74c55d45\r\n"
    "CSeq: 3 REGISTER\r\n"
    'Contact: <sip:10.1.2.50:4237;transport=tls;ms-opaque=6fb3>;methods="INVITE, MESSAGE, BENOTIFY";proxy=replace;'
    '+sip.instance="<urn:uuid:B43B3D1D-9F8F-5FDC-9F74-3CA273CADB97>"\r\n'
    "User-Agent: UCCP/2.0 OC/2.0 (Communicator)\r\n"
    'Authorization: NTLM qop="auth", realm="SIP Communications Service", gssapi-data="TlRMTVNT+/A=", version=3\r\n'
    "Event: registration\r\n"
    "Expires: 0\r\n"
    "\r\n"
)
"""In the shape of a Communicator's de-registration: no branch, private parameters."""

BOOK = (
    "REGISTER sip:home1.test SIP/2.0\r\n"
    "Via: SIP/2.0/UDP [5555:1:2:3:4]:1357;comp=sigcomp;branch=99ueth\r\n"
    "Route: sip:[5555:1:2:3:4]:7531;comp=sigcomp;lr\r\n"
    "Max-Forwards: 70\r\n"
    "From: <sip:tobias@home1.test>;tag=ulkomaa\r\n"
    "To: <sip:tobias@home1.test>;tag=kotimaa\r\n"
    'Authorization: Digest username="user1_private@home1.test",\r\n'
    '               realm="home1.test" nonce="34CwFva37UYWpGNB34JP", algorithm=AKAV1-MD5,\r\n'
    '               uri="sip:home1.test",\r\n'
    '               response="6629fae49393a05397450978507c4ef1",\r\n'
    '               integrity-protected="yes",\r\n'
    "Require: sec-agree\r\n"
    "Security-Verify: tls ;q=0.2, IPsec-3gpp ;q=0.1 ;alg=hmac-sha-1-96\r\n"
    "                  ;spi-c=98765434 ;spi-s=87654322\r\n"
    "Contact: <sip:[5555:1:2:3:4]:1357;comp=sigcomp>;expires=0\r\n"
    "Call-ID: apb03a0s09dkjdfglkj49222\r\n"
    "CSeq: 49 REGISTER\r\n"
    "Content-Length: 0\r\n"
    "\r\n"
)
"""In the shape of a textbook's IMS de-registration: addresses of five groups, no cookie, folded lines, odd commas."""

TLS = (
    "REGISTER sips:ss2.biloxi.example.com SIP/2.0\r\n"
    "Via: SIP/2.0/TLS client.biloxi.example.com:5061\r\n"
    "\t;branch=z9hG4bKnashds7\r\n"
    "Max-Forwards: 70\r\n"
    "From: Bob <sips:bob@biloxi.example.com>\r\n"
    " ;tag=a73kszlfl\r\n"
    "To: Bob <sips:bob@biloxi.example.com>\r\n"
    "Call-ID: 1j9FpLxk3uxtm8tn@biloxi.example.com\r\n"
    "CSeq: 1 REGISTER\r\n"
    "Contact: mailto:bob@biloxi.example.com\r\n"
    'Authorization: Digest username="bob", realm="atlanta.example.com"\r\n'
    ' nonce="ea9c8e88df84f1cec4341ae6cbe5a359", opaque="", uri="sips:ss2.biloxi.example.com", response="dfe5"\r\n'
    "Content-Length: 0\r\n"
    "\r\n"
)
"""In the shape of RFC 3665 §2, with its missing comma."""


@pytest.mark.parametrize(("text", "aor"), [(MICROSOFT, "sip:alice@fabrikam.test"), (BOOK, "sip:tobias@home1.test"),
                                           (TLS, "sip:bob@biloxi.example.com")])  # fmt: skip
def test_registers_as_they_are_printed_elsewhere_are_fit(text: str, aor: str) -> None:
    message = parse_message(text.encode())
    assert isinstance(message, Request)
    check_request(message)
    assert aor_of(message.to.uri) == aor
    assert len(message.authorization) == 1
    assert len(message.contacts) == 1


def test_the_parameters_of_a_communicators_contact() -> None:
    message = parse_message(MICROSOFT.encode())
    contact = message.contacts[0]
    assert contact.parameter("methods") == "INVITE, MESSAGE, BENOTIFY"
    assert contact.parameter("proxy") == "replace"
    assert contact.parameter("+sip.instance") == "<urn:uuid:B43B3D1D-9F8F-5FDC-9F74-3CA273CADB97>"
    assert message.via.branch is None


def test_an_authorization_without_its_closing_quote_is_refused() -> None:
    text = BOOK.replace('"34CwFva37UYWpGNB34JP"', '"34CwFva37UYWpGNB34JP')
    with pytest.raises(SipError):
        _ = parse_message(text.encode()).authorization


def test_fields_folded_without_white_space_are_a_400() -> None:
    message = parse_message(TLS.replace("\r\n\t;", "\r\n;").encode())
    assert isinstance(message, Request)
    assert refusal(message) == (400, "Bad Header Line")
