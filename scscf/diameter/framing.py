"""Messages out of a stream of octets (RFC 6733 §3)."""

from scscf.diameter.message import HEADER_OCTETS, VERSION, DiameterError, as_far

MAX_MESSAGE = 1 << 20
"""Octets; a longer message ends the connection."""


class Framing:
    """What a connection has received and not yet understood."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.broken = False
        """Whether what follows the messages that were returned last cannot be read."""

    def feed(self, data: bytes) -> list[bytes]:
        """Return the messages that are whole now. Raises DiameterError where no more can be read from this stream.

        Messages that are whole before that come first: they are returned, and the next call raises.
        """
        buffer = self._buffer
        buffer += data
        messages: list[bytes] = []
        position, end = 0, len(buffer)
        while end - position >= 4:
            if buffer[position] != VERSION:
                if messages:
                    self.broken = True
                    break
                raise DiameterError(5011, f"version {buffer[position]}", None, as_far(bytes(buffer[position:])))
            length = int.from_bytes(buffer[position + 1 : position + 4])
            if length < HEADER_OCTETS or length % 4 or length > MAX_MESSAGE:
                if messages:
                    self.broken = True
                    break
                raise DiameterError(5015, f"a message of {length} octets", None, as_far(bytes(buffer[position:])))
            if end - position < length:
                break
            messages.append(bytes(buffer[position : position + length]))
            position += length
        if position:
            del buffer[:position]
        return messages
