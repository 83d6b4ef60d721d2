"""Octets into a message (RFC 3261 §7), and the framing of a datagram (§18.3)."""

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
    if length is not None and (length != str(len(body)) or "content-length" in message.repeated()):
        try:
            size = content_length(message)
            if size > len(body):
                raise SipError(400, "Content-Length Too Large")
            body = body[:size]
        except SipError as error:
            message.defect = message.defect or error
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
    if text.count("\n") >= len(lines) or len(lines) > limits.headers + 1:
        return _parse_carefully(lines, limits)
    headers, first, more = _index(lines)
    if MALFORMED in first:
        return _parse_carefully(lines, limits)
    return _start(lines[0], headers, first, more)


def _parse_carefully(lines: list[str], limits: Limits) -> Request | Response:
    """Parse lines that are folded, too many or malformed."""
    defect: SipError | None = None
    if any("\n" in line for line in lines):
        defect = SipError(400, "Bare LF In Header")
        lines = [line.replace("\n", " ") for line in lines]
    lines = _unfold(lines)
    if len(lines) > limits.headers + 1:
        del lines[limits.headers + 1 :]
        defect = SipError(513, "Too Many Header Fields")
    headers, first, more = _index(lines)
    if MALFORMED in first and defect is None:
        defect = SipError(400, "Bad Header Line")
    message = _start(lines[0], headers, first, more)
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
