"""A USIM: it has the network prove itself, keeps its own sequence number, and answers (TS 33.102 §6.3.3)."""

import hmac
from base64 import b64decode, b64encode

from hss_stub.milenage import Milenage

K = bytes.fromhex("465b5ce8b199b49faa5f0a2ee238a6bc")
OPC = bytes.fromhex("cd63cb71954a9f4e48a5994e37a02baf")
"""Of test set 1 of TS 35.207."""


class NetworkNotProved(Exception):
    """The MAC in AUTN is wrong."""


class OutOfSequence(Exception):
    """The sequence number in AUTN was used before; `auts` says what the USIM's own is, in base64."""

    def __init__(self, auts: str) -> None:
        super().__init__(auts)
        self.auts = auts


class Usim:
    """One USIM with MILENAGE; `sqn` is the highest sequence number that it has believed."""

    def __init__(self, k: bytes = K, opc: bytes = OPC, sqn: int = 0) -> None:
        self.functions = Milenage(k, opc)
        self.sqn = sqn
        self._last = ("", b"")

    def password(self, nonce: str, algorithm: str) -> bytes:
        """Return what an algorithm takes for the password (RFC 3310 §3.3, RFC 4169 §3).

        The last nonce gets the same one again. Raises NetworkNotProved and OutOfSequence.
        """
        if self._last[0] == nonce:
            return self._last[1]
        octets = b64decode(nonce, validate=True)
        rand, concealed, amf, mac = octets[:16], octets[16:22], octets[22:24], octets[24:32]
        res, ck, ik, ak = self.functions.f2345(rand)
        sqn = _xor(concealed, ak)
        if self.functions.f1(rand, sqn, amf) != mac:
            raise NetworkNotProved
        if int.from_bytes(sqn) <= self.sqn:
            own = self.sqn.to_bytes(6)
            auts = _xor(own, self.functions.f5_star(rand)) + self.functions.f1_star(rand, own, bytes(2))
            raise OutOfSequence(b64encode(auts).decode())
        self.sqn = int.from_bytes(sqn)
        if algorithm.startswith("AKAv2"):
            name = "sha256" if algorithm.endswith("SHA-256") else "md5"
            res = b64encode(hmac.digest(res + ik + ck, b"http-digest-akav2-password", name))
        self._last = (nonce, res)
        return res


def _xor(first: bytes, second: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(first, second, strict=True))
