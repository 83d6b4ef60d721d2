"""The body of a third-party REGISTER: what an application server is told of the user (TS 24.229 §5.4.1.7A, §7.6)."""

from collections.abc import Sequence

from scscf.profile.filter_criteria import ApplicationServer
from scscf.regevent.reginfo import escape
from scscf.sip.message import Request, Response

Part = tuple[str, bytes]
"""Content-Type and octets."""

_SECRETS = ("authorization", "proxy-authorization")


def body_of(server: ApplicationServer, exchange: tuple[Request, Response] | None, boundary: str) -> Part | None:
    """Return Content-Type and body, None where a server wants none; several parts are multipart/mixed.

    `exchange` is the UE's REGISTER, which goes without its credentials, and the answer to it.
    """
    parts: list[Part] = []
    if server.service_info is not None:
        parts.append(("application/3gpp-ims+xml", _service_info(server.service_info)))
    if exchange is not None:
        request, response = exchange
        if server.include_request:
            parts.append(("message/sip", _without_secrets(request).to_bytes()))
        if server.include_response:
            parts.append(("message/sip", response.to_bytes()))
    if len(parts) < 2:
        return parts[0] if parts else None
    return f'multipart/mixed;boundary="{boundary}"', _multipart(parts, boundary.encode())


def _service_info(text: str) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<ims-3gpp version="1">\n'
        f"  <service-info>{escape(text)}</service-info>\n</ims-3gpp>\n"
    ).encode()


def _without_secrets(request: Request) -> Request:
    headers = [(name, value) for name, value in request.headers if name.lower() not in _SECRETS]
    return Request(request.method, request.uri_text, headers, request.body)


def _multipart(parts: Sequence[Part], boundary: bytes) -> bytes:
    pieces = [b"--%b\r\nContent-Type: %b\r\n\r\n%b\r\n" % (boundary, kind.encode(), octets) for kind, octets in parts]
    return b"".join(pieces) + b"--%b--\r\n" % boundary
