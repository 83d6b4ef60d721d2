"""Who looks on at a node's messages: the ring, the log, streams of the API, a capture file, a Homer, observers."""

import logging
from collections.abc import Callable
from typing import Final

from scscf.capture.writing import CaptureFile
from scscf.config import Config
from scscf.control.history import REPLAYED
from scscf.control.message_shapes import MessageLine
from scscf.control.message_views import message_line, message_view, recorded
from scscf.diameter.display import shown
from scscf.feed import Feed, Messages
from scscf.messages.hidden import hidden_cx
from scscf.messages.ring import Entry, Ring
from scscf.messages.seen import SIP, Note, Seen
from scscf.net.diameter.connection import Trace as CxTrace
from scscf.net.homer import HomerSender
from scscf.net.sending import Trace
from scscf.net.shell import Shell
from scscf.sip.outbox import Flow
from scscf.trace import log_diameter, log_message, messages

REPLAYED_OCTETS: Final = 4_000_000
"""Of the messages that a stream begins with: as JSON they are several times that long."""
FLUSH_AFTER: Final = 0.5
"""Seconds, at most, between a message and its being in the capture file."""


class Observation:
    """Looks at every message of a node and passes it on to whoever wants it; `ring` keeps the last ones.

    `changed` is called when what there is to do has changed: when messages have to be looked at, or not any more.
    """

    def __init__(self, config: Config, shell: Shell, feed: Feed, ring: Ring) -> None:
        self.ring = ring
        self.observers: list[Trace] = []
        self.capture: CaptureFile | None = None
        self.homer: HomerSender | None = None
        self.changed: Callable[[], None] = lambda: None
        self._keys = config.capture.keys
        self._shell = shell
        self._feed = feed
        self._flushing = False
        feed.messages_after = self._after
        feed.last_message = lambda: ring.last
        feed.on_tracers = lambda: self.changed()

    def observe(self, observer: Trace) -> None:
        """Tell `observer(direction, flow, data)` of every SIP message from now on, direction `in` or `out`."""
        self.observers.append(observer)
        self.changed()

    def write_to(self, capture: CaptureFile | None) -> None:
        """Write every message into a file from now on; None: not any more."""
        if self.capture is not None:
            self.capture.close()
        self.capture = capture
        self.changed()

    def send_to(self, homer: HomerSender | None) -> None:
        """Send a copy of every SIP message to a Homer from now on; None: not any more."""
        if self.homer is not None:
            self.homer.close()
        self.homer = homer
        self.changed()

    def close(self) -> None:
        """Write what waits, and end the files."""
        self.write_to(None)
        self.send_to(None)

    @property
    def sip(self) -> Callable[[str, Flow, bytes], object] | None:
        """What is to be told of SIP messages now; None: nothing, nobody looks."""
        if self.observers or self._looked_at:
            return self._sip
        return self.ring.sip if self.ring.keep else None

    @property
    def cx(self) -> CxTrace | None:
        """What is to be told of Diameter messages now; None: nothing, nobody looks."""
        if self._looked_at:
            return self._cx
        return self._kept_cx if self.ring.keep else None

    @property
    def internal(self) -> Callable[[str, Note], object] | None:
        """What is to be told of Cx messages that do not travel; None: nothing, nobody looks."""
        if self._looked_at:
            return self._internal
        return self.ring.internal if self.ring.keep else None

    @property
    def exchange(self) -> Callable[[Note], object] | None:
        """What is to be told of Cx questions with their answers that do not travel; None: of each on its own."""
        return self.ring.exchange if self.ring.keep and not self._looked_at else None

    @property
    def _looked_at(self) -> bool:
        """Whether anybody but the ring and the observers looks."""
        return bool(
            self._feed.tracers
            or self.capture is not None
            or self.homer is not None
            or messages.isEnabledFor(logging.DEBUG)
        )

    def _sip(self, direction: str, flow: Flow, data: bytes) -> None:
        for observer in self.observers:
            observer(direction, flow, data)
        self._tell(self.ring.sip(direction, flow, data))

    def _cx(self, direction: str, transport: str, local: tuple[str, int], remote: tuple[str, int], data: bytes) -> None:
        self._tell(self.ring.cx(direction, Flow(transport, local, remote), data))

    def _kept_cx(
        self, direction: str, transport: str, local: tuple[str, int], remote: tuple[str, int], data: bytes
    ) -> None:
        self.ring.cx(direction, Flow(transport, local, remote), data)

    def _internal(self, direction: str, note: Note) -> None:
        self._tell(self.ring.internal(direction, note))

    def _tell(self, entry: Entry) -> None:
        seen = self.ring.seen(entry)
        if messages.isEnabledFor(logging.DEBUG):
            if seen.protocol == SIP:
                log_message(seen.direction, seen.transport, seen.flow.local, seen.flow.remote, seen.data)
            else:
                text = shown(hidden_cx(seen.data))
                log_diameter(seen.direction, seen.transport, seen.flow.local, seen.flow.remote, text)
        if self.capture is not None:
            self.capture.write(recorded(seen, keys=self._keys))
            if not self._flushing:
                self._flushing = True
                self._shell.wire.at(self._shell.reactor.seconds() + FLUSH_AFTER, self._flush)
        if self.homer is not None and seen.protocol == SIP:
            self.homer.send(recorded(seen, keys=False), seen.facts.call_id or "")
        if self._feed.tracers:
            self._feed.publish("message", _shown(seen, whole=self._feed.whole > 0), seen.number)

    def _flush(self, now: float) -> None:
        self._flushing = False
        if self.capture is not None:
            self.capture.flush()

    def _after(self, number: int, whole: bool) -> Messages:
        kept = self.ring.after(number)
        first = len(kept)
        octets = 0
        while first and len(kept) - first < REPLAYED and octets <= REPLAYED_OCTETS:
            first -= 1
            octets += len(kept[first].data)
        gone = max(0, self.ring.gone - number) + first
        return [(seen.number, _shown(seen, whole=whole)) for seen in kept[first:]], gone


def _shown(seen: Seen, *, whole: bool) -> MessageLine:
    return message_view(seen) if whole else message_line(seen)
