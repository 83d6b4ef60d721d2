"""Recordings as pcapng: IP packets made up around each message, so that any analyser takes them for a capture.

The format is draft-ietf-opsawg-pcapng; the packets begin with their IP header (LINKTYPE_RAW, 101).
"""

from collections.abc import Iterable
from ipaddress import ip_address
from struct import Struct, pack

from scscf import __version__
from scscf.scenario.packets import Packets
from scscf.scenario.recording import Participant, Recorded

LINKTYPE_RAW = 101
_SECTION_HEADER, _INTERFACE, _NAMES, _ENHANCED_PACKET = 0x0A0D0D0A, 1, 4, 6
_BYTE_ORDER = 0x1A2B3C4D
_OPTION_COMMENT, _OPTION_NAME, _OPTION_RESOLUTION, _OPTION_APPLICATION = 1, 2, 9, 4
_MICROSECONDS = 6
_PACKET_HEAD = Struct("<IIIII")
SNAP_LENGTH = 0
"""No limit: every packet is whole."""


def pcapng(messages: Iterable[Recorded], participants: Iterable[Participant] = (), epoch: float = 0.0) -> bytes:
    """Return a capture of these messages, octet by octet as they were sent.

    `epoch` is when the scenario began, seconds since the Unix epoch. Streams get a handshake, sequence numbers and
    acknowledgements, and are closed at their end. What was sent over TLS is in the capture as plain TCP, and ports are
    those that analysers know a protocol by (see `packets`). Messages that were lost on purpose have a comment; those of
    a stream are in it all the same.
    """
    packets = Packets()
    blocks = [_section(), _interface()]
    names = _names(participants)
    if names:
        blocks.append(names)
    for message in messages:
        for packet in packets.of(message):
            blocks.append(_packet(packet, epoch + message.at, "lost on purpose" if message.lost else ""))
        end = epoch + message.at
    if packets.open:
        blocks += [_packet(packet, end, "") for packet in packets.close()]
    return b"".join(blocks)


def _block(kind: int, body: bytes) -> bytes:
    length = len(body) + 12
    return pack("<II", kind, length) + body + pack("<I", length)


def _option(code: int, value: bytes) -> bytes:
    return pack("<HH", code, len(value)) + _padded(value)


def _padded(value: bytes) -> bytes:
    return value + bytes(-len(value) % 4)


_END = bytes(4)


def _section() -> bytes:
    options = _option(_OPTION_APPLICATION, f"scscf {__version__}".encode()) + _END
    return _block(_SECTION_HEADER, pack("<IHHq", _BYTE_ORDER, 1, 0, -1) + options)


def _interface() -> bytes:
    options = _option(_OPTION_NAME, b"scenario") + _option(_OPTION_RESOLUTION, bytes([_MICROSECONDS])) + _END
    return _block(_INTERFACE, pack("<HHI", LINKTYPE_RAW, 0, SNAP_LENGTH) + options)


def _names(participants: Iterable[Participant]) -> bytes:
    """Return the block that tells an analyser the names of the addresses; one that several share has none."""
    owners: dict[str, set[str]] = {}
    for participant in participants:
        for host, _ in participant.addresses:
            owners.setdefault(host, set()).add(participant.name)
    records = b""
    for host, names in owners.items():
        if len(names) == 1:
            try:
                address = ip_address(host)
            except ValueError:
                continue
            name = next(iter(names)).encode().replace(b"\0", b"")[:200]
            value = address.packed + name + b"\0"
            records += pack("<HH", 1 if address.version == 4 else 2, len(value)) + _padded(value)
    return _block(_NAMES, records + _END) if records else b""


def _packet(packet: bytes, at: float, comment: str) -> bytes:
    time = max(0, round(at * 1_000_000))
    options = _option(_OPTION_COMMENT, comment.encode()) + _END if comment else b""
    head = _PACKET_HEAD.pack(0, time >> 32, time & 0xFFFFFFFF, len(packet), len(packet))
    return _block(_ENHANCED_PACKET, head + _padded(packet) + options)
