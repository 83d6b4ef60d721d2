"""Recordings as pcapng: IP packets made up around each message, so that any analyser takes them for a capture.

The format is draft-ietf-opsawg-pcapng; the packets begin with their IP header (LINKTYPE_RAW, 101).
"""

from collections.abc import Iterable
from ipaddress import ip_address
from struct import Struct, pack

from scscf import __version__
from scscf.capture.packets import Packets
from scscf.capture.recording import Participant, Recorded

LINKTYPE_RAW = 101
_SECTION_HEADER, _INTERFACE, _NAMES, _ENHANCED_PACKET, _SECRETS = 0x0A0D0D0A, 1, 4, 6, 10
_BYTE_ORDER = 0x1A2B3C4D
_OPTION_COMMENT, _OPTION_NAME, _OPTION_RESOLUTION, _OPTION_APPLICATION = 1, 2, 9, 4
_MICROSECONDS = 6
_TLS_KEY_LOG = 0x544C534B
_PACKET_HEAD = Struct("<IIIII")
SNAP_LENGTH = 0
"""No limit: every packet is whole."""


class Writer:
    """Makes the blocks of one capture, one message after the other.

    Streams get a handshake, sequence numbers and acknowledgements, and are closed at the end. What was sent over TLS is
    in the capture as plain TCP, and ports are those that analysers know a protocol by (see `packets`). `epoch` is added
    to the messages' times, `interface` is the name that an analyser shows.
    """

    def __init__(self, epoch: float = 0.0, interface: str = "scenario") -> None:
        self._packets = Packets()
        self._epoch = epoch
        self._interface = interface
        self._latest = epoch

    @property
    def connections(self) -> int:
        """How many streams are in it, closed ones included."""
        return self._packets.connections

    def head(self, participants: Iterable[Participant] = ()) -> bytes:
        """Return what a capture begins with; the names of participants are for the analyser."""
        return _section() + _interface(self._interface) + _names(participants)

    def message(self, message: Recorded) -> bytes:
        """Return the packets of a message. One that was lost on purpose has a comment, and is in its stream anyhow."""
        self._latest = self._epoch + message.at
        comment = "lost on purpose" if message.lost else message.remark
        return b"".join(_packet(packet, self._latest, comment) for packet in self._packets.of(message))

    @staticmethod
    def secrets(lines: bytes) -> bytes:
        """Return TLS secrets (lines of an SSLKEYLOGFILE) for whoever also has the packets as they travelled."""
        return _block(_SECRETS, pack("<II", _TLS_KEY_LOG, len(lines)) + _padded(lines))

    def end(self) -> bytes:
        """Return the packets that close every stream."""
        return b"".join(_packet(packet, self._latest, "") for packet in self._packets.close())


def pcapng(
    messages: Iterable[Recorded],
    participants: Iterable[Participant] = (),
    epoch: float = 0.0,
    interface: str = "scenario",
) -> bytes:
    """Return a capture of these messages, octet by octet as they were sent.

    `epoch` is when their times begin, seconds since 1970; see Writer.
    """
    writer = Writer(epoch, interface)
    blocks = [writer.head(participants)]
    blocks += [writer.message(message) for message in messages]
    blocks.append(writer.end())
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


def _interface(name: str) -> bytes:
    options = _option(_OPTION_NAME, name.encode()) + _option(_OPTION_RESOLUTION, bytes([_MICROSECONDS])) + _END
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
