"""Cx with an HSS in this process, shown as the Diameter messages that it would be.

Nothing of it travels. The octets are made by the codec that a real HSS is spoken with, of the values that were passed,
and only when somebody looks at them.
"""

from collections.abc import Callable
from typing import Any, Final, Protocol

from scscf.cx import (
    NTLM,
    Assignment,
    AssignmentAnswer,
    AssignmentData,
    AuthAnswer,
    AuthItem,
    Cx,
    HssListener,
    MultimediaAuth,
    MultimediaAuthAnswer,
    PushProfile,
    RegistrationTermination,
    RegistrationTerminationAnswer,
    Restoration,
    Result,
    Resynchronisation,
    ServerAssignment,
    UserAuthorization,
    UserAuthorizationAnswer,
)
from scscf.diameter.cx_answers import CxAnswer, answer_message
from scscf.diameter.cx_requests import CxRequest, request_message
from scscf.diameter.identity import Identity
from scscf.diameter.message import Message, encode
from scscf.messages.seen import Note
from scscf.profile.service_profile import UserProfile
from scscf.profile.user_data_document import user_data

Tell = Callable[[str, Note], object]
"""Is called with `in` or `out`, as the S-CSCF sees it, and with a note of the message."""

Made = Callable[..., CxRequest]
"""Makes a request of the S-CSCF's server name, the HSS's realm and what the procedure asked with."""

Said = Callable[[Any, Any], CxAnswer]
"""Makes an answer of that request and of what the procedure was answered."""

_AKA, _DIGEST, _NONE = "Digest-AKAv1-MD5", "SIP Digest", "None"
_WITH_DATA: Final = frozenset(
    {
        ServerAssignment.NO_ASSIGNMENT,
        ServerAssignment.REGISTRATION,
        ServerAssignment.RE_REGISTRATION,
        ServerAssignment.UNREGISTERED_USER,
    }
)
_NO_ANSWER: Final = frozenset(result for result in Result if result.kind == "none")


class Exchanges:
    """The questions and answers between the S-CSCF, `origin`, and the HSS in its process, as messages.

    `tell` is told of each; None: nobody looks.
    """

    def __init__(self, origin: Identity, hss: Identity, server_name: Callable[[], str]) -> None:
        self.tell: Tell | None = None
        self.tell_both: Callable[[Note], object] | None = None
        """Where it is set, is told of a question with its answer, when that comes at once."""
        self.count = 0
        """Exchanges that there were."""
        self._origin = origin
        self._hss = hss
        self._server_name = server_name

    def question(self, made: Made, said: Said, number: int, answer: Any, *arguments: Any) -> bytes:
        """Return the octets of a request to the HSS, which `made` makes of a server name, a realm and `arguments`."""
        return encode(self._asked("out", self._request(made, arguments), number))

    def answer(self, made: Made, said: Said, number: int, answer: Any, *arguments: Any) -> bytes:
        """Return the octets of what the HSS says to it, which `said` makes of the request and `answer`."""
        request = self._request(made, arguments)
        return encode(answer_message(self._asked("out", request, number), said(request, answer), self._hss))

    def push(self, number: int, request: RegistrationTermination | PushProfile) -> bytes:
        """Return the octets of a request of the HSS."""
        return encode(self._asked("in", request, number))

    def push_answer(self, number: int, request: RegistrationTermination | PushProfile, answer: CxAnswer) -> bytes:
        """Return the octets of what the S-CSCF says to it."""
        return encode(answer_message(self._asked("in", request, number), answer, self._origin))

    def _request(self, made: Made, arguments: tuple[Any, ...]) -> CxRequest:
        return made(self._server_name(), self._hss.realm, *arguments)

    def _asked(self, direction: str, request: CxRequest, number: int) -> Message:
        sender, receiver = (self._origin, self._hss) if direction == "out" else (self._hss, self._origin)
        to = receiver.host if direction == "in" else None
        message = request_message(request, f"{sender.host};internal;{number}", sender, receiver.realm, to)
        message.hop_by_hop = message.end_to_end = number & 0xFFFFFFFF
        return message


class MayFail(Protocol):
    """What may be wrong with an HSS."""

    any: bool
    """Whether anything is: then an answer may come late, or not at all."""


