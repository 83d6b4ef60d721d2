"""IP packets made up around messages that were sent: UDP datagrams, and TCP with its handshake and acknowledgements.

Analysers know Diameter by its port, and take what goes to port 5061 for TLS. So a Diameter listener elsewhere than at
3868 is shown there, and the port 5061 of a stream as 5060.
"""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address
from struct import pack, unpack_from
from zlib import crc32

from scscf.capture.recording import Address, Recorded

_TCP, _UDP = 6, 17
_FIN, _SYN, _PUSH, _ACK = 0x01, 0x02, 0x08, 0x10
_SEGMENT = 1400
"""Octets of a message that one TCP packet carries."""
_DATAGRAM = 65507
"""Octets that fit into one UDP datagram over IPv4; what is more is cut off."""
_WINDOW = 65535
_DIAMETER, _SIP, _SIPS = 3868, 5060, 5061

_Ip = IPv4Address | IPv6Address


class Packets:
    """The packets of a recording. Holds of each TCP connection what each end sends next."""

    def __init__(self) -> None:
        self._next: dict[tuple[Address, Address], int] = {}
        """(from, to) → the next sequence number of that direction."""
        self._listeners: set[Address] = set()
        """Diameter listeners that are shown at another port."""
        self._number = 0

    @property
    def connections(self) -> int:
        """How many streams there are, those that their ends closed included."""
        return len(self._next) // 2

    def of(self, message: Recorded) -> Iterator[bytes]:
        """Yield the packets of one message: a datagram, or the segments of a stream with what has to be before them."""
        if message.transport == "udp":
            yield self._datagram(message.source, message.destination, message.data)
            return
        source, destination = self._ends(message)
        way, back = (source, destination), (destination, source)
        if way not in self._next:
            yield from self._handshake(*way)
        data = message.data
        for start in range(0, len(data), _SEGMENT):
            piece = data[start : start + _SEGMENT]
            push = _PUSH if start + _SEGMENT >= len(data) else 0
            yield self._segment(*way, _ACK | push, piece)
        yield self._segment(*back, _ACK)

    def _ends(self, message: Recorded) -> tuple[Address, Address]:
        source, destination = message.source[:2], message.destination[:2]
        if message.protocol == "diameter":
            known = _DIAMETER in (source[1], destination[1]) or source in self._listeners
            if not known:
                self._listeners.add(destination)
            return self._shown(source), self._shown(destination)
        return _plain(source), _plain(destination)

    def _shown(self, address: Address) -> Address:
        return (address[0], _DIAMETER) if address in self._listeners else address

    def close(self) -> Iterator[bytes]:
        """Yield the packets that end every connection."""
        for source, destination in [way for way in self._next if way[0] < way[1]]:
            yield self._segment(source, destination, _FIN | _ACK)
            yield self._segment(destination, source, _FIN | _ACK)
            yield self._segment(source, destination, _ACK)
        self._next.clear()

    def _handshake(self, source: Address, destination: Address) -> Iterator[bytes]:
        for way in ((source, destination), (destination, source)):
            self._next[way] = crc32(repr(way).encode())
        yield self._segment(source, destination, _SYN, acknowledge=False)
        yield self._segment(destination, source, _SYN | _ACK)
        yield self._segment(source, destination, _ACK)

    def _segment(
        self, source: Address, destination: Address, flags: int, data: bytes = b"", *, acknowledge: bool = True
    ) -> bytes:
        sequence = self._next[source, destination]
        acknowledged = self._next[destination, source] if acknowledge else 0
        used = len(data) + bool(flags & (_SYN | _FIN))
        self._next[source, destination] = (sequence + used) & 0xFFFFFFFF
        head = pack("!HHIIBBHHH", source[1], destination[1], sequence, acknowledged, 5 << 4, flags, _WINDOW, 0, 0)
        return self._ip(_TCP, source[0], destination[0], head + data, 16)

    def _datagram(self, source: Address, destination: Address, data: bytes) -> bytes:
        data = data[:_DATAGRAM]
        head = pack("!HHHH", source[1], destination[1], 8 + len(data), 0)
        return self._ip(_UDP, source[0], destination[0], head + data, 6)

    def _ip(self, protocol: int, source: str, destination: str, payload: bytes, checksum_at: int) -> bytes:
        """Return a packet with the payload's checksum written at its place (RFC 1071; RFC 8200 §8.1)."""
        here, there = addresses(source, destination)
        pseudo = here.packed + there.packed + pack("!IBBBB", len(payload), 0, 0, 0, protocol)
        checksum = _checksum(pseudo + payload) or 0xFFFF
        payload = payload[:checksum_at] + pack("!H", checksum) + payload[checksum_at + 2 :]
        if here.version == 6:
            return pack("!IHBB", 6 << 28, len(payload), protocol, 64) + here.packed + there.packed + payload
        self._number = (self._number + 1) & 0xFFFF
        length = 20 + len(payload)
        head = pack("!BBHHHBBH", 0x45, 0, length, self._number, 0, 64, protocol, 0) + here.packed + there.packed
        return head[:10] + pack("!H", _checksum(head)) + head[12:] + payload


def _plain(address: Address) -> Address:
    return (address[0], _SIP) if address[1] == _SIPS else address


def addresses(source: str, destination: str) -> tuple[_Ip, _Ip]:
    """Return both addresses in one version of IP; a name, which a packet cannot have, as an address made of it."""
    here, there = _address(source), _address(destination)
    if here.version != there.version:
        here, there = _as_ipv6(here), _as_ipv6(there)
    return here, there


def _address(host: str) -> _Ip:
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        return IPv4Address(0xC6120000 | crc32(host.encode()) & 0x1FFFF)  # 198.18.0.0/15, for tests (RFC 2544)


def _as_ipv6(address: _Ip) -> IPv6Address:
    return address if isinstance(address, IPv6Address) else IPv6Address(0xFFFF_0000_0000 | int(address))


def _checksum(data: bytes) -> int:
    if len(data) % 2:
        data += b"\0"
    total: int = sum(unpack_from(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
