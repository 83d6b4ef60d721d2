"""IP packets, put together of their fragments (RFC 791 §3.2, RFC 8200 §4.5)."""

from ipaddress import IPv4Address, IPv6Address
from struct import unpack_from
from typing import NamedTuple

_MOST_UNFINISHED = 256
_MOST_LOST = 10_000
_MOST_FRAGMENTS = 256
_MOST_OCTETS = 2 * 65535
_LARGEST = 65535
_LONGEST = 60.0
"""Seconds that fragments wait for the rest."""
_HOP_BY_HOP, _ROUTING, _FRAGMENT, _AUTHENTICATION, _OPTIONS = 0, 43, 44, 51, 60
_MOST_EXTENSIONS = 8


class Packet(NamedTuple):
    """An IP packet, whole."""

    source: str
    destination: str
    protocol: int
    """6: TCP, 17: UDP."""
    payload: bytes


class _Fragment(NamedTuple):
    packet: Packet
    number: int
    offset: int
    more: bool


class Fragments:
    """Makes packets of what came. Of overlapping fragments what was there first counts."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, str, int, int], tuple[float, list[_Fragment]]] = {}
        self.lost = 0
        """Packets that never became whole."""
        self.losses: list[tuple[float, str, str]] = []
        """When the first ones of them were seen, source and destination."""

    def take(self, at: float, data: bytes) -> Packet | None:
        """Return the packet that this is or completes, seen at `at` (seconds); None for none, or what is no IP."""
        found = _version_6(data) if data[:1] and data[0] >> 4 == 6 else _version_4(data)
        if found is None or isinstance(found, Packet):
            return found
        key = (found.packet.source, found.packet.destination, found.packet.protocol, found.number)
        began, pieces = self._waiting.pop(key, (at, []))
        held = sum(len(piece.packet.payload) for piece in pieces)
        if at - began > _LONGEST or len(pieces) >= _MOST_FRAGMENTS or held > _MOST_OCTETS:
            self._lose(key, began)
            began, pieces = at, []
        pieces.append(found)
        payload = _joined(pieces)
        if payload is not None:
            return found.packet._replace(payload=payload)
        self._waiting[key] = (began, pieces)
        if len(self._waiting) > _MOST_UNFINISHED:
            oldest = next(iter(self._waiting))
            self._lose(oldest, self._waiting.pop(oldest)[0])
        return None

    def end(self) -> None:
        """Give up what is not whole."""
        for key, (began, _) in self._waiting.items():
            self._lose(key, began)
        self._waiting.clear()

    def _lose(self, key: tuple[str, str, int, int], at: float) -> None:
        self.lost += 1
        if len(self.losses) < _MOST_LOST:
            self.losses.append((at, key[0], key[1]))


def _joined(pieces: list[_Fragment]) -> bytes | None:
    if all(piece.more for piece in pieces):
        return None
    whole = b""
    for piece in sorted(pieces, key=lambda each: each.offset):
        if piece.offset > len(whole):
            return None
        whole += piece.packet.payload[len(whole) - piece.offset :]
        if not piece.more:
            return whole[:_LARGEST]
    return None


def _version_4(data: bytes) -> Packet | _Fragment | None:
    if len(data) < 20 or data[0] >> 4 != 4:
        return None
    head = (data[0] & 15) * 4
    length, number, place = unpack_from("!HHH", data, 2)
    # A packet that the network card was to cut has no length of its own yet.
    end = len(data) if length == 0 else length
    if head < 20 or end < head:
        return None
    source, destination = str(IPv4Address(data[12:16])), str(IPv4Address(data[16:20]))
    packet = Packet(source, destination, data[9], data[head:end])
    offset, more = (place & 0x1FFF) * 8, bool(place & 0x2000)
    return _Fragment(packet, number, offset, more) if offset or more else packet


def _version_6(data: bytes) -> Packet | _Fragment | None:
    if len(data) < 40:
        return None
    length, kind = unpack_from("!HB", data, 4)
    source, destination = str(IPv6Address(data[8:24])), str(IPv6Address(data[24:40]))
    rest = data[40:] if length == 0 else data[40 : 40 + length]
    for _ in range(_MOST_EXTENSIONS):
        if kind not in (_HOP_BY_HOP, _ROUTING, _FRAGMENT, _AUTHENTICATION, _OPTIONS):
            return Packet(source, destination, kind, rest)
        if len(rest) < 8:
            return None
        following = rest[0]
        if kind == _FRAGMENT:
            place, number = unpack_from("!HI", rest, 2)
            packet = Packet(source, destination, following, rest[8:])
            if place & 0xFFF9:
                return _Fragment(packet, number, place & 0xFFF8, bool(place & 1))
            size = 8
        else:
            size = (rest[1] + 2) * 4 if kind == _AUTHENTICATION else (rest[1] + 1) * 8
        kind, rest = following, rest[size:]
    return None
