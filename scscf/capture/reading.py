"""Reads a capture: the SIP and Diameter messages in it, whatever link, fragments and streams they came over."""

from collections.abc import Iterator
from struct import unpack_from
from typing import BinaryIO, NamedTuple

from scscf.capture.frames import Damaged, Frame, Told, frames
from scscf.capture.framing import is_sip
from scscf.capture.internet import Fragments
from scscf.capture.links import KNOWN, ip_packet
from scscf.capture.streams import Address, Streams

_TCP, _UDP = 6, 17
_MOST_LOST = 10_000


class CapturedMessage(NamedTuple):
    """One message of a capture, whole."""

    at: float
    """When its last octet was seen, seconds since the Unix epoch."""
    frame: int
    """Number of the frame that completed it, from 1, as analysers count."""
    protocol: str
    """`sip` or `diameter`."""
    transport: str
    """`udp` or `tcp`."""
    source: Address
    destination: Address
    data: bytes


class CaptureReader:
    """The messages of one capture file, in the order in which they became whole.

    Raises NoCapture for a file that is no capture at all.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._told = Told()
        self._frames = frames(file, self._told)
        self._fragments = Fragments()
        self._streams = Streams()
        self._unknown: set[int] = set()
        self._cut = 0
        self._damage = ""
        self._lost: list[tuple[float, str, str]] = []
        self.frames = 0
        """Frames that were read."""
        self.began: float | None = None
        """When the first frame was seen."""
        self.ended = 0.0
        """When the last one was."""

    def __iter__(self) -> Iterator[CapturedMessage]:
        """Yield what is in the file; what is damaged or cannot be read is told by `notices`."""
        try:
            for frame in self._frames:
                self.frames += 1
                self.began = frame.at if self.began is None else min(self.began, frame.at)
                self.ended = max(self.ended, frame.at)
                yield from self._messages(frame)
        except Damaged as error:
            self._damage = str(error)
        for source, destination, piece in self._streams.end():
            yield CapturedMessage(piece.at, piece.frame, piece.protocol, "tcp", source, destination, piece.data)
        self._fragments.end()

    @property
    def names(self) -> dict[str, str]:
        """Names of IP addresses that the file tells."""
        return self._told.names

    def losses(self) -> list[tuple[float, str, str]]:
        """Return when something of a message was missing, and between which hosts, in the order of time."""
        return sorted([*self._lost, *self._fragments.losses, *self._streams.lost])

    def notices(self) -> list[str]:
        """Return what of the file could not be read, a sentence each."""
        told = []
        if self._damage:
            told.append(f"The file {self._damage}; what is before that was read.")
        if self._unknown:
            links = ", ".join(map(str, sorted(self._unknown)))
            told.append(f"Frames of link types that are not known were left out (LINKTYPE {links}).")
        if dropped := sum(self._told.dropped.values()):
            told.append(f"Packets that were dropped before they came into the file: {dropped}.")
        if self._cut:
            told.append(f"SIP messages that a snap length cut off: {self._cut}.")
        if self._fragments.lost:
            told.append(f"Packets of which fragments are missing: {self._fragments.lost}.")
        if self._streams.gaps:
            told.append(f"Gaps in TCP streams: {self._streams.gaps}.")
        if self._streams.unread:
            told.append(f"TCP streams that are TLS or no SIP, left out: {len(self._streams.unread)}.")
        return told

    def _messages(self, frame: Frame) -> Iterator[CapturedMessage]:
        if frame.link not in KNOWN:
            if len(self._unknown) < 16:
                self._unknown.add(frame.link)
            return
        data = ip_packet(frame.link, frame.data)
        packet = None if data is None else self._fragments.take(frame.at, data)
        if packet is None:
            return
        if packet.protocol == _UDP and len(packet.payload) > 8:
            source, destination, length = unpack_from("!HHH", packet.payload)
            octets = packet.payload[8:length] if length > 8 else packet.payload[8:]
            if not is_sip(octets):
                return
            if not frame.whole and len(octets) < length - 8:
                self._cut += 1
                if self._cut <= _MOST_LOST:
                    self._lost.append((frame.at, packet.source, packet.destination))
                return
            ends = (packet.source, source), (packet.destination, destination)
            yield CapturedMessage(frame.at, frame.number, "sip", "udp", *ends, octets)
        elif packet.protocol == _TCP:
            for sender, receiver, piece in self._streams.take(
                frame.at, frame.number, packet.source, packet.destination, packet.payload
            ):
                yield CapturedMessage(piece.at, piece.frame, piece.protocol, "tcp", sender, receiver, piece.data)
