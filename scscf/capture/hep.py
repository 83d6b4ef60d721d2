"""HEP3: one message with where, when and how it travelled, for a Homer (HEP3 rev. 12, of sipcapture.org)."""

from struct import pack
from typing import Final

from scscf.capture.packets import addresses
from scscf.capture.recording import Recorded

PORT: Final = 9060
"""Where a Homer listens that is not said to listen elsewhere."""
LONGEST: Final = 65_000
"""Octets of a packet that fit into one datagram."""

_FAMILY, _PROTOCOL, _SOURCE4, _DESTINATION4, _SOURCE6, _DESTINATION6, _SOURCE_PORT, _DESTINATION_PORT = range(1, 9)
_SECONDS, _MICROSECONDS, _TYPE, _AGENT, _KEY, _PAYLOAD, _CORRELATION = 9, 10, 11, 12, 14, 15, 17
_AF_INET, _AF_INET6 = 2, 10
_TCP, _UDP = 6, 17
_SIP = 1


class TooLong(ValueError):
    """A message that no datagram holds."""


def hep(message: Recorded, agent: int, key: str = "", call_id: str = "") -> bytes:
    """Return the packet of a SIP message. `agent` is the capture agent's id, `key` its password where there is one.

    Raises TooLong.
    """
    here, there = addresses(message.source[0], message.destination[0])
    micro = max(0, round(message.at * 1_000_000))
    is_ipv4 = here.version == 4
    chunks = [
        _chunk(_FAMILY, pack("!B", _AF_INET if is_ipv4 else _AF_INET6)),
        _chunk(_PROTOCOL, pack("!B", _UDP if message.transport == "udp" else _TCP)),
        _chunk(_SOURCE4 if is_ipv4 else _SOURCE6, here.packed),
        _chunk(_DESTINATION4 if is_ipv4 else _DESTINATION6, there.packed),
        _chunk(_SOURCE_PORT, pack("!H", message.source[1])),
        _chunk(_DESTINATION_PORT, pack("!H", message.destination[1])),
        _chunk(_SECONDS, pack("!I", micro // 1_000_000 & 0xFFFFFFFF)),
        _chunk(_MICROSECONDS, pack("!I", micro % 1_000_000)),
        _chunk(_TYPE, pack("!B", _SIP)),
        _chunk(_AGENT, pack("!I", agent)),
    ]
    if key:
        chunks.append(_chunk(_KEY, key.encode()))
    if call_id:
        chunks.append(_chunk(_CORRELATION, call_id.encode("utf-8", "surrogateescape")))
    if len(message.data) > LONGEST - sum(map(len, chunks)):
        raise TooLong(f"a message of {len(message.data)} octets")
    chunks.append(_chunk(_PAYLOAD, message.data))
    body = b"".join(chunks)
    return b"HEP3" + pack("!H", 6 + len(body)) + body


def _chunk(kind: int, value: bytes) -> bytes:
    return pack("!HHH", 0, kind, 6 + len(value)) + value
