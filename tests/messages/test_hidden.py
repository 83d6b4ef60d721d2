import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scscf.cx import AkaVector, AuthItem, DigestVector, MultimediaAuth, MultimediaAuthAnswer, Result, Resynchronisation
from scscf.diameter.cx_answers import answer_message
from scscf.diameter.cx_requests import request_message
from scscf.diameter.identity import Identity
from scscf.diameter.message import decode, encode
from scscf.messages.hidden import hidden, hidden_cx, hidden_sip

US, HSS = Identity("scscf.home1.test", "home1.test"), Identity("hss.home1.test", "home1.test")
SECRET = b"\xa5" * 16


def test_what_proves_who_somebody_is_becomes_zeroes_of_the_same_length() -> None:
    message = (
        b"REGISTER sip:home1.test SIP/2.0\r\n"
        b'Authorization: Digest username="a", response="d41d8cd98f00b204", auts="c2VjcmV0", nonce="n"\r\n'
        b'WWW-Authenticate: Digest nonce="n", ck="00ff", IK = 77aa, stale=false\r\n'
        b'Authentication-Info: rspauth="beef"\r\n'
        b"Proxy-Authorization: Basic YWxpY2U6c2VjcmV0\r\n\r\n"
    )

    shown = hidden_sip(message)

    assert len(shown) == len(message)
    for secret in (b"d41d8", b"c2Vjcm", b"00ff", b"77aa", b"beef", b"YWxp"):
        assert secret not in shown
    assert b'nonce="n"' in shown
    assert b'response="0000000000000000"' in shown
    assert hidden("sip", message) == shown


def test_a_secret_is_hidden_on_a_line_of_its_own_too() -> None:
    message = b'a: Digest response=\r\n "beef", auts\r\n\t= "beef"\r\nAuthorization:\r\n Basic\r\n beef\r\n\r\n'

    assert hidden_sip(message) == message.replace(b"beef", b"0000")


def test_a_message_without_secrets_stays_as_it_is() -> None:
    message = b'NOTIFY sip:a@b;trick=1 SIP/2.0\r\nContact: <sip:a@b;xik=5>\r\n\r\n<contact id="1"/>'

    assert hidden_sip(message) == message


@pytest.mark.clause("TS 29.229 §6.3.13")
def test_vectors_of_a_maa_are_zeroes_and_the_message_is_whole() -> None:
    asked = request_message(MultimediaAuth("a@b", "sip:a@b", "sip:s"), "s;1", US, "home1.test")
    aka = AkaVector(bytes(16), bytes(range(16)), SECRET[:8], SECRET, SECRET)
    digest = DigestVector("MD5", "home1.test", "a", "deadbeef" * 4)
    items = (AuthItem("Digest-AKAv1-MD5", aka=aka), AuthItem("SIP Digest", digest=digest))
    octets = encode(answer_message(asked, MultimediaAuthAnswer(Result.SUCCESS, "a@b", "sip:a@b", items), HSS))

    shown = hidden_cx(octets)

    assert len(shown) == len(octets)
    assert SECRET[:8] not in shown
    assert b"deadbeef" not in shown
    one, two = (dict(item) for item in decode(shown).all("SIP-Auth-Data-Item"))
    assert one["SIP-Authenticate"] == aka.rand + aka.autn
    assert one["Confidentiality-Key"] == one["Integrity-Key"] == b"0" * 16
    assert dict(two["SIP-Digest-Authenticate"])["Digest-HA1"] == "0" * 32
    assert hidden("cx", octets) == shown


def test_auts_of_a_mar_is_hidden() -> None:
    failed = Resynchronisation(bytes(16), SECRET[:14])
    octets = encode(request_message(MultimediaAuth("a", "sip:a@b", "sip:s", failed=failed), "s;1", US, "r"))

    assert SECRET[:14] not in hidden_cx(octets)


@settings(max_examples=60)
@given(st.binary(max_size=120), st.integers(0, 40))
def test_what_cannot_be_read_is_hidden_and_nothing_grows(tail: bytes, cut: int) -> None:
    failed = Resynchronisation(bytes(16), SECRET[:14])
    whole = encode(request_message(MultimediaAuth("a", "sip:a@b", "sip:s", failed=failed), "s;1", US, "r"))
    octets = whole[: len(whole) - cut] + tail

    shown = hidden_cx(octets)

    assert len(shown) == len(octets)
    if cut < 30:
        assert SECRET[:14] not in shown
    assert len(hidden_sip(octets)) == len(octets)
