import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scscf.errors import SipError
from scscf.sip.message import Request, Response
from scscf.sip.parser import Limits, Unparseable, parse_message
from scscf.sip.validity import check_request, check_response
from tests.sip.torture import ALL

pytestmark = pytest.mark.clause("RFC 3261 §7.3")

OPTIONS = b"OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP c;branch=z9hG4bK1\r\nl: %d\r\n\r\n%s"
ONE = OPTIONS % (5, b"first")
TWO = OPTIONS % (0, b"")
SMALL = Limits(message=300, header_bytes=200, headers=5)


def defect(data: bytes, limits: Limits = SMALL) -> int:
    error = parse_message(data, limits).defect
    assert error is not None
    return error.status


def test_a_datagram_is_split_into_its_parts() -> None:
    message = parse_message(b"\r\n\r\n" + ONE)
    assert isinstance(message, Request)
    assert (message.method, message.uri_text, message.version, message.body) == (
        "OPTIONS",
        "sip:a@b",
        "SIP/2.0",
        b"first",
    )
    assert message.headers[1] == ("l", "5")


def test_folded_lines_are_joined_with_one_space() -> None:
    message = parse_message(b"OPTIONS sip:a@b SIP/2.0\r\nSubject : a \r\n \t b\r\n\tc: d\r\nTo:\r\n <sip:a@b>\r\n\r\n")
    assert message.defect is None
    assert message.headers[0][1] == "a b c: d"
    assert message.get("subject") == "a b c: d"
    assert message.to.uri.text == "sip:a@b"


def test_a_datagram_without_content_length_has_the_rest_as_its_body() -> None:
    assert parse_message(b"OPTIONS sip:a@b SIP/2.0\r\nTo: x\r\n\r\nrest\r\n").body == b"rest\r\n"


def test_octets_beyond_the_content_length_are_ignored() -> None:
    assert parse_message(OPTIONS % (2, b"first")).body == b"fi"


@pytest.mark.parametrize(
    "length", [b"6", b"-1", b"x", b"", b"1e3", b"99999999999999999999", b"+5", b"5, 5", b"\xd9\xa3"]
)
def test_a_content_length_that_cannot_be_is_a_defect(length: bytes) -> None:
    assert defect(b"OPTIONS sip:a@b SIP/2.0\r\nContent-Length: " + length + b"\r\n\r\nfirst") == 400


def test_two_content_lengths_that_differ_are_a_defect() -> None:
    assert defect(b"OPTIONS sip:a@b SIP/2.0\r\nl: 1\r\nContent-Length: 2\r\n\r\nfirst") == 400


@pytest.mark.parametrize(
    "line",
    [
        b"OPTIONS  sip:a@b SIP/2.0",
        b"OPTIONS sip:a@b SIP/2.0 ",
        b"OPTIONS sip:a@b; lr SIP/2.0",
        b" OPTIONS sip:a@b SIP/2.0",
    ],
)
def test_a_request_line_with_spaces_of_its_own_is_a_defect(line: bytes) -> None:
    assert defect(line + b"\r\nTo: x\r\n\r\n") == 400


def test_the_sip_version_may_be_in_lower_case() -> None:
    message = parse_message(b"OPTIONS sip:a@b sip/2.0\r\nTo: x\r\n\r\n")
    assert isinstance(message, Request)
    assert (message.version, message.defect) == ("SIP/2.0", None)
    response = parse_message(b"sip/2.0 200 OK\r\nTo: x\r\n\r\n")
    assert isinstance(response, Response)
    assert response.status == 200


@pytest.mark.parametrize(
    "head", [b"To x", b": x", b"T o: x", b"T\xc3\xb6: x", b"Subject: a\nTo: <sip:a@b>", b"\x00: x"]
)
def test_a_line_that_is_no_header_field_is_a_defect(head: bytes) -> None:
    assert defect(b"OPTIONS sip:a@b SIP/2.0\r\n" + head + b"\r\nVia: SIP/2.0/UDP c\r\n\r\n") == 400


