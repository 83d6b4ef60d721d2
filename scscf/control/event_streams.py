"""The event streams of an HTTP API: who listens, and what each of them has missed (HTML §9.2)."""

# mypy: allow-untyped-calls

from collections.abc import Callable
from typing import Protocol

from scscf.control.history import NOTHING_MISSED, History, Missed
from scscf.control.queries import EventsQuery
from scscf.control.request import ControlRequest
from scscf.control.route import refusal
from scscf.control.stream import KEEP_ALIVE, EventStream
from scscf.feed import Feed
from scscf.timers import Deadlines

MAX_STREAMS = 100


class EventSource(Protocol):
    """What event streams need of a node."""

    feed: Feed
    wire_deadlines: Deadlines
    now: Callable[[], float]
    wire_now: Callable[[], float]


class EventStreams:
    """The streams that are open. What they tell of is remembered from the first one on, for clients that come back."""

    def __init__(self, source: EventSource) -> None:
        self._source = source
        self._open: set[_Connection] = set()
        self._history = History(source.feed, source.now, source.wire_deadlines, source.wire_now)

    async def serve(self, request: ControlRequest, query: EventsQuery) -> None:
        """Answer a request with a stream, or with 503 where there are MAX_STREAMS."""
        if len(self._open) >= MAX_STREAMS:
            request.answer(refusal(503, "too_many_streams", f"{MAX_STREAMS} event streams are open"))
            return
        request.setHeader("Content-Type", "text/event-stream")
        request.setHeader("Cache-Control", "no-store")
        if request.method == b"HEAD":
            request.finish()
            return
        self._history.enter()
        kinds = query.kinds.split(",")
        since = _last_event(request) if query.since is None else query.since
        missed = NOTHING_MISSED if since is None else self._history.after(since, kinds, whole=query.raw)
        connection = _Connection(request, self._source, kinds, raw=query.raw, missed=missed)
        self._open.add(connection)
        request.notifyFinish().addBoth(lambda _: self._ended(connection))

    def close(self) -> None:
        """End all of them."""
        for connection in list(self._open):
            connection.request.unregisterProducer()
            connection.request.finish()
        self._history.close()

    def _ended(self, connection: "_Connection") -> None:
        self._open.discard(connection)
        connection.ended()
        self._history.leave()


class _Connection:
    """The connection that one stream goes out on (twisted.internet.interfaces.IPushProducer)."""

    def __init__(
        self, request: ControlRequest, source: EventSource, kinds: list[str], *, raw: bool, missed: Missed
    ) -> None:
        self.request = request
        self._source = source
        self._events = EventStream(request.write, source.feed, source.now, kinds, raw=raw, missed=missed)
        request.registerProducer(self, True)
        self._schedule()

    def ended(self) -> None:
        """The client is gone."""
        self._source.wire_deadlines.cancel(self._deadline)
        self._events.close()

    def pauseProducing(self) -> None:
        """Wait: the client does not read."""
        self._events.pause()

    def resumeProducing(self) -> None:
        """Go on."""
        self._events.resume()

    def stopProducing(self) -> None:
        """Send nothing any more: the connection is gone."""
        self._events.pause()

    def _schedule(self) -> None:
        self._deadline = self._source.wire_deadlines.at(self._source.wire_now() + KEEP_ALIVE, lambda _now: self._beat())

    def _beat(self) -> None:
        self._events.beat()
        self._schedule()


def _last_event(request: ControlRequest) -> int | None:
    """Return the number in Last-Event-ID (HTML §9.2.4); None where there is none, or something else."""
    text = request.header("last-event-id") or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None
