"""TUAK: the authentication functions of TS 35.231, one object for each USIM.

With one iteration, TUAK's use of the Keccak permutation is SHAKE256 of a 96 octet block in which every field stands
with its last octet first, and so do the outputs.
"""

from hashlib import shake_256

_NAME = b"TUAK1.0"[::-1]
_F1, _F1_STAR, _F2345, _F5_STAR = 0x00, 0x80, 0x40, 0xC0
_LENGTHS = {4: 0x00, 8: 0x08, 16: 0x10, 32: 0x20}
"""Octets of a MAC or of RES → its bits in INSTANCE (TS 35.231 §6)."""
_NOTHING = bytes(16), bytes(2), bytes(6)


class Tuak:
    """f1 to f5* for one subscriber key (16 or 32 octets) and TOPc (32), with one Keccak iteration.

    The lengths of MAC, RES, CK and IK are in octets; IMS AKA takes the defaults.
    """

    def __init__(self, k: bytes, topc: bytes, mac: int = 8, res: int = 8, ck: int = 16, ik: int = 16) -> None:
        self._top = topc[::-1]
        self._key = k[::-1].ljust(32, b"\0")
        self._long_key = len(k) == 32
        self._mac, self._res, self._ck, self._ik = mac, res, ck, ik

    def f1(self, rand: bytes, sqn: bytes, amf: bytes) -> bytes:
        """Return MAC-A."""
        return self._out(_F1 | _LENGTHS[self._mac], rand, amf, sqn)[: self._mac][::-1]

    def f1_star(self, rand: bytes, sqn: bytes, amf: bytes) -> bytes:
        """Return MAC-S."""
        return self._out(_F1_STAR | _LENGTHS[self._mac], rand, amf, sqn)[: self._mac][::-1]

    def f2345(self, rand: bytes) -> tuple[bytes, bytes, bytes, bytes]:
        """Return RES, CK, IK and AK (6 octets)."""
        instance = _F2345 | _LENGTHS[self._res] | (4 if self._ck == 32 else 0) | (2 if self._ik == 32 else 0)
        out = self._out(instance, rand, *_NOTHING[1:])
        return out[: self._res][::-1], out[32 : 32 + self._ck][::-1], out[64 : 64 + self._ik][::-1], out[96:102][::-1]

    def f5_star(self, rand: bytes) -> bytes:
        """Return the AK of a resynchronisation, 6 octets."""
        return self._out(_F5_STAR, rand, *_NOTHING[1:])[96:102][::-1]

    def _out(self, instance: int, rand: bytes, amf: bytes, sqn: bytes) -> bytes:
        return _permuted(self._top, instance | self._long_key, rand, amf, sqn, self._key)


def topc_of(k: bytes, top: bytes) -> bytes:
    """Return TOPc, 32 octets: the operator variant TOP bound to a subscriber key (TS 35.231 §6.2)."""
    instance = int(len(k) == 32)
    return _permuted(top[::-1], instance, *_NOTHING, k[::-1].ljust(32, b"\0"))[:32][::-1]


def _permuted(top: bytes, instance: int, rand: bytes, amf: bytes, sqn: bytes, key: bytes) -> bytes:
    block = top + bytes((instance,)) + _NAME + rand[::-1] + amf[::-1] + sqn[::-1] + key
    return shake_256(block).digest(102)
