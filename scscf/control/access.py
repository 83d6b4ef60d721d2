"""Who may use an HTTP API: with its token, or from this machine and from no page of another origin."""

# mypy: allow-untyped-calls

import hmac
from urllib.parse import urlsplit

from scscf.control.request import MAX_BODY, ControlRequest
from scscf.control.route import Answer, refusal

_LOCAL = ("localhost", "127.0.0.1", "::1")


def denied(request: ControlRequest, token: str | None, *, is_file: bool) -> Answer | None:
    """Return why a request is not served at all: its size, its token, or a page of another origin that sent it.

    `token` is the API's, None where it has none. A file of the live page needs no token: it asks for one.
    """
    if request.too_large:
        return refusal(413, "too_large", f"a body may have {MAX_BODY} octets")
    if token is not None and not is_file:
        given = request.header("authorization") or ""
        if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            request.setHeader("WWW-Authenticate", "Bearer")
            return refusal(401, "token", "this API needs the header Authorization: Bearer TOKEN (api_token)")
    host = request.header("host") or ""
    origin = request.header("origin")
    if origin is not None and origin != f"http://{host}":
        return refusal(403, "origin", "requests of pages of another origin are refused")
    if token is None and host and _hostname(host) not in (*_LOCAL, request.getHost().host):
        return refusal(403, "host", "the Host header names another machine; with an api_token it may")
    return None


def _hostname(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None
