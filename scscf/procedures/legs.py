"""The ways on which a request leaves: to a contact, to an application server, along its Route (RFC 3261 §16.6)."""

from scscf.errors import SipError
from scscf.procedures.branch import Leg
from scscf.procedures.forward import Proxied
from scscf.procedures.own_uri import transport_of, uri_on, uri_towards
from scscf.procedures.state import HomeDomain
from scscf.procedures.way import ORIGINATING_USER
from scscf.profile.filter_criteria import ApplicationServer
from scscf.proxy.forwarded import forwarded, write_route
from scscf.proxy.private_headers import served_user, strip_for_stranger
from scscf.proxy.proxying import ORIGINAL_DIALOG, Chain
from scscf.proxy.record_route import RECORDED, route_user
from scscf.proxy.targets import Target
from scscf.registration.binding import Binding
from scscf.sip.message import Request
from scscf.sip.outbox import Flow, NextHop
from scscf.sip.routing import hop_of_uri, next_hop_of
from scscf.sip.uri import Uri, parse_uri


def leg_to_target(proxied: Proxied, request: Request, target: Target, called: str | None) -> Leg:
    """Return the way to one instance of a user, its further flows behind it (RFC 5626 §7).

    `called` is the identity that P-Called-Party-ID says (RFC 7315 §4.2), None for no such field.
    """
    first, *others = (_leg_to_binding(proxied, request, binding, called) for binding in target.bindings)
    return first._replace(alternates=tuple(others))


def _leg_to_binding(proxied: Proxied, request: Request, binding: Binding, called: str | None) -> Leg:
    node = proxied.node
    copy = forwarded(request, binding.uri)
    uri = parse_uri(binding.uri)
    flow = None
    if binding.path:
        write_route(copy, binding.path)
        hop = next_hop_of(copy)
        trusted = True
    else:
        write_route(copy, ())
        hop = hop_of_uri(uri)
        flow = _usable(binding, uri, hop)
        hop = hop._replace(flow=flow)
        trusted = node.is_trusted(flow) if flow is not None else node.is_trusted_host(hop.host)
    if called is not None:
        copy.set("P-Called-Party-ID", f"<{called}>")
    if not trusted:
        strip_for_stranger(copy)
    record_route(proxied, copy, hop, flow if flow is not None and _needs_flow(flow, uri) else None)
    return Leg(copy, hop, trusted, unreachable=430)


def leg_onward(proxied: Proxied, request: Request, flow: Flow | None = None) -> Leg:
    """Return the way along the request's own Route and Request-URI (RFC 3261 §16.6 steps 6, 7).

    `flow` is the way to an end of the dialog that only the flow reaches. Raises SipError(416, 400).
    """
    copy = forwarded(request)
    hop = next_hop_of(copy)
    if flow is not None and "route" not in copy:
        hop = hop._replace(flow=flow)
    trusted = proxied.node.is_trusted_host(hop.flow.remote[0] if hop.flow is not None else hop.host)
    if not trusted:
        strip_for_stranger(copy)
    record_route(proxied, copy, hop, None)
    return Leg(copy, hop, trusted)


def leg_to_server(
    proxied: Proxied, request: Request, server: ApplicationServer, chain: Chain, token: str, domain: HomeDomain
) -> Leg:
    """Return the way to an application server, and by it back to us (TS 24.229 §5.4.3.2 step 5 [from memory]).

    Raises SipError where the server's name is no SIP URI.
    """
    copy = forwarded(request)
    uri = parse_uri(server.uri)
    hop = hop_of_uri(uri)
    back = uri_towards(proxied.node, hop, ORIGINATING_USER, f";lr;{ORIGINAL_DIALOG}={token}")
    first = uri.text if uri.parameter("lr") is not None else f"{uri.text};lr"
    write_route(copy, (f"<{first}>", f"<{back}>", *copy.values("route")))
    if domain.dialect.private_headers:
        copy.set("P-Served-User", served_user(chain.served, chain.case))
    record_route(proxied, copy, hop, None)
    return Leg(copy, hop, trusted=True)


def record_route(proxied: Proxied, copy: Request, hop: NextHop, callee: Flow | None) -> None:
    """Write our Record-Route into a request that begins a dialog, two where the transports differ (RFC 5658 §5)."""
    request, node = proxied.call.request, proxied.node
    if request.method not in RECORDED or request.to.tag is not None:
        return
    came = proxied.call.flow
    tag = request.from_.tag or ""
    user = route_user(node.proxying.key, request.call_id, tag, _callers_flow(proxied), callee)
    towards = uri_towards(node, hop, user, ";lr")
    if transport_of(node, hop) != came.transport or hop.sips != (request.uri.scheme == "sips"):
        copy.insert_first("Record-Route", f"<{uri_on(node, came, user, ';lr', sips=request.uri.scheme == 'sips')}>")
    copy.insert_first("Record-Route", f"<{towards}>")


def _callers_flow(proxied: Proxied) -> Flow | None:
    """Return the flow of a caller without a proxy before it whose Contact leads elsewhere or who is on a stream."""
    request, flow = proxied.call.request, proxied.call.flow
    if proxied.trusted or len(request.vias) > 1:
        return None
    try:
        contacts = request.contacts
    except SipError:
        return None
    return flow if len(contacts) == 1 and _needs_flow(flow, contacts[0].uri) else None


def _needs_flow(flow: Flow, uri: Uri) -> bool:
    return bool(flow.connection) or (uri.host, uri.port or 5060) != flow.remote


def _usable(binding: Binding, uri: Uri, hop: NextHop) -> Flow | None:
    """Return the flow that a UE has registered on, where it is the way to its Contact (RFC 5626 §7)."""
    flow = binding.flow
    if flow is None:
        return None
    if binding.outbound:
        return flow
    if uri.host != flow.remote[0] or (hop.transport or ("tls" if hop.sips else "udp")) != flow.transport:
        return None
    return flow if flow.connection or _port(uri) == flow.remote[1] else None


def _port(uri: Uri) -> int:
    return uri.port or (5061 if uri.scheme == "sips" else 5060)
