"""How a UE is judged: what it is expected to do at all, and how many seconds late it may be."""

from enum import Enum
from typing import Final, NamedTuple


class Vector(Enum):
    """What is known of the authentication vector behind a challenge, by whoever had it made."""

    UNKNOWN = "unknown"
    """Nothing: the UE's verdict on it is taken for right."""
    GOOD = "good"
    """The MAC is right and the sequence number new."""
    BAD_MAC = "bad MAC"
    OLD_SQN = "old SQN"


class UeProfile(NamedTuple):
    """What a UE is judged by. All times are in seconds."""

    ims: bool = True
    """Whether the rules of TS 24.229 §5.1.1 hold; else only those of RFC 3261, RFC 6665 and RFC 3680."""
    subscribes: bool = True
    """Whether it has to subscribe to its registration state (TS 24.229 §5.1.1.3); asked of IMS UEs only."""
    aka: bool = False
    """Whether it registers with AKA: it has to say who it is before it is challenged (TS 24.229 §5.1.1.2.2)."""
    sec_agree: bool = False
    """Whether it has to offer a security agreement (RFC 3329 §2.3.1); one that offers it is judged in any case."""
    strict: bool = False
    """Also what only TS 34.229-1 Annex A asks for: Accept in SUBSCRIBE, no Route in REGISTER, 600000 s."""
    identities: frozenset[str] = frozenset()
    """Public identities that it may use besides its own and those that the network names."""
    tolerance: float = 10.0
    """How late a refresh may come after its point: two lost retransmissions and a slow timer, not a missed one."""
    early: float = 0.5
    """How much a wait may fall short: what a timer is rounded by."""
    reaction: float = 60.0
    """In how long it has to begin what is asked of it and has no time of its own."""
    observation: float = 600.0
    """How long a UE that was rejected has to stay away; a person may have it try again later."""
    answer: float = 32.0
    """How long a request may take: 64·T1 (RFC 3261 §17.1.2.2)."""
    before_shortened_end: float = 0.0
    """How long before a shortened end it has to be back; TS 34.229-1 H.11.2 has 30."""
    loop_limit: int = 4
    """Unsubscribing so often in `loop_window`, without a REGISTER between, is a loop."""
    loop_window: float = 60.0

    def refresh_point(self, granted: float) -> float:
        """Return when after a grant of so many seconds its refresh is due (TS 24.229 §5.1.1.4.1, RFC 3261 §10.2.4)."""
        if not self.ims:
            return granted
        return granted - 600 if granted > 1200 else granted / 2

    def refresh_deadline(self, granted: float) -> float:
        """Return how long after a grant its refresh is late: `tolerance` after its point, never after the end."""
        return min(self.refresh_point(granted) + self.tolerance, granted)


PLAIN: Final = UeProfile(ims=False, subscribes=False)
"""A SIP phone at a registrar without IMS."""
