"""The torture messages of RFC 4475 and RFC 5118 through the parser and the checks that hold for every method."""

import pytest

from scscf.errors import SipError
from scscf.sip.message import Request, Response
from scscf.sip.parser import parse_message
from scscf.sip.stream_parser import StreamParser
from scscf.sip.uri_comparison import aor_of, same_uri
from scscf.sip.validity import check_request, check_response
from tests.sip.torture import ALL, DATA, DROP, FIT, RFC4475, RFC5118, Torture

pytestmark = pytest.mark.clause("RFC 4475 §3", "RFC 5118 §4")


def outcome(message: Request | Response) -> int:
    if isinstance(message, Response):
        return FIT if check_response(message) else DROP
    try:
        check_request(message)
    except SipError as error:
        return error.status
    return FIT


def request(name: str) -> Request:
    message = parse_message((DATA / name).read_bytes())
    assert isinstance(message, Request)
    return message


def test_every_message_of_both_rfcs_is_there() -> None:
    assert len({torture.file for torture in RFC4475}) == 49
    assert len({torture.file for torture in RFC5118}) == 12
    assert {str(path.relative_to(DATA)) for path in DATA.glob("rfc*/*.dat")} == {torture.file for torture in ALL}


@pytest.mark.parametrize("torture", ALL, ids=lambda torture: torture.file)
def test_a_torture_message_comes_to_what_its_rfc_says(torture: Torture) -> None:
    assert outcome(parse_message(torture.octets)) in torture.checked


@pytest.mark.parametrize("torture", ALL, ids=lambda torture: torture.file)
def test_a_torture_request_can_always_be_answered(torture: Torture) -> None:
    message = parse_message(torture.octets)
    if isinstance(message, Request):
        answer = parse_message(message.response(400, to_tag="x").to_bytes())
        assert isinstance(answer, Response)
        assert answer.defect is None
        assert answer.get_all("via") == message.get_all("via")


@pytest.mark.parametrize("torture", ALL, ids=lambda torture: torture.file)
def test_a_torture_message_octet_by_octet_over_a_stream_gives_the_same_judgement(torture: Torture) -> None:
    parser = StreamParser()
    items = []
    for octet in torture.octets:
        items += parser.feed(bytes([octet]))
    name = torture.file.rpartition("/")[2]
    if name in ("clerr.dat", "inv2543.dat"):
        assert len(items) == (name == "inv2543.dat")
        return
    message = items[0]
    assert isinstance(message, Request | Response)
    assert outcome(message) in torture.checked
    assert parser.closing == (name in ("dblreq.dat", "ncl.dat", "mcl01.dat"))


def test_wsinv_is_read_through_its_folding_and_white_space() -> None:
    message = request("rfc4475/wsinv.dat")
    assert message.to.tag == "1918181833n"
    assert message.from_.display_name == 'J Rosenberg \\"'
    assert message.from_.tag == "98asjd8"
    assert message.max_forwards == 68
    assert message.cseq == (9, "INVITE")
    assert [(via.transport, via.host, via.branch) for via in message.vias] == [
        ("udp", "192.0.2.2", "390skdjuw"),
        ("tcp", "spindle.example.com", "z9hG4bK9ikj8"),
        ("udp", "192.168.255.111", "z9hG4bK30239"),
    ]
    assert message.get("subject") == ""
    assert message.get("newfangledheader") == "newfangled value continued newfangled value"
    assert message.get("unknownheaderwithunusualvalue") == ";;,,;;,;"
    assert message.route[0].uri.parameter("unknown-no-value") == ""
    contact = message.contacts[0]
    assert contact.display_name == 'Quoted string ""'
    assert (contact.parameter("newparam"), contact.parameter("q")) == ("newvalue", "0.33")
    assert len(message.body) == 150


def test_intmeth_keeps_every_unusual_character() -> None:
    message = request("rfc4475/intmeth.dat")
    assert message.method == "!interesting-Method0123456789_*+`.%indeed'~"
    assert message.uri.user == "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*"
    assert message.uri.password == "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)"
    assert message.via.branch == "z9hG4bK-.!%66*_+`'~"
    assert message.from_.display_name == "token1~` token2'+_ token3*%!.-"
    assert message.from_.parameter("fromparam''~+*_!.-%") == "работающий"
    assert message.call_id == "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{"


