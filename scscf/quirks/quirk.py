"""What a quirk is: functions over messages, and the ground that they stand on."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, NamedTuple

from scscf.quirks.notify import Notify
from scscf.sip.message import Request, Response

MOST_KEPT = 10_000
"""How much the quirks remember in all; the oldest is forgotten first."""


class Memory:
    """What quirks remember of messages before, each under its own name and a key; bounded."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._kept: OrderedDict[tuple[str, object], Any] = OrderedDict()
        self._most = most

    def __len__(self) -> int:
        """Return how much is remembered."""
        return len(self._kept)

    def get(self, quirk: str, key: object) -> Any:
        """Return what a quirk keeps under a key, None for nothing."""
        return self._kept.get((quirk, key))

    def keep(self, quirk: str, key: object, value: Any) -> None:
        """Keep a value under a key."""
        self._kept[quirk, key] = value
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def drop(self, quirk: str, key: object) -> Any:
        """Forget what is under a key, and return it."""
        return self._kept.pop((quirk, key), None)

    def forget(self, quirk: str) -> None:
        """Forget everything of a quirk."""
        for key in [key for key in self._kept if key[0] == quirk]:
            del self._kept[key]


class Ground(NamedTuple):
    """What a quirk may know of the node."""

    memory: Memory
    service_route: Callable[[], tuple[str, ...]]
    """Tells the values of Service-Route."""
    min_expires: Callable[[Request], int]
    """Tells the least expiry, seconds, that a REGISTER or SUBSCRIBE may ask for."""


class Quirk(NamedTuple):
    """One way to misbehave; each function changes the message that it is given."""

    name: str
    about: str
    """One sentence."""
    seen_in: str
    """Where it was met."""
    breaks: str
    """The clause that it breaks."""
    on_request: Callable[[Request, Ground], None] | None = None
    """Changes a request of a peer before it is served."""
    on_answer: Callable[[Request, Response, Ground], None] | None = None
    """Changes the final response to a request."""
    on_notify: Callable[[Notify, Ground], None] | None = None
    """Changes a NOTIFY before it is sent."""
    notify_first: bool = False
    """NOTIFYs leave before the answer that they follow from."""
