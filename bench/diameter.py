"""Microseconds per Cx message of the Diameter codec, without a connection: written from a value, and read to one."""

import time
from collections.abc import Callable

from bench.figures import Figure, repeated
from scscf.cx import (
    AkaVector,
    Assignment,
    AssignmentData,
    AuthItem,
    MultimediaAuth,
    MultimediaAuthAnswer,
    Result,
    ServerAssignment,
)
from scscf.diameter.check import check
from scscf.diameter.cx_answers import CxAnswer, answer_message, read_answer
from scscf.diameter.cx_requests import CxRequest, read_request, request_message
from scscf.diameter.identity import Identity
from scscf.diameter.message import decode, encode
from scscf.diameter.user_profile import UserProfiles

CODEC = 15.0
"""Microseconds to encode or to decode a message without user data."""
WITH_USER_DATA = 100.0
"""Microseconds to read an SAA with a document of three identities that was never seen before."""

SCSCF, HSS = Identity("scscf.home1.test", "home1.test"), Identity("hss.home1.test", "home1.test")
USER, AOR, SERVER = "user000001@home1.test", "sip:user000001@home1.test", "sip:scscf.home1.test:5060"
IDENTITY = "<PublicIdentity><Identity>{}</Identity></PublicIdentity>"
DOCUMENT = (
    f"<?xml version='1.0' encoding='UTF-8'?><IMSSubscription><PrivateID>{USER}</PrivateID><ServiceProfile>"
    f"{''.join(map(IDENTITY.format, (AOR, 'sip:user@home1.test', 'tel:+15550001')))}</ServiceProfile></IMSSubscription>"
).encode()

VECTOR = AkaVector(b"r" * 16, b"a" * 16, b"x" * 8, b"c" * 16, b"i" * 16)
MAR = MultimediaAuth(USER, AOR, SERVER)
SAR = Assignment(ServerAssignment.REGISTRATION, SERVER, USER, (AOR,))
MAA = MultimediaAuthAnswer(Result.SUCCESS, USER, AOR, (AuthItem("Digest-AKAv1-MD5", VECTOR),))
SAA = AssignmentData(Result.SUCCESS, USER)


def figures(messages: int) -> list[Figure]:
    """Measure the commands of a registration."""
    found = []
    for name, request, answer in (("MA", MAR, MAA), ("SA", SAR, SAA)):
        found += _figures(messages, name, request, answer)
    answered = encode(answer_message(decode(_sent(SAR)), SAA._replace(user_data=DOCUMENT), HSS))
    new = repeated(lambda: _time(messages, lambda: _profile(UserProfiles(), answered)))
    found.append(Figure("SAA with a new document of three identities: read", "us", new, WITH_USER_DATA))
    profiles = UserProfiles()
    again = repeated(lambda: _time(messages, lambda: _profile(profiles, answered)))
    found.append(Figure("SAA with a document that is known: read", "us", again))
    return found


def _figures(messages: int, name: str, request: CxRequest, answer: CxAnswer) -> list[Figure]:
    asked = request_message(request, "scscf.home1.test;1;1", SCSCF, "home1.test", "hss.home1.test")
    answered = answer_message(asked, answer, HSS)
    sent, received = encode(asked), encode(answered)
    rows: tuple[tuple[str, Callable[[], object], float | None], ...] = (
        (f"{name}R of {len(sent)} octets: encode", lambda: encode(asked), CODEC),
        (f"{name}R: decode", lambda: decode(sent), CODEC),
        (f"{name}R: written from a value", lambda: _sent(request), None),
        (f"{name}R: read, checked, as a value", lambda: _read(sent), None),
        (f"{name}A of {len(received)} octets: encode", lambda: encode(answered), CODEC),
        (f"{name}A: decode", lambda: decode(received), CODEC),
        (f"{name}A: written from a value", lambda: encode(answer_message(asked, answer, HSS)), None),
        (f"{name}A: read as a value", lambda: read_answer(decode(received)), None),
    )
    return [Figure(row, "us", repeated(lambda call=call: _time(messages, call)), most) for row, call, most in rows]  # type: ignore[misc]


def _time(times: int, call: Callable[[], object]) -> float:
    start = time.process_time()
    for _ in range(times):
        call()
    return (time.process_time() - start) / times * 1e6


def _sent(request: CxRequest) -> bytes:
    return encode(request_message(request, "scscf.home1.test;1;1", SCSCF, "home1.test", "hss.home1.test"))


def _read(data: bytes) -> CxRequest:
    message = decode(data)
    check(message)
    return read_request(message)


def _profile(profiles: UserProfiles, data: bytes) -> object:
    answer = read_answer(decode(data))
    assert isinstance(answer, AssignmentData)
    return profiles.profile(answer, USER, None, None)
