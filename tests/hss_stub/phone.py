"""The phone's side of AKA: what a USIM reads out of a vector, and what it says of its own sequence number."""

from hss_stub.vectors import Functions
from scscf.cx import AkaVector, Resynchronisation

AMF = bytes.fromhex("8000")


def sqn_of(vector: AkaVector, phone: Functions) -> int:
    """Return the sequence number that a USIM finds in AUTN, once it has checked the MAC."""
    res, ck, ik, ak = phone.f2345(vector.rand)
    sqn = bytes(a ^ b for a, b in zip(vector.autn[:6], ak, strict=True))
    assert vector.autn[6:8] == AMF
    assert phone.f1(vector.rand, sqn, AMF) == vector.autn[8:]
    assert (vector.xres, vector.ck, vector.ik) == (res, ck, ik)
    return int.from_bytes(sqn)


def auts(vector: AkaVector, phone: Functions, sqn: int) -> Resynchronisation:
    """Return what a USIM says whose sequence number is `sqn` (TS 33.102 §6.3.3)."""
    concealed = bytes(a ^ b for a, b in zip(sqn.to_bytes(6), phone.f5_star(vector.rand), strict=True))
    return Resynchronisation(vector.rand, concealed + phone.f1_star(vector.rand, sqn.to_bytes(6), bytes(2)))
