"""The HSS's side of Cx (TS 29.228 §6.1, §6.3) over the subscribers of a file."""

from collections.abc import Callable
from enum import Enum
from functools import lru_cache
from hashlib import md5, sha256
from typing import NamedTuple

from hss_stub.entry import Aka, Digest
from hss_stub.faults import Corrupt, Fault, Faults
from hss_stub.subscribers import Removal, Subscriber, Subscribers
from hss_stub.vectors import SQN_MASK, Distorted, Distortion, Usim
from scscf.cx import (
    AssignmentAnswer,
    AuthAnswer,
    DigestVector,
    Result,
    Resynchronisation,
    ServerAssignment,
)
from scscf.profile.service_profile import UserProfile

KEPT = 4096
"""How many answers with H(username:realm:password) are kept."""


class RegistrationState(Enum):
    """What the HSS knows of an implicit registration set and a private identity (TS 23.228 §5.2.2.2)."""

    NOT_REGISTERED = "not registered"
    REGISTERED = "registered"
    UNREGISTERED = "unregistered"
    """Not registered, but this S-CSCF is kept for it."""


STATE_AFTER: dict[ServerAssignment, RegistrationState | None] = {
    ServerAssignment.NO_ASSIGNMENT: None,
    ServerAssignment.REGISTRATION: RegistrationState.REGISTERED,
    ServerAssignment.RE_REGISTRATION: RegistrationState.REGISTERED,
    ServerAssignment.UNREGISTERED_USER: RegistrationState.UNREGISTERED,
    ServerAssignment.TIMEOUT_DEREGISTRATION: RegistrationState.NOT_REGISTERED,
    ServerAssignment.USER_DEREGISTRATION: RegistrationState.NOT_REGISTERED,
    ServerAssignment.TIMEOUT_DEREGISTRATION_STORE_SERVER_NAME: RegistrationState.UNREGISTERED,
    ServerAssignment.USER_DEREGISTRATION_STORE_SERVER_NAME: RegistrationState.UNREGISTERED,
    ServerAssignment.ADMINISTRATIVE_DEREGISTRATION: RegistrationState.NOT_REGISTERED,
    ServerAssignment.AUTHENTICATION_FAILURE: None,
    ServerAssignment.AUTHENTICATION_TIMEOUT: None,
    ServerAssignment.DEREGISTRATION_TOO_MUCH_DATA: RegistrationState.NOT_REGISTERED,
    ServerAssignment.AAA_USER_DATA_REQUEST: None,
    ServerAssignment.PGW_UPDATE: None,
    ServerAssignment.RESTORATION: None,
}
"""Server-Assignment-Type → the state that it leaves; None: as it was (TS 29.228 §6.1.2.1)."""

WITH_PROFILE = frozenset(
    {
        ServerAssignment.NO_ASSIGNMENT,
        ServerAssignment.REGISTRATION,
        ServerAssignment.RE_REGISTRATION,
        ServerAssignment.UNREGISTERED_USER,
    }
)
"""The types whose answer carries the user's profile."""


class _Served(NamedTuple):
    """A private identity that has an S-CSCF, with the state of each of its sets."""

    profile: UserProfile
    states: tuple[RegistrationState, ...]
    unchallenged: bool
    """Whether its authentication scheme is `none`."""


_DISTORTION = {Corrupt.MAC: Distortion.BAD_MAC, Corrupt.SQN: Distortion.OLD_SQN}
_ALL_REGISTERED = (RegistrationState.REGISTERED,)
_NO_ANSWER = AssignmentAnswer(Result.SUCCESS)
_USER_UNKNOWN = AuthAnswer(Result.USER_UNKNOWN)
_FOREIGN = AuthAnswer(Result.IDENTITIES_DONT_MATCH)
_NEVER_CHALLENGED = AuthAnswer(Result.SUCCESS, "none")
_BY_AKA = AuthAnswer(Result.SUCCESS, "aka")
"""What is kept of a user with a USIM; the vector is a new one each time."""


