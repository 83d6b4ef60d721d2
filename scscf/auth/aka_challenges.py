"""The AKA challenges that are open: one for each private identity, each for one answer (TS 24.229 §5.4.1.2.1A)."""

from scscf.cx import AkaVector
from scscf.timers import Deadline


class AkaChallenge:
    """One vector that a UE has been challenged with, and what its answer has to fit."""

    __slots__ = ("algorithm", "aor", "call_id", "deadline", "nonce", "private_identity", "vector")

    def __init__(
        self, nonce: str, private_identity: str, aor: str, call_id: str, algorithm: str, vector: AkaVector
    ) -> None:
        self.nonce = nonce
        self.private_identity = private_identity
        self.aor = aor
        self.call_id = call_id
        """Call-ID of the REGISTER that was challenged: the answer has the same."""
        self.algorithm = algorithm
        self.vector = vector
        self.deadline: Deadline | None = None
        """reg-await-auth (TS 24.229 table 7.8.1)."""


class AkaChallenges:
    """Open AKA challenges by private identity, at most `limit`; the oldest makes room."""

    def __init__(self, limit: int = 200_000) -> None:
        self._limit = limit
        self._open: dict[str, AkaChallenge] = {}

    def __len__(self) -> int:
        """Return how many challenges are open."""
        return len(self._open)

    def open(self, challenge: AkaChallenge) -> list[AkaChallenge]:
        """Keep a challenge; return those that it takes the place of: the one before of this identity, or the oldest."""
        before = self._open.pop(challenge.private_identity, None)
        replaced = [before] if before is not None else []
        self._open[challenge.private_identity] = challenge
        if len(self._open) > self._limit:
            replaced.append(self._open.pop(next(iter(self._open))))
        return replaced

    def find(self, private_identity: str) -> AkaChallenge | None:
        """Return the open challenge of a private identity."""
        return self._open.get(private_identity)

    def close(self, private_identity: str) -> AkaChallenge | None:
        """Take the open challenge of a private identity away and return it."""
        return self._open.pop(private_identity, None)

    def clear(self) -> list[AkaChallenge]:
        """Take every challenge away."""
        closed = list(self._open.values())
        self._open.clear()
        return closed
