"""What a scenario knows of the vectors that a UE under test is challenged with."""

from base64 import b64encode
from random import Random

import pytest

from hss_stub.milenage import Milenage
from scscf.conformance.ue.profile import Vector
from scscf.scenario.known_vectors import KnownVectors

K, OPC = bytes.fromhex("465b5ce8b199b49faa5f0a2ee238a6bc"), bytes.fromhex("cd63cb71954a9f4e48a5994e37a02baf")
AMF = bytes.fromhex("8000")


def nonce(sqn: int, *, mac: int = 0, seed: int = 0) -> str:
    functions = Milenage(K, OPC)
    rand = Random(seed).randbytes(16)
    ak = functions.f2345(rand)[3]
    octets = sqn.to_bytes(6)
    proof = functions.f1(rand, octets, AMF)
    concealed = bytes(a ^ b for a, b in zip(octets, ak, strict=True))
    return b64encode(rand + concealed + AMF + bytes((proof[0] ^ mac, *proof[1:]))).decode()


@pytest.mark.clause("TS 34.229-1 §9.1")
def test_a_wrong_mac_is_known() -> None:
    assert KnownVectors(K, OPC)(nonce(0x21, mac=1)) is Vector.BAD_MAC


@pytest.mark.clause("TS 34.229-1 §9.2")
def test_a_number_that_was_taken_is_old_and_one_above_it_is_good() -> None:
    known = KnownVectors(K, OPC)
    assert known(nonce(0x41)) is Vector.UNKNOWN
    known.accepted()

    assert known(nonce(0x62)) is Vector.GOOD
    known.accepted()
    assert known(nonce(0x41, seed=2)) is Vector.OLD_SQN
    assert known(nonce(0x62)) is Vector.GOOD


def test_where_a_usim_begins_is_not_known() -> None:
    known = KnownVectors(K, OPC)
    known.accepted()

    assert known(nonce(0x41)) is Vector.UNKNOWN
    assert known(nonce(0x62)) is Vector.UNKNOWN


@pytest.mark.parametrize("text", ["", "not base64", "AAAA"])
def test_a_nonce_that_is_no_vector_tells_nothing(text: str) -> None:
    assert KnownVectors(K, OPC)(text) is Vector.UNKNOWN


def test_no_usim_believes_number_0() -> None:
    assert KnownVectors(K, OPC)(nonce(0)) is Vector.OLD_SQN