class HssProcedures:
    """What an HSS does, whoever asks. `random_bytes(n)` gives n octets for RAND."""

    def __init__(self, subscribers: Subscribers, random_bytes: Callable[[int], bytes]) -> None:
        self.subscribers = subscribers
        self.faults = Faults()
        self._random_bytes = random_bytes
        self._usims: dict[str, Usim] = {}
        """Those that have been asked for: their sequence numbers outlive whatever else is forgotten."""
        self._served: dict[str, _Served] = {}
        self._auth_answer = lru_cache(maxsize=KEPT)(self._make_auth_answer)

    def authenticate(
        self, private_identity: str, public_identity: str, realm: str | None, failed: Resynchronisation | None = None
    ) -> AuthAnswer:
        """MAR (TS 29.228 §6.3): a digest vector for each of the user's algorithms, or one new AKA vector.

        Without a `realm` it is that of the private identity. Where `failed` does not prove the USIM's sequence number,
        the next one of the HSS's own is taken.
        """
        served = self._served.get(private_identity)
        profile = served.profile if served is not None else self._profile(private_identity)
        if profile is None:
            return _USER_UNKNOWN
        if profile.set_of(public_identity) is None:
            return _FOREIGN
        if served is not None and served.unchallenged:
            return _NEVER_CHALLENGED
        answer = self._auth_answer(private_identity, realm or realm_of(private_identity, public_identity))
        if answer is not _BY_AKA:
            return answer
        usim = self._usim(private_identity)
        if usim is None:
            return _USER_UNKNOWN
        if failed is not None:
            usim.resynchronise(failed)
        return AuthAnswer(Result.SUCCESS, "aka", aka=usim.vector(self._random_bytes))

    def authorise(
        self, private_identity: str, public_identity: str, visited_network: str | None, emergency: bool
    ) -> Result:
        """UAR (TS 29.228 §6.1.1): who may register what, from where. In an emergency neither bars nor borders count."""
        subscriber = self.subscribers.find(private_identity)
        if subscriber is None:
            return Result.USER_UNKNOWN
        implicit_set = subscriber.profile.set_of(public_identity)
        if implicit_set is None:
            return Result.IDENTITIES_DONT_MATCH
        if emergency:
            return Result.SUCCESS
        if all(identity.barred for identity in implicit_set):
            return Result.AUTHORIZATION_REJECTED
        if visited_network is None or subscriber.roaming is None or visited_network in subscriber.roaming:
            return Result.SUCCESS
        return Result.ROAMING_NOT_ALLOWED

    def distort(self, private_identity: str, distortion: Distortion, count: int = 1) -> bool:
        """Make the next `count` vectors of a user with a USIM wrong; False where there is no such user."""
        usim = self._usim(private_identity)
        if usim is None:
            return False
        usim.distorted = Distorted(distortion, count)
        return True

    def sqn(self, private_identity: str) -> int | None:
        """Return SQN_HE of a user with a USIM, the highest sequence number used; None where there is no such user."""
        usim = self._usim(private_identity)
        return None if usim is None else usim.sqn

    def shift_sqn(self, private_identity: str, steps: int) -> bool:
        """Move the sequence number of a user with a USIM by so many; False where there is no such user."""
        usim = self._usim(private_identity)
        if usim is None:
            return False
        usim.sqn = (usim.sqn + steps) & SQN_MASK
        return True

    def suffer(self, private_identity: str, fault: Fault) -> None:
        """Make the next vector of a user with a USIM wrong, as a fault says."""
        if fault.sqn:
            self.shift_sqn(private_identity, fault.sqn)
        if fault.corrupt in _DISTORTION and fault.result is None:
            self.distort(private_identity, _DISTORTION[fault.corrupt])

    def assign(self, private_identity: str, public_identity: str, assignment: ServerAssignment) -> AssignmentAnswer:
        """SAR (TS 29.228 §6.1.2). Without a private identity (a user who is not registered) the first one is meant."""
        if not private_identity:
            private_identity = next(iter(self.subscribers.by_public(public_identity)), "")
        profile = self._profile(private_identity)
        if profile is None:
            return AssignmentAnswer(Result.USER_UNKNOWN)
        index = _set_index(profile, public_identity)
        if index is None:
            return AssignmentAnswer(Result.IDENTITIES_DONT_MATCH)
        state = STATE_AFTER[assignment]
        if state is not None:
            self._leave(private_identity, profile, index, state)
        return AssignmentAnswer(Result.SUCCESS, profile) if assignment in WITH_PROFILE else _NO_ANSWER

    def registration_state(self, private_identity: str, public_identity: str) -> RegistrationState:
        """Return the state of the set that `public_identity` is in, as this private identity registers it."""
        served = self._served.get(private_identity)
        index = None if served is None else _set_index(served.profile, public_identity)
        return RegistrationState.NOT_REGISTERED if served is None or index is None else served.states[index]

    def changed_in(self, subscribers: Subscribers) -> list[str]:
        """Return the private identities that have an S-CSCF and get another profile from another file."""
        changed = []
        for private_identity, served in self._served.items():
            subscriber = subscribers.find(private_identity)
            if subscriber is not None and subscriber.profile != served.profile:
                changed.append(private_identity)
        return changed

    def served(self) -> list[str]:
        """Return the private identities that have an S-CSCF, oldest first."""
        return list(self._served)

    def replace(self, subscribers: Subscribers) -> list[Removal]:
        """Take another file's subscribers, and return what was taken from those who have an S-CSCF."""
        removals = self.subscribers.removed_in(subscribers, self._served)
        self.subscribers = subscribers
        self._auth_answer.cache_clear()
        for private_identity, served in list(self._served.items()):
            subscriber = subscribers.find(private_identity)
            if subscriber is None:
                del self._served[private_identity]
            elif subscriber.profile != served.profile:
                self._serve(private_identity, subscriber.profile, _carried_over(served, subscriber.profile))
        return removals

    def forget(self) -> None:
        """Forget every assignment, as an HSS does whose data are lost."""
        self._served.clear()

    def _usim(self, private_identity: str) -> Usim | None:
        subscriber = self.subscribers.find(private_identity)
        if subscriber is None or not isinstance(subscriber.auth, Aka):
            return None
        usim = self._usims.get(private_identity)
        if usim is None or usim.auth is not subscriber.auth or usim.n != subscriber.n:
            before, usim = usim, Usim(subscriber.auth, subscriber.n)
            if before is not None:
                usim.succeed(before)
            self._usims[private_identity] = usim
        return usim

    def _profile(self, private_identity: str) -> UserProfile | None:
        served = self._served.get(private_identity)
        if served is not None:
            return served.profile
        subscriber = self.subscribers.find(private_identity)
        return None if subscriber is None else subscriber.profile

    def _leave(self, private_identity: str, profile: UserProfile, index: int, state: RegistrationState) -> None:
        served = self._served.get(private_identity)
        states = (RegistrationState.NOT_REGISTERED,) * len(profile.sets) if served is None else served.states
        if states[index] is not state:
            self._serve(profile.private_identity, profile, (*states[:index], state, *states[index + 1 :]))

    def _serve(self, private_identity: str, profile: UserProfile, states: tuple[RegistrationState, ...]) -> None:
        if states == _ALL_REGISTERED:
            states = _ALL_REGISTERED
        if any(state is not RegistrationState.NOT_REGISTERED for state in states):
            subscriber = self.subscribers.find(private_identity)
            unchallenged = subscriber is not None and subscriber.auth is None
            self._served[private_identity] = _Served(profile, states, unchallenged)
        else:
            self._served.pop(private_identity, None)

    def _make_auth_answer(self, private_identity: str, realm: str) -> AuthAnswer:
        subscriber = self.subscribers.find(private_identity)
        if subscriber is None:
            return _USER_UNKNOWN
        if subscriber.auth is None:
            return _NEVER_CHALLENGED
        if not isinstance(subscriber.auth, Digest):
            return _BY_AKA
        return AuthAnswer(Result.SUCCESS, "digest", _vectors(subscriber, subscriber.auth, realm))


