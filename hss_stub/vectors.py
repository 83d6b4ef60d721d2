"""AKA authentication vectors and the sequence numbers that they use up (TS 33.102 §6.3, annex C)."""

from collections.abc import Callable
from enum import Enum
from functools import lru_cache
from hmac import compare_digest
from typing import NamedTuple, Protocol

from hss_stub.entry import Aka
from hss_stub.milenage import Milenage, opc_of
from hss_stub.tuak import Tuak
from scscf.cx import AkaVector, Resynchronisation

KEPT = 4096
"""How many USIMs' key schedules are kept."""

_IND_BITS = 5
_IND_MASK = (1 << _IND_BITS) - 1
SQN_MASK = (1 << 48) - 1
"""A sequence number has 48 bits."""
_SEQ_MASK = SQN_MASK >> _IND_BITS
_DELTA = 1 << 28
"""How far ahead of its own a USIM believes a SEQ (TS 33.102 annex C.2.1, C.3.1)."""
_NEVER_FRESH = 0
"""A USIM believes greater SEQs than it has seen, and begins with 0 (TS 33.102 annex C.2.1): it may lack later ones."""
_RESYNCHRONISATION_AMF = bytes(2)
"""TS 33.102 §6.3.3: MAC-S is made with an AMF of zeros."""


class Functions(Protocol):
    """f1 to f5* of one USIM: MILENAGE or TUAK."""

    def f1(self, rand: bytes, sqn: bytes, amf: bytes) -> bytes:
        """Return MAC-A, 8 octets."""

    def f1_star(self, rand: bytes, sqn: bytes, amf: bytes) -> bytes:
        """Return MAC-S, 8 octets."""

    def f2345(self, rand: bytes) -> tuple[bytes, bytes, bytes, bytes]:
        """Return RES, CK, IK and AK."""

    def f5_star(self, rand: bytes) -> bytes:
        """Return the AK of a resynchronisation, 6 octets."""


class Distortion(Enum):
    """What may be made wrong with a vector, for the UE to notice."""

    BAD_MAC = "bad_mac"
    """The network does not prove itself: the UE answers with an empty response (TS 24.229 §5.1.1.5.3)."""
    OLD_SQN = "old_sqn"
    """The sequence number is one that no USIM believes any more: the UE answers with AUTS."""


class Distorted(NamedTuple):
    """Which distortion the next vectors get, and how many of them."""

    distortion: Distortion
    vectors: int


class _Keys(NamedTuple):
    algorithm: str
    k: bytes
    variant: bytes
    """OPc or TOPc."""

    def __repr__(self) -> str:
        return f"<_Keys {self.algorithm}>"


class Usim:
    """The HSS's side of one USIM: its secrets and SQN_HE, the highest sequence number used (48 bits).

    A sequence number is SEQ with 5 bits of IND behind it; each vector takes the next SEQ and the next IND.
    """

    __slots__ = ("_amf", "_keys", "auth", "distorted", "n", "sqn")

    def __init__(self, auth: Aka, n: int) -> None:
        self.auth = auth
        """What the subscribers file says."""
        self.n = n
        """The number in its range that `auth` is read with."""
        self.sqn = int(auth.sqn.text(n), 16)
        self.distorted: Distorted | None = None
        """What is wrong with the next vectors, None: nothing."""
        self._keys = _keys(auth, n)
        self._amf = bytes.fromhex(auth.amf.text(n))

    def succeed(self, before: "Usim") -> None:
        """Take the place of what the file said before: the sequence numbers of the same keys are not used again."""
        if before._keys == self._keys:
            self.sqn = max(self.sqn, before.sqn)
            self.distorted = before.distorted

    def vector(self, random_bytes: Callable[[int], bytes]) -> AkaVector:
        """Return a vector with a sequence number that was never used before (TS 33.102 §6.3.2, annex C.1.2)."""
        distortion = self._next_distortion()
        number = _NEVER_FRESH
        if distortion is not Distortion.OLD_SQN:
            number = self.sqn = _following(self.sqn)
        functions = _functions(self._keys)
        sqn = number.to_bytes(6)
        rand = random_bytes(16)
        res, ck, ik, ak = functions.f2345(rand)
        mac = functions.f1(rand, sqn, self._amf)
        if distortion is Distortion.BAD_MAC:
            mac = bytes((mac[0] ^ 0xFF,)) + mac[1:]
        return AkaVector(rand, _xor(sqn, ak) + self._amf + mac, res, ck, ik)

    def resynchronise(self, failed: Resynchronisation) -> bool:
        """Go on from the USIM's own sequence number where AUTS proves it; else return False (TS 33.102 §6.3.5).

        Where the USIM would believe our next number anyway, ours stays: an AUTS of long ago brings no number back.
        """
        auts = failed.auts
        if len(auts) != 14 or len(failed.rand) != 16:
            return False
        functions = _functions(self._keys)
        sqn = _xor(auts[:6], functions.f5_star(failed.rand))
        if not compare_digest(functions.f1_star(failed.rand, sqn, _RESYNCHRONISATION_AMF), auts[6:]):
            return False
        of_usim = int.from_bytes(sqn)
        ahead = ((_following(self.sqn) >> _IND_BITS) - (of_usim >> _IND_BITS)) & _SEQ_MASK
        if not 0 < ahead <= _DELTA:
            self.sqn = of_usim
        return True

    def _next_distortion(self) -> Distortion | None:
        if self.distorted is None:
            return None
        distortion, left = self.distorted
        self.distorted = Distorted(distortion, left - 1) if left > 1 else None
        return distortion


@lru_cache(maxsize=KEPT)
def _functions(keys: _Keys) -> Functions:
    return (Tuak if keys.algorithm == "tuak" else Milenage)(keys.k, keys.variant)


def _following(sqn: int) -> int:
    """Return the next SEQ with the next IND behind it (TS 33.102 annex C.1.1.1)."""
    ind = (sqn + 1) & _IND_MASK
    return (((sqn >> _IND_BITS) + 1) << _IND_BITS | ind) & SQN_MASK


def _keys(auth: Aka, n: int) -> _Keys:
    k = bytes.fromhex(auth.k.text(n))
    if auth.topc is not None:
        return _Keys(auth.algorithm, k, bytes.fromhex(auth.topc.text(n)))
    if auth.opc is not None:
        return _Keys(auth.algorithm, k, bytes.fromhex(auth.opc.text(n)))
    return _Keys(auth.algorithm, k, opc_of(k, bytes.fromhex(auth.op.text(n)) if auth.op is not None else bytes(16)))


def _xor(first: bytes, second: bytes) -> bytes:
    return (int.from_bytes(first) ^ int.from_bytes(second)).to_bytes(len(first))
