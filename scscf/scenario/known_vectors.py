"""What a scenario knows of the authentication vectors that a UE under test is challenged with: it has the UE's key."""

from base64 import b64decode
from binascii import Error as NotBase64

from hss_stub.milenage import Milenage
from scscf.conformance.ue.profile import Vector

_INDICES = 0x1F


class KnownVectors:
    """Reads the vectors of one USIM, whose `k` and `opc` have 16 octets.

    The number that a USIM begins with is its own affair: until the network has taken an answer of it, a number that is
    in order here may be an old one there.
    """

    def __init__(self, k: bytes, opc: bytes) -> None:
        self._functions = Milenage(k, opc)
        self._highest: dict[int, int] = {}
        self._last = -1
        self._believed: int | None = None
        self._verdicts: dict[str, Vector] = {}

    def __call__(self, nonce: str) -> Vector:
        """Return what is known of the vector behind a nonce that the UE has just answered (TS 33.102 §6.3.3, C.2)."""
        known = self._verdicts.get(nonce)
        if known is None:
            known = self._verdicts[nonce] = self._read(nonce)
        return known

    def accepted(self) -> None:
        """Take that the network took the last answer for right: the USIM has believed the number in that vector."""
        if self._last >= 0:
            self._believed = max(self._last, self._believed or 0)

    def _read(self, nonce: str) -> Vector:
        try:
            octets = b64decode(nonce, validate=True)
        except NotBase64:
            return Vector.UNKNOWN
        if len(octets) < 32:
            return Vector.UNKNOWN
        rand, concealed, amf, mac = octets[:16], octets[16:22], octets[22:24], octets[24:32]
        ak = self._functions.f2345(rand)[3]
        sqn = bytes(a ^ b for a, b in zip(concealed, ak, strict=True))
        if self._functions.f1(rand, sqn, amf) != mac:
            return Vector.BAD_MAC
        number = int.from_bytes(sqn)
        index = number & _INDICES
        if number <= self._highest.get(index, 0):
            return Vector.OLD_SQN
        self._highest[index] = self._last = number
        return Vector.GOOD if self._believed is not None and number > self._believed else Vector.UNKNOWN
