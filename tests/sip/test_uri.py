import pytest
from hypothesis import given, settings

from scscf.errors import SipError
from scscf.sip.uri import Uri, format_uri, make_uri, parse_uri
from scscf.sip.uri_comparison import same_uri
from tests.strategies import sip_uris

reproducible = settings(max_examples=50)


def test_the_parts_of_a_sip_uri() -> None:
    uri = parse_uri("SIP:Alice;day=tuesday:sec%20ret@AtLanTa.com:5061;Transport=TCP;lr?Subject=x&to=y")
    assert (uri.scheme, uri.user, uri.password) == ("sip", "Alice;day=tuesday", "sec%20ret")
    assert (uri.host, uri.port) == ("atlanta.com", 5061)
    assert (uri.parameter("transport"), uri.parameter("lr"), uri.parameter("maddr")) == ("TCP", "", None)
    assert (uri.headers, uri.is_sip) == ("Subject=x&to=y", True)
    assert str(uri) == uri.text


def test_an_ipv6_host_loses_its_brackets_and_gets_them_back() -> None:
    uri = parse_uri("sip:[2001:DB8::1]:5060;comp=sigcomp")
    assert (uri.user, uri.host, uri.port) == (None, "2001:db8::1", 5060)
    assert format_uri(uri) == "sip:[2001:db8::1]:5060;comp=sigcomp"


def test_an_ipv6_host_with_too_few_groups_is_put_up_with() -> None:
    assert parse_uri("sip:[5555:1:2:3:4]:1357").host == "5555:1:2:3:4"


@pytest.mark.parametrize("text", ["tel:+358-555-1234567", "mailto:bob@biloxi.example.com", "urn:service:sos", "x:y?z@"])
def test_other_schemes_stay_whole(text: str) -> None:
    uri = parse_uri(text)
    assert (uri.is_sip, f"{uri.scheme}:{uri.opaque}", uri.host) == (False, text, "")


@pytest.mark.parametrize(
    "text",
    [
        "", "sip", "sip:", ":x", "sip:@host", "sip:a@b@c", "sip:a@", "sip:host:", "sip:host:99999", "sip:host:5x",
        "sip:host:٣", "sip:2001:db8::10", "sip:[2001:db8::10", "sip:[]", "sip:[::1]5060", "sip:[v1.x]", "sip:a b@c",
        "sip:a@b c", "<sip:a@b>", "sip:a@b>", 'sip:"a"@b', "sip:a%2@b", "sip:a%zz@b", "sip:ho%73t", "sip:a@b;x=1;X=2",
        "sip:a@b;;x", "sip:a@b?", "sip:ü@b", "sip:a@b\x00", "sip:a\r\n@b", "1sip:a@b", "s p:a", "*",
    ],
)  # fmt: skip
def test_malformed_uris_are_refused(text: str) -> None:
    with pytest.raises(SipError) as refusal:
        parse_uri(text)
    assert refusal.value.status == 400


@reproducible
@given(sip_uris)
def test_a_uri_made_of_its_parts_equals_itself(text: str) -> None:
    uri = parse_uri(text)
    again = parse_uri(format_uri(uri))
    assert again._replace(text="") == uri._replace(text="")
    assert same_uri(uri, again)
    assert same_uri(again, uri)


@pytest.mark.parametrize("user", ["", "alice@", "+44(0)123@", "a,b&c@"])
@pytest.mark.parametrize("port", ["", ":0", ":5060", ":65535", ":65536", ":99999"])
@pytest.mark.parametrize("params", ["", ";lr", ";Transport=tcp;+x=[::1]/:", ";lr;LR", ";;lr", ";"])
def test_the_usual_form_reads_as_any_other_does(user: str, port: str, params: str) -> None:
    def parts(text: str) -> tuple[object, ...] | int:
        try:
            return parse_uri(text)._replace(headers=None, text="")
        except SipError as refusal:
            return refusal.status

    usual = f"Sip:{user}Host.home1.test{port}{params}"
    assert parts(usual) == parts(usual + "?priority=urgent")


def test_a_uri_of_our_own() -> None:
    uri = make_uri("sip", "SCSCF.home1.test", user="orig", port=5060, params=(("lr", None),))
    assert str(uri) == "sip:orig@scscf.home1.test:5060;lr"
    assert parse_uri(str(uri)) == uri
    assert isinstance(uri, Uri)
