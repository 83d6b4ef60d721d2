"""An HTTP request as the control API takes it: its body bounded, its answer JSON."""

# mypy: allow-untyped-calls

from typing import Any

from twisted.web.server import Request

from scscf.control.route import Answer, refusal
from scscf.control.views import as_json

MAX_BODY = 1_000_000
"""Octets."""
MAX_DISCARDED = 100_000_000
"""Octets of a body that is too large which are read, so that its sender sees the answer; then the connection is cut."""


class ControlRequest(Request):
    """A request whose body is kept only as far as it is not too large."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._octets = 0

    @property
    def too_large(self) -> bool:
        """Whether the body was more than MAX_BODY octets."""
        return self._octets > MAX_BODY

    def header(self, name: str) -> str | None:
        """Return a header field as text, None where it is not there; octets that are no UTF-8 are replaced."""
        value: bytes | None = self.getHeader(name.encode())
        return None if value is None else value.decode("utf-8", "replace")

    def gotLength(self, length: int | None) -> None:
        """Prepare for a body: it never gets a file of its own, since it is never large."""
        super().gotLength(0)

    def handleContentChunk(self, data: bytes) -> None:
        """Take a piece of the body."""
        self._octets += len(data)
        if not self.too_large:
            super().handleContentChunk(data)
        elif self._octets > MAX_DISCARDED:
            transport: Any = self.channel.transport
            transport.abortConnection()

    def answer(self, answer: Answer) -> None:
        """Write a whole answer."""
        content = answer.content
        if content is None:
            self.reply(answer.status, as_json(answer.body) + b"\n")
            return
        if content.name:
            self.setHeader("Content-Disposition", f'attachment; filename="{content.name}"')
        self.reply(answer.status, content.octets, content.type)

    def reply(self, status: int, data: bytes, kind: str = "application/json") -> None:
        """Write a status and what is of that media type."""
        self.setResponseCode(status)
        self.setHeader("Content-Type", kind)
        self.setHeader("Content-Length", str(len(data)))
        self.setHeader("X-Content-Type-Options", "nosniff")
        self.setHeader("Cache-Control", "no-store")
        self.write(data)
        self.finish()


def not_allowed(request: ControlRequest, methods: set[str]) -> Answer:
    """Return 405 with the methods that a path has (RFC 9110 §15.5.6)."""
    allowed = ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))
    request.setHeader("Allow", allowed)
    return refusal(405, "method", f"allowed here: {allowed}")
