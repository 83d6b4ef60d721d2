"""The HSS's side of Cx (TS 29.228 §6.1, §6.3) over the subscribers of a file."""

from collections.abc import Callable
from functools import lru_cache

from hss_stub.digest import digest_vectors, realm_of
from hss_stub.entry import Aka, Digest, Ntlm
from hss_stub.faults import Corrupt, Fault, Faults
from hss_stub.logon import nt_hash_of, same_logon
from hss_stub.registration_states import (
    STATE_AFTER,
    WITH_PROFILE,
    RegistrationState,
    Served,
    carried_over,
    first_state,
    set_index,
    states_in,
    text_of,
)
from hss_stub.store import Kind, Store
from hss_stub.subscribers import Removal, Subscribers
from hss_stub.vectors import SQN_MASK, Distorted, Distortion, Usim
from scscf.cx import (
    AssignmentAnswer,
    AuthAnswer,
    Result,
    Resynchronisation,
    ServerAssignment,
)
from scscf.profile.service_profile import UserProfile

KEPT = 4096
"""How many answers with H(username:realm:password) are kept."""


_DISTORTION = {Corrupt.MAC: Distortion.BAD_MAC, Corrupt.SQN: Distortion.OLD_SQN}
_ALL_REGISTERED = (RegistrationState.REGISTERED,)
_NO_ANSWER = AssignmentAnswer(Result.SUCCESS)
_USER_UNKNOWN = AuthAnswer(Result.USER_UNKNOWN)
_FOREIGN = AuthAnswer(Result.IDENTITIES_DONT_MATCH)
_NEVER_CHALLENGED = AuthAnswer(Result.SUCCESS, "none")
_BY_AKA = AuthAnswer(Result.SUCCESS, "aka")
"""What is kept of a user with a USIM; the vector is a new one each time."""
_BY_NTLM = AuthAnswer(Result.AUTH_SCHEME_NOT_SUPPORTED, "ntlm")
"""What a user is who has nothing but NTLM, where that is not asked for."""


