"""A request that is not for this node itself: checked, and sent on its way (RFC 3261 §16.3-§16.6, TS 24.229 §5.4.3)."""

from scscf.errors import SipError
from scscf.procedures.endpoint_call import seal_in_dialog, unseal
from scscf.procedures.forward import Proxied
from scscf.procedures.invoke import invoke
from scscf.procedures.legs import leg_onward
from scscf.procedures.originate import onward, originate
from scscf.procedures.state import Node
from scscf.procedures.terminate import deliver, find_called, terminate
from scscf.procedures.way import Kind, Way
from scscf.profile.filter_criteria import SessionCase
from scscf.proxy.forwarded import count_hop, forwarded, write_route
from scscf.proxy.private_headers import strip_claims
from scscf.proxy.proxying import loop_key
from scscf.sip.message import Request, Response
from scscf.sip.outbox import Failure
from scscf.sip.routing import next_hop_of
from scscf.sip.transaction_layer import ServerTransaction

PROXY_SUPPORTED = frozenset({"path", "gruu", "outbound"})
"""Option tags that a Proxy-Require may name."""


async def route(node: Node, call: ServerTransaction, way: Way) -> None:
    """Proxy a request. Raises the SipError that refuses it: 420, 482, 483, and those of each way.

    A loop is a request that comes while another one waits here that had everything in common with it which decides
    about the way (RFC 3261 §16.3 item 4): it would go round again. We wait for each request's final response, so no
    mark in a Via is needed for that.
    """
    # The same request may come again by another way, from a server or where it was forked: that is no merge here.
    call.merge_key = None
    request = way.request
    count_hop(request)
    unseal(node, request)
    _check_proxy_require(request)
    key = loop_key(request, way.route, way.mark)
    if not node.proxying.begin(key):
        raise SipError(482)
    try:
        proxied = Proxied(node, call)
        if way.kind is Kind.FROM_SERVER:
            proxied.trusted = True
        elif not proxied.trusted:
            strip_claims(request)
        await _PROCEDURES[way.kind](proxied, way)
    finally:
        node.proxying.end(key)


async def _in_dialog(proxied: Proxied, way: Way) -> None:
    """Follow the route of the dialog (RFC 3261 §16.6 steps 6 and 7)."""
    write_route(way.request, way.route)
    flow = way.dialog.flow if way.dialog is not None else None
    leg = leg_onward(proxied, way.request, flow)
    seal_in_dialog(proxied.node, leg.request, leg.next_hop)
    proxied.finish(await proxied.forward([[leg]]))


async def _from_server(proxied: Proxied, way: Way) -> None:
    """Go on after an application server (TS 24.229 §5.4.3.4). Raises SipError(403) where that was not waited for.

    Where the server of a called user has sent it to another one, that one's services and contacts come next.
    """
    node, request = proxied.node, way.request
    chain = node.proxying.chain(way.chain)
    if chain is None:
        raise SipError(403, "Original Dialog Is Over")
    domain = node.domain_named(chain.domain)
    originating = chain.case in (SessionCase.ORIGINATING_REGISTERED, SessionCase.ORIGINATING_UNREGISTERED)
    write_route(request, way.route)
    called = None if originating or way.route else await find_called(node, domain, request.uri)
    if originating or (called is not None and called.aor == chain.served):
        if await invoke(proxied, request, chain, domain):
            return
        if not originating:
            await deliver(proxied, request, domain)
            return
    await onward(proxied, request, way.route)


async def _originating(proxied: Proxied, way: Way) -> None:
    await originate(proxied, way)


async def _terminating(proxied: Proxied, way: Way) -> None:
    await terminate(proxied, way.request, way.domain)


_PROCEDURES = {
    Kind.IN_DIALOG: _in_dialog,
    Kind.FROM_SERVER: _from_server,
    Kind.ORIGINATING: _originating,
    Kind.TERMINATING: _terminating,
}


def forward_ack(node: Node, way: Way) -> None:
    """Send the ACK of a 2xx on along the route of its dialog, without a transaction (RFC 3261 §16.6).

    Raises SipError for one that goes nowhere.
    """
    if way.kind is not Kind.IN_DIALOG:
        raise SipError(481)
    request = forwarded(way.request)
    count_hop(request)
    unseal(node, request)
    write_route(request, way.route)
    hop = next_hop_of(request)
    flow = way.dialog.flow if way.dialog is not None else None
    if flow is not None and "route" not in request:
        hop = hop._replace(flow=flow)
    seal_in_dialog(node, request, hop)
    node.outbox.send(request, hop, _NOBODY)


class _Nobody:
    """Who hears what becomes of an ACK."""

    def on_response(self, response: Response, now: float) -> None:
        """Nothing answers an ACK."""

    def on_failure(self, failure: Failure, now: float) -> None:
        """The 2xx comes again, and with it the ACK."""


_NOBODY = _Nobody()


def _check_proxy_require(request: Request) -> None:
    """Raise SipError(420) for option tags that a proxy would have to understand (RFC 3261 §16.3 item 5)."""
    if "proxy-require" not in request:
        return
    unknown = [tag for tag in request.values("proxy-require") if tag.lower() not in PROXY_SUPPORTED]
    if unknown:
        raise SipError(420, headers=[("Unsupported", ", ".join(unknown))])
