"""MILENAGE: the authentication functions of TS 35.206, one object for each USIM."""

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

_BLOCK = 16
_MASK = (1 << 128) - 1
_AK_AND_RES, _CK, _IK, _AK_STAR = 1, 2, 4, 8
"""The constants c2 to c5; c1 is 0 (TS 35.206 §4.1)."""


class Milenage:
    """f1 to f5* for one subscriber key and OPc, 16 octets each. The key schedule is kept."""

    def __init__(self, k: bytes, opc: bytes) -> None:
        self._encrypt = Cipher(AES(k), ECB()).encryptor().update  # noqa: S305  # TS 35.206 §4.1 is made of single blocks
        self._opc = int.from_bytes(opc)
        self._rand = b""
        self._temp_of_rand = 0

    @classmethod
    def of_op(cls, k: bytes, op: bytes) -> "Milenage":
        """Return the functions for an operator variant that is not yet bound to the key (TS 35.206 §4.1)."""
        return cls(k, opc_of(k, op))

    def f1(self, rand: bytes, sqn: bytes, amf: bytes) -> bytes:
        """Return MAC-A, 8 octets."""
        return self._out1(rand, sqn, amf)[:8]

    def f1_star(self, rand: bytes, sqn: bytes, amf: bytes) -> bytes:
        """Return MAC-S, 8 octets."""
        return self._out1(rand, sqn, amf)[8:]

    def f2345(self, rand: bytes) -> tuple[bytes, bytes, bytes, bytes]:
        """Return RES (8 octets), CK and IK (16 each) and AK (6)."""
        mixed = self._temp(rand) ^ self._opc
        blocks = (
            (mixed ^ _AK_AND_RES).to_bytes(_BLOCK)
            + (_rotate(mixed, 32) ^ _CK).to_bytes(_BLOCK)
            + (_rotate(mixed, 64) ^ _IK).to_bytes(_BLOCK)
        )
        out = self._encrypt(blocks)
        first = (int.from_bytes(out[:16]) ^ self._opc).to_bytes(_BLOCK)
        ck = (int.from_bytes(out[16:32]) ^ self._opc).to_bytes(_BLOCK)
        ik = (int.from_bytes(out[32:]) ^ self._opc).to_bytes(_BLOCK)
        return first[8:], ck, ik, first[:6]

    def f5_star(self, rand: bytes) -> bytes:
        """Return the AK of a resynchronisation, 6 octets."""
        mixed = _rotate(self._temp(rand) ^ self._opc, 96) ^ _AK_STAR
        return (int.from_bytes(self._encrypt(mixed.to_bytes(_BLOCK))) ^ self._opc).to_bytes(_BLOCK)[:6]

    def _temp(self, rand: bytes) -> int:
        if rand != self._rand:
            self._rand = rand
            self._temp_of_rand = int.from_bytes(self._encrypt((int.from_bytes(rand) ^ self._opc).to_bytes(_BLOCK)))
        return self._temp_of_rand

    def _out1(self, rand: bytes, sqn: bytes, amf: bytes) -> bytes:
        mixed = self._temp(rand) ^ _rotate(int.from_bytes((sqn + amf) * 2) ^ self._opc, 64)
        return (int.from_bytes(self._encrypt(mixed.to_bytes(_BLOCK))) ^ self._opc).to_bytes(_BLOCK)


def opc_of(k: bytes, op: bytes) -> bytes:
    """Return OPc, 16 octets: the operator variant OP bound to a subscriber key (TS 35.206 §4.1)."""
    encrypted = Cipher(AES(k), ECB()).encryptor().update(op)  # noqa: S305
    return (int.from_bytes(encrypted) ^ int.from_bytes(op)).to_bytes(_BLOCK)


def _rotate(block: int, bits: int) -> int:
    """Return 128 bits rotated towards the most significant one."""
    return ((block << bits) | (block >> (128 - bits))) & _MASK
