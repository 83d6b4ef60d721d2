"""Cx over Diameter: what is asked, and what each answer comes to."""

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from scscf.cx import (
    NTLM,
    AkaVector,
    AssignmentAnswer,
    AssignmentData,
    AuthAnswer,
    AuthItem,
    DigestVector,
    MultimediaAuthAnswer,
    Result,
    Resynchronisation,
    ServerAssignment,
    UserAuthorizationAnswer,
)
from scscf.diameter.cx_answers import CxAnswer, answer_message
from scscf.diameter.identity import Identity
from scscf.diameter.message import Message, decode, encode
from scscf.net.cx_client import CxClient
from scscf.net.diameter import Unanswered, Unreachable, Unreadable
from scscf.profile.service_profile import ImplicitSet, UserProfile
from scscf.profile.user_data import LONGEST

US, HSS = Identity("scscf.home1.test", "home1.test"), Identity("hss.home1.test", "home1.test")
PHONE, TOBIAS = "phone@home1.test", "sip:tobias@home1.test"
DATA = (
    f"<IMSSubscription><PrivateID>{PHONE}</PrivateID><ServiceProfile><PublicIdentity><Identity>{TOBIAS}</Identity>"
    "</PublicIdentity></ServiceProfile></IMSSubscription>"
).encode()
AKA = AkaVector(b"r" * 16, b"a" * 16, b"x" * 8, b"c" * 16, b"i" * 16)
NT_HASH = bytes(range(16))
DIGEST = DigestVector("MD5", "other.test", "", "0" * 32)


class Wire:
    """Answers every question with the same thing, as octets would bring it; nobody is registered."""

    def __init__(self, answer: CxAnswer | Exception | Callable[[Message], Message]) -> None:
        self.answer = answer
        self.asked: list[Message] = []
        self.client = CxClient(self, US, "home1.test", None, lambda: "sip:scscf.home1.test", self, 7)

    async def ask(self, message: Message) -> Message:
        """Answer a question."""
        self.asked.append(decode(encode(message)))
        if isinstance(self.answer, Exception):
            raise self.answer
        made = self.answer(message) if callable(self.answer) else answer_message(message, self.answer, HSS)
        return decode(encode(made))

    async def profile_of(self, private_identity: str) -> UserProfile | None:
        """Nobody is registered."""
        return None

    async def subscription_of(self, implicit_set: ImplicitSet) -> str | None:
        """Nothing is registered."""
        return None


def done(coroutine: Coroutine[Any, Any, Any]) -> Any:
    with pytest.raises(StopIteration) as end:
        coroutine.send(None)
    return end.value.value


def authenticated(wire: Wire, failed: Resynchronisation | None = None, *, ntlm: bool = False) -> AuthAnswer:
    answer = done(wire.client.multimedia_auth(PHONE, TOBIAS, "home1.test", failed, ntlm=ntlm))
    assert isinstance(answer, AuthAnswer)
    return answer


def assigned(
    wire: Wire, kind: ServerAssignment = ServerAssignment.REGISTRATION, known: UserProfile | None = None
) -> AssignmentAnswer:
    answer = done(wire.client.server_assignment(PHONE, TOBIAS, kind, known))
    assert isinstance(answer, AssignmentAnswer)
    return answer


@pytest.mark.clause("TS 29.228 §6.3.1")
@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ((AuthItem("Digest-AKAv1-MD5", aka=AKA),), AuthAnswer(Result.SUCCESS, "aka", aka=AKA)),
        (
            tuple(AuthItem("SIP Digest", digest=DIGEST._replace(algorithm=each)) for each in ("MD5", "SHA-256")),
            AuthAnswer(
                Result.SUCCESS,
                "digest",
                tuple(DIGEST._replace(algorithm=each) for each in ("MD5", "SHA-256")),
            ),
        ),
        ((AuthItem("None"),), AuthAnswer(Result.SUCCESS, "none")),
        ((AuthItem("NASS-Bundled"),), AuthAnswer(Result.AUTH_SCHEME_NOT_SUPPORTED)),
    ],
    ids=["aka", "digest", "never challenged", "another scheme"],
)
def test_the_hss_chooses_the_scheme(items: tuple[AuthItem, ...], expected: AuthAnswer) -> None:
    wire = Wire(MultimediaAuthAnswer(Result.SUCCESS, PHONE, TOBIAS, items))

    assert authenticated(wire) == expected
    assert wire.asked[0].get("SIP-Auth-Data-Item") == [("SIP-Authentication-Scheme", "Unknown")]


