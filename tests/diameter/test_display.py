"""Diameter messages as text."""

import pytest

from scscf.cx import AkaVector, AuthItem, DigestVector, MultimediaAuth, MultimediaAuthAnswer, Result
from scscf.diameter.cx_answers import answer_message
from scscf.diameter.cx_requests import request_message
from scscf.diameter.display import LONGEST, shown, text_of
from scscf.diameter.identity import Identity
from scscf.diameter.message import Message, encode

US, HSS = Identity("scscf.home1.test", "home1.test"), Identity("hss.home1.test", "home1.test")
REQUEST = request_message(MultimediaAuth("a@home1.test", "sip:a@home1.test", "sip:s"), "s;1;1", US, "home1.test")


def test_every_avp_is_shown_by_its_name_and_a_group_further_right() -> None:
    lines = shown(encode(REQUEST)).splitlines()

    assert lines[0] == "Multimedia-Auth-Request 0x00000000 0x00000000 P"
    assert "  Public-Identity: sip:a@home1.test" in lines
    at = lines.index("  SIP-Auth-Data-Item:")
    assert lines[at + 1] == "    SIP-Authentication-Scheme: Unknown"


@pytest.mark.parametrize(
    "item",
    [
        AuthItem("Digest-AKAv1-MD5", aka=AkaVector(b"r" * 16, b"a" * 16, b"SECRET!!", b"S" * 16, b"S" * 16)),
        AuthItem("SIP Digest", digest=DigestVector("MD5", "home1.test", "a", "SECRET" * 5)),
    ],
    ids=["aka", "digest"],
)
def test_what_is_secret_is_not_shown(item: AuthItem) -> None:
    answer = answer_message(REQUEST, MultimediaAuthAnswer(Result.SUCCESS, "a", "sip:a", (item,)), HSS)

    text = shown(encode(answer))

    assert ": ...\n" in f"{text}\n"
    assert "SECRET" not in text
    assert "secret" not in text
    assert "S" * 16 not in text
    assert (b"S" * 16).hex() not in text


def test_a_long_value_is_cut_and_octets_are_hexadecimal() -> None:
    message = Message("Push-Profile", [("User-Data", b"<" + b"x" * 5000), ("User-Data", b"\xff\x00")])

    _, long, octets = text_of(message).splitlines()

    assert len(long) == len("  User-Data: ") + LONGEST
    assert octets == "  User-Data: ff00"


def test_a_malformed_message_is_shown_as_far_as_it_was_read() -> None:
    text = shown(encode(REQUEST)[:-4])

    assert text.splitlines()[-1].startswith("malformed: 50")
