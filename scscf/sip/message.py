"""Requests and responses (RFC 3261 §7.1, §7.2), and how a response is made of a request (§8.2.6)."""

from scscf.errors import SipError
from scscf.sip.fields import MALFORMED_EXPIRES, CSeq, Message, bad, missing, one_line
from scscf.sip.reasons import REASONS
from scscf.sip.uri import Uri, parse_uri

__all__ = ["MALFORMED_EXPIRES", "REASONS", "CSeq", "Message", "Request", "Response", "bad", "make_request", "missing"]


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
        super().__init__(headers, body, first, more)
        self.method = method
        self.uri_text = uri_text
        self.version = version
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
            one_line(self.method), one_line(self.uri_text), self._clean_headers(), self.body, one_line(self.version)
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
            if to_tag is not None and status != 100 and not self._has_to_tag():
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
        super().__init__(headers, body, first, more)
        self.status = status
        self.reason = reason

    def __repr__(self) -> str:
        return f"<Response {self.status} {self.reason}>"

    def _start_line(self) -> str:
        return f"SIP/2.0 {self.status} {self.reason}"

    def _without_line_ends(self) -> "Response":
        return Response(self.status, one_line(self.reason), self._clean_headers(), self.body)


def make_request(method: str, uri_text: str, headers: list[tuple[str, str]], body: bytes = b"") -> Request:
    """Return a request of our own; `headers` is copied."""
    return Request(method, uri_text, list(headers), body)