def test_a_datagram_without_the_empty_line_is_a_defect_that_can_be_answered() -> None:
    message = parse_message(b"OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP c\r\nTo: x\r\n")
    assert message.via.host == "c"
    assert message.defect is not None


def test_limits_are_kept_and_told_with_513() -> None:
    assert defect(OPTIONS % (400, b"x" * 400)) == 513
    assert defect(b"OPTIONS sip:a@b SIP/2.0\r\n" + b"To: x\r\n" * 6 + b"\r\n") == 513
    assert defect(b"OPTIONS sip:a@b SIP/2.0\r\nVia: x\r\nTo: " + b"x" * 300 + b"\r\n\r\n") == 513
    folded = b"OPTIONS sip:a@b SIP/2.0\r\nTo: x\r\n" + b" y\r\n" * 20 + b"\r\n"
    assert parse_message(folded, SMALL).defect is None


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\r\n\r\n", b"\x00\x01\x00\x00", b"GET / HTTP/1.1\r\n\r\n", b"SIP/2.0 x y\r\n\r\n", b"SIP/2.0\r\n\r\n",
        b"SIP/2.0", b"\xff" * 2000, b"SIP/2.0 " + b"9" * 5000 + b" x\r\n\r\n",
    ],
)  # fmt: skip
def test_what_has_no_start_line_is_unparseable(data: bytes) -> None:
    with pytest.raises(Unparseable):
        parse_message(data)


PROPERTIES = (
    "via", "vias", "from_", "to", "call_id", "cseq", "max_forwards", "contacts", "expires", "content_type", "event",
    "route", "record_routes", "authorization", "contact_is_star", "uri",
)  # fmt: skip


def read_everything(message: Request | Response) -> None:
    statuses: set[int] = set()
    for name in PROPERTIES:
        try:
            getattr(message, name, None)
        except SipError as error:
            statuses.add(error.status)
    if isinstance(message, Request):
        message.response(400, to_tag="x").to_bytes()
        try:
            check_request(message)
        except SipError as error:
            statuses.add(error.status)
    else:
        check_response(message)
    message.to_bytes()
    assert statuses <= {400, 416, 505, 513}


@settings(max_examples=150)
@given(st.sampled_from(ALL), st.data())
def test_a_damaged_message_gives_errors_that_can_be_answered_and_nothing_else(torture, data) -> None:  # type: ignore[no-untyped-def]
    octets = bytearray(torture.octets)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(octets) - 1))
        octets[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    try:
        message = parse_message(bytes(octets))
    except Unparseable:
        return
    read_everything(message)


@pytest.mark.parametrize(
    "field",
    [
        "Via: " + "a," * 30000, "Contact: " + '"' * 60000, "Contact: " + "<" * 60000, "Contact: sip:a@b" + ";a" * 30000,
        "To: " + " " * 60000, "To: " + "\\" * 60000, "Contact: " + "<sip:a@b>," * 6000, "To: <sip:" + "%" * 60000 + ">",
        "To: <sip:a@b" + ";" * 60000 + ">", "Authorization: Digest " + "a=b," * 15000,
        "Authorization: Digest " + "=" * 60000,
        "Authorization: Digest " + '"' * 60000, "CSeq: " + "1" * 60000, "Authorization: Digest a=" + "b " * 30000,
        "Via: SIP" + "/" * 60000, "Contact: " + '"\\",<' * 12000, "Event: " + "a;" * 30000,
        "To: <sip:" + "a" * 60000 + ">", "To: <sip:" + "a" * 60000 + ";", "Via: SIP/2.0/UDP " + "a" * 60000 + ",",
    ],
)  # fmt: skip
def test_a_huge_field_is_judged_in_no_time(field: str) -> None:
    start = time.process_time()
    read_everything(parse_message(f"OPTIONS sip:a@b SIP/2.0\r\n{field}\r\n\r\n".encode()))
    assert time.process_time() - start < 0.5
