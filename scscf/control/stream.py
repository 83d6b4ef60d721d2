"""Server-sent events: the node's feed, as it happens (HTML §9.2)."""

from collections.abc import Callable, Collection, Mapping

from scscf.control.history import NOTHING_MISSED, Missed
from scscf.control.views import as_json
from scscf.feed import Feed

KEEP_ALIVE = 15.0
"""Seconds after which an idle stream says that it is still there."""
MAX_WAITING = 1000
"""Events kept for a client that reads too slowly; the others are counted and told of as one event `lost`."""


class EventStream:
    """One client of `GET /v1/events`: an id, `event: KIND` and one line of JSON each.

    `write(data)` sends octets; `clock` tells service time in seconds. With `raw` messages come whole. `missed` is told
    of first: what happened since the client was here last.
    """

    def __init__(
        self,
        write: Callable[[bytes], object],
        feed: Feed,
        clock: Callable[[], float],
        kinds: Collection[str],
        *,
        raw: bool = False,
        missed: Missed = NOTHING_MISSED,
    ) -> None:
        self._write = write
        self._clock = clock
        self._feed = feed
        self._kinds = frozenset(kinds)
        self._raw = raw
        self._paused = False
        self._waiting: list[bytes] = []
        self._lost = 0
        self._silence = feed.listen(self._happened, messages="message" in self._kinds, whole=raw)
        write(b": events of the S-CSCF\n\n")
        if missed.lost:
            write(self._lost_event(missed.lost))
        for event in missed.events:
            write(self._event(*event))

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
            self._send(self._lost_event(lost))

    def _happened(self, kind: str, data: Mapping[str, object]) -> None:
        if kind in self._kinds:
            self._send(self._event(self._feed.number, self._clock(), kind, data))

    def _event(self, number: int, at: float, kind: str, data: Mapping[str, object]) -> bytes:
        if kind == "message" and not self._raw:
            data = {name: value for name, value in data.items() if name not in ("raw", "text")}
        line = as_json({"at": at, **data})
        return b"id: %d\nevent: %s\ndata: %s\n\n" % (number, kind.encode(), line)

    def _lost_event(self, count: int) -> bytes:
        """Return what tells a client to look anew; it has no id, so that coming back asks for the same again."""
        return b"event: lost\ndata: %s\n\n" % as_json({"at": self._clock(), "count": count})

    def _send(self, event: bytes) -> None:
        if not self._paused:
            self._write(event)
        elif len(self._waiting) < MAX_WAITING:
            self._waiting.append(event)
        else:
            self._lost += 1
