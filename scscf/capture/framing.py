"""Messages out of a stream that may be seen from its middle on: SIP by Content-Length, Diameter by its length."""

import re

_REST = rb" [^\s]{1,2048} SIP/2\.0\r?\n"
_STATUS = rb"SIP/2\.0 \d{3}(?: [^\r\n]{0,512})?\r?\n"
_METHODS = rb"(?:ACK|BYE|CANCEL|INFO|INVITE|MESSAGE|NOTIFY|OPTIONS|PRACK|PUBLISH|REFER|REGISTER|SUBSCRIBE|UPDATE)"
_START = re.compile(rb"[A-Za-z][\w.!%*+`'~-]{1,31}" + _REST + rb"|" + _STATUS)
_CERTAIN = re.compile(_METHODS + _REST + rb"|" + _STATUS)
"""What begins a message also where octets were missed: no method that half a word may be taken for."""
_INSIDE = re.compile(rb"\n(?:" + _CERTAIN.pattern + rb")")
_LENGTH = re.compile(rb"^(?:content-length|l)[ \t]*:[ \t]*(\d{1,9})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_LARGEST = 1 << 17
"""Octets of a message beyond which the framing is taken for lost."""
_HEAD = 1 << 16
_TAIL = 4096
"""Octets that are kept of what no message begins in: one may begin at their end."""
_LEAST = 20
_LINE_ENDS = (bytearray(b"\r"), bytearray(b"\n"))
_TLS = re.compile(rb"[\x14-\x17]\x03[\x00-\x04]")
_APPLICATIONS = frozenset({0, 16777216})
"""Base protocol and Cx (TS 29.229 §5.6)."""
_MOST_LOST = 1 << 16


def is_sip(data: bytes) -> bool:
    """Tell whether octets begin like a SIP message, line ends before it or not."""
    return _START.match(data.lstrip(b"\r\n") if data[:1] in (b"\r", b"\n") else data) is not None


def is_diameter(data: bytes | bytearray) -> bool:
    """Tell whether octets begin like a Diameter message of the base protocol or Cx (RFC 6733 §3)."""
    if len(data) < _LEAST or data[0] != 1 or data[4] & 15:
        return False
    size = int.from_bytes(data[1:4], "big")
    return size >= _LEAST and size % 4 == 0 and int.from_bytes(data[8:12], "big") in _APPLICATIONS


class Framing:
    """Cuts one direction of a stream into messages, from the first one on that begins in it."""

    __slots__ = ("_buffer", "_lost", "_searched", "_size", "hopeless", "sure")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._searched = 0
        self._size = 0
        """Octets of the message that is coming, once that is known."""
        self._lost = 0
        """Octets since the last message that belong to none."""
        self.sure = False
        """Whether the next octet begins a message: not where octets were missed before it."""
        self.hopeless = False
        """Whether the stream is TLS, or so much of it was no message that nothing is looked for any more."""

    def feed(self, data: bytes) -> list[tuple[str, bytes]]:
        """Take in octets and return what became whole: (`sip` or `diameter`, octets)."""
        found: list[tuple[str, bytes]] = []
        if self.hopeless:
            return found
        self._buffer += data
        while (message := self._next()) is not None:
            found.append(message)
            self._lost = 0
            self.sure = True
        return found

    def lose(self) -> None:
        """Take that octets are missing here."""
        self._buffer.clear()
        self._searched = self._size = 0
        self.sure = False

    def _next(self) -> tuple[str, bytes] | None:
        buffer = self._buffer
        while True:
            if not self._searched and buffer[:1] in _LINE_ENDS:
                del buffer[: len(buffer) - len(buffer.lstrip(b"\r\n"))]
            if len(buffer) < max(_LEAST, self._size):
                return None
            if is_diameter(buffer):
                self._size = int.from_bytes(buffer[1:4], "big")
                return self._take("diameter") if len(buffer) >= self._size else None
            if self._searched or self._begins():
                whole = self._measure()
                if whole and len(buffer) >= self._size:
                    return self._take("sip")
                if whole is not None:
                    return None
            elif _TLS.match(buffer):
                self._give_up()
                return None
            if not self._skip():
                return None

    def _begins(self) -> bool:
        """Tell whether a message begins here."""
        return (_START if self.sure else _CERTAIN).match(self._buffer) is not None

    def _measure(self) -> bool | None:
        """Find out how long the message at the beginning is; False where that cannot be told yet, None: it is none."""
        if self._size:
            return True
        buffer = self._buffer
        head = buffer.find(b"\r\n\r\n", max(0, self._searched - 3))
        if head < 0:
            self._searched = len(buffer)
            return False if len(buffer) <= _HEAD else None
        length = _LENGTH.search(buffer, 0, head + 2)
        size = head + 4 + (int(length[1]) if length is not None else 0)
        if size > _LARGEST:
            return None
        self._searched, self._size = head, size
        return True

    def _take(self, protocol: str) -> tuple[str, bytes]:
        message = bytes(self._buffer[: self._size])
        del self._buffer[: self._size]
        self._searched = self._size = 0
        return protocol, message

    def _skip(self) -> bool:
        """Drop what is no message up to where one begins; False where none does yet."""
        buffer = self._buffer
        self._searched = self._size = 0
        start = _INSIDE.search(buffer)
        if start is not None:
            self._drop(start.start() + 1)
            self.sure = True
            return not self.hopeless
        self._drop(max(0, len(buffer) - _TAIL))
        return False

    def _drop(self, size: int) -> None:
        del self._buffer[:size]
        self._lost += size
        if self._lost > _MOST_LOST:
            self._give_up()

    def _give_up(self) -> None:
        self.hopeless = True
        self._buffer.clear()
