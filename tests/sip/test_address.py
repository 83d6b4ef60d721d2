import pytest
from hypothesis import given, settings

from scscf.errors import SipError
from scscf.sip.address import parse_address, parse_addresses
from tests.strategies import addresses

reproducible = settings(max_examples=50)


def test_a_quoted_display_name_may_hold_what_looks_like_an_address() -> None:
    address = parse_address(r'"Bell, \"<sip:x@y>" <sip:a@b;lr>;tag=1')
    assert address.display_name == 'Bell, "<sip:x@y>'
    assert (str(address.uri), address.tag) == ("sip:a@b;lr", "1")


@pytest.mark.parametrize(
    ("text", "name"), [("Bob <sip:a@b>", "Bob"), ("A. G. Bell<sip:a@b>", "A. G. Bell"), ("Žofie <sip:a@b>", "Žofie"),
                       ("<sip:a@b>", None), ('""<sip:a@b>', "")],
)  # fmt: skip
def test_display_names_without_quotes(text: str, name: str | None) -> None:
    assert parse_address(text).display_name == name


def test_without_brackets_every_parameter_is_the_headers() -> None:
    address = parse_address('sip:a@b;transport=tcp;expires=5;+sip.instance="<urn:x>"')
    assert (address.uri.text, address.uri.params) == ("sip:a@b", ())
    assert address.parameter("transport") == "tcp"
    assert address.parameter("+sip.instance") == "<urn:x>"


@pytest.mark.parametrize(
    "text",
    [
        "", "<sip:a@b", "sip:a@b>", "<sip:a@b> x", "<sip:a@b>x=1", "<sip:a@b>;", "< sip:a@b>", "<>", '"Bob" sip:a@b',
        '"Bob <sip:a@b>', "Bell, A <sip:a@b>", "sip:a@b?x=y", "sip:a,b@c", "Bob (x) <sip:a@b>", "<sip:a@b>;tag=1;tag=2",
        "<sip:a@b>;x=<y>>\x00",
    ],
)  # fmt: skip
def test_malformed_addresses_are_refused(text: str) -> None:
    with pytest.raises(SipError) as refusal:
        parse_address(text)
    assert refusal.value.status == 400


def test_addresses_of_several_header_fields_come_in_order() -> None:
    found = parse_addresses(['"a,b" <sip:1@x;p=1>;q=1, sip:2@x', "<sip:3@x>"])
    assert [address.uri.user for address in found] == ["1", "2", "3"]


def test_an_empty_list_element_is_refused() -> None:
    with pytest.raises(SipError):
        parse_addresses(["<sip:1@x>,"])


def test_octets_that_are_not_utf8_and_control_characters_do_not_reach_the_display_name() -> None:
    text = b'"J\xf6rg \\\x01" <sip:a@b>'.decode("utf-8", "surrogateescape")
    name = parse_address(text).display_name
    assert name == "J\ufffdrg \ufffd"


@reproducible
@given(addresses)
def test_an_address_written_again_is_the_same_address(text: str) -> None:
    address = parse_address(text)
    assert parse_address(str(address)) == address
