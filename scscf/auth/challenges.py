"""The challenges that are open: which nonce was given to whom, until when, and how far it has been used."""

from collections import OrderedDict, deque
from hmac import compare_digest

from scscf.auth.aka_challenges import AkaChallenges
from scscf.auth.digest import algorithm_of, expected_response, nonce_count
from scscf.cx import DigestVector
from scscf.sip.credentials import Credentials


class Challenge:
    """One nonce, bound to a private identity and to what the HSS said of it when it was made."""

    __slots__ = ("aor", "count", "expires_at", "named", "nonce", "pairs", "private_identity", "vectors")

    def __init__(
        self,
        nonce: str,
        private_identity: str,
        aor: str,
        vectors: tuple[DigestVector, ...],
        expires_at: float,
        named: bool,
    ) -> None:
        self.nonce = nonce
        self.private_identity = private_identity
        self.aor = aor
        """The address of record that the HSS was asked about: for another one it has to be asked again."""
        self.vectors = vectors
        self.expires_at = expires_at
        self.named = named
        """Whether the request that was challenged named its user; else whoever answers first is meant."""
        self.count = 0
        """Highest nc taken so far."""
        self.pairs: set[tuple[str, int]] | None = None
        """Call-ID and CSeq of the requests without qop that used it."""


def vector_for(credentials: Credentials, vectors: tuple[DigestVector, ...]) -> DigestVector | None:
    """Return the vector whose algorithm the credentials use, None where it was not offered."""
    algorithm = algorithm_of(credentials).removesuffix("-sess")
    for vector in vectors:
        if vector.algorithm.lower() == algorithm:
            return vector
    return None


def is_right(credentials: Credentials, vectors: tuple[DigestVector, ...], method: str, body: bytes) -> bool:
    """Tell whether the response of `credentials` is that of the user whose vectors these are, in constant time.

    Raises SipError(400) where the credentials lack what their qop needs (RFC 7616 §3.4).
    """
    vector = vector_for(credentials, vectors)
    if vector is None or (vector.username and credentials.params.get("username") != vector.username):
        return False
    expected = expected_response(credentials, vector.ha1, method, body)
    given = credentials.params.get("response", "").lower()
    return compare_digest(expected.encode(), given.encode("utf-8", "surrogateescape"))


class Challenges:
    """Open challenges, bounded in number for each private identity and in all, and the failures of late.

    `lifetime` is the life of a nonce in seconds.
    """

    PER_IDENTITY = 8
    PAIRS = 256
    FAILURES = 10_000

    def __init__(self, lifetime: float, limit: int = 200_000) -> None:
        self._lifetime = lifetime
        self._limit = limit
        self._open: OrderedDict[str, Challenge] = OrderedDict()
        self._of_identity: dict[str, deque[str]] = {}
        self._sweep_at = 0.0
        """No challenge runs out before this."""
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self.aka = AkaChallenges()
        """Those of users with a USIM, who prove themselves once for each challenge."""

    def __len__(self) -> int:
        """Return how many challenges are open."""
        return len(self._open)

    def open(
        self, nonce: str, private_identity: str, aor: str, vectors: tuple[DigestVector, ...], now: float, *, named: bool
    ) -> Challenge:
        """Keep a new challenge; the oldest of this identity, or of all, makes room."""
        if now >= self._sweep_at:
            self.sweep(now)
        challenge = Challenge(nonce, private_identity, aor, vectors, now + self._lifetime, named)
        self._open[nonce] = challenge
        self._bind(challenge)
        if len(self._open) > self._limit:
            self._forget(next(iter(self._open)))
        return challenge

    def find(self, nonce: str, private_identity: str, now: float) -> Challenge | None:
        """Return the live challenge of a nonce that was given to this private identity, or to no one named."""
        challenge = self._open.get(nonce)
        if challenge is None or challenge.expires_at <= now:
            return None
        return challenge if challenge.private_identity == private_identity or not challenge.named else None

    def adopt(self, challenge: Challenge, private_identity: str, vectors: tuple[DigestVector, ...]) -> None:
        """Bind a challenge that named nobody to the private identity that answers it."""
        challenge.named = True
        if challenge.private_identity == private_identity:
            return
        self._unbind(challenge)
        challenge.private_identity, challenge.vectors = private_identity, vectors
        self._bind(challenge)

    def take(self, challenge: Challenge, credentials: Credentials, call_id: str, cseq: int) -> bool:
        """Mark right credentials as used and return True; False where they were used before: a replay.

        With qop the nonce count must rise (RFC 7616 §3.4); without, the same Call-ID and CSeq must not come again.
        """
        if not credentials.params.get("qop"):
            pairs = challenge.pairs = challenge.pairs or set()
            if (call_id, cseq) in pairs or len(pairs) >= self.PAIRS:
                return False
            pairs.add((call_id, cseq))
            return True
        count = nonce_count(credentials)
        if count is None or count <= challenge.count:
            return False
        challenge.count = count
        return True

    def withdraw(self, private_identity: str) -> int:
        """Forget every nonce of a private identity, so that its next request is challenged; return how many."""
        nonces = list(self._of_identity.get(private_identity, ()))
        for nonce in nonces:
            self._forget(nonce)
        return len(nonces)

    def clear(self) -> int:
        """Forget everything; return how many challenges were open."""
        count = len(self._open)
        self._open.clear()
        self._of_identity.clear()
        self._failures.clear()
        return count

    def sweep(self, now: float) -> None:
        """Forget challenges that have run out: the oldest stand first."""
        while self._open:
            challenge = next(iter(self._open.values()))
            if challenge.expires_at > now:
                self._sweep_at = challenge.expires_at
                return
            self._forget(challenge.nonce)
        self._sweep_at = now + self._lifetime

    def failed(self, name: str, now: float) -> int:
        """Count a wrong response for a user name and return how many there were in a row within a nonce's life."""
        count, until = self._failures.pop(name, (0, 0.0))
        count = count + 1 if until > now else 1
        self._failures[name] = (count, now + self._lifetime)
        if len(self._failures) > self.FAILURES:
            self._failures.popitem(last=False)
        return count

    def succeeded(self, name: str) -> None:
        """Forget the failures of a user name."""
        if self._failures:
            self._failures.pop(name, None)

    def _bind(self, challenge: Challenge) -> None:
        nonces = self._of_identity.get(challenge.private_identity)
        if nonces is None:
            self._of_identity[challenge.private_identity] = deque((challenge.nonce,))
            return
        nonces.append(challenge.nonce)
        if len(nonces) > self.PER_IDENTITY:
            self._open.pop(nonces.popleft(), None)

    def _unbind(self, challenge: Challenge) -> None:
        nonces = self._of_identity[challenge.private_identity]
        nonces.remove(challenge.nonce)
        if not nonces:
            del self._of_identity[challenge.private_identity]

    def _forget(self, nonce: str) -> None:
        challenge = self._open.pop(nonce, None)
        if challenge is not None:
            self._unbind(challenge)
