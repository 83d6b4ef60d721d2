"""How a network is judged: which rules hold of it, and how many seconds late it may be."""

from collections.abc import Mapping
from typing import NamedTuple

from scscf.conformance.check import Check


class NetworkProfile(NamedTuple):
    """What a network is judged by. All times are in seconds."""

    ims: bool = False
    """Whether the rules of TS 24.229 §5.4 hold too, besides those of RFC 3261, RFC 6665 and RFC 3680."""
    also: frozenset[str] = frozenset()
    """Checks that are off unless they are named: those that a table marks as asked for."""
    from_start: bool = True
    """Whether everything was seen, from the first message on; else what may come of others is no breach, and a
    subscription may have begun before its first NOTIFY that was seen."""
    began: float = 0.0
    """Where not: since when, on the judge's clock."""
    patience: float = 6.0
    """In how long a NOTIFY that is due has to come: RFC 3680 §4.10 lets a notifier wait 5 s."""
    answer: float = 32.0
    """How long an answer may take, and what loss may add to anything: 64·T1 (RFC 3261 §17.1.2.2)."""
    tolerance: float = 2.0
    """By how much two statements of one time may differ."""
    late: float = 5.0
    """How long after its time the end of a contact may be told."""

    def without(self, checks: Mapping[str, Check]) -> frozenset[str]:
        """Return those of a table by which it is not judged."""
        return frozenset(
            name
            for name, check in checks.items()
            if (check.asked_for and name not in self.also) or (check.ims and not self.ims)
        )