def realm_of(private_identity: str, public_identity: str) -> str:
    """Return the digest realm of a user where nobody says: the domain of the private identity, else of the public."""
    return private_identity.rpartition("@")[2] if "@" in private_identity else public_identity.rpartition("@")[2]


def _set_index(profile: UserProfile, aor: str) -> int | None:
    row = profile.set_of(aor)
    return None if row is None else profile.sets.index(row)


def _carried_over(served: _Served, profile: UserProfile) -> tuple[RegistrationState, ...]:
    """Return the states of the new profile's sets: that of the first identity that had one."""
    before = {
        identity.uri: state for row, state in zip(served.profile.sets, served.states, strict=True) for identity in row
    }
    return tuple(
        next((before[identity.uri] for identity in row if identity.uri in before), RegistrationState.NOT_REGISTERED)
        for row in profile.sets
    )


def _vectors(subscriber: Subscriber, auth: Digest, realm: str) -> tuple[DigestVector, ...]:
    """Return H(username:realm:password) for each algorithm (RFC 7616 §3.4.2)."""
    username = subscriber.username
    if auth.ha1 is not None:
        return (DigestVector(auth.algorithms[0], realm, username, auth.ha1.text(subscriber.n).lower()),)
    password = auth.password.text(subscriber.n) if auth.password else ""
    secret = f"{username}:{realm}:{password}".encode("utf-8", "surrogateescape")
    return tuple(
        DigestVector(algorithm, realm, username, (sha256 if algorithm == "SHA-256" else md5)(secret).hexdigest())
        for algorithm in auth.algorithms
    )
