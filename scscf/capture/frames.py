"""Frames out of a capture file: pcapng (draft-ietf-opsawg-pcapng) and classic pcap, of either byte order."""

import zlib
from collections.abc import Iterator
from gzip import BadGzipFile, GzipFile
from ipaddress import ip_address
from struct import Struct, error, unpack_from
from typing import BinaryIO, NamedTuple, Protocol

from scscf.errors import ScscfError

_SECTION_HEADER, _INTERFACE, _OLD_PACKET, _SIMPLE_PACKET, _NAMES, _STATISTICS, _ENHANCED_PACKET = (
    0x0A0D0D0A,
    1,
    2,
    3,
    4,
    5,
    6,
)
_BYTE_ORDER = 0x1A2B3C4D
_OPTION_RESOLUTION, _OPTION_OFFSET = 9, 14
_OPTION_DROPPED_BY_INTERFACE, _OPTION_DROPPED_BY_SYSTEM = 5, 7
_MOST_INTERFACES = 4096
_MOST_NAMES = 10_000
_LARGEST_BLOCK = 1 << 24
"""Octets of a block beyond which the file is taken for damaged."""
_LARGEST_FRAME = 1 << 18
_CLASSIC = {
    b"\xa1\xb2\xc3\xd4": (">", 1e-6),
    b"\xd4\xc3\xb2\xa1": ("<", 1e-6),
    b"\xa1\xb2\x3c\x4d": (">", 1e-9),
    b"\x4d\x3c\xb2\xa1": ("<", 1e-9),
}
"""Magic number of a classic file → byte order, and what its fractions of a second count."""


_MOST_UNPACKED = 1 << 32
_GZIP = b"\x1f\x8b"
_COMPRESSED = {b"\x28\xb5\x2f\xfd": "zstd", b"\x04\x22\x4d\x18": "lz4", b"\xfd7zX": "xz", b"BZh9": "bzip2"}


class NoCapture(ScscfError):
    """A file is no capture that can be read; the text says why."""


class Damaged(ScscfError):
    """A capture cannot be read any further; the text says why."""


class Frame(NamedTuple):
    """One frame of a capture."""

    number: int
    """From 1, as analysers count them."""
    at: float
    """Seconds since the Unix epoch."""
    link: int
    """LINKTYPE of what it begins with."""
    data: bytes
    whole: bool
    """Whether all of it was captured."""


