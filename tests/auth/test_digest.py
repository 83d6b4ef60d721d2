"""Digest arithmetic against the vectors of RFC 2617 and RFC 7616, and others that an independent script computed."""

import pytest

from scscf.auth.digest import (
    ALGORITHMS,
    algorithm_of,
    challenge_header,
    digest,
    expected_response,
    hash_ha1,
    nonce_count,
)
from scscf.errors import SipError
from scscf.sip.credentials import Credentials, parse_credentials

EMPTY = b""


def credentials(**params: str | None) -> Credentials:
    """Return what Bob answers to a challenge of RFC 3665 §2.1."""
    given: dict[str, str | None] = {
        "username": "bob",
        "realm": "atlanta.example.com",
        "nonce": "ea9c8e88df84f1cec4341ae6cbe5a359",
        "uri": "sips:ss2.biloxi.example.com",
        "cnonce": "0a4f113b",
        "nc": "00000001",
        **params,
    }
    return Credentials("digest", {name: value for name, value in given.items() if value is not None})


def ha1(algorithm: str = "MD5") -> str:
    return hash_ha1(algorithm, "bob", "atlanta.example.com", "zanzibar")


def test_ha1_of_bob() -> None:
    assert ha1() == "92cc8e2ad7ecdd6b98f13fa1170f5ea9"
    assert ha1("MD5-sess") == ha1()


@pytest.mark.clause("RFC 7616 §3.4", "RFC 2617 §3.2.2")
@pytest.mark.parametrize(
    ("algorithm", "qop", "response"),
    [
        ("MD5", None, "b5f508175c6cccc6f0600285b4391fbf"),
        ("MD5", "auth", "fb435565e3b8d14aafad09f8bec61e73"),
        ("md5", "AUTH", "fb435565e3b8d14aafad09f8bec61e73"),
        (None, "auth", "fb435565e3b8d14aafad09f8bec61e73"),
        ("MD5", "auth-int", "854644fbc584090b1c43aac1b3c7e04b"),
        ("MD5-sess", "auth", "7afb0ad963dddfc3698b0eb391d98e2d"),
        ("SHA-256", "auth", "00fec1c870e0718fed737a11b0c63886f5decfaf1ba8c489a75fba502114eb57"),
        ("SHA-256", "auth-int", "822ebf942505122b62c9bcafa0e068a0859d2a0b47e133500308f92ca9c5dc6b"),
        ("SHA-512-256", "auth", "6b0aba3148e4dabdbaaed8822f8c39434c14fed7f5162930c864a6249a32d9ff"),
    ],
)
def test_the_response_of_bob(algorithm: str | None, qop: str | None, response: str) -> None:
    given = credentials(algorithm=algorithm, qop=qop)

    assert expected_response(given, ha1(algorithm or "MD5"), "REGISTER", EMPTY) == response


@pytest.mark.clause("RFC 7616 §3.4", "RFC 2617 §3.2.2")
def test_the_example_of_rfc_2617() -> None:
    known = hash_ha1("MD5", "Mufasa", "testrealm@host.com", "Circle Of Life")
    given = credentials(
        username="Mufasa", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="/dir/index.html", qop="auth"
    )

    assert known == "939e7578ed9e3c518a452acee763bce9"
    assert expected_response(given, known, "GET", EMPTY) == "6629fae49393a05397450978507c4ef1"


@pytest.mark.clause("RFC 7616 §3.4", "RFC 2617 §3.2.2")
@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_examples_of_rfc_7616(algorithm: str, response: str) -> None:
    known = hash_ha1(algorithm, "Mufasa", "http-auth@example.org", "Circle of Life")
    given = credentials(
        nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
        uri="/dir/index.html",
        qop="auth",
        algorithm=algorithm,
    )

    assert expected_response(given, known, "GET", EMPTY) == response


@pytest.mark.parametrize(
    ("algorithm", "empty"),
    [
        ("md5", "d41d8cd98f00b204e9800998ecf8427e"),
        ("sha-256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ],
)
def test_the_hash_of_nothing(algorithm: str, empty: str) -> None:
    assert digest(algorithm, "") == empty


@pytest.mark.clause("RFC 7616 §3.4", "RFC 2617 §3.2.2")
def test_auth_int_covers_the_body() -> None:
    given = credentials(qop="auth-int")

    assert expected_response(given, ha1(), "REGISTER", b"x") != expected_response(given, ha1(), "REGISTER", EMPTY)


@pytest.mark.parametrize("name", ["username", "realm", "response", "opaque"])
def test_what_is_not_hashed_changes_nothing(name: str) -> None:
    """The user is in HA1 already, and the user's digest does not come from what is claimed."""
    given = credentials(qop="auth")
    other = credentials(qop="auth", **{name: "mallory"})

    assert expected_response(given, ha1(), "REGISTER", EMPTY) == expected_response(other, ha1(), "REGISTER", EMPTY)


@pytest.mark.parametrize("name", ["nonce", "uri", "cnonce", "nc"])
def test_what_is_hashed_changes_the_response(name: str) -> None:
    given, other = credentials(qop="auth"), credentials(qop="auth", **{name: "00000002"})

    assert expected_response(given, ha1(), "REGISTER", EMPTY) != expected_response(other, ha1(), "REGISTER", EMPTY)


@pytest.mark.parametrize(
    "params",
    [
        {"qop": "auth", "cnonce": None},
        {"qop": "auth", "nc": None},
        {"qop": "auth-conf"},
        {"qop": "auth,auth-int"},
        {"algorithm": "MD5-sess", "cnonce": None},
    ],
)
def test_credentials_that_cannot_be_computed_are_bad(params: dict[str, str | None]) -> None:
    with pytest.raises(SipError) as refused:
        expected_response(credentials(**params), ha1(), "REGISTER", EMPTY)

    assert refused.value.status == 400


def test_a_text_that_is_no_utf_8_can_be_hashed() -> None:
    assert hash_ha1("MD5", "b\udcffb", "realm", "secret")


@pytest.mark.parametrize(("text", "count"), [("00000001", 1), ("0000000a", 10), ("FFFFFFFF", 2**32 - 1), (None, None)])
def test_the_nonce_count(text: str | None, count: int | None) -> None:
    assert nonce_count(credentials(nc=text)) == count


@pytest.mark.parametrize("text", ["", "1", "000000001", "0000000g", "0x000001", "+0000001", "0000_001", "٠٠٠٠٠٠٠١"])
def test_a_nonce_count_that_is_not_eight_hexadecimal_digits_is_bad(text: str) -> None:
    with pytest.raises(SipError):
        nonce_count(credentials(nc=text))


def test_the_algorithm_is_md5_where_none_is_named() -> None:
    assert algorithm_of(credentials()) == "md5"
    assert algorithm_of(credentials(algorithm="SHA-256")) == "sha-256"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("stale", [True, False])
def test_a_challenge_reads_as_it_was_written(algorithm: str, stale: bool) -> None:
    read = parse_credentials(challenge_header("atlanta.example.com", "abc", algorithm, stale=stale))

    assert read.scheme == "digest"
    assert read.params == {
        "realm": "atlanta.example.com",
        "nonce": "abc",
        "algorithm": algorithm,
        "qop": "auth",
        "opaque": "",
        "stale": "TRUE" if stale else "FALSE",
    }
