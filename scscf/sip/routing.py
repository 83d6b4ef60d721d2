"""Where messages go: responses by Via (RFC 3261 §18.2, RFC 3581), requests by Route and Request-URI (§8.1.2, §16.6)."""

from collections.abc import Sequence
from ipaddress import ip_address

from scscf.errors import SipError
from scscf.sip.address import parse_address
from scscf.sip.message import Request
from scscf.sip.outbox import Flow, NextHop
from scscf.sip.parameters import Parameters
from scscf.sip.uri import Uri, format_uri
from scscf.sip.via import Via, format_via

DEFAULT_PORTS = {"udp": 5060, "tcp": 5060, "tls": 5061}
"""Transport -> the port where no other is named (RFC 3261 §19.1.2)."""

_NOT_IN_REQUEST_URI = ("method",)
_RPORT = ("rport", None)


def stamp_via(request: Request, via: Via, flow: Flow) -> None:
    """Write `received` and `rport` into the topmost Via, over what stood there (RFC 3261 §18.2.1, RFC 3581 §4)."""
    host, port = flow.remote
    if _asks_plainly(via):
        first, second = via.params
        asked, text = ("rport", str(port)), via.text
        if text.endswith(";rport"):
            _write_via(request, via, f"{text}={port};received={host}", (first, asked, ("received", host)))
            return
        if ";rport;branch=" in text:
            text = text.replace(";rport;", f";rport={port};", 1)
            _write_via(request, via, f"{text};received={host}", (asked, second, ("received", host)))
            return
    asks = has_port = has_received = False
    for name, value in via.params:
        if len(name) == 5 and name.lower() == "rport":
            asks, has_port = True, value is not None
        elif len(name) == 8 and name.lower() == "received":
            has_received = True
    if not asks and not has_received:
        if not same_address(via.host, host):
            request.replace_top_via(f"{via.text};received={host}")
        return
    text = via.text
    if asks and not has_port and not has_received and '"' not in text and text.count(";rport;") == 1:
        request.replace_top_via(f"{text.replace(';rport;', f';rport={port};')};received={host}")
        return
    params = [
        (name, str(port) if name.lower() == "rport" else value)
        for name, value in via.params
        if name.lower() != "received"
    ]
    if asks or not same_address(via.host, host):
        params.append(("received", host))
    request.replace_top_via(format_via(via.transport, via.host, via.port, tuple(params)))


def _asks_plainly(via: Via) -> bool:
    """Tell whether there is a branch and an rport without a value, and nothing else."""
    params = via.params
    return len(params) == 2 and via.branch is not None and (params[1] == _RPORT or params[0] == _RPORT)


def _write_via(request: Request, via: Via, text: str, params: Parameters) -> None:
    stamped = tuple.__new__(Via, (via.transport, via.host, via.port, params, text, via.branch))
    request.replace_top_via(text, stamped)


def response_flow(via: Via, flow: Flow) -> Flow:
    """Return the flow that the response takes: back along a connection, else to the source address, at the port that
    `rport` asks for or that sent-by names (RFC 3261 §18.2.2, RFC 3581 §4).

    `maddr` counts only where it is a multicast address: otherwise anybody could have answers sent to a third party.
    """
    if flow.connection or _asks_plainly(via):
        return flow
    port, asks, maddr = via.port or DEFAULT_PORTS["udp"], False, None
    for name, value in via.params:
        if len(name) == 5:
            name = name.lower()
            if name == "rport":
                asks = True
            elif name == "maddr":
                maddr = value
    if maddr is not None and _is_multicast(maddr):
        return Flow(flow.transport, flow.local, (maddr.strip("[]"), port))
    if asks or port == flow.remote[1]:
        return flow
    return Flow(flow.transport, flow.local, (flow.remote[0], port))


def response_fallback(via: Via, flow: Flow) -> NextHop:
    """Return where a response goes when its connection is gone: a new one to the source address (RFC 3261 §18.2.2)."""
    return NextHop(
        flow.remote[0], via.port or DEFAULT_PORTS.get(flow.transport, 5060), flow.transport, flow.transport == "tls"
    )


def hop_of_uri(uri: Uri) -> NextHop:
    """Return the next hop that a SIP URI names (RFC 3263 §4). Raises SipError(416) for a URI of another scheme."""
    if not uri.is_sip:
        raise SipError(416)
    sips = uri.scheme == "sips"
    transport = (uri.parameter("transport") or "").lower() or None
    if sips and transport == "tcp":
        transport = "tls"
    maddr = uri.parameter("maddr")
    return NextHop(maddr.strip("[]").lower() if maddr else uri.host, uri.port, transport, sips)


def next_hop_of(request: Request) -> NextHop:
    """Return where a request goes by its Route fields and Request-URI, rewritten for a strict router (§16.6).

    Raises SipError(400) for a Route that cannot be read and SipError(416) where the URI is not one of SIP.
    """
    route = request.route
    if not route:
        return hop_of_uri(request.uri)
    first = route[0].uri
    if first.parameter("lr") is None:
        rest = [str(address) for address in route[1:]]
        _write_route(request, [*rest, f"<{request.uri_text}>"])
        request.uri_text = _as_request_uri(first)
    return hop_of_uri(first)


def route_request(request: Request, route_set: Sequence[str]) -> NextHop:
    """Write a dialog's route set (nearest first) into a request of ours and return where it goes (§12.2.1.1).

    Raises SipError(400) for a route that cannot be read and SipError(416) where the URI is not one of SIP.
    """
    if not route_set:
        return hop_of_uri(request.uri)
    first = parse_address(route_set[0]).uri
    if first.parameter("lr") is not None:
        _write_route(request, route_set)
    else:
        _write_route(request, [*route_set[1:], f"<{request.uri_text}>"])
        request.uri_text = _as_request_uri(first)
    return hop_of_uri(first)


def same_address(first: str, second: str) -> bool:
    """Tell whether two hosts are the same address, whatever the form of an IPv6 one; names are compared as text."""
    if first == second:
        return True
    if ":" not in first or ":" not in second:
        return False
    try:
        return ip_address(first.partition("%")[0]) == ip_address(second.partition("%")[0])
    except ValueError:
        return False


def _write_route(request: Request, values: Sequence[str]) -> None:
    request.remove("route")
    for value in values:
        request.add("Route", value)


def _as_request_uri(uri: Uri) -> str:
    params = tuple((name, value) for name, value in uri.params if name.lower() not in _NOT_IN_REQUEST_URI)
    return format_uri(uri._replace(params=params, headers=None))


def _is_multicast(text: str) -> bool:
    try:
        return ip_address(text.strip("[]")).is_multicast
    except ValueError:
        return False
