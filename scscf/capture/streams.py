"""TCP connections of a capture: what each end sent, in order, whatever order its segments were captured in."""

from collections.abc import Iterator
from struct import unpack_from
from typing import NamedTuple

from scscf.capture.framing import Framing

_FIN, _SYN, _RST = 0x01, 0x02, 0x04
_MOST = 2048
"""Directions of connections that are followed at a time."""
_MOST_WAITING = 256
"""Segments that wait for one before them."""
_MOST_OCTETS = 1 << 20
_MOST_HELD = 1 << 25
"""Octets that wait in all connections together."""
_MOST_LOST = 10_000
_LONGEST = 3.0
"""Seconds that they wait: then the one before them was not captured."""
_HALF, _ALL = 1 << 31, (1 << 32) - 1

Address = tuple[str, int]


class Segment(NamedTuple):
    """Octets of one direction of a connection, seen in one frame."""

    at: float
    frame: int
    sequence: int
    data: bytes


class Piece(NamedTuple):
    """A message of a stream, with the frame that completed it."""

    at: float
    frame: int
    protocol: str
    data: bytes


class _Direction:
    """What one end sends."""

    def __init__(self) -> None:
        self.next: int | None = None
        """Sequence number of the next octet."""
        self.waiting: dict[int, Segment] = {}
        self.octets = 0
        self.framing = Framing()


class Streams:
    """Every connection of a capture."""

    def __init__(self) -> None:
        self._directions: dict[tuple[Address, Address], _Direction] = {}
        self._held = 0
        self.gaps = 0
        """How often octets of a stream were missing."""
        self.lost: list[tuple[float, str, str]] = []
        """When that was seen, who sent what was missing and to whom; of the first ones."""
        self.unread: set[tuple[Address, Address]] = set()
        """Directions of connections that carry what cannot be read: TLS, or no SIP at all."""

    def take(
        self, at: float, frame: int, source: str, destination: str, tcp: bytes
    ) -> Iterator[tuple[Address, Address, Piece]]:
        """Take a TCP segment with its header and yield the messages that are whole now, with who sent them to whom."""
        if len(tcp) < 20:
            return
        from_port, to_port, sequence, _, offset, flags = unpack_from("!HHIIBB", tcp)
        way = ((source, from_port), (destination, to_port))
        direction = self._directions.pop(way, None) or _Direction()
        self._directions[way] = direction
        if len(self._directions) > _MOST:
            self._held -= self._directions.pop(next(iter(self._directions))).octets
        if flags & _SYN:
            sequence = sequence + 1 & _ALL
            if direction.next != sequence:
                self._held -= direction.octets
                direction = self._directions[way] = _Direction()
                direction.next = sequence
                direction.framing.sure = True
        data = tcp[max(20, (offset >> 4) * 4) :]
        before = direction.octets
        if data:
            gaps, waited = self.gaps, min((each.at for each in direction.waiting.values()), default=at)
            for piece in self._segment(direction, Segment(at, frame, sequence, data)):
                yield *way, piece
            if self.gaps != gaps:
                self._note(waited, way)
        if direction.framing.hopeless and len(self.unread) < _MOST:
            self.unread.add(way)
        if flags & _RST and direction.waiting:
            self._note(at, way)
        while flags & _RST and direction.waiting:
            for piece in self._jump(direction):
                yield *way, piece
        self._held += direction.octets - before
        if flags & _RST:
            self._directions.pop(way, None)
        if self._held > _MOST_HELD:
            self._relieve()

    def end(self) -> Iterator[tuple[Address, Address, Piece]]:
        """Yield what is left behind gaps."""
        for way, direction in self._directions.items():
            if direction.waiting:
                self._note(next(iter(direction.waiting.values())).at, way)
            while direction.waiting:
                for piece in self._jump(direction):
                    yield *way, piece
        self._directions.clear()

    def _note(self, at: float, way: tuple[Address, Address]) -> None:
        if len(self.lost) < _MOST_LOST:
            self.lost.append((at, way[0][0], way[1][0]))

    def _relieve(self) -> None:
        """Give up what waits longest in a connection."""
        way, direction = next(each for each in self._directions.items() if each[1].octets)
        self._note(next(iter(direction.waiting.values())).at, way)
        self._held -= direction.octets
        self.gaps += 1
        direction.waiting.clear()
        direction.octets = 0
        direction.next = None
        direction.framing.lose()

    def _segment(self, direction: _Direction, segment: Segment) -> Iterator[Piece]:
        if direction.next is None:
            direction.next = segment.sequence
        if _behind(segment.sequence, direction.next) > 0:
            known = direction.waiting.get(segment.sequence)
            if known is None or len(known.data) < len(segment.data):
                direction.octets += len(segment.data) - (len(known.data) if known is not None else 0)
                direction.waiting[segment.sequence] = segment
            first = next(iter(direction.waiting.values()))
            too_long = segment.at - first.at > _LONGEST
            if too_long or len(direction.waiting) > _MOST_WAITING or direction.octets > _MOST_OCTETS:
                yield from self._jump(direction)
            return
        yield from self._in_order(direction, segment)

    def _in_order(self, direction: _Direction, segment: Segment) -> Iterator[Piece]:
        """Take a segment that begins at or before what comes next, then those that waited for it."""
        following: Segment | None = segment
        while following is not None and direction.next is not None:
            known = -_behind(following.sequence, direction.next)
            fresh = following.data[known:]
            if fresh:
                direction.next = direction.next + len(fresh) & _ALL
                for protocol, data in direction.framing.feed(fresh):
                    yield Piece(following.at, following.frame, protocol, data)
            following = self._ripe(direction)

    def _ripe(self, direction: _Direction) -> Segment | None:
        for sequence in direction.waiting:
            if direction.next is not None and _behind(sequence, direction.next) <= 0:
                segment = direction.waiting.pop(sequence)
                direction.octets -= len(segment.data)
                return segment
        return None

    def _jump(self, direction: _Direction) -> Iterator[Piece]:
        """Go on behind a gap."""
        if not direction.waiting or direction.next is None:
            return
        start = direction.next
        nearest = min(direction.waiting, key=lambda sequence: _behind(sequence, start))
        segment = direction.waiting.pop(nearest)
        direction.octets -= len(segment.data)
        self.gaps += 1
        direction.framing.lose()
        direction.next = segment.sequence
        yield from self._in_order(direction, segment)


def _behind(sequence: int, next_: int) -> int:
    """Return by how many octets a sequence number is behind another, negative where it is before it (RFC 9293 §3.4)."""
    return (sequence - next_ + _HALF & _ALL) - _HALF