def schemes(wire: Wire) -> list[str]:
    return [dict(message.get("SIP-Auth-Data-Item"))["SIP-Authentication-Scheme"] for message in wire.asked]


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ((AuthItem(NTLM, nt_hash=NT_HASH),), AuthAnswer(Result.SUCCESS, "ntlm", nt_hash=NT_HASH)),
        (
            (AuthItem(NTLM, nt_hash=NT_HASH), AuthItem("SIP Digest", digest=DIGEST)),
            AuthAnswer(Result.SUCCESS, "digest", (DIGEST,), nt_hash=NT_HASH),
        ),
        ((AuthItem("SIP Digest", digest=DIGEST),), AuthAnswer(Result.SUCCESS, "digest", (DIGEST,))),
        ((AuthItem("Digest-AKAv1-MD5", aka=AKA),), AuthAnswer(Result.SUCCESS, "aka", aka=AKA)),
        ((AuthItem("None"),), AuthAnswer(Result.SUCCESS, "none")),
        ((AuthItem(NTLM, nt_hash=b"short"),), AuthAnswer(Result.AUTH_SCHEME_NOT_SUPPORTED)),
        ((AuthItem("Other", nt_hash=NT_HASH),), AuthAnswer(Result.AUTH_SCHEME_NOT_SUPPORTED)),
    ],
    ids=["ntlm", "both", "digest", "aka", "never challenged", "no nt hash", "another scheme"],
)
def test_an_nt_hash_is_asked_for_and_taken(items: tuple[AuthItem, ...], expected: AuthAnswer) -> None:
    wire = Wire(MultimediaAuthAnswer(Result.SUCCESS, PHONE, TOBIAS, items))

    assert authenticated(wire, ntlm=True) == expected
    assert schemes(wire) == [NTLM]
    assert authenticated(wire).nt_hash == b""


@pytest.mark.parametrize(
    "refused", [Result.AUTH_SCHEME_NOT_SUPPORTED, Result.INVALID_AVP_VALUE, Result.UNABLE_TO_COMPLY]
)
def test_an_hss_that_does_not_know_ntlm_is_asked_as_ever(refused: Result) -> None:
    def answer(message: Message) -> Message:
        knows = dict(message.get("SIP-Auth-Data-Item"))["SIP-Authentication-Scheme"] == "Unknown"
        items = (AuthItem("SIP Digest", digest=DIGEST),)
        made = MultimediaAuthAnswer(Result.SUCCESS, PHONE, TOBIAS, items) if knows else refused
        return answer_message(message, made, HSS)

    wire = Wire(answer)

    assert authenticated(wire, ntlm=True) == AuthAnswer(Result.SUCCESS, "digest", (DIGEST,))
    assert schemes(wire) == [NTLM, "Unknown"]


def test_another_failure_than_of_the_scheme_stays_one() -> None:
    wire = Wire(Result.USER_UNKNOWN)

    assert authenticated(wire, ntlm=True).result is Result.USER_UNKNOWN
    assert schemes(wire) == [NTLM]


def test_a_synchronisation_failure_is_aka_s_in_any_case() -> None:
    wire = Wire(MultimediaAuthAnswer(Result.SUCCESS, PHONE, TOBIAS, (AuthItem("Digest-AKAv1-MD5", aka=AKA),)))

    authenticated(wire, Resynchronisation(b"r" * 16, b"a" * 14), ntlm=True)
    assert schemes(wire) == ["Digest-AKAv1-MD5"]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("HOME1\\TOBIAS", "tobias@home1.test"),
        ("Tobias", "tobias@home1.test"),
        ("TOBIAS@Home1.test", "tobias@home1.test"),
        ("HOME1\\ann", "ann@home1.test"),
        ("ann@b.test", "ann@b.test"),
    ],
)
def test_an_ntlm_name_is_that_of_the_user_of_the_address_of_record(name: str, found: str) -> None:
    assert done(Wire(Result.SUCCESS).client.identify(name, TOBIAS, "home1.test", ntlm=True)) == found


@pytest.mark.clause("TS 29.228 §6.3.1")
def test_a_synchronisation_failure_is_told_with_the_scheme_and_both_numbers() -> None:
    wire = Wire(MultimediaAuthAnswer(Result.SUCCESS, PHONE, TOBIAS, (AuthItem("Digest-AKAv1-MD5", aka=AKA),)))

    authenticated(wire, Resynchronisation(b"r" * 16, b"s" * 14))

    assert wire.asked[0].get("SIP-Auth-Data-Item") == [
        ("SIP-Authentication-Scheme", "Digest-AKAv1-MD5"),
        ("SIP-Authorization", b"r" * 16 + b"s" * 14),
    ]


@pytest.mark.clause("RFC 6733 §8.8")
def test_every_session_has_a_number_of_its_own() -> None:
    wire = Wire(MultimediaAuthAnswer(Result.USER_UNKNOWN))
    authenticated(wire)
    authenticated(wire)

    assert [each.get("Session-Id") for each in wire.asked] == ["scscf.home1.test;7;1", "scscf.home1.test;7;2"]
    assert wire.asked[0].get("Destination-Host") is None


