"""URIs of this node: which ones mean it, and how others are told to come here."""

from scscf.procedures.state import Node
from scscf.sip.locating import default_transport, is_address, settled_transport
from scscf.sip.outbox import Flow, NextHop
from scscf.sip.uri import Uri, format_host


def is_own(node: Node, uri: Uri) -> bool:
    """Tell whether a SIP URI, whatever its user part, leads to one of our listeners."""
    if not uri.is_sip or (uri.host not in node.own_hosts and node.domain_of(uri.host) is None):
        return False
    if uri.port is None:
        return not is_address(uri.host) or not node.own_ports.isdisjoint((5060, 5061))
    return uri.port in node.own_ports


def transport_of(node: Node, hop: NextHop) -> str:
    """Return the transport that a next hop is reached by, as far as that is known before its name is resolved."""
    if hop.flow is not None:
        return hop.flow.transport
    supported = [listen.transport for listen in node.config.listen]
    return settled_transport(hop, supported) or default_transport(hop.sips, supported)


def uri_towards(node: Node, hop: NextHop, user: str, params: str) -> str:
    """Return a URI of ours for whoever is reached by `hop`; `params` begins with `;`, or is empty."""
    flow = hop.flow or Flow(
        transport_of(node, hop), ("", 0), (node.config.hosts.get(hop.host, hop.host), hop.port or 5060)
    )
    return uri_on(node, flow, user, params, sips=hop.sips)


def uri_on(node: Node, flow: Flow, user: str, params: str, *, sips: bool = False) -> str:
    """Return a URI of the listener of a flow, or of the one that such a flow would have."""
    host, port = node.reached_at(flow)
    transport = "" if flow.transport == "udp" or sips else f";transport={flow.transport}"
    return f"{'sips' if sips else 'sip'}:{user}@{format_host(host)}:{port}{transport}{params}"
