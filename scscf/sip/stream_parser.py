"""A stream of octets into messages and keep-alives, at any cut (RFC 3261 §7.5, §18.3; RFC 5626 §4.4.1)."""

from collections import deque
from typing import Final

from scscf.errors import SipError
from scscf.sip.message import Request, Response
from scscf.sip.parser import LIMITS, Limits, Unparseable, content_length, parse_head


class Ping:
    """A keep-alive, CRLF CRLF, to be answered by one CRLF at once (RFC 5626 §4.4.1)."""

    __slots__ = ()


class Pong:
    """The answer to a keep-alive of ours: one CRLF."""

    __slots__ = ()


PING: Final = Ping()
PONG: Final = Pong()


class StreamParser:
    """Cuts a stream into messages and keep-alives, wherever its pieces were cut."""

    __slots__ = ("_buffer", "_head", "_message", "_missing", "_searched", "closing", "limits", "octets", "ping_sent")

    def __init__(self, limits: Limits = LIMITS) -> None:
        self.limits = limits
        self.closing = False
        """The framing is lost: answer the last message's defect if one came, read no more and close."""
        self.ping_sent = False
        """Set by whoever sent a keep-alive: the next lone CRLF is its answer (RFC 5626 §4.4.1)."""
        self.octets: deque[bytes] = deque()
        """The messages that the last `feed` returned as they came, keep-alives left out."""
        self._head = b""
        self._buffer = bytearray()
        self._searched = 0
        self._message: Request | Response | None = None
        self._missing = 0

    def feed(self, data: bytes) -> list[Request | Response | Ping | Pong]:
        """Take in octets and return what became whole, in order.

        A message with a defect may be among them. When `closing` is set afterwards, it is the last one; when there
        was nothing that could be answered, there is none.
        """
        items: list[Request | Response | Ping | Pong] = []
        self.octets.clear()
        if self.closing:
            return items
        self._buffer += data
        while (item := self._next()) is not None:
            items.append(item)
            if self.closing:
                break
        return items

    def _next(self) -> Request | Response | Ping | Pong | None:
        if self._message is None:
            keep_alive = self._skip_line_ends()
            if keep_alive is not None:
                return keep_alive
            if not self._buffer or self._buffer[0] in b"\r\n":
                return None
            if not self._take_head():
                message, self._message = self._message, None
                if message is not None:
                    self.octets.append(self._head)
                return message
        if len(self._buffer) < self._missing or self._message is None:
            return None
        message, self._message = self._message, None
        message.body = bytes(self._buffer[: self._missing])
        self.octets.append(b"%b\r\n\r\n%b" % (self._head, message.body))
        del self._buffer[: self._missing]
        return message

    def _skip_line_ends(self) -> Ping | Pong | None:
        """Drop the line ends before a message, or return the keep-alive that they are."""
        buffer = self._buffer
        while buffer and buffer[0] in b"\r\n":
            if buffer.startswith(b"\r\n\r\n"):
                del buffer[:4]
                return PING
            if buffer == b"\r\n" and self.ping_sent:
                del buffer[:2]
                self.ping_sent = False
                return PONG
            if b"\r\n\r\n".startswith(buffer):
                return None
            if buffer.startswith(b"\r\n"):
                del buffer[:2]
                if self.ping_sent:
                    self.ping_sent = False
                    return PONG
            else:
                del buffer[:1]
        return None

    def _take_head(self) -> bool:
        """Take start line and fields off the buffer and tell whether a body is to be waited for.

        Otherwise `closing` is set, with the message to answer if there is one, or more octets are needed.
        """
        buffer, limits = self._buffer, self.limits
        end = buffer.find(b"\r\n\r\n", self._searched)
        if end < 0 and len(buffer) <= limits.header_bytes:
            self._searched = max(0, len(buffer) - 3)
            return False
        self._searched = 0
        try:
            if end < 0 or end > limits.header_bytes:
                whole = buffer.rfind(b"\r\n", 0, limits.header_bytes)
                self._head = bytes(buffer[: max(whole, 0)])
                self._message = parse_head(self._head, limits)
                raise SipError(513)
            self._head = bytes(buffer[:end])
            self._message = parse_head(self._head, limits)
            del buffer[: end + 4]
            self._missing = content_length(self._message)
            if end + 4 + self._missing > limits.message:
                raise SipError(513)
        except Unparseable:
            self.closing = True
        except SipError as error:
            self.closing = True
            if self._message is not None and self._message.defect is None:
                self._message.defect = error
        return not self.closing
