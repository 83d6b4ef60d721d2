"""Packets and capture files made by hand, octet by octet."""

import io
from ipaddress import ip_address
from struct import pack

from scscf.capture.reading import CapturedMessage, CaptureReader

UE, SERVER = ("192.0.2.5", 5060), ("192.0.2.1", 5060)
RAW, ETHERNET, NULL, LOOP, COOKED, COOKED_2, PPP = 101, 1, 0, 108, 113, 276, 9
REGISTER = (
    b"REGISTER sip:home1.test SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.5;branch=z9hG4bK1\r\nCall-ID: a@b\r\n"
    b"CSeq: 1 REGISTER\r\nContent-Length: 0\r\n\r\n"
)
WITH_BODY = b"NOTIFY sip:192.0.2.5 SIP/2.0\r\nCall-ID: n@b\r\nl: 5\r\n\r\nbody!"
Place = tuple[str, int]


def ip(protocol: int, payload: bytes, source: str = UE[0], destination: str = SERVER[0]) -> bytes:
    """Return an IPv4 or IPv6 packet; nobody looks at its checksum."""
    here, there = ip_address(source), ip_address(destination)
    if here.version == 6:
        return pack("!IHBB", 6 << 28, len(payload), protocol, 64) + here.packed + there.packed + payload
    return pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 1, 0, 64, protocol, 0) + here.packed + there.packed + payload


def udp(data: bytes, source: Place = UE, destination: Place = SERVER) -> bytes:
    """Return an IP packet with a datagram."""
    return ip(17, pack("!HHHH", source[1], destination[1], 8 + len(data), 0) + data, source[0], destination[0])


def tcp(sequence: int, data: bytes = b"", flags: int = 0x10, source: Place = UE, destination: Place = SERVER) -> bytes:
    """Return an IP packet with a segment."""
    head = pack("!HHIIBBHHH", source[1], destination[1], sequence % 2**32, 0, 5 << 4, flags, 65535, 0, 0)
    return ip(6, head + data, source[0], destination[0])


def pcap(
    *packets: bytes, link: int = RAW, order: str = "<", nanoseconds: bool = False, step: float = 1.0, cut: int = 0
) -> bytes:
    """Return a classic capture; a packet each `step` seconds, `cut` octets at its end not captured."""
    magic = 0xA1B23C4D if nanoseconds else 0xA1B2C3D4
    file = pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, 65535, link)
    for number, packet in enumerate(packets):
        seconds, fraction = divmod(number * step, 1)
        unit = 1e9 if nanoseconds else 1e6
        file += pack(f"{order}IIII", int(seconds), round(fraction * unit), len(packet) - cut, len(packet))
        file += packet[: len(packet) - cut]
    return file


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    """Return a block of pcapng."""
    body += bytes(-len(body) % 4)
    return pack(f"{order}II", kind, len(body) + 12) + body + pack(f"{order}I", len(body) + 12)


def section(order: str = "<") -> bytes:
    """Return the block that begins a section."""
    return block(0x0A0D0D0A, pack(f"{order}IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def interface(link: int = RAW, options: bytes = b"", order: str = "<", snap: int = 0) -> bytes:
    """Return the block of an interface."""
    return block(1, pack(f"{order}HHI", link, 0, snap) + options, order)


def packet(data: bytes, time: int = 0, which: int = 0, order: str = "<") -> bytes:
    """Return the block of a packet; `time` counts what the interface says."""
    head = pack(f"{order}IIIII", which, time >> 32, time & 0xFFFFFFFF, len(data), len(data))
    return block(6, head + data, order)


def read(file: bytes) -> list[CapturedMessage]:
    """Return the messages of a file that nothing is wrong with."""
    found, notices = told(file)
    assert notices == []
    return found


def told(file: bytes) -> tuple[list[CapturedMessage], list[str]]:
    """Return the messages of a file, and what is said of it."""
    reader = CaptureReader(io.BytesIO(file))
    return list(reader), reader.notices()


def octets(file: bytes) -> list[bytes]:
    """Return what the messages of a file are."""
    return [each.data for each in told(file)[0]]
