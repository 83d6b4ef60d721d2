import pytest
from hypothesis import given, settings

from scscf.sip.uri import parse_uri
from scscf.sip.uri_comparison import aor_of, same_uri
from tests.strategies import sip_uris

pytestmark = pytest.mark.clause("RFC 3261 §19.1.4")

reproducible = settings(max_examples=50)

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


def test_uris_longer_than_what_is_kept_work_as_well() -> None:
    user = "a" * 5000
    assert aor_of(parse_uri(f"sip:{user}@Home1.Test;x=y")) == f"sip:{user}@home1.test"


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
