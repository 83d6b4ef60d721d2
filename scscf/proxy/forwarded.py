"""The message that leaves for the one that came: Max-Forwards, Max-Breadth, Route, Via (RFC 3261 §16.6, §16.7)."""

from collections.abc import Sequence

from scscf.errors import SipError
from scscf.sip.grammar import split_list
from scscf.sip.headers import KEYS
from scscf.sip.message import Request, Response

DEFAULT_MAX_FORWARDS = 70
DEFAULT_MAX_BREADTH = 60
"""What stands for a request that has no Max-Breadth (RFC 5393 §5.3.3)."""


def forwarded(request: Request, uri: str | None = None) -> Request:
    """Return a copy to be changed, with another Request-URI where one is given."""
    return Request(request.method, uri or request.uri_text, list(request.headers), request.body)


def count_hop(request: Request) -> None:
    """Take one off Max-Forwards; without the field 70 are left (§16.6 step 3). Raises SipError(483) where none is."""
    left = request.max_forwards
    if left == 0:
        raise SipError(483)
    request.set("Max-Forwards", str(DEFAULT_MAX_FORWARDS if left is None else left - 1))


def max_breadth(request: Request) -> int:
    """Return how many branches a request may have at a time (RFC 5393 §5.3.3). Raises SipError(400, 440)."""
    value = request.get("max-breadth")
    if value is None:
        return DEFAULT_MAX_BREADTH
    if len(value) > 9 or not value.isdigit() or not value.isascii():
        raise SipError(400, "Bad Max-Breadth header")
    if int(value) == 0:
        raise SipError(440)
    return min(int(value), DEFAULT_MAX_BREADTH)


def write_route(request: Request, values: Sequence[str]) -> None:
    """Put these Route values in place of those that there are."""
    if "route" in request:
        request.remove("route")
    for value in values:
        request.add("Route", value)


def without_top_via(response: Response) -> Response:
    """Return a copy of a response without our own Via, the topmost value (§16.7 step 3)."""
    headers = list(response.headers)
    for index, (name, value) in enumerate(headers):
        if KEYS[name] == "via":
            rest = split_list(value)[1:] if "," in value else []
            headers[index : index + 1] = [(name, ", ".join(rest))] if rest else []
            break
    return Response(response.status, response.reason, headers, response.body)
