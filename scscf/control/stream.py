"""Server-sent events: the node's feed, as it happens."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from scscf.procedures.state import Node

KEEP_ALIVE = 15.0
MOST_WAITING = 1_000_000
"""Octets that may wait for a slow client before it is dropped."""


class EventStream:
    """One client of `GET /v1/events`: `event: KIND` with one line of JSON each."""

    def __init__(self, request: Any, node: Node) -> None:
        self._request = request
        self._node = node
        self._stop: Callable[[], None] | None = None
        self._over: Callable[[], None] = lambda: None

    def begin(self, over: Callable[[], None]) -> None:
        """Send what happens from now on; `over()` is called when the client is gone."""
        self._over = over
        request = self._request
        request.setHeader("Content-Type", "text/event-stream")
        request.setHeader("Cache-Control", "no-store")
        request.write(b": events of the S-CSCF\n\n")
        self._stop = self._node.feed.listen(self._happened)
        request.notifyFinish().addBoth(lambda _: self._gone())
        self._beat()

    def end(self) -> None:
        """Close the stream."""
        if self._stop is not None:
            self._request.finish()

    def _happened(self, kind: str, data: Mapping[str, object]) -> None:
        line = json.dumps({"at": self._node.now(), **data}, ensure_ascii=False)
        self._write(f"event: {kind}\ndata: {line}\n\n".encode("utf-8", "replace"))

    def _write(self, data: bytes) -> None:
        transport = getattr(self._request.channel, "transport", None)
        waiting = getattr(transport, "_tempDataLen", 0) + len(getattr(transport, "dataBuffer", b""))
        if waiting > MOST_WAITING:
            self._request.transport.abortConnection()
            return
        self._request.write(data)

    def _beat(self) -> None:
        if self._stop is not None:
            self._node.wire_deadlines.at(self._node.wire_now() + KEEP_ALIVE, lambda _now: self._still())

    def _still(self) -> None:
        if self._stop is not None:
            self._write(b": still here\n\n")
            self._beat()

    def _gone(self) -> None:
        if self._stop is not None:
            self._stop()
            self._stop = None
            self._over()
