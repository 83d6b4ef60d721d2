"""Cx answers: results of every kind, and answers that say too little."""

from typing import Any

import pytest

from scscf.cx import AuthItem, MultimediaAuthAnswer, Result, UserAuthorizationAnswer
from scscf.diameter.cx_answers import answer_message, read_answer, result_avp, result_of
from scscf.diameter.message import Message, decode, encode
from tests.diameter.golden import AOR, HSS, USER, octets


def answer(*avps: tuple[str, Any], command: str = "Multimedia-Auth") -> Message:
    return decode(encode(Message(command, list(avps), is_request=False)))


def experimental(code: int, vendor: int = 10415) -> tuple[str, Any]:
    return "Experimental-Result", [("Vendor-Id", vendor), ("Experimental-Result-Code", code)]


@pytest.mark.clause("TS 29.229 §6.2", "RFC 6733 §7.6")
@pytest.mark.parametrize("result", [each for each in Result if each.kind != "none"])
def test_every_result_is_written_and_read(result: Result) -> None:
    message = answer_message(decode(octets("uar")), UserAuthorizationAnswer(result), HSS)

    assert result_of(decode(encode(message))) is result
    assert message.is_error is (result.kind == "base" and 3000 <= result.value[1] < 4000)
    assert ("Experimental-Result" if result.kind == "cx" else "Result-Code") in dict(message.avps)


@pytest.mark.parametrize("result", [Result.TIMEOUT, Result.DISCONNECTED, Result.GARBAGE])
def test_what_is_no_answer_cannot_be_one(result: Result) -> None:
    assert result_avp(result) == ("Result-Code", 5012)


@pytest.mark.clause("RFC 6733 §7.1")
@pytest.mark.parametrize(
    ("avp", "result"),
    [
        (("Result-Code", 1001), Result.GARBAGE),
        (("Result-Code", 2002), Result.SUCCESS),
        (("Result-Code", 3010), Result.UNABLE_TO_DELIVER),
        (("Result-Code", 4001), Result.TOO_BUSY),
        (("Result-Code", 5017), Result.UNABLE_TO_COMPLY),
        (("Result-Code", 0), Result.GARBAGE),
        (("Result-Code", 9001), Result.GARBAGE),
        (experimental(4100), Result.TOO_BUSY),
        (experimental(5999), Result.UNABLE_TO_COMPLY),
        (experimental(5001, 99), Result.UNABLE_TO_COMPLY),
        (experimental(2001, 99), Result.SUCCESS),
        (("Experimental-Result", []), Result.GARBAGE),
        (("Origin-Host", "h"), Result.GARBAGE),
    ],
)
def test_a_result_that_is_not_known_is_taken_by_its_class(avp: tuple[str, Any], result: Result) -> None:
    assert result_of(answer(avp)) is result


OK = ("Result-Code", 2001)


@pytest.mark.parametrize(
    "avps",
    [
        [OK],
        [OK, ("User-Name", USER), ("Public-Identity", AOR), ("SIP-Number-Auth-Items", 0)],
    ],
)
def test_an_maa_that_succeeds_without_an_item_is_unreadable(avps: list[tuple[str, Any]]) -> None:
    said = read_answer(answer(*avps))

    assert isinstance(said, MultimediaAuthAnswer)
    assert said.result is Result.GARBAGE


AKA: list[tuple[str, Any]] = [
    ("SIP-Authentication-Scheme", "Digest-AKAv1-MD5"),
    ("SIP-Authenticate", b"r" * 32),
    ("SIP-Authorization", b"x" * 8),
    ("Confidentiality-Key", b"c" * 16),
    ("Integrity-Key", b"i" * 16),
]


@pytest.mark.clause("TS 29.229 §6.3.13")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SIP-Authenticate", b"r" * 31),
        ("SIP-Authorization", b"x" * 3),
        ("SIP-Authorization", b"x" * 17),
        ("Confidentiality-Key", b""),
        ("Integrity-Key", b"i" * 15),
    ],
)
def test_a_vector_of_a_wrong_length_is_none(name: str, value: bytes) -> None:
    item = [(each, value if each == name else said) for each, said in AKA]

    said: Any = read_answer(answer(OK, ("SIP-Auth-Data-Item", item)))

    assert said.items == (AuthItem("Digest-AKAv1-MD5"),)


@pytest.mark.parametrize("missing", ["Digest-Realm", "Digest-HA1"])
def test_a_digest_without_realm_or_hash_is_none(missing: str) -> None:
    digest = [each for each in (("Digest-Realm", "r"), ("Digest-HA1", "0" * 32)) if each[0] != missing]
    item = [("SIP-Authentication-Scheme", "SIP Digest"), ("SIP-Digest-Authenticate", digest)]

    said: Any = read_answer(answer(OK, ("SIP-Auth-Data-Item", item)))

    assert said.items == (AuthItem("SIP Digest"),)


def test_items_are_in_the_order_of_their_numbers() -> None:
    items = [
        ("SIP-Auth-Data-Item", [("SIP-Item-Number", number), ("SIP-Authentication-Scheme", scheme)])
        for number, scheme in ((2, "b"), (1, "a"))
    ]

    said: Any = read_answer(answer(OK, *items))

    assert [each.scheme for each in said.items] == ["a", "b"]


@pytest.mark.parametrize("command", ["Location-Info", "Server-Assignment"])
def test_the_old_name_of_a_wildcarded_identity_is_read_too(command: str) -> None:
    said: Any = read_answer(answer(OK, ("Wildcarded-IMPU", "sip:!.*!@h"), command=command))

    assert said.wildcarded == "sip:!.*!@h"


@pytest.mark.clause("RFC 6733 §6.2")
def test_proxy_info_goes_back_in_order() -> None:
    request = decode(octets("mar"))
    proxies = [("Proxy-Info", [("Proxy-Host", host), ("Proxy-State", b"1")]) for host in ("p1", "p2")]
    request.avps += proxies

    message = answer_message(request, MultimediaAuthAnswer(Result.USER_UNKNOWN), HSS)

    assert [each for each in message.avps if each[0] == "Proxy-Info"] == proxies
