"""A USIM with the key of a test set."""

from scscf.ue import usim
from scscf.ue.usim import NetworkNotProved, OutOfSequence

__all__ = ["OPC", "K", "NetworkNotProved", "OutOfSequence", "Usim"]

K = bytes.fromhex("465b5ce8b199b49faa5f0a2ee238a6bc")
OPC = bytes.fromhex("cd63cb71954a9f4e48a5994e37a02baf")
"""Of test set 1 of TS 35.207."""


class Usim(usim.Usim):
    """A USIM of the test set unless told otherwise."""

    def __init__(self, k: bytes = K, opc: bytes = OPC, sqn: int = 0) -> None:
        super().__init__(k, opc, sqn)
