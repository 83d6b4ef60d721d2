"""Scripted faults: what the HSS does wrong with which command, of whom, when and how often."""

from enum import Enum
from typing import NamedTuple

from scscf.cx import Result


class Command(Enum):
    """Cx commands, by the names that users write."""

    UAR = "UAR"
    SAR = "SAR"
    LIR = "LIR"
    MAR = "MAR"
    RTR = "RTR"
    PPR = "PPR"


class Corrupt(Enum):
    """What is wrong with an answer."""

    MAC = "mac"
    """The network does not prove itself: MAC in AUTN (MAR of a user with a USIM)."""
    SQN = "sqn"
    """The sequence number is too old for any USIM (MAR of a user with one)."""
    GARBAGE = "garbage"
    """The answer cannot be read."""


class Fault(NamedTuple):
    """One fault. With `result` the command is refused and not done; the others come on top of it being done."""

    result: Result | None = None
    delay: float = 0.0
    """Seconds by which the answer comes late."""
    silent: bool = False
    disconnect: bool = False
    """The connection is cut in place of an answer."""
    executed: bool = True
    """With `silent` and `disconnect`: whether the command is done all the same."""
    corrupt: Corrupt | None = None
    sqn: int = 0
    """By how much the sequence number of the USIM jumps before a vector is made (MAR)."""
    after: int = 0
    """How many commands pass before."""
    times: int | None = None
    """How many commands it is done to; None: until it is taken back."""
    impi: str | None = None
    """Whose commands; None: everybody's."""


class Scripted(NamedTuple):
    """A fault that is set, and what has come of it."""

    fault: Fault
    seen: int = 0
    """Commands that it might have been for."""
    hits: int = 0
    """Commands that it was done to."""


class Faults:
    """The faults that are set: one for each command."""

    def __init__(self) -> None:
        self._set: dict[Command, Scripted] = {}
        self.any = False
        """Whether any is set: asked on the hot path."""

    def __len__(self) -> int:
        """Return how many are set."""
        return len(self._set)

    def set(self, command: Command, fault: Fault) -> None:
        """Set a fault in place of the one of the same command, and count from the beginning."""
        self._set[command] = Scripted(fault)
        self.any = True

    def get(self, command: Command) -> Scripted | None:
        """Return the fault of a command, and how often it was done."""
        return self._set.get(command)

    def all(self) -> dict[Command, Scripted]:
        """Return every fault that is set."""
        return dict(self._set)

    def clear(self, command: Command) -> bool:
        """Take a fault back; return whether there was one."""
        found = self._set.pop(command, None)
        self.any = bool(self._set)
        return found is not None

    def clear_all(self) -> None:
        """Take all faults back."""
        self._set.clear()
        self.any = False

    def next(self, command: Command, private_identity: str | None) -> Fault | None:
        """Return what is wrong with the next command of a user, and count it."""
        scripted = self._set.get(command)
        if scripted is None:
            return None
        fault, seen, hits = scripted
        if fault.impi is not None and fault.impi != private_identity:
            return None
        due = seen >= fault.after and (fault.times is None or hits < fault.times)
        self._set[command] = Scripted(fault, seen + 1, hits + due)
        return fault if due else None
