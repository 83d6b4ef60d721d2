"""A USIM: it has the network prove itself, keeps its own sequence number, and answers (TS 33.102 §6.3.3)."""

import hmac
from base64 import b64decode, b64encode
from binascii import Error as NotBase64

from hss_stub.milenage import Milenage
from scscf.errors import ScscfError


class NetworkNotProved(ScscfError):
    """The MAC in AUTN is wrong, or the nonce holds no RAND and AUTN."""


class OutOfSequence(ScscfError):
    """The sequence number in AUTN was used before; `auts` says what the USIM's own is, in base64."""

    def __init__(self, auts: str) -> None:
        super().__init__(auts)
        self.auts = auts


class Usim:
    """One USIM with MILENAGE; `k` and `opc` are 16 octets, `sqn` is the highest number that it believed."""

    def __init__(self, k: bytes, opc: bytes, sqn: int = 0) -> None:
        self.functions = Milenage(k, opc)
        self.sqn = sqn
        self._last = ("", b"")

    def password(self, nonce: str, algorithm: str) -> bytes:
        """Return what an algorithm takes for the password (RFC 3310 §3.3, RFC 4169 §3).

        The last nonce gets the same one again. Raises NetworkNotProved and OutOfSequence.
        """
        if self._last[0] == nonce:
            return self._last[1]
        try:
            octets = b64decode(nonce, validate=True)
        except NotBase64:
            raise NetworkNotProved("the nonce is not base64") from None
        if len(octets) < 32:
            raise NetworkNotProved("the nonce holds no RAND and AUTN")
        rand, concealed, amf, mac = octets[:16], octets[16:22], octets[22:24], octets[24:32]
        res, ck, ik, ak = self.functions.f2345(rand)
        sqn = _xor(concealed, ak)
        if not hmac.compare_digest(self.functions.f1(rand, sqn, amf), mac):
            raise NetworkNotProved("the MAC is wrong")
        if int.from_bytes(sqn) <= self.sqn:
            own = self.sqn.to_bytes(6)
            auts = _xor(own, self.functions.f5_star(rand)) + self.functions.f1_star(rand, own, bytes(2))
            raise OutOfSequence(b64encode(auts).decode())
        self.sqn = int.from_bytes(sqn)
        if algorithm.upper().startswith("AKAV2"):
            name = "sha256" if algorithm.upper().endswith("SHA-256") else "md5"
            res = b64encode(hmac.digest(res + ik + ck, b"http-digest-akav2-password", name))
        self._last = (nonce, res)
        return res


def _xor(first: bytes, second: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(first, second, strict=True))
