"""Requests and responses (RFC 3261 §7.1, §7.2), and how a response is made of a request (§8.2.6)."""

from scscf.errors import SipError
from scscf.sip.field_values import MALFORMED_EXPIRES, CSeq, FieldValues
from scscf.sip.fields import bad, one_line
from scscf.sip.headers import KEYS
from scscf.sip.reasons import REASONS
from scscf.sip.uri import Uri, parse_uri

__all__ = ["MALFORMED_EXPIRES", "REASONS", "CSeq", "Message", "Request", "Response", "make_request"]


class Message(FieldValues):
    """What requests and responses share."""

    __slots__ = ("body", "defect")

    body: bytes
    defect: SipError | None
    """What the parser found wrong with the framing or the lines; the answer that the message gets for it."""

    def _start_line(self) -> str:
        raise NotImplementedError

    def _without_line_ends(self) -> "Message":
        raise NotImplementedError

    def to_bytes(self) -> bytes:
        """Return the message as it goes on the wire, with a Content-Length of our own counting."""
        lines = [self._start_line()]
        for name, value in self.headers:
            if KEYS[name] != "content-length":
                lines.append(f"{name}: {value}")
        lines.append(f"Content-Length: {len(self.body)}\r\n\r\n")
        text = "\r\n".join(lines)
        line_ends = len(lines) + 1
        if text.count("\n") != line_ends or text.count("\r") != line_ends:
            return self._without_line_ends().to_bytes()
        return text.encode("utf-8", "surrogateescape") + self.body


class Request(Message):
    """A request."""

    __slots__ = ("_uri", "method", "uri_text", "version")

    def __init__(
        self,
        method: str,
        uri_text: str,
        headers: list[tuple[str, str]],
        body: bytes = b"",
        version: str = "SIP/2.0",
        first: dict[str, str] | None = None,
        more: dict[str, list[str]] | None = None,
    ) -> None:
        self.method = method
        self.uri_text = uri_text
        self.headers = headers
        self.body = body
        self.version = version
        self.defect = None
        self._first = first
        self._more = more
        self._uri: Uri | None = None

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.uri_text}>"

    @property
    def uri(self) -> Uri:
        """The Request-URI."""
        uri = self._uri
        if uri is None or uri.text != self.uri_text:
            self._uri = uri = parse_uri(self.uri_text)
        return uri

    def _malformed_expires(self) -> int:
        if self.method == "REGISTER":
            return MALFORMED_EXPIRES
        raise bad("expires")

    def _start_line(self) -> str:
        return f"{self.method} {self.uri_text} {self.version}"

    def _without_line_ends(self) -> "Request":
        return Request(
            one_line(self.method), one_line(self.uri_text), self.clean_headers(), self.body, one_line(self.version)
        )

    def response(self, status: int, reason: str | None = None, to_tag: str | None = None) -> "Response":
        """Return a response with the fields that RFC 3261 §8.2.6.2 has copied, as far as the request has them.

        `to_tag` is added to a To that has no tag, but never in a 100, which gets the Timestamp instead (§8.2.6.1).
        """
        first = self._first
        if first is None:
            first = self._index()
        more = self._more
        if more is not None and "via" in more:
            headers = [("Via", value) for value in more["via"]]
        else:
            headers = [("Via", first["via"])] if "via" in first else []
        if "from" in first:
            headers.append(("From", first["from"]))
        if "to" in first:
            value = first["to"]
            if to_tag is not None and status != 100 and not (";" in value and self._has_to_tag()):
                value = f"{value};tag={to_tag}"
            headers.append(("To", value))
        if "call-id" in first:
            headers.append(("Call-ID", first["call-id"]))
        if "cseq" in first:
            headers.append(("CSeq", first["cseq"]))
        if status == 100 and "timestamp" in first:
            headers.append(("Timestamp", first["timestamp"]))
        return Response(status, REASONS.get(status, "") if reason is None else reason, headers)

    def _has_to_tag(self) -> bool:
        try:
            return self.to.tag is not None
        except SipError:
            return ";tag=" in (self.get("to") or "").lower()


class Response(Message):
    """A response."""

    __slots__ = ("reason", "status")

    def __init__(
        self,
        status: int,
        reason: str,
        headers: list[tuple[str, str]],
        body: bytes = b"",
        first: dict[str, str] | None = None,
        more: dict[str, list[str]] | None = None,
    ) -> None:
        self.status = status
        self.reason = reason
        self.headers = headers
        self.body = body
        self.defect = None
        self._first = first
        self._more = more

    def __repr__(self) -> str:
        return f"<Response {self.status} {self.reason}>"

    def _start_line(self) -> str:
        return f"SIP/2.0 {self.status} {self.reason}"

    def _without_line_ends(self) -> "Response":
        return Response(self.status, one_line(self.reason), self.clean_headers(), self.body)


def make_request(method: str, uri_text: str, headers: list[tuple[str, str]], body: bytes = b"") -> Request:
    """Return a request of our own; `headers` is copied."""
    return Request(method, uri_text, list(headers), body)
