"""Digest AKA with the numbers of test set 1 of TS 35.208, from the vector to the response."""

import re

import pytest

from scscf.auth.aka import (
    challenge_header,
    empty_ha1,
    ha1_of,
    nonce_of,
    resynchronisation,
    session_keys,
)
from scscf.auth.digest import digest, expected_response
from scscf.cx import AkaVector, Resynchronisation
from scscf.sip.credentials import Credentials

USERNAME, REALM = "user1_private@home1.net", "home1.net"
VECTOR = AkaVector(
    bytes.fromhex("23553cbe9637a89d218ae64dae47bf35"),
    bytes.fromhex("55f328b43577b9b94a9ffac354dfafb3"),
    bytes.fromhex("a54211d5e3ba50bf"),
    bytes.fromhex("b40ba9a3c58b2a05bbf0d987b21bf8cb"),
    bytes.fromhex("f769bcd751044604127672711c6d3441"),
)
NONCE = "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M="


def response(algorithm: str, ha1: str, **params: str) -> str:
    given = {"username": USERNAME, "realm": REALM, "nonce": NONCE, "uri": "sip:home1.net", "algorithm": algorithm}
    return expected_response(Credentials("digest", given | params), ha1, "REGISTER", b"")


@pytest.mark.clause("RFC 3310 §3.2")
def test_the_nonce_is_rand_and_autn() -> None:
    assert nonce_of(VECTOR) == NONCE


@pytest.mark.clause("RFC 3310 §3.3")
@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, "0233d5422332d3cd4cb80c033b5ed782"),
        ({"qop": "auth", "nc": "00000001", "cnonce": "0a4f113b"}, "d631c17126f6ad3a5984ced4459958df"),
        ({"qop": "auth-int", "nc": "00000001", "cnonce": "0a4f113b"}, "aee1750c15e1b31afb161fa5667da372"),
    ],
    ids=["no qop", "auth", "auth-int"],
)
def test_the_response_of_version_1_is_made_with_res(params: dict[str, str], expected: str) -> None:
    assert response("AKAv1-MD5", ha1_of("AKAv1-MD5", USERNAME, REALM, VECTOR), **params) == expected


@pytest.mark.clause("RFC 3310 §3.3")
def test_what_a_server_would_prove_itself_with_is_made_with_res_too() -> None:
    """`rspauth`: a response without a method (RFC 7616 §3.5)."""
    given = {"realm": REALM, "nonce": NONCE, "uri": "sip:home1.net", "algorithm": "AKAv1-MD5", "qop": "auth"}
    credentials = Credentials("digest", given | {"nc": "00000001", "cnonce": "0a4f113b"})

    proof = expected_response(credentials, ha1_of("AKAv1-MD5", USERNAME, REALM, VECTOR), "", b"")

    assert proof == "494ab49f8207ac5f65e2ad9e78a02ecd"


@pytest.mark.clause("RFC 4169 §3")
@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        ("AKAv2-MD5", "9e134df9490c2cff01853e49a32aa59c"),
        ("AKAv2-SHA-256", "0bf78effba6ba081a201ce2455a0ab7268a767d290d43deccfa55518cd8c0558"),
    ],
)
def test_the_response_of_version_2_is_made_with_res_ik_and_ck(algorithm: str, expected: str) -> None:
    ha1 = ha1_of(algorithm, USERNAME, REALM, VECTOR)

    assert response(algorithm, ha1, qop="auth", nc="00000001", cnonce="0a4f113b") == expected


@pytest.mark.clause("RFC 4169 §3")
def test_the_passwords_of_version_2() -> None:
    for algorithm, plain, password in (
        ("AKAv2-MD5", "md5", "shzt3q8CWaZnCAWqs3WmEQ=="),
        ("AKAv2-SHA-256", "sha-256", "wpC+5dv/7kC35JEI2hluv8XcBd+vf8XcfedJBan1buk="),
    ):
        assert ha1_of(algorithm, USERNAME, REALM, VECTOR) == digest(plain, f"{USERNAME}:{REALM}:{password}")


@pytest.mark.clause("RFC 3310 §3.4")
def test_an_answer_with_auts_is_made_with_an_empty_password() -> None:
    assert response("AKAv1-MD5", empty_ha1("AKAv1-MD5", USERNAME, REALM)) == "9c7a1dde782771c2239973706b0ce197"


@pytest.mark.clause("RFC 3310 §3.4")
def test_auts_is_read_with_the_rand_of_its_nonce() -> None:
    assert resynchronisation(NONCE, "uoU/PBI8z0TpNZbjVcY=") == Resynchronisation(
        VECTOR.rand, bytes.fromhex("ba853f3c123ccf44e93596e355c6")
    )


@pytest.mark.parametrize(
    ("nonce", "auts"),
    [(NONCE, ""), (NONCE, "uoU/"), (NONCE, "uoU/PBI8z0TpNZbjVcY"), (NONCE, "ü"), ("", "uoU/PBI8z0TpNZbjVcY=")],
)
def test_anything_else_is_no_auts(nonce: str, auts: str) -> None:
    assert resynchronisation(nonce, auts) is None


@pytest.mark.clause("TS 24.229 §7.2A.1")
def test_a_challenge_with_and_without_what_is_for_the_p_cscf() -> None:
    ck, ik = session_keys("AKAv1-MD5", VECTOR)

    assert challenge_header(REALM, NONCE, "AKAv1-MD5") == (
        f'Digest realm="home1.net", nonce="{NONCE}", algorithm=AKAv1-MD5, qop="auth"'
    )
    assert challenge_header(REALM, NONCE, "AKAv1-MD5", qop=False, ck=ck, ik=ik) == (
        f'Digest realm="home1.net", nonce="{NONCE}", '
        'ck="b40ba9a3c58b2a05bbf0d987b21bf8cb", ik="f769bcd751044604127672711c6d3441", algorithm=AKAv1-MD5'
    )


@pytest.mark.clause("TS 24.229 §7.2A.1")
@pytest.mark.parametrize("qop", [True, False])
def test_a_p_cscf_that_cuts_the_keys_out_by_a_greedy_expression_leaves_neither(qop: bool) -> None:
    """As docker_open5gs's P-CSCF does, for each key by itself."""
    ck, ik = session_keys("AKAv1-MD5", VECTOR)
    value = challenge_header(REALM, NONCE, "AKAv1-MD5", qop=qop, ck=ck, ik=ik)

    for name in ("ck", "ik"):
        value = re.sub(rf'[, ]*{name}=".*"[,]', ",", value)

    assert value == challenge_header(REALM, NONCE, "AKAv1-MD5", qop=qop)


@pytest.mark.clause("RFC 4169 §3")
def test_the_keys_of_version_2_are_derived() -> None:
    ck, ik = session_keys("AKAv2-SHA-256", VECTOR)

    assert (len(ck), len(ik)) == (32, 32)
    assert {ck, ik}.isdisjoint({VECTOR.ck, VECTOR.ik})
