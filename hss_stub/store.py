"""What the HSS keeps when it is started again: S-CSCFs, registration states, sequence numbers, restoration data."""

from collections.abc import Iterator
from enum import Enum
from typing import Protocol


class Kind(Enum):
    """What an entry of a store is about."""

    STATE = "state"
    """Private identity → states of its sets."""
    SERVER = "server"
    """IMS subscription → the S-CSCF that serves it."""
    RESTORATION = "restoration"
    """Private identity → what its S-CSCF had kept here (TS 23.380)."""
    SQN = "sqn"
    """Private identity → SQN_HE, the highest sequence number used."""


class Store(Protocol):
    """Entries with a key of their kind and a text. What cannot be kept is lost at the next start, no sooner."""

    def put(self, kind: Kind, key: str, text: str | None) -> None:
        """Keep a text in place of the one before; None: keep none."""

    def get(self, kind: Kind, key: str) -> str | None:
        """Return one text."""

    def all(self, kind: Kind) -> Iterator[tuple[str, str]]:
        """Yield every key of a kind with its text, oldest first."""

    def clear(self, kind: Kind) -> None:
        """Keep nothing of a kind any more."""