class HssProcedures:
    """What an HSS does, whoever asks. `random_bytes(n)` gives n octets for RAND; `store` has what was known before."""

    def __init__(
        self, subscribers: Subscribers, random_bytes: Callable[[int], bytes], store: Store | None = None
    ) -> None:
        self.subscribers = subscribers
        self._store = store
        self.faults = Faults()
        self._random_bytes = random_bytes
        self._usims: dict[str, Usim] = {}
        """Those that have been asked for: their sequence numbers outlive whatever else is forgotten."""
        self._served: dict[str, Served] = {}
        self._auth_answer = lru_cache(maxsize=KEPT)(self._make_auth_answer)
        self._nt_hash = lru_cache(maxsize=KEPT)(self._make_nt_hash)
        if store is not None:
            self._restore(store)

    def authenticate(
        self,
        private_identity: str,
        public_identity: str,
        realm: str | None,
        failed: Resynchronisation | None = None,
        *,
        ntlm: bool = False,
    ) -> AuthAnswer:
        """MAR (TS 29.228 §6.3): a digest vector for each of the user's algorithms, or one new AKA vector.

        With `ntlm` the NT hash too: it is not made for nothing.

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
            return self._with_nt_hash(private_identity, answer) if ntlm else answer
        usim = self._usim(private_identity)
        if usim is None:
            return _USER_UNKNOWN
        if failed is not None:
            usim.resynchronise(failed)
        vector = usim.vector(self._random_bytes)
        self._keep_sqn(private_identity, usim)
        return AuthAnswer(Result.SUCCESS, "aka", aka=vector)

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

    def distort(self, private_identity: str, distortion: Distortion | None, count: int = 1) -> bool:
        """Make the next `count` vectors of a user with a USIM wrong, None: none; False where there is no such user."""
        usim = self._usim(private_identity)
        if usim is None:
            return False
        usim.distorted = None if distortion is None else Distorted(distortion, count)
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
        self._keep_sqn(private_identity, usim)
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
        index = set_index(profile, public_identity)
        if index is None:
            return AssignmentAnswer(Result.IDENTITIES_DONT_MATCH)
        state = STATE_AFTER[assignment]
        if state is not None:
            self._leave(private_identity, profile, index, state)
        return AssignmentAnswer(Result.SUCCESS, profile) if assignment in WITH_PROFILE else _NO_ANSWER

    def registration_state(self, private_identity: str, public_identity: str) -> RegistrationState:
        """Return the state of the set that `public_identity` is in, as this private identity registers it."""
        served = self._served.get(private_identity)
        index = None if served is None else set_index(served.profile, public_identity)
        return RegistrationState.NOT_REGISTERED if served is None or index is None else served.states[index]

    def changed_in(self, subscribers: Subscribers) -> list[str]:
        """Return the private identities that have an S-CSCF and get another profile from another file."""
        changed = []
        for private_identity, served in self._served.items():
            subscriber = subscribers.find(private_identity)
            if subscriber is not None and subscriber.profile != served.profile:
                changed.append(private_identity)
        return changed

    def rekeyed_in(self, subscribers: Subscribers) -> list[str]:
        """Return the private identities that have an S-CSCF and log on otherwise by another file: another password."""
        old = self.subscribers
        changed = [each for each in self._served if old.entry_of(each) is not subscribers.entry_of(each)]
        return [each for each in changed if not same_logon(old.find(each), subscribers.find(each))]

    def served(self) -> list[str]:
        """Return the private identities that have an S-CSCF, oldest first."""
        return list(self._served)

    def replace(self, subscribers: Subscribers) -> list[Removal]:
        """Take another file's subscribers, and return what was taken from those who have an S-CSCF."""
        removals = self.subscribers.removed_in(subscribers, self._served)
        self.subscribers = subscribers
        self._auth_answer.cache_clear()
        self._nt_hash.cache_clear()
        for private_identity, served in list(self._served.items()):
            subscriber = subscribers.find(private_identity)
            if subscriber is None:
                self._serve(private_identity, served.profile, ())
            elif subscriber.profile != served.profile:
                self._serve(private_identity, subscriber.profile, carried_over(served, subscriber.profile))
        return removals

    def forget(self) -> None:
        """Forget every assignment, as an HSS does whose data are lost."""
        self._served.clear()
        if self._store is not None:
            self._store.clear(Kind.STATE)

    def _usim(self, private_identity: str) -> Usim | None:
        subscriber = self.subscribers.find(private_identity)
        if subscriber is None or not isinstance(subscriber.auth, Aka):
            return None
        usim = self._usims.get(private_identity)
        if usim is None or usim.auth is not subscriber.auth or usim.n != subscriber.n:
            before, usim = usim, Usim(subscriber.auth, subscriber.n)
            if before is not None:
                usim.succeed(before)
            elif self._store is not None:
                usim.sqn = _number(self._store.get(Kind.SQN, private_identity), usim.sqn)
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
            self._served[private_identity] = Served(profile, states, unchallenged)
        else:
            self._served.pop(private_identity, None)
        if self._store is not None:
            self._keep_states(self._store, private_identity)

    def _keep_sqn(self, private_identity: str, usim: Usim) -> None:
        if self._store is not None:
            self._store.put(Kind.SQN, private_identity, f"{usim.sqn:012x}")

    def _keep_states(self, store: Store, private_identity: str) -> None:
        served = self._served.get(private_identity)
        store.put(Kind.STATE, private_identity, None if served is None else text_of(served))

    def _restore(self, store: Store) -> None:
        """Know again who was served; of users whom the file has no more nothing is kept."""
        for private_identity, text in list(store.all(Kind.STATE)):
            subscriber = self.subscribers.find(private_identity)
            if subscriber is None:
                store.put(Kind.STATE, private_identity, None)
            else:
                known = states_in(text)
                states = tuple(first_state(known, row) for row in subscriber.profile.sets)
                self._serve(private_identity, subscriber.profile, states)

    def _make_auth_answer(self, private_identity: str, realm: str) -> AuthAnswer:
        subscriber = self.subscribers.find(private_identity)
        if subscriber is None:
            return _USER_UNKNOWN
        if subscriber.auth is None:
            return _NEVER_CHALLENGED
        if isinstance(subscriber.auth, Ntlm):
            return _BY_NTLM
        if not isinstance(subscriber.auth, Digest):
            return _BY_AKA
        return AuthAnswer(Result.SUCCESS, "digest", digest_vectors(subscriber, subscriber.auth, realm))

    def _with_nt_hash(self, private_identity: str, answer: AuthAnswer) -> AuthAnswer:
        if answer is _BY_NTLM:
            return AuthAnswer(Result.SUCCESS, "ntlm", nt_hash=self._nt_hash(private_identity))
        return answer._replace(nt_hash=self._nt_hash(private_identity)) if answer.scheme == "digest" else answer

    def _make_nt_hash(self, private_identity: str) -> bytes:
        subscriber = self.subscribers.find(private_identity)
        return b"" if subscriber is None else nt_hash_of(subscriber)


def _number(text: str | None, least: int) -> int:
    """Read a sequence number; one below that of the subscribers file does not count."""
    try:
        return max(int(text or "", 16) & SQN_MASK, least)
    except ValueError:
        return least
