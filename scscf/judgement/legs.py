"""The legs that a request takes between proxies, and which of them is nearest to the S-CSCF (RFC 3261 §16.6)."""

from collections import Counter
from typing import NamedTuple

from scscf.capture.recording import Address
from scscf.conformance.network.exchanges import Key
from scscf.errors import SipError
from scscf.judgement.seen import Seen
from scscf.sip.message import Request, Response

_MOST_VIAS = 16
_MOST_BRANCHES = 500_000


class Leg(NamedTuple):
    """One hop of requests."""

    source: Address
    destination: Address


class Legs:
    """Every request that was seen, with the Vias that it bore."""

    def __init__(self) -> None:
        self._seen: set[Key] = set()
        self._behind: set[Key] = set()
        """Transactions that are the way of a request before it was passed on."""
        self._below: dict[Key, tuple[str, ...]] = {}
        """Of NOTIFYs with several Vias: the branches of the legs before."""
        self.judged: Counter[tuple[str, Leg]] = Counter()
        """Method and leg → requests on legs nearest to the S-CSCF."""
        self.passed_on = 0
        """Requests that were left aside, since the same was seen nearer to the S-CSCF."""

    def take(self, seen: Seen, message: Request | Response) -> None:
        """Take a message; an answer tells of its legs also where the capture lacks the request on one of them."""
        try:
            below = tuple(via.branch or "" for via in message.vias[1 : 1 + _MOST_VIAS])
        except SipError:
            below = ()
        for branch in below if len(self._behind) < _MOST_BRANCHES else ():
            self._behind.add((*seen.key[:3], branch))
        if seen.is_request:
            self._seen.add(seen.key)
            if below and seen.method == "NOTIFY":
                self._below[seen.key] = below

    def has(self, key: Key) -> bool:
        """Tell whether a request was seen."""
        return key in self._seen

    def is_nearest(self, key: Key) -> bool:
        """Tell whether a transaction is on the leg nearest to the S-CSCF of all where its request was seen.

        A REGISTER or SUBSCRIBE goes to the S-CSCF, so that is its last leg; of a NOTIFY it is the first.
        """
        if key[2] != "NOTIFY":
            return key not in self._behind
        return not any((*key[:3], branch) in self._seen for branch in self._below.get(key, ()))

    def note(self, seen: Seen, network: Address) -> bool:
        """Count a request of or to a network, and tell whether it is judged."""
        if not self.is_nearest(seen.key):
            self.passed_on += 1
            return False
        captured = seen.captured
        # Of a stream that the S-CSCF opened itself the port says nothing.
        source = network if seen.method == "NOTIFY" else captured.source
        self.judged[seen.method, Leg(source, captured.destination)] += 1
        return True
