import pytest
from hypothesis import given, settings

from scscf.errors import SipError
from scscf.sip.uri import Uri, aor_of, format_uri, make_uri, parse_uri, same_uri
from tests.strategies import sip_uris

reproducible = settings(derandomize=True, max_examples=50, deadline=None)


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


@reproducible
@given(sip_uris, sip_uris)
def test_equality_is_symmetric_and_equal_uris_share_their_bucket(first: str, second: str) -> None:
    one, two = parse_uri(first), parse_uri(second)
    assert same_uri(one, two) == same_uri(two, one)
    if same_uri(one, two):
        assert aor_of(one) == aor_of(two)


@reproducible
@given(sip_uris)
def test_the_address_of_record_is_its_own_address_of_record(text: str) -> None:
    aor = aor_of(parse_uri(text))
    assert aor_of(parse_uri(aor)) == aor


# RFC 3261 §19.1.4's own examples
EQUAL = [
    ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp"),
    ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
    ("sip:carol@chicago.com", "sip:carol@chicago.com;security=on"),
    (
        "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
        "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
    ),
    (
        "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
        "sip:alice@atlanta.com?priority=urgent&subject=project%20x",
    ),
    ("sip:[2001:db8::1]", "sip:[2001:DB8:0:0::0001]"),
    ("sip:a%2fb@x", "sip:a%2Fb@x"),
    ("tel:+1-201-555-0123", "tel:+1(201)555.0123"),
    ("tel:7042;phone-context=Example.com", "tel:7042;PHONE-CONTEXT=example.com"),
    ("mailto:bob@Biloxi.example.com", "mailto:bob@biloxi.EXAMPLE.com"),
    ("urn:uuid:AB-C", "URN:uuid:ab-c"),
    ("http://Example.com/A", "http://example.com/A"),
]
DIFFERENT = [
    ("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"),
    ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
    ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
    ("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"),
    ("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"),
    ("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"),
    ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"),
    ("sip:bob@biloxi.com", "sips:bob@biloxi.com"),
    ("sip:bob@biloxi.com", "sip:biloxi.com"),
    ("sip:bob@biloxi.com", "sip:bob:x@biloxi.com"),
    ("sip:bob@biloxi.com", "sip:bob:@biloxi.com"),
    ("sip:bob@biloxi.com", "sip:bob@biloxi.com;user=phone"),
    ("sip:a%2fb@x", "sip:a/b@x"),
    ("sip:%00@x", "sip:%00%00@x"),
    ("tel:+1201", "tel:1201"),
    ("tel:+1201", "tel:+1201;ext=3"),
    ("mailto:bob@x", "mailto:Bob@x"),
    ("http://x/A", "http://x/a"),
]


@pytest.mark.parametrize(("first", "second"), EQUAL)
def test_uris_that_are_equal(first: str, second: str) -> None:
    assert same_uri(parse_uri(first), parse_uri(second))
    assert same_uri(parse_uri(second), parse_uri(first))


@pytest.mark.parametrize(("first", "second"), DIFFERENT)
def test_uris_that_differ(first: str, second: str) -> None:
    assert not same_uri(parse_uri(first), parse_uri(second))
    assert not same_uri(parse_uri(second), parse_uri(first))


@pytest.mark.parametrize(
    ("text", "aor"),
    [
        ("sip:%61lice:secret@AtLanTa.CoM;transport=tcp?a=b", "sip:alice@atlanta.com"),
        ("sips:bob@biloxi.example.com", "sip:bob@biloxi.example.com"),
        ("sip:Bob@b", "sip:Bob@b"),
        ("sip:bob@b:5060", "sip:bob@b:5060"),
        ("sip:a%3bb%2f@b", "sip:a%3Bb%2F@b"),
        ("sip:*21#@b", "sip:*21%23@b"),
        ("sip:null-%00-null@b", "sip:null-%00-null@b"),
        ("sip:[2001:DB8::0001]", "sip:[2001:db8::1]"),
        ("sip:+44123@home1.test;user=phone", "sip:+44123@home1.test"),
        ("tel:+44-123-456", "tel:+44123456"),
        ("tel:+44123456;ext=1", "tel:+44123456"),
        ("tel:7042;phone-context=Home1.test;x=y", "tel:7042;phone-context=home1.test"),
        ("MAILTO:bob@x", "mailto:bob@x"),
    ],
)
def test_the_address_of_record(text: str, aor: str) -> None:
    assert aor_of(parse_uri(text)) == aor


def test_uris_longer_than_what_is_cached_work_as_well() -> None:
    user = "a" * 5000
    assert aor_of(parse_uri(f"sip:{user}@Home1.Test;x=y")) == f"sip:{user}@home1.test"


def test_a_uri_of_our_own() -> None:
    uri = make_uri("sip", "SCSCF.home1.test", user="orig", port=5060, params=(("lr", None),))
    assert str(uri) == "sip:orig@scscf.home1.test:5060;lr"
    assert parse_uri(str(uri)) == uri
    assert isinstance(uri, Uri)
