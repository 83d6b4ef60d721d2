"""What one node remembers of the requests that it proxies, while they wait for their final response."""

from collections.abc import Callable
from typing import NamedTuple

from scscf.profile.filter_criteria import FilterCriterion, ServiceProfile, SessionCase, matching
from scscf.sip.message import Request

ORIGINAL_DIALOG = "odi"
"""URI parameter of the Route entry that brings a request back from an application server (TS 24.229 §5.4.3.4)."""

LoopKey = tuple[str, ...]


class Chain(NamedTuple):
    """Which filter criteria of a served user a request has still before it (TS 24.229 §5.4.3.2, §5.4.3.3)."""

    domain: str
    """Name of the served user's home domain."""
    served: str
    """The served public identity, a canonical address of record."""
    case: SessionCase
    profile: ServiceProfile | None
    position: int = 0
    """How many criteria of the profile have been dealt with."""

    def next(self, request: Request) -> tuple["Chain", FilterCriterion] | None:
        """Return the next criterion that the request meets, and the chain as it is after that; None for no more."""
        if self.profile is None or self.position >= len(self.profile.criteria):
            return None
        rest = self.profile._replace(criteria=self.profile.criteria[self.position :])
        for criterion in matching(rest, request, self.case):
            dealt_with = self.position + rest.criteria.index(criterion) + 1
            return self._replace(position=dealt_with), criterion
        return None


class Proxying:
    """The open requests of one node, and the original dialogs that application servers have been given.

    Both last as long as the request waits for its final response: they need no timers of their own.
    """

    def __init__(self, random_hex: Callable[[int], str]) -> None:
        self._random_hex = random_hex
        self._key = b""
        self._open: set[LoopKey] = set()
        self._chains: dict[str, Chain] = {}

    def __len__(self) -> int:
        """Return how many requests wait, and how many original dialogs there are."""
        return len(self._open) + len(self._chains)

    @property
    def key(self) -> bytes:
        """The key of our Record-Route seals, made when it is first needed."""
        if not self._key:
            self._key = bytes.fromhex(self._random_hex(32))
        return self._key

    def begin(self, key: LoopKey) -> bool:
        """Note that a request waits; return False where one with all that decides about its way does already."""
        if key in self._open:
            return False
        self._open.add(key)
        return True

    def end(self, key: LoopKey) -> None:
        """Note that a request has its final response."""
        self._open.discard(key)

    def lend(self, chain: Chain) -> str:
        """Return an original dialog identifier, which nobody can guess, for a chain that goes to a server."""
        token = self._random_hex(12)
        self._chains[token] = chain
        return token

    def chain(self, token: str) -> Chain | None:
        """Return the chain that came back, None where it is over or never was."""
        return self._chains.get(token)

    def take_back(self, token: str) -> None:
        """Forget an original dialog: its server has answered."""
        self._chains.pop(token, None)


def loop_key(request: Request, route: tuple[str, ...], user: str) -> LoopKey:
    """Return all that decides about a request's way (RFC 3261 §16.6 step 8): equal ones take the same way again.

    `route` is what of its Route is not ours, `user` the user and parameters of what is.
    """
    return (
        request.method,
        request.uri_text,
        request.call_id,
        request.from_.tag or "",
        request.to.tag or "",
        request.get("cseq") or "",
        user,
        *route,
    )
