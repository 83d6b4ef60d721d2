"""Every command of Cx and of the base protocol, octet by octet: written and read."""

import pytest

from scscf.cx import MultimediaAuth, MultimediaAuthAnswer, Result
from scscf.diameter import answers
from scscf.diameter.check import check
from scscf.diameter.cx_answers import answer_message, read_answer
from scscf.diameter.cx_requests import read_request, request_message
from scscf.diameter.message import DiameterError, Message, decode, encode
from tests.diameter.golden import ANSWERS, AOR, HSS, NAMES, REQUESTS, SCSCF, SERVER, USER, octets

_NOT_AS_IT_WAS = {"mar-etsi", "error-avp-unsupported"}
"""With AVPs whose M bit is not kept, since they are not known."""


@pytest.mark.clause("TS 29.229 §6.1", "TS 29.229 §6.3")
@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_of_cx_is_written_and_read(name: str) -> None:
    said, session, host = REQUESTS[name]
    golden = decode(octets(name))
    origin = SCSCF if session.startswith("scscf") else HSS
    message = request_message(said, session, origin, "home1.test", host)
    message.hop_by_hop, message.end_to_end = golden.hop_by_hop, golden.end_to_end

    assert encode(message).hex() == octets(name).hex()
    check(golden)
    assert read_request(golden) == said


@pytest.mark.clause("TS 29.229 §6.1", "TS 29.229 §6.2", "TS 29.229 §6.3")
@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_of_cx_is_written_and_read(name: str) -> None:
    said, request = ANSWERS[name]
    origin = SCSCF if name in ("rta", "ppa") else HSS

    assert encode(answer_message(decode(octets(request)), said, origin)).hex() == octets(name).hex()
    assert read_answer(decode(octets(name))) == said


def _base() -> dict[str, Message]:
    cer, dwr, dpr = (
        answers.capabilities_request(SCSCF),
        answers.watchdog_request(SCSCF),
        answers.disconnect_request(SCSCF),
    )
    for number, request in enumerate((cer, dwr, dpr), 1):
        request.hop_by_hop = request.end_to_end = number
    return {
        "cer": cer,
        "cea": answers.capabilities_answer(cer, HSS),
        "dwr": dwr,
        "dwa": answers.success(dwr, HSS),
        "dpr": dpr,
        "dpa": answers.success(dpr, HSS),
    }


@pytest.mark.clause("RFC 6733 §3", "RFC 6733 §4", "RFC 6733 §5.3", "RFC 6733 §5.4", "RFC 6733 §5.5")
@pytest.mark.parametrize("name", ["cer", "cea", "dwr", "dwa", "dpr", "dpa"])
def test_a_message_of_the_base_protocol_is_written_and_read(name: str) -> None:
    message = _base()[name]

    assert encode(message).hex() == octets(name).hex()
    assert decode(octets(name)).avps == message.avps


@pytest.mark.clause("RFC 6733 §7.2")
def test_an_error_of_the_base_protocol_has_the_e_bit_and_the_p_bit_of_its_request() -> None:
    refused = answers.refusal(decode(octets("mar")), HSS, answers.UNABLE_TO_DELIVER, "no HSS")

    assert encode(refused).hex() == octets("error-unable-to-deliver").hex()
    assert read_answer(decode(octets("error-unable-to-deliver"))) == MultimediaAuthAnswer(Result.UNABLE_TO_DELIVER)


@pytest.mark.clause("RFC 6733 §7.5", "RFC 6733 §7.1.5")
def test_an_unknown_mandatory_avp_in_a_group_comes_back_in_its_group() -> None:
    request = decode(octets("mar"))
    stranger = bytes.fromhex("00001267 c0 00000f 00000063 61626300")
    item = ("SIP-Auth-Data-Item", [("SIP-Authentication-Scheme", "Unknown"), ("verbatim", stranger[:15])])
    request.avps = [item if name == "SIP-Auth-Data-Item" else (name, value) for name, value in request.avps]

    with pytest.raises(DiameterError) as caught:
        decode(encode(request))
    refused = answers.refusal_of(caught.value, HSS)

    assert refused is not None
    assert encode(refused).hex() == octets("error-avp-unsupported").hex()


@pytest.mark.clause("TS 29.229 §6.3.13")
def test_what_peers_send_of_an_older_cx_is_passed_over() -> None:
    request = decode(octets("mar-etsi"))

    check(request)
    assert read_request(request) == MultimediaAuth(USER, AOR, SERVER, "Digest-MD5")


@pytest.mark.clause("RFC 6733 §3")
@pytest.mark.parametrize("name", [name for name in NAMES if name not in _NOT_AS_IT_WAS])
def test_what_is_read_is_written_as_it_was(name: str) -> None:
    assert encode(decode(octets(name))).hex() == octets(name).hex()