def test_esc01_is_decoded_once_where_it_means_a_character() -> None:
    message = request("rfc4475/esc01.dat")
    assert message.uri.user == "sips%3Auser%40example.com"
    assert aor_of(message.to.uri) == "sip:user@example.com"
    assert aor_of(message.from_.uri) == "sip:I%20have%20spaces@example.net"
    assert aor_of(message.contacts[0].uri) == "sip:caller@host5.example.net"


def test_escnull_has_two_contacts_that_differ() -> None:
    message = request("rfc4475/escnull.dat")
    first, second = (contact.uri for contact in message.contacts)
    assert not same_uri(first, second)
    assert aor_of(first) != aor_of(second)
    assert aor_of(message.to.uri) == "sip:null-%00-null@example.com"


def test_esc02_is_no_register_and_its_escaped_field_name_is_another_field() -> None:
    message = request("rfc4475/esc02.dat")
    assert message.method == "RE%47IST%45R"
    assert message.to.display_name == "%Z%45"
    assert [contact.uri.user for contact in message.contacts] == ["alias1", "alias3"]
    assert message.get("c%6fntact") == "<sip:alias2@host2.example.com>"


def test_dblreq_is_one_request_in_a_datagram_and_two_in_a_stream() -> None:
    octets = (DATA / "rfc4475/dblreq.dat").read_bytes()
    message = parse_message(octets)
    assert (message.body, message.defect) == (b"", None)
    items = StreamParser().feed(octets)
    assert [item.method for item in items if isinstance(item, Request)] == ["REGISTER", "INVITE"]


def test_mpart01_keeps_the_octets_of_its_body() -> None:
    message = request("rfc4475/mpart01.dat")
    assert len(message.body) == 553
    assert b"\x30\x82\x01\x52\x06\x09" in message.body
    assert parse_message(message.to_bytes()).body == message.body


def test_a_reason_phrase_may_be_of_any_script_or_empty() -> None:
    odd, empty = (parse_message((DATA / "rfc4475" / name).read_bytes()) for name in ("unreason.dat", "noreason.dat"))
    assert isinstance(odd, Response)
    assert odd.reason == "= 2**3 * 5**2 но сто девяносто девять - простое"
    assert isinstance(empty, Response)
    assert (empty.status, empty.reason) == (100, "")


def test_a_malformed_expiry_of_a_contact_is_no_reason_to_refuse_scalar02() -> None:
    message = request("rfc4475/scalar02.dat")
    assert message.expires == 4294967295
    assert message.contacts[0].parameter("expires") == "280297596632815"
    with pytest.raises(SipError):
        _ = message.cseq


def test_parameters_outside_brackets_are_the_contacts_and_inside_the_uris() -> None:
    outside = request("rfc4475/cparam01.dat").contacts[0]
    inside = request("rfc4475/cparam02.dat").contacts[0]
    assert (outside.parameter("unknownparam"), outside.uri.params) == ("", ())
    assert (inside.params, inside.uri.parameter("unknownparam")) == ((), "")
    assert request("rfc4475/regescrt.dat").contacts[0].uri.headers == "Route=%3Csip:sip.example.com%3E"


def test_an_unknown_scheme_of_credentials_is_read() -> None:
    (credentials,) = request("rfc4475/regaut01.dat").authorization
    assert credentials == ("nooneknowsthisscheme", {"opaque-data": "here"})


def test_an_ipv6_port_is_the_one_outside_the_brackets() -> None:
    ambiguous, clear = request("rfc5118/port-ambiguous.dat").uri, request("rfc5118/port-unambiguous.dat").uri
    assert (ambiguous.host, ambiguous.port) == ("2001:db8::10:5070", None)
    assert (clear.host, clear.port) == ("2001:db8::10", 5070)


@pytest.mark.parametrize("name", ["with-delim", "no-delim"])
def test_received_is_read_with_and_without_brackets(name: str) -> None:
    assert request(f"rfc5118/via-received-param-{name}.dat").via.received == "2001:db8::9:255"


def test_three_colons_before_an_embedded_ipv4_address_are_the_same_address_as_two() -> None:
    three, two = request("rfc5118/ipv6-bug-abnf-3-colons.dat"), request("rfc5118/ipv6-correct-abnf-2-colons.dat")
    assert same_uri(three.uri, two.uri)
