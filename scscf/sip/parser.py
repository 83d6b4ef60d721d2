"""Octets into messages: one to a datagram, or many out of a stream at any cut (RFC 3261 §7.5, §18.3)."""

from typing import Final, NamedTuple

from scscf.errors import ScscfError, SipError
from scscf.sip.headers import KEYS, MALFORMED
from scscf.sip.message import Request, Response


class Limits(NamedTuple):
    """How much of a message is taken in."""

    message: int = 65535
    """Octets of a message (RFC 3261 §18.1.1)."""
    header_bytes: int = 65535
    """Octets up to the empty line."""
    headers: int = 256
    """Header fields."""


LIMITS: Final = Limits()


class Unparseable(ScscfError):
    """Octets without a usable start line: nothing can be answered."""


class Ping:
    """A keep-alive, CRLF CRLF, to be answered by one CRLF at once (RFC 5626 §4.4.1)."""

    __slots__ = ()


class Pong:
    """The answer to a keep-alive of ours: one CRLF."""

    __slots__ = ()


PING: Final = Ping()
PONG: Final = Pong()


def parse_message(data: bytes, limits: Limits = LIMITS) -> Request | Response:
    """Parse a datagram: split and index it, judge nothing but its framing.

    Octets beyond Content-Length are cut off; too few are a defect of the message. What is wrong with the lines becomes
    `message.defect`, the error to answer with. Raises Unparseable where there is no start line to answer to.
    """
    if data[:1] in (b"\r", b"\n"):
        data = data.lstrip(b"\r\n")
    end = data.find(b"\r\n\r\n")
    if end < 0:
        message = parse_head(data[: limits.header_bytes].rstrip(b"\r\n"), limits)
        message.defect = message.defect or SipError(400, "Missing Empty Line")
        return message
    if end > limits.header_bytes or len(data) > limits.message:
        message = parse_head(data[: min(end, limits.header_bytes)], limits)
        message.defect = SipError(513)
        return message
    message = parse_head(data[:end], limits)
    body = data[end + 4 :]
    length = message.get("content-length")
    if length is None:
        message.body = body
        return message
    try:
        size = content_length(message)
    except SipError as error:
        message.defect = message.defect or error
        return message
    if size > len(body):
        message.defect = message.defect or SipError(400, "Content-Length Too Large")
    elif size < len(body):
        body = body[:size]
    message.body = body
    return message


def content_length(message: Request | Response) -> int:
    """Return the Content-Length; raises SipError(400) where it is missing, malformed or given twice with two values."""
    value = message.get("content-length")
    if value is None:
        raise SipError(400, "Missing Content-Length")
    if not value.isdigit() or not value.isascii() or len(value) > 10:
        raise SipError(400, "Bad Content-Length")
    if len(set(message.get_all("content-length"))) > 1:
        raise SipError(400, "Conflicting Content-Length")
    return int(value)


def parse_head(head: bytes, limits: Limits = LIMITS) -> Request | Response:
    """Parse start line and header fields, without the empty line after them. Raises Unparseable."""
    text = head.decode("utf-8", "surrogateescape")
    lines = text.split("\r\n")
    defect: SipError | None = None
    if text.count("\n") >= len(lines):
        defect = SipError(400, "Bare LF In Header")
        lines = [line.replace("\n", " ") for line in lines]
    if len(lines) > limits.headers + 1 and len(lines := _unfold(lines)) > limits.headers + 1:
        del lines[limits.headers + 1 :]
        defect = SipError(513, "Too Many Header Fields")
    index = _index(lines)
    if MALFORMED in index[1]:
        if "\r\n " in text or "\r\n\t" in text:
            lines = _unfold(lines)
            index = _index(lines)
        if MALFORMED in index[1] and defect is None:
            defect = SipError(400, "Bad Header Line")
    message = _start(lines[0], *index)
    if defect is not None:
        message.defect = message.defect or defect
    return message


_Index = tuple[list[tuple[str, str]], dict[str, str], dict[str, list[str]] | None]


def _index(lines: list[str]) -> _Index:
    """Return the fields behind the start line, the first value of each key, and all values of those that repeat.

    A folded line shows as MALFORMED, so that messages without folding pay nothing for it.
    """
    headers: list[tuple[str, str]] = []
    first: dict[str, str] = {}
    more: dict[str, list[str]] | None = None
    fields = iter(lines)
    next(fields)
    for line in fields:
        name, colon, value = line.partition(":")
        key = KEYS[name] if colon else MALFORMED
        value = value.strip()
        headers.append((name, value))
        if key not in first:
            first[key] = value
        elif more is None:
            more = {key: [first[key], value]}
        elif key in more:
            more[key].append(value)
        else:
            more[key] = [first[key], value]
    return headers, first, more


def _unfold(lines: list[str]) -> list[str]:
    runs: list[list[str]] = []
    for line in lines:
        if line[:1] in (" ", "\t") and runs:
            runs[-1].append(line.strip(" \t"))
        else:
            runs.append([line])
    return [run[0] if len(run) == 1 else " ".join([run[0].rstrip(" \t"), *run[1:]]) for run in runs]


def _start(
    line: str, headers: list[tuple[str, str]], first: dict[str, str], more: dict[str, list[str]] | None
) -> Request | Response:
    parts = line.split(" ")
    if len(parts) == 3 and parts[2][:4] == "SIP/" and parts[0] and parts[1]:
        return Request(parts[0], parts[1], headers, b"", parts[2], first, more)
    if line[:4].upper() == "SIP/":
        return _status_line(line, headers, first, more)
    words = line.split()
    if len(words) < 2 or words[-1][:4].upper() != "SIP/":
        raise Unparseable("no start line")
    request = Request(words[0], " ".join(words[1:-1]), headers, b"", words[-1].upper(), first, more)
    if len(parts) != 3 or not parts[0] or not parts[1]:
        request.defect = SipError(400, "Bad Request Line")
    return request


def _status_line(
    line: str, headers: list[tuple[str, str]], first: dict[str, str], more: dict[str, list[str]] | None
) -> Response:
    _, _, rest = line.partition(" ")
    code, _, reason = rest.partition(" ")
    if not code.isdigit() or not code.isascii() or len(code) > 20:
        raise Unparseable("no status code")
    return Response(int(code), reason, headers, b"", first, more)


class StreamParser:
    """Cuts a stream into messages and keep-alives, wherever its pieces were cut."""

    __slots__ = ("_buffer", "_message", "_missing", "_searched", "closing", "limits", "ping_sent")

    def __init__(self, limits: Limits = LIMITS) -> None:
        self.limits = limits
        self.closing = False
        """The framing is lost: answer the last message's defect if one came, read no more and close."""
        self.ping_sent = False
        """Set by whoever sent a keep-alive: the next lone CRLF is its answer (RFC 5626 §4.4.1)."""
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
                return message
        if len(self._buffer) < self._missing or self._message is None:
            return None
        message, self._message = self._message, None
        message.body = bytes(self._buffer[: self._missing])
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
                self._message = parse_head(bytes(buffer[: max(whole, 0)]), limits)
                raise SipError(513)
            self._message = parse_head(bytes(buffer[:end]), limits)
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
