"""Messages out of a stream of octets (RFC 6733 §3)."""

from scscf.diameter.message import HEADER_OCTETS, VERSION, DiameterError, Message

MAX_MESSAGE = 1 << 20
"""Octets; a longer message ends the connection."""


class Framing:
    """What a connection has received and not yet understood."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Return the messages that are whole now. Raises DiameterError where no more can be read from this stream."""
        buffer = self._buffer + data if self._buffer else data
        messages: list[bytes] = []
        position, end = 0, len(buffer)
        while end - position >= 4:
            if buffer[position] != VERSION:
                raise DiameterError(5011, f"version {buffer[position]}", None, _as_far(buffer[position:]))
            length = int.from_bytes(buffer[position + 1 : position + 4])
            if length < HEADER_OCTETS or length % 4 or length > MAX_MESSAGE:
                raise DiameterError(5015, f"a message of {length} octets", None, _as_far(buffer[position:]))
            if end - position < length:
                break
            messages.append(buffer[position : position + length])
            position += length
        self._buffer = buffer[position:] if position else buffer
        return messages


def _as_far(data: bytes) -> Message | None:
    """Return what an answer needs of a request whose length or version is wrong; None where there is not even that."""
    if len(data) < HEADER_OCTETS or not data[4] & 0x80:
        return None
    return Message(
        "Device-Watchdog",
        [],
        application=int.from_bytes(data[8:12]),
        hop_by_hop=int.from_bytes(data[12:16]),
        end_to_end=int.from_bytes(data[16:20]),
    )
