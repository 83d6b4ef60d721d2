"""Requests that a UE or watcher sent and what became of them; which messages are only sent again (RFC 3261 §17)."""

from scscf.conformance.asking import Asking
from scscf.conformance.recent import Recent
from scscf.errors import SipError
from scscf.sip.message import Request, Response

_MOST = 256
Key = tuple[str, ...]
"""What tells one transaction from another."""


class Exchange:
    """A request of the UE's and its final answer."""

    __slots__ = ("asking", "at", "early", "final", "key", "repeated", "request")

    def __init__(self, key: Key, request: Request, now: float) -> None:
        self.key = key
        self.request = request
        self.at = now
        """When it was first sent, seconds."""
        self.repeated = False
        """Whether it was sent more than once."""
        self.final: int | None = None
        """The status of its final answer."""
        self.asking: Asking | None = None
        """What it asks for, if it is a REGISTER that can be read."""
        self.early: tuple[str, float] | None = None
        """What a NOTIFY told of it before it was answered, and when: a breach unless the answer was only lost."""


class Exchanges:
    """Everything that was exchanged of late, so that each message is judged once."""

    def __init__(self) -> None:
        self._asked: Recent[Key, Exchange] = Recent(_MOST)
        self._by_branch: Recent[Key, Exchange] = Recent(_MOST)
        self._told: Recent[Key, bool] = Recent(_MOST)
        self.lossy = False
        """Whether something was sent again: then any message may have been lost before it was seen."""

    def ask(self, request: Request, now: float) -> Exchange:
        """Take a request of the UE's, which may be only sent again. Raises SipError(400)."""
        key = key_of(request)
        known = self._asked.get(key)
        if known is not None:
            known.repeated = self.lossy = True
            return known
        exchange = self._asked[key] = Exchange(key, request, now)
        if key[-1]:
            self._by_branch[key[2:]] = exchange
        return exchange

    def answered(self, response: Response) -> Exchange | None:
        """Return what a response answers, None for nothing that was seen. Raises SipError(400)."""
        key = key_of(response)
        return self._asked.get(key) or self._by_branch.get(key[2:])

    def take(self, exchange: Exchange, response: Response) -> bool:
        """Note a final answer; False for one that was there before."""
        if exchange.final is not None:
            self.lossy = True
            return False
        exchange.final = response.status
        return True

    def tell(self, request: Request) -> Key | None:
        """Take a request of the network's; None for one that is only sent again. Raises SipError(400)."""
        key = key_of(request)
        if key in self._told:
            self.lossy = True
            return None
        self._told[key] = False
        return key

    def has_told(self, response: Response) -> bool:
        """Tell whether the request of the network's that this answers was seen. Raises SipError(400)."""
        return key_of(response) in self._told

    def reply(self, response: Response) -> Key | None:
        """Return what request of the network's the UE finally answers for the first time, None for none."""
        key = key_of(response)
        if response.status < 200 or self._told.get(key, True):
            return None
        self._told[key] = True
        return key

    def open(self) -> list[Exchange]:
        """Return the requests of the UE's that were not finally answered."""
        return [exchange for exchange in self._asked.values() if exchange.final is None]


def key_of(message: Request | Response) -> Key:
    """Return the key of the transaction that a message belongs to. Raises SipError(400)."""
    cseq = message.cseq
    try:
        branch = message.via.branch
    except SipError:
        branch = None
    return message.call_id, str(cseq.number), cseq.method, branch or ""
