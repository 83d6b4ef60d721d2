"""Cx over Diameter: the S-CSCF's questions to its HSS (TS 29.228 §6, TS 29.229 §6.1)."""

import logging
from collections.abc import Callable
from typing import Protocol

from scscf.cx import (
    COMMAND_OF,
    NTLM,
    Assignment,
    AssignmentAnswer,
    AssignmentData,
    AuthAnswer,
    MultimediaAuth,
    MultimediaAuthAnswer,
    Restoration,
    Result,
    Resynchronisation,
    ServerAssignment,
    UserAuthorization,
    UserAuthorizationAnswer,
)
from scscf.diameter.cx_answers import CxAnswer, read_answer
from scscf.diameter.cx_requests import CxRequest, request_message
from scscf.diameter.identity import Identity
from scscf.diameter.message import Message
from scscf.diameter.user_profile import TooMuchData, UserProfiles
from scscf.errors import SipError
from scscf.metrics.times import Tally
from scscf.net.diameter import Unanswered, Unreachable, Unreadable
from scscf.profile.service_profile import ImplicitSet, UserProfile
from scscf.profile.user_data import UserDataError
from scscf.sip.uri import parse_uri

log = logging.getLogger("scscf")

AKA = "Digest-AKAv1-MD5"
NEVER_CHALLENGED = "none"
"""SIP-Authentication-Scheme of a user who is never challenged: a word of our own, in any case."""

WITHOUT_NTLM = frozenset({Result.AUTH_SCHEME_NOT_SUPPORTED, Result.INVALID_AVP_VALUE, Result.UNABLE_TO_COMPLY})
"""How an HSS refuses a scheme that it does not know, or has nothing for."""

WITH_PROFILE = frozenset(
    {
        ServerAssignment.NO_ASSIGNMENT,
        ServerAssignment.REGISTRATION,
        ServerAssignment.RE_REGISTRATION,
        ServerAssignment.UNREGISTERED_USER,
    }
)
"""The types whose answer brings the user's profile, unless it is there already (TS 29.228 §6.1.2.1)."""


class Known(Protocol):
    """What the S-CSCF knows of its users."""

    async def profile_of(self, private_identity: str) -> UserProfile | None:
        """Return the profile that a private identity is registered with."""

    async def subscription_of(self, implicit_set: ImplicitSet) -> str | None:
        """Return the subscription that already has one of these identities."""


class Asker(Protocol):
    """What sends a request and waits for its answer: a DiameterNode."""

    async def ask(self, message: Message) -> Message:
        """Return the answer. Raises Unreachable, Unanswered, Unreadable."""


