import pytest
from hypothesis import given, settings

from scscf.errors import SipError
from scscf.sip.message import REASONS, Request, Response, make_request
from scscf.sip.parser import parse_message
from tests.strategies import requests

HEADERS = [
    ("Via", "SIP/2.0/UDP pcscf.test;branch=z9hG4bK1, SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK0"),
    ("v", "SIP/2.0/TCP third.test"),
    ("From", "<sip:tobias@home1.test>;tag=f1"),
    ("To", "<sip:tobias@home1.test>"),
    ("Call-ID", "c1@192.0.2.1"),
    ("CSeq", "7 REGISTER"),
    ("Contact", "<sip:[2001:db8::1]:1357>;expires=60, sip:b@c;q=0.5"),
    ("m", '"x, y" <mailto:b@c>'),
    ("Supported", "path, gruu"),
    ("k", "outbound"),
    ("Expires", "600"),
]


def register(*more: tuple[str, str], without: str = "") -> Request:
    headers = [field for field in HEADERS if field[0] != without]
    return make_request("REGISTER", "sip:home1.test", [*headers, *more])


def test_fields_are_found_by_their_long_name_in_lower_case() -> None:
    message = register()
    assert message.get("expires") == "600"
    assert message.get("subject") is None
    assert message.get_all("via") == [HEADERS[0][1], "SIP/2.0/TCP third.test"]
    assert message.values("supported") == ["path", "gruu", "outbound"]
    assert "contact" in message
    assert "m" not in message


def test_commas_in_a_field_that_is_no_list_stay() -> None:
    message = register(("Authorization", 'Digest a="1", b="2"'), ("Date", "Sat, 13 Nov 2010 23:29:00 GMT"))
    assert len(message.values("authorization")) == 1
    assert message.values("date") == ["Sat, 13 Nov 2010 23:29:00 GMT"]


def test_what_a_registrar_reads() -> None:
    message = register(("Authorization", 'Digest username="u"'), ("Max-Forwards", "0068"))
    assert (message.via.branch, [via.host for via in message.vias]) == (
        "z9hG4bK1",
        ["pcscf.test", "192.0.2.1", "third.test"],
    )
    assert (message.from_.tag, message.to.tag, message.call_id) == ("f1", None, "c1@192.0.2.1")
    assert (message.cseq.number, message.cseq.method) == (7, "REGISTER")
    assert [contact.uri.scheme for contact in message.contacts] == ["sip", "sip", "mailto"]
    assert (message.expires, message.max_forwards, message.contact_is_star) == (600, 68, False)
    assert message.authorization[0].params == {"username": "u"}
    assert message.uri.host == "home1.test"


def test_what_is_parsed_is_kept() -> None:
    message = register()
    assert message.to is message.to
    assert message.contacts is message.contacts


def test_what_is_parsed_is_dropped_when_a_field_changes() -> None:
    message = register()
    assert message.to.tag is None
    message.set("To", "<sip:tobias@home1.test>;tag=9")
    assert message.to.tag == "9"
    message.insert_first("Via", "SIP/2.0/UDP new.test")
    assert (message.via.host, len(message.vias)) == ("new.test", 4)
    message.remove("via")
    assert message.get_all("via") == []
    message.add("Via", "SIP/2.0/UDP last.test")
    assert message.headers[-1] == ("Via", "SIP/2.0/UDP last.test")
    assert message.via.host == "last.test"


def test_set_replaces_every_field_of_that_name_where_the_first_stood() -> None:
    message = register()
    message.set("Supported", "path")
    assert message.values("supported") == ["path"]
    assert [name for name, _ in message.headers].index("Supported") == 8
    message.set("Subject", "x")
    assert message.headers[-1] == ("Subject", "x")


def test_the_topmost_via_is_replaced_alone() -> None:
    message = register()
    assert message.via.host == "pcscf.test"
    message.replace_top_via("SIP/2.0/UDP pcscf.test;branch=z9hG4bK1;received=192.0.2.9")
    assert message.via.received == "192.0.2.9"
    assert [via.host for via in message.vias] == ["pcscf.test", "192.0.2.1", "third.test"]
    assert parse_message(message.to_bytes()).via.received == "192.0.2.9"


@pytest.mark.parametrize(
    ("name", "attribute"),
    [("From", "from_"), ("To", "to"), ("Call-ID", "call_id"), ("CSeq", "cseq")],
)
def test_a_missing_field_is_a_400_that_names_it(name: str, attribute: str) -> None:
    message = register(without=name)
    with pytest.raises(SipError) as refusal:
        getattr(message, attribute)
    assert (refusal.value.status, refusal.value.reason) == (400, f"Missing {name} header")


@pytest.mark.parametrize(
    ("name", "value", "attribute"),
    [
        ("CSeq", "x REGISTER", "cseq"), ("CSeq", "7", "cseq"), ("CSeq", "4294967296 REGISTER", "cseq"),
        ("CSeq", "-1 REGISTER", "cseq"), ("CSeq", "٣ REGISTER", "cseq"), ("CSeq", "9" * 60000 + " REGISTER", "cseq"),
        ("Max-Forwards", "256", "max_forwards"), ("Max-Forwards", "", "max_forwards"),
        ("From", "<sip:a@b", "from_"), ("To", "x", "to"), ("Contact", "*, <sip:a@b>", "contacts"),
        ("Contact", "*;expires=0", "contacts"), ("Contact", "", "contacts"), ("Route", "<sip:a", "route"),
        ("Authorization", 'Digest a="', "authorization"), ("Event", "reg;;", "event"),
    ],
)  # fmt: skip
def test_a_malformed_field_is_a_400(name: str, value: str, attribute: str) -> None:
    message = register()
    message.set(name, value)
    with pytest.raises(SipError) as refusal:
        getattr(message, attribute)
    assert refusal.value.status == 400