@pytest.mark.clause("TS 29.228 §6.3.1", "TS 29.228 §6.1.1", "TS 29.228 §6.1.2")
@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (Unreachable("gone"), Result.DISCONNECTED),
        (Unanswered("silent"), Result.TIMEOUT),
        (Unreadable("noise"), Result.GARBAGE),
        (lambda message: message.answer([]), Result.GARBAGE),
        (Result.USER_UNKNOWN, Result.USER_UNKNOWN),
        (Result.UNABLE_TO_DELIVER, Result.UNABLE_TO_DELIVER),
        (Result.UNABLE_TO_COMPLY, Result.UNABLE_TO_COMPLY),
    ],
    ids=["disconnected", "timeout", "unreadable", "no result", "5001", "3002", "5012"],
)
def test_what_is_no_success_is_told_as_it_is(answer: CxAnswer | Exception, result: Result) -> None:
    wire = Wire(answer)

    assert authenticated(wire).result is result
    assert assigned(wire) == AssignmentAnswer(result)
    assert done(wire.client.user_authorization(PHONE, TOBIAS, None, False)) is result


@pytest.mark.clause("TS 29.228 §6.1.1")
@pytest.mark.parametrize(("visited", "sent"), [(None, b"home1.test"), ("visited.test", b"visited.test")])
def test_at_home_the_visited_network_is_the_home_network(visited: str | None, sent: bytes) -> None:
    wire = Wire(UserAuthorizationAnswer(Result.FIRST_REGISTRATION))

    assert done(wire.client.user_authorization(PHONE, TOBIAS, visited, True)) is Result.FIRST_REGISTRATION
    assert wire.asked[0].get("Visited-Network-Identifier") == sent
    assert wire.asked[0].get("UAR-Flags") == 1


@pytest.mark.clause("TS 29.228 §6.1.2")
@pytest.mark.parametrize(
    ("kind", "known", "available"),
    [
        (ServerAssignment.REGISTRATION, False, 0),
        (ServerAssignment.REGISTRATION, True, 0),
        (ServerAssignment.RE_REGISTRATION, True, 1),
        (ServerAssignment.RE_REGISTRATION, False, 0),
    ],
)
def test_user_data_are_asked_for_unless_they_are_there(kind: ServerAssignment, known: bool, available: int) -> None:
    wire = Wire(AssignmentData(Result.SUCCESS, PHONE, DATA))
    profile = assigned(wire).profile

    answer = assigned(wire, kind, profile if known else None)

    assert wire.asked[1].get("User-Data-Already-Available") == available
    assert answer.profile == profile
    assert (answer.profile is profile) is known


@pytest.mark.clause("TS 29.228 §6.6")
@pytest.mark.parametrize(
    ("data", "result"),
    [
        (None, Result.GARBAGE),
        (b"no XML", Result.GARBAGE),
        (b"<a>" * 1000, Result.GARBAGE),
        (b" " * (LONGEST + 1), Result.TOO_MUCH_DATA),
    ],
    ids=["none", "no XML", "open", "too long"],
)
def test_user_data_that_cannot_be_used(data: bytes | None, result: Result) -> None:
    assert assigned(Wire(AssignmentData(Result.SUCCESS, PHONE, data))) == AssignmentAnswer(result)


@pytest.mark.clause("TS 29.228 §6.1.2")
def test_a_departure_needs_no_user_data() -> None:
    wire = Wire(AssignmentData(Result.SUCCESS_SERVER_NAME_NOT_STORED, PHONE))

    answer = assigned(wire, ServerAssignment.USER_DEREGISTRATION_STORE_SERVER_NAME)

    assert answer == AssignmentAnswer(Result.SUCCESS_SERVER_NAME_NOT_STORED)


@pytest.mark.clause("TS 29.228 §6.1.2")
def test_of_a_user_who_is_not_registered_the_data_tell_who_it_is() -> None:
    wire = Wire(AssignmentData(Result.SUCCESS, None, DATA))

    answer = done(wire.client.server_assignment("", TOBIAS, ServerAssignment.UNREGISTERED_USER))

    assert wire.asked[0].get("User-Name") is None
    assert answer.profile.private_identity == PHONE


@pytest.mark.clause("TS 23.003 §13.3")
@pytest.mark.parametrize(
    ("aor", "private_identity"),
    [(TOBIAS, "tobias@home1.test"), ("tel:+44123456789", None), ("sip:home1.test", None), ("urn:x", None)],
)
def test_who_says_no_private_identity_has_that_of_the_address(aor: str, private_identity: str | None) -> None:
    client = Wire(Result.SUCCESS).client

    assert done(client.default_private_identity(aor)) == private_identity


@pytest.mark.clause("TS 24.229 §5.4.1.2")
@pytest.mark.parametrize(
    ("username", "private_identity"), [("bob", "bob@r.test"), ("bob@home1.test", "bob@home1.test")]
)
def test_a_username_is_the_private_identity_or_one_of_our_realm(username: str, private_identity: str) -> None:
    assert done(Wire(Result.SUCCESS).client.identify(username, TOBIAS, "r.test")) == private_identity