class CxClient:
    """An HSS behind Diameter: implements scscf.cx.Cx.

    `first` numbers this run's sessions, 32 random bits. `server_name` tells our own, once the listeners are up.
    """

    def __init__(
        self,
        asker: Asker,
        identity: Identity,
        realm: str,
        host: str | None,
        server_name: Callable[[], str],
        users: Known,
        first: int,
    ) -> None:
        self._asker = asker
        self._identity = identity
        self._realm = realm
        self._host = host
        self._server_name = server_name
        self._users = users
        self._session = f"{identity.host};{first}"
        self._sessions = 0
        self._profiles = UserProfiles()
        self.times = Tally(COMMAND_OF.values())
        """Results, by command, with the seconds of `clock` that they took."""
        self.clock: Callable[[], float] = lambda: 0.0

    async def multimedia_auth(
        self,
        private_identity: str,
        public_identity: str,
        realm: str,
        failed: Resynchronisation | None = None,
        *,
        ntlm: bool = False,
    ) -> AuthAnswer:
        """MAR: the HSS chooses the scheme, but after a synchronisation failure (TS 29.228 §6.3.1).

        With `ntlm` it is asked for an NT hash first, and then as ever where it has none or does not know the word.
        """
        scheme = AKA if failed is not None else NTLM if ntlm else "Unknown"
        request = MultimediaAuth(private_identity, public_identity, self._server_name(), scheme, 1, failed)
        answer = await self._ask(request)
        if scheme == NTLM and isinstance(answer, MultimediaAuthAnswer) and answer.result in WITHOUT_NTLM:
            answer = await self._ask(request._replace(scheme="Unknown"))
        if not isinstance(answer, MultimediaAuthAnswer):
            return AuthAnswer(_failure(answer))
        if not answer.result.is_success:
            return AuthAnswer(answer.result)
        for item in answer.items:
            if item.scheme.lower() == NEVER_CHALLENGED:
                return AuthAnswer(Result.SUCCESS, "none")
            if item.aka is not None:
                return AuthAnswer(Result.SUCCESS, "aka", aka=item.aka)
        vectors = tuple(item.digest._replace(username="") for item in answer.items if item.digest is not None)
        nt_hash = next((item.nt_hash for item in answer.items if item.nt_hash), b"") if ntlm else b""
        if not vectors and not nt_hash:
            return AuthAnswer(Result.AUTH_SCHEME_NOT_SUPPORTED)
        return AuthAnswer(Result.SUCCESS, "digest" if vectors else "ntlm", vectors, nt_hash=nt_hash)

    async def user_authorization(
        self, private_identity: str, public_identity: str, visited_network: str | None, emergency: bool
    ) -> Result:
        """UAR as the I-CSCF sends it; at home the visited network is the home network (TS 29.228 §6.1.1)."""
        visited = visited_network or self._identity.realm
        answer = await self._ask(UserAuthorization(private_identity, public_identity, visited, emergency=emergency))
        return answer.result if isinstance(answer, UserAuthorizationAnswer) else _failure(answer)

    async def server_assignment(
        self,
        private_identity: str,
        public_identity: str,
        assignment: ServerAssignment,
        known: UserProfile | None = None,
        restoration: Restoration | None = None,
    ) -> AssignmentAnswer:
        """SAR (TS 29.228 §6.1.2). The profile is the one that is known with the answer's implicit set in it."""
        available = (
            assignment is ServerAssignment.RE_REGISTRATION
            and known is not None
            and known.set_of(public_identity) is not None
        )
        request = Assignment(
            assignment, self._server_name(), private_identity or None, (public_identity,), available, restoration
        )
        answer = await self._ask(request)
        if not isinstance(answer, AssignmentData):
            return AssignmentAnswer(_failure(answer))
        if not answer.result.is_success:
            return AssignmentAnswer(answer.result)
        try:
            profile = await self._profile(answer, private_identity, known)
        except TooMuchData as error:
            log.warning("the user data of %s %s", public_identity, error)
            return AssignmentAnswer(Result.TOO_MUCH_DATA)
        except UserDataError as error:
            log.warning("the user data of %s %s", public_identity, error)
            return AssignmentAnswer(Result.GARBAGE)
        if assignment in WITH_PROFILE and profile is None:
            log.warning("the HSS answered %s of %s without user data", assignment.name, public_identity)
            return AssignmentAnswer(Result.GARBAGE)
        return AssignmentAnswer(answer.result, profile, answer.restoration)

    async def identify(self, username: str, aor: str, realm: str, *, ntlm: bool = False) -> str | None:
        """Return the username, over Cx the private identity (TS 24.229 §5.4.1.2.1): one without a realm is of ours.

        An NTLM name in other capitals than the user of `aor` is that user's.
        """
        if ntlm:
            username = username.rpartition("\\")[2]
            named = await self.default_private_identity(aor) or ""
            if username.casefold() in (named.casefold(), named.partition("@")[0].casefold()):
                return named
        return username if "@" in username else f"{username}@{realm}"

    async def default_private_identity(self, aor: str) -> str | None:
        """Return the user and host of a SIP URI (TS 24.229 §5.4.1.2.1, TS 23.003 §13.3), None for a tel URI."""
        try:
            uri = parse_uri(aor)
        except SipError:
            return None
        return f"{uri.user}@{uri.host}" if uri.is_sip and uri.user else None

    async def _profile(
        self, answer: AssignmentData, private_identity: str, known: UserProfile | None
    ) -> UserProfile | None:
        existing = None
        if known is None and private_identity:
            known = await self._users.profile_of(private_identity)
        if known is None and answer.user_data is not None:
            existing = await self._users.subscription_of(self._profiles.read(answer.user_data).implicit_set)
        return self._profiles.profile(answer, private_identity, known, existing)

    async def _ask(self, request: CxRequest) -> CxAnswer:
        began = self.clock()
        answer = await self._answer(request)
        result = answer if isinstance(answer, Result) else answer.result
        self.times[COMMAND_OF[type(request)]].add(result, self.clock() - began)
        return answer

    async def _answer(self, request: CxRequest) -> CxAnswer:
        self._sessions = (self._sessions + 1) & 0xFFFFFFFF
        session = f"{self._session};{self._sessions}"
        message = request_message(request, session, self._identity, self._realm, self._host)
        try:
            answer = await self._asker.ask(message)
        except Unreachable as error:
            log.warning("the HSS cannot be asked %s: %s", message.command, error)
            return Result.DISCONNECTED
        except Unreadable as error:
            log.warning("the HSS answers %s with what cannot be read: %s", message.command, error)
            return Result.GARBAGE
        except Unanswered as error:
            log.warning("the HSS is silent: %s", error)
            return Result.TIMEOUT
        if answer.command != message.command:
            return Result.GARBAGE
        return read_answer(answer)


def _failure(answer: CxAnswer) -> Result:
    return answer if isinstance(answer, Result) else Result.GARBAGE
