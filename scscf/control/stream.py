"""Server-sent events: the node's feed, as it happens (HTML §9.2)."""

from collections.abc import Callable, Collection, Mapping

from scscf.control.views import as_json
from scscf.feed import Feed

KEEP_ALIVE = 15.0
"""Seconds after which an idle stream says that it is still there."""
MAX_WAITING = 1000
"""Events kept for a client that reads too slowly; the others are counted and told of as one event `lost`."""


class EventStream:
    """One client of `GET /v1/events`: an id, `event: KIND` and one line of JSON each.

    `write(data)` sends octets; `clock` tells service time in seconds.
    """

    def __init__(
        self, write: Callable[[bytes], object], feed: Feed, clock: Callable[[], float], kinds: Collection[str]
    ) -> None:
        self._write = write
        self._clock = clock
        self._kinds = frozenset(kinds)
        self._serial = 0
        self._paused = False
        self._waiting: list[bytes] = []
        self._lost = 0
        self._silence = feed.listen(self._happened, messages="message" in self._kinds)
        write(b": events of the S-CSCF\n\n")

    def close(self) -> None:
        """Listen no more."""
        self._silence()
        self._waiting.clear()

    def beat(self) -> None:
        """Say that the stream is still there; nothing to a client that is too slow anyway."""
        if not self._paused:
            self._write(b": still here\n\n")

    def pause(self) -> None:
        """Keep events instead of sending them: the client does not read."""
        self._paused = True

    def resume(self) -> None:
        """Send what was kept, and on."""
        self._paused = False
        waiting, self._waiting = self._waiting, []
        for event in waiting:
            self._send(event)
        if self._lost and not self._paused:
            lost, self._lost = self._lost, 0
            self._send(self._event("lost", {"count": lost}))

    def _happened(self, kind: str, data: Mapping[str, object]) -> None:
        if kind in self._kinds:
            self._send(self._event(kind, data))

    def _event(self, kind: str, data: Mapping[str, object]) -> bytes:
        self._serial += 1
        line = as_json({"at": self._clock(), **data})
        return b"id: %d\nevent: %s\ndata: %s\n\n" % (self._serial, kind.encode(), line)

    def _send(self, event: bytes) -> None:
        if not self._paused:
            self._write(event)
        elif len(self._waiting) < MAX_WAITING:
            self._waiting.append(event)
        else:
            self._lost += 1