class Told:
    """What a file tells beside its frames."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        """Names of IP addresses."""
        self.dropped: dict[int, int] = {}
        """Interface → packets that whoever captured had no time for."""


class _Octets(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _Unpacked:
    """What is in a file that gzip compressed."""

    def __init__(self, file: BinaryIO) -> None:
        file.seek(0)
        self._file = GzipFile(fileobj=file)
        self._left = _MOST_UNPACKED

    def read(self, size: int) -> bytes:
        """Return octets. Raises Damaged."""
        self._left -= size
        if self._left < 0:
            raise Damaged(f"has more than {_MOST_UNPACKED >> 30} GB where it is compressed")
        try:
            return self._file.read(size)
        except (BadGzipFile, EOFError, zlib.error):
            raise Damaged("is damaged or cut off where it is compressed") from None


def frames(file: BinaryIO, told: Told) -> Iterator[Frame]:
    """Yield the frames of a capture file, as it is or as gzip compressed it.

    What it tells of itself comes into `told`. Raises NoCapture at once, or Damaged where nothing more can be read.
    """
    magic = file.read(4)
    if magic[:2] != _GZIP:
        return _frames(file, magic, told)
    unpacked = _Unpacked(file)
    try:
        magic = unpacked.read(4)
    except Damaged as error:
        raise NoCapture(str(error)) from None
    return _frames(unpacked, magic, told)


def _frames(file: _Octets, magic: bytes, told: Told) -> Iterator[Frame]:
    """Yield the frames of a file of which four octets were read."""
    if magic in _CLASSIC:
        head = file.read(20)
        if len(head) < 20:
            raise NoCapture("is no capture: its header is cut off")
        order, unit = _CLASSIC[magic]
        return _classic(file, order, unit, unpack_from(f"{order}I", head, 16)[0] & 0x0FFFFFFF)
    if magic == _SECTION_HEADER.to_bytes(4, "big"):
        return _blocks(file, told)
    if not magic:
        raise NoCapture("is empty")
    if magic in _COMPRESSED:
        raise NoCapture(f"is compressed: unpack it first ({_COMPRESSED[magic]})")
    raise NoCapture("is no capture: neither pcapng nor pcap")


def _classic(file: _Octets, order: str, unit: float, link: int) -> Iterator[Frame]:
    packet = Struct(f"{order}IIII")
    number = 0
    while record := file.read(16):
        if len(record) < 16:
            raise Damaged("is cut off within a packet")
        seconds, fraction, captured, original = packet.unpack(record)
        if captured > _LARGEST_FRAME:
            raise Damaged(f"has a packet of {captured} octets")
        number += 1
        yield Frame(number, seconds + fraction * unit, link, _exactly(file, captured), captured >= original)


class _Interface(NamedTuple):
    link: int
    snap: int
    unit: float
    offset: int


def _blocks(file: _Octets, told: Told) -> Iterator[Frame]:
    """Yield the frames of a pcapng file whose first four octets were read."""
    order, interfaces, number, last = "<", list[_Interface](), 0, 0.0
    kind = _SECTION_HEADER
    while True:
        if kind == _SECTION_HEADER:
            head = _exactly(file, 8)
            order = "<" if unpack_from("<I", head, 4)[0] == _BYTE_ORDER else ">"
            if unpack_from(f"{order}I", head, 4)[0] != _BYTE_ORDER:
                raise Damaged("has a section without a byte order")
            interfaces = []
            _rest(file, unpack_from(f"{order}I", head)[0], 12)
        else:
            body = _rest(file, unpack_from(f"{order}I", _exactly(file, 4))[0], 8)
            try:
                if kind == _INTERFACE and len(interfaces) < _MOST_INTERFACES:
                    interfaces.append(_interface(body, order))
                elif kind == _NAMES and len(told.names) < _MOST_NAMES:
                    told.names.update(_named(body, order))
                elif kind == _STATISTICS:
                    which = unpack_from(f"{order}I", body)[0]
                    if which < len(interfaces):
                        told.dropped[which] = _dropped(body, order)
                found = _frame(kind, body, order, interfaces, number + 1, last)
            except (error, IndexError):
                raise Damaged("has a block that is too short") from None
            if found is not None:
                number, last = found.number, found.at
                yield found
        start = file.read(4)
        if not start:
            return
        if len(start) < 4:
            raise Damaged("is cut off within a block")
        kind = unpack_from(f"{order}I", start)[0]


def _rest(file: _Octets, length: int, read: int) -> bytes:
    """Return the body of a block of which `read` octets were read, and read the length behind it."""
    if length < read + 4 or length > _LARGEST_BLOCK:
        raise Damaged(f"has a block of {length} octets")
    return _exactly(file, (length + 3 & ~3) - read)[:-4]


def _exactly(file: _Octets, size: int) -> bytes:
    data = file.read(size)
    if len(data) < size:
        raise Damaged("is cut off within a packet")
    return data


def _interface(body: bytes, order: str) -> _Interface:
    link, _, snap = unpack_from(f"{order}HHI", body)
    unit, offset = 1e-6, 0
    for code, value in _options(body, 8, order):
        if code == _OPTION_RESOLUTION and value:
            unit = 2.0 ** -(value[0] & 0x7F) if value[0] & 0x80 else 10.0 ** -value[0]
        elif code == _OPTION_OFFSET and len(value) == 8:
            offset = unpack_from(f"{order}q", value)[0]
    return _Interface(link, snap, unit, offset)


def _dropped(body: bytes, order: str) -> int:
    """Return how many packets were dropped by what a block of statistics says."""
    dropped = (_OPTION_DROPPED_BY_INTERFACE, _OPTION_DROPPED_BY_SYSTEM)
    counts = (value for code, value in _options(body, 12, order) if code in dropped and len(value) == 8)
    return sum(int(unpack_from(f"{order}Q", value)[0]) for value in counts)


def _options(body: bytes, at: int, order: str) -> Iterator[tuple[int, bytes]]:
    """Yield codes and values, as options and names are written."""
    while at + 4 <= len(body):
        code, length = unpack_from(f"{order}HH", body, at)
        if code == 0:
            break
        yield code, body[at + 4 : at + 4 + length]
        at += 4 + (length + 3 & ~3)


def _named(body: bytes, order: str) -> Iterator[tuple[str, str]]:
    """Yield the addresses of a block of names, each with its first name."""
    for kind, value in _options(body, 0, order):
        size = {1: 4, 2: 16}.get(kind)
        if size is not None and len(value) > size:
            name = value[size:].partition(b"\0")[0][:100].decode("utf-8", "replace")
            yield str(ip_address(value[:size])), name


def _frame(kind: int, body: bytes, order: str, interfaces: list[_Interface], number: int, last: float) -> Frame | None:
    """Return the frame of a block, None for a block of another kind."""
    if kind == _SIMPLE_PACKET:
        interface, start = interfaces[0], 4
        original = unpack_from(f"{order}I", body)[0]
        captured = min(original, interface.snap or original)
        at = last
    elif kind in (_ENHANCED_PACKET, _OLD_PACKET):
        which = unpack_from(f"{order}I" if kind == _ENHANCED_PACKET else f"{order}H", body)[0]
        high, low, captured, original = unpack_from(f"{order}IIII", body, 4)
        interface, start = interfaces[which], 20
        at = (high << 32 | low) * interface.unit + interface.offset
    else:
        return None
    data = body[start : start + min(captured, _LARGEST_FRAME)]
    return Frame(number, at, interface.link, data, len(data) >= original)