class ShownCx:
    """An HSS in this process whose questions and answers are told of: implements scscf.cx.Cx.

    It answers at once while there are no `faults`.
    """

    def __init__(self, inner: Cx, exchanges: Exchanges, faults: MayFail) -> None:
        self._inner = inner
        self._exchanges = exchanges
        self._faults = faults
        self.identify = inner.identify
        self.default_private_identity = inner.default_private_identity

    async def multimedia_auth(
        self,
        private_identity: str,
        public_identity: str,
        realm: str,
        failed: Resynchronisation | None = None,
        *,
        ntlm: bool = False,
    ) -> AuthAnswer:
        """MAR and MAA (TS 29.228 §6.3)."""
        exchanges = self._exchanges
        exchanges.count = number = exchanges.count + 1
        tell = exchanges.tell if exchanges.tell_both is None or self._faults.any else None
        asked = (private_identity, public_identity, failed, ntlm)
        if tell is not None:
            tell("out", (exchanges.question, _mar, _maa, number, None, *asked))
        answer = await self._inner.multimedia_auth(private_identity, public_identity, realm, failed, ntlm=ntlm)
        note = (_mar, _maa, number, answer, *asked)
        if tell is not None:
            if answer.result not in _NO_ANSWER:
                tell("in", (exchanges.answer, *note))
        elif exchanges.tell_both is not None:
            exchanges.tell_both((exchanges.question, exchanges.answer, *note))
        return answer

    async def user_authorization(
        self, private_identity: str, public_identity: str, visited_network: str | None, emergency: bool
    ) -> Result:
        """UAR and UAA (TS 29.228 §6.1.1)."""
        exchanges = self._exchanges
        exchanges.count = number = exchanges.count + 1
        tell = exchanges.tell if exchanges.tell_both is None or self._faults.any else None
        asked = (private_identity, public_identity, visited_network, emergency)
        if tell is not None:
            tell("out", (exchanges.question, _uar, _uaa, number, None, *asked))
        result = await self._inner.user_authorization(private_identity, public_identity, visited_network, emergency)
        note = (_uar, _uaa, number, result, *asked)
        if tell is not None:
            if result not in _NO_ANSWER:
                tell("in", (exchanges.answer, *note))
        elif exchanges.tell_both is not None:
            exchanges.tell_both((exchanges.question, exchanges.answer, *note))
        return result

    async def server_assignment(
        self,
        private_identity: str,
        public_identity: str,
        assignment: ServerAssignment,
        known: UserProfile | None = None,
        restoration: Restoration | None = None,
    ) -> AssignmentAnswer:
        """SAR and SAA (TS 29.228 §6.1.2)."""
        exchanges = self._exchanges
        exchanges.count = number = exchanges.count + 1
        tell = exchanges.tell if exchanges.tell_both is None or self._faults.any else None
        asked = (private_identity, public_identity, assignment, known is not None, restoration)
        if tell is not None:
            tell("out", (exchanges.question, _sar, _saa, number, None, *asked))
        answer = await self._inner.server_assignment(private_identity, public_identity, assignment, known, restoration)
        note = (_sar, _saa, number, answer, *asked)
        if tell is not None:
            if answer.result not in _NO_ANSWER:
                tell("in", (exchanges.answer, *note))
        elif exchanges.tell_both is not None:
            exchanges.tell_both((exchanges.question, exchanges.answer, *note))
        return answer


class ShownListener:
    """What does as the HSS in this process says, told of with its answers: implements scscf.cx.HssListener."""

    def __init__(self, inner: HssListener, exchanges: Exchanges) -> None:
        self._inner = inner
        self._exchanges = exchanges

    async def registration_termination(self, request: RegistrationTermination) -> RegistrationTerminationAnswer:
        """RTR and RTA (TS 29.228 §6.1.3)."""
        number = self._came(request)
        answer = await self._inner.registration_termination(request)
        self._answered(number, request, answer)
        return answer

    async def push_profile(self, request: PushProfile) -> Result:
        """PPR and PPA (TS 29.228 §6.2)."""
        number = self._came(request)
        result = await self._inner.push_profile(request)
        self._answered(number, request, result)
        return result

    def _came(self, request: RegistrationTermination | PushProfile) -> int:
        exchanges = self._exchanges
        exchanges.count += 1
        if exchanges.tell is not None:
            exchanges.tell("in", (exchanges.push, exchanges.count, request))
        return exchanges.count

    def _answered(self, number: int, request: RegistrationTermination | PushProfile, answer: CxAnswer) -> None:
        exchanges = self._exchanges
        if exchanges.tell is not None:
            exchanges.tell("out", (exchanges.push_answer, number, request, answer))


def _mar(
    server: str,
    _realm: str,
    private_identity: str,
    public_identity: str,
    failed: Resynchronisation | None,
    ntlm: bool,
) -> MultimediaAuth:
    scheme = _AKA if failed is not None else NTLM if ntlm else "Unknown"
    return MultimediaAuth(private_identity, public_identity, server, scheme, 1, failed)


def _maa(request: MultimediaAuth, answer: AuthAnswer) -> MultimediaAuthAnswer:
    items: tuple[AuthItem, ...] = ()
    if answer.result.is_success:
        if answer.scheme == "none":
            items = (AuthItem(_NONE),)
        elif answer.aka is not None:
            items = (AuthItem(_AKA, aka=answer.aka),)
        else:
            items = tuple(AuthItem(_DIGEST, digest=vector) for vector in answer.vectors)
            if answer.nt_hash and request.scheme == NTLM:
                items = (AuthItem(NTLM, nt_hash=answer.nt_hash), *items)
    return MultimediaAuthAnswer(answer.result, request.private_identity, request.public_identity, items)


def _uar(
    _server: str, realm: str, private_identity: str, public_identity: str, visited: str | None, emergency: bool
) -> UserAuthorization:
    return UserAuthorization(private_identity, public_identity, visited or realm, emergency=emergency)


def _uaa(_request: UserAuthorization, result: Result) -> UserAuthorizationAnswer:
    return UserAuthorizationAnswer(result)


def _sar(
    server: str,
    _realm: str,
    private_identity: str,
    public_identity: str,
    assignment: ServerAssignment,
    known: bool,
    restoration: Restoration | None,
) -> Assignment:
    available = known and assignment is ServerAssignment.RE_REGISTRATION
    return Assignment(assignment, server, private_identity or None, (public_identity,), available, restoration)


def _saa(request: Assignment, answer: AssignmentAnswer) -> AssignmentData:
    profile, data = answer.profile, None
    if profile is not None and request.type in _WITH_DATA and not request.user_data_available:
        implicit_set = profile.set_of(request.public_identities[0])
        data = None if implicit_set is None else user_data(profile, implicit_set)
    return AssignmentData(
        answer.result,
        request.private_identity,
        data,
        profile.charging if profile is not None else None,
        restoration=answer.restoration,
    )
