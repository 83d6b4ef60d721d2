"""Lists of security mechanisms (RFC 3329 §2.2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scscf.errors import SipError
from scscf.sip.grammar import split_list
from scscf.sip.sec_agree import Mechanism, format_mechanisms, is_same, parse_mechanisms

pytestmark = pytest.mark.clause("RFC 3329 §2.2")

BOOK = (
    "tls ;q=0.2, IPsec-3gpp ;q=0.1 ;alg=hmac-sha-1-96   ;spi-c=98765434 ;spi-s=87654322  ;port-c=8644 ;port-s=7533"
)
SENT = (
    Mechanism("tls", (("q", "0.2"),)),
    Mechanism(
        "ipsec-3gpp",
        (
            ("q", "0.1"),
            ("alg", "hmac-sha-1-96"),
            ("spi-c", "98765434"),
            ("spi-s", "87654322"),
            ("port-c", "8644"),
            ("port-s", "7533"),
        ),
    ),
)
NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True)
VALUES = st.none() | NAMES | st.from_regex(r'"[a-z;, ]{0,8}"', fullmatch=True)
MECHANISMS = st.builds(
    Mechanism, NAMES, st.lists(st.tuples(NAMES, VALUES), max_size=4, unique_by=lambda pair: pair[0]).map(tuple)
)


def parsed(text: str) -> tuple[Mechanism, ...]:
    return parse_mechanisms([part for part in split_list(text) if part])


def test_the_list_of_the_book() -> None:
    assert [each.name for each in parsed(BOOK)] == ["tls", "IPsec-3gpp"]
    assert is_same(SENT, parsed(BOOK))


@given(st.lists(MECHANISMS, max_size=4).map(tuple))
def test_what_is_written_is_read_again(mechanisms: tuple[Mechanism, ...]) -> None:
    assert parsed(format_mechanisms(mechanisms)) == mechanisms


@pytest.mark.parametrize(
    "text",
    [
        "digest;d-alg=MD5;d-qop=auth;q=0.1",
        "DIGEST ; D-Alg = md5; d-qop=AUTH;q=0.1",
        'digest;d-alg="MD5";d-qop=auth;q=0.1',
        'digest;d-alg=MD5;d-qop=auth;q=0.1;d-ver="0000000000000000000000000000abcd"',
    ],
)
def test_the_same_list_in_other_spellings(text: str) -> None:
    sent = Mechanism("digest", (("d-alg", "MD5"), ("d-qop", "auth"), ("q", "0.1")))
    assert is_same([sent], parsed(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tls;q=0.2",
        "ipsec-3gpp;q=0.1, tls;q=0.2",
        BOOK.replace("0.2", "0.3"),
        BOOK.replace("spi-c=98765434 ;spi-s=87654322", "spi-s=87654322 ;spi-c=98765434"),
        BOOK.replace(";port-s=7533", ""),
        BOOK + ", digest",
        BOOK + ";mod=trans",
    ],
)
def test_another_list_is_another_one(text: str) -> None:
    assert not is_same(SENT, parsed(text))


@pytest.mark.parametrize(
    "text", ["a b", ";q=1", "tls;q=1;", "tls;q=1;Q=2", '"tls"', 'tls;x="', ",".join(["tls"] * 33)]
)
def test_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(SipError) as refused:
        parsed(text)
    assert refused.value.status == 400
