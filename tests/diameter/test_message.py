"""Messages: the header, what is refused and how, and answers."""

import pytest

from scscf.diameter.answers import refusal_of
from scscf.diameter.message import DiameterError, Message, decode, encode
from tests.diameter.golden import HSS, octets

MAR = octets("mar")


def with_octets(at: int, replacement: str) -> bytes:
    """Return the MAR with other octets from a place on."""
    put = bytes.fromhex(replacement)
    return MAR[:at] + put + MAR[at + len(put) :]


def refused(data: bytes) -> DiameterError:
    with pytest.raises(DiameterError) as caught:
        decode(data)
    return caught.value


def test_the_header_is_read() -> None:
    message = decode(with_octets(4, "d0"))

    assert (message.command, message.application) == ("Multimedia-Auth", 16777216)
    assert (message.hop_by_hop, message.end_to_end) == (0x14, 0x24)
    assert message.is_request
    assert message.is_proxiable
    assert message.is_retransmitted
    assert not message.is_error


@pytest.mark.clause("RFC 6733 §3")
def test_reserved_flags_are_ignored() -> None:
    assert decode(with_octets(4, "cf")).command == "Multimedia-Auth"


@pytest.mark.clause("RFC 6733 §7.1.3", "RFC 6733 §7.1.5")
@pytest.mark.parametrize(
    ("data", "result", "code", "is_error"),
    [
        (with_octets(0, "02"), 5011, 303, False),
        (with_octets(1, "000178"), 5015, 303, False),
        (MAR[:-4], 5015, 303, False),
        (with_octets(4, "e0"), 3008, 303, True),
        (with_octets(5, "00013b"), 3001, 315, True),
        (with_octets(8, "01000001"), 3007, 303, True),
        (with_octets(8, "00000000"), 3007, 303, True),
    ],
    ids=["version", "length", "cut", "R and E", "command", "application", "base"],
)
def test_a_header_that_is_wrong_is_answered(data: bytes, result: int, code: int, is_error: bool) -> None:
    answer = refusal_of(refused(data), HSS)

    assert answer is not None
    assert answer.get("Result-Code") == result
    assert answer.is_error is is_error
    written = encode(answer)
    assert int.from_bytes(written[5:8]) == code
    assert written[8:20] == data[8:20]
    assert written[4] & 0xC0 == 0x40


def test_a_command_that_is_not_known_comes_before_an_avp_that_is_not() -> None:
    data = with_octets(5, "00013b").replace(bytes.fromhex("00000264c0"), bytes.fromhex("00009999c0"))

    error = refused(data)

    assert error.result == 3001
    assert refusal_of(error, HSS).get("Session-Id") == "scscf.home1.test;1001;5"  # type: ignore[union-attr]


@pytest.mark.parametrize("size", [0, 1, 19])
def test_less_than_a_header_is_refused_and_not_answered(size: int) -> None:
    error = refused(MAR[:size])

    assert error.result == 5015
    assert refusal_of(error, HSS) is None


def test_an_answer_that_is_malformed_is_not_answered_but_names_its_question() -> None:
    answer = octets("maa-aka")
    error = refused(answer[:20] + b"\xff" * 8 + answer[28:])

    assert error.result == 5014
    assert refusal_of(error, HSS) is None
    assert error.request is not None
    assert error.request.hop_by_hop == 0x15


@pytest.mark.clause("RFC 6733 §6.2")
def test_an_answer_has_its_request_s_session_ids_and_proxiable_bit() -> None:
    request = decode(with_octets(4, "d0"))

    answer = request.answer([("Result-Code", 2001)])

    assert answer.avps == [("Session-Id", "scscf.home1.test;1001;5"), ("Result-Code", 2001)]
    assert (answer.hop_by_hop, answer.end_to_end, answer.application) == (0x14, 0x24, 16777216)
    assert answer.is_proxiable
    assert not answer.is_request
    assert not answer.is_retransmitted


@pytest.mark.clause("TS 29.229 §7.2.1")
def test_who_insists_on_features_hears_which_there_are() -> None:
    demanded = [("Vendor-Id", 10415), ("Feature-List-ID", 1), ("Feature-List", 1)]
    request = decode(MAR)
    request.avps.append(("Supported-Features", demanded))

    answer = refusal_of(refused(encode(request)), HSS)

    assert answer is not None
    assert answer.get("Experimental-Result") == [("Vendor-Id", 10415), ("Experimental-Result-Code", 5011)]
    assert answer.get("Result-Code") is None
    assert answer.get("Supported-Features") == [
        ("Vendor-Id", 10415),
        ("Feature-List-ID", 1),
        ("Feature-List", 4),
    ]
    assert not answer.is_error


def test_values_of_one_name_in_order() -> None:
    message = Message("Device-Watchdog", [("Route-Record", "a"), ("Origin-Host", "h"), ("Route-Record", "b")])

    assert message.get("Route-Record") == "a"
    assert message.all("Route-Record") == ["a", "b"]
    assert message.get("Route-Name", "none") == "none"
    assert message.all("Route-Name") == []


def test_nothing_secret_is_in_a_repr() -> None:
    message = decode(octets("maa-aka"))

    assert repr(message).startswith("<Multimedia-Auth answer 0x15: Session-Id, ")
    assert "AAAA" not in repr(message)