def test_a_star_is_a_star_only_when_alone() -> None:
    message = register()
    message.set("Contact", "*")
    assert (message.contact_is_star, message.contacts) == (True, [])
    message.add("Contact", "<sip:a@b>")
    assert not message.contact_is_star
    with pytest.raises(SipError):
        _ = message.contacts


def test_a_malformed_expires_is_an_hour_in_a_register_and_refused_elsewhere() -> None:
    message = register()
    message.set("Expires", "1e9")
    assert message.expires == 3600
    message.set("Expires", "9" * 100)
    assert message.expires == 4294967295
    subscribe = make_request("SUBSCRIBE", "sip:a@b", [("Expires", "soon")])
    with pytest.raises(SipError):
        _ = subscribe.expires
    assert make_request("SUBSCRIBE", "sip:a@b", []).expires is None


@pytest.mark.parametrize(
    ("value", "event"),
    [("reg", ("reg", None)), ("Reg ; id=4", ("reg", "4")), ("presence.winfo;x", ("presence.winfo", None))],
)
def test_the_event_package(value: str, event: tuple[str, str | None]) -> None:
    assert make_request("SUBSCRIBE", "sip:a@b", [("o", value)]).event == event


def test_the_content_type_is_told_without_its_parameters() -> None:
    message = make_request("NOTIFY", "sip:a@b", [("c", "Application / RegInfo+XML ;charset=utf-8")])
    assert message.content_type == "application/reginfo+xml"
    assert make_request("NOTIFY", "sip:a@b", []).content_type is None


def test_a_response_copies_what_rfc_3261_names() -> None:
    response = register(("Timestamp", "5"), ("Record-Route", "<sip:x>")).response(401, to_tag="t1")
    assert response.headers == [
        ("Via", HEADERS[0][1]),
        ("Via", "SIP/2.0/TCP third.test"),
        ("From", "<sip:tobias@home1.test>;tag=f1"),
        ("To", "<sip:tobias@home1.test>;tag=t1"),
        ("Call-ID", "c1@192.0.2.1"),
        ("CSeq", "7 REGISTER"),
    ]
    assert (response.status, response.reason) == (401, "Unauthorized")


def test_a_100_has_the_timestamp_and_no_tag_of_ours() -> None:
    response = register(("Timestamp", "5")).response(100, to_tag="t1")
    assert response.to.tag is None
    assert response.get("timestamp") == "5"


def test_a_tag_that_came_stays_alone() -> None:
    message = register()
    message.set("To", "<sip:a@b>;Tag=came")
    assert message.response(200, to_tag="t1").get("to") == "<sip:a@b>;Tag=came"


def test_a_request_that_lacks_nearly_everything_can_be_answered() -> None:
    response = make_request("INVITE", "sip:a@b", [("Via", "SIP/2.0/UDP a")]).response(400, "Missing To header", "t1")
    assert response.to_bytes() == b"SIP/2.0 400 Missing To header\r\nVia: SIP/2.0/UDP a\r\nContent-Length: 0\r\n\r\n"


def test_every_reason_is_of_a_status_that_exists() -> None:
    assert all(100 <= status <= 699 and reason for status, reason in REASONS.items())
    assert Response(299, REASONS.get(299, ""), []).to_bytes().startswith(b"SIP/2.0 299 \r\n")


def test_the_content_length_is_always_of_our_own_counting() -> None:
    message = make_request("MESSAGE", "sip:a@b", [("content-LENGTH", "9"), ("l", "8")], b"hello")
    assert message.to_bytes() == b"MESSAGE sip:a@b SIP/2.0\r\nContent-Length: 5\r\n\r\nhello"


def test_a_line_end_in_a_value_cannot_begin_another_field() -> None:
    message = make_request("MESSAGE", "sip:a@b\r\nX: 1", [("Subject", "a\r\nContact: <sip:evil@x>\n\nb")])
    parsed = parse_message(message.to_bytes())
    assert parsed.headers[0] == ("Subject", "a  Contact: <sip:evil@x>  b")
    assert "contact" not in parsed
    response = Response(200, "O\r\nK", [("X", "\r")])
    assert response.to_bytes() == b"SIP/2.0 200 O  K\r\nX:  \r\nContent-Length: 0\r\n\r\n"


def test_octets_that_are_no_utf8_go_out_as_they_came() -> None:
    octets = b"OPTIONS sip:a@b SIP/2.0\r\nSubject: J\xf6rg\r\nContent-Length: 0\r\n\r\n"
    assert parse_message(octets).to_bytes() == octets


@settings(max_examples=40)
@given(requests())
def test_a_request_parsed_from_its_octets_is_the_same_request(request: Request) -> None:
    octets = request.to_bytes()
    parsed = parse_message(octets)
    assert isinstance(parsed, Request)
    assert parsed.defect is None
    assert (parsed.method, parsed.uri_text, parsed.body) == (request.method, request.uri_text, request.body)
    assert parsed.headers[:-1] == request.headers
    assert (parsed.to, parsed.from_, parsed.cseq, parsed.vias) == (
        request.to,
        request.from_,
        request.cseq,
        request.vias,
    )
    assert parsed.to_bytes() == octets
