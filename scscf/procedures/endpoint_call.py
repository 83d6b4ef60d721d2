"""Answers to a Microsoft client: what the server saw of its connection, and a signature (MS-SIPREGE §4.1, MS-SIPAE)."""

from collections.abc import Callable

from scscf.auth.security_associations import SecurityAssociation
from scscf.dialects.siprege import DIAGNOSTICS, connection_id, endpoint_name
from scscf.errors import SipError
from scscf.procedures.state import Node
from scscf.registration.binding import Binding
from scscf.sip.changed_call import ChangedCall
from scscf.sip.credentials import parse_credentials
from scscf.sip.grammar import quote, split_list
from scscf.sip.message import Request, Response
from scscf.sip.outbox import NextHop
from scscf.sip.transaction_layer import ServerTransaction

_RAND_OCTETS = 4


class EndpointCall(ChangedCall):
    """A request of one of Microsoft's clients."""

    __slots__ = ("_node", "association")

    def __init__(self, node: Node, call: ServerTransaction) -> None:
        super().__init__(call, self._finish)
        self._node = node
        self.association: SecurityAssociation | None = None
        """The security association that the request has proved to be within (MS-SIPAE §3.3)."""

    def _finish(self, request: Request, response: Response) -> Response:
        settings = self._node.config.siprege
        _show_connection(response, self)
        if response.status == 100:
            return response
        diagnostics = response.get(DIAGNOSTICS)
        if diagnostics is not None and settings.diagnostics == "full":
            response.add("ms-diagnostics", f"{diagnostics};source={quote(self._node.target_name)}")
        if settings.server and "server" not in response:
            response.add("Server", settings.server)
        if self.association is not None and self.association.keys is not None:
            sign(self._node, self.association, response)
        return response


def is_of_endpoint(node: Node, request: Request) -> bool:
    """Tell whether a request is of a user in a domain of Microsoft's clients."""
    try:
        domain = node.domain_of(request.from_.uri.host)
    except SipError:
        return False
    return domain is not None and domain.dialect.implicit is not None


def sign(node: Node, association: SecurityAssociation, message: Request | Response) -> None:
    """Put Authentication-Info into a message that leaves here, in place of whatever it has (MS-SIPAE §3.3.4.1)."""
    srand = node.identifiers.hex(_RAND_OCTETS).upper()
    message.set("Authentication-Info", association.sign(message, srand))


def seal_of(node: Node, call: ServerTransaction) -> Callable[[Request], None] | None:
    """Return what signs requests to the sender of a request that came within a security association, else None."""
    if not isinstance(call, EndpointCall) or call.association is None:
        return None
    private_identity, endpoint = call.association.private_identity or "", call.association.endpoint
    return lambda request: _sign_for(node, private_identity, endpoint, request)


def seal_to_endpoint(node: Node, binding: Binding, request: Request) -> None:
    """Sign a request that is passed on to an endpoint, where it has a security association (MS-SIPAE §3.3.4.1)."""
    if binding.endpoint:
        _sign_for(node, binding.private_identity, endpoint_name(binding.endpoint), request)


def seal_in_dialog(node: Node, request: Request, hop: NextHop) -> None:
    """Sign a request inside a dialog that is passed on to an endpoint, where it has a security association.

    That is the one which To names by its epid (MS-SIPRE §3.2.4.1). A peer may know of no epid, and may write what it
    likes: where another one is used from the address that the request is sent to, it is that one.
    """
    associations = node.associations
    domain = node.domain_of(request.to.uri.host) if associations is not None else None
    if associations is None or domain is None or not domain.dialect.ntlm:
        return
    aor, now = node.aor_in(domain, request.to.uri), node.now()
    remote = hop.flow.remote if hop.flow is not None else (hop.host, hop.port or 5060)
    association = associations.signing(aor, request.to.parameter("epid") or "", now)
    if association is None or association.remote != remote:
        association = associations.signing(aor, remote, now) or association
    if association is not None:
        sign(node, association, request)


def unseal(node: Node, request: Request) -> None:
    """Take out of a request that is passed on what only its sender and this server have to do with each other.

    The credentials are for nobody else (RFC 3261 §22.3), and nobody but this server signs for it.
    """
    associations = node.associations
    if associations is None:
        return
    for name in ("authentication-info", "proxy-authentication-info"):
        if name in request:
            request.remove(name)
    for name in ("Authorization", "Proxy-Authorization"):
        values = request.get_all(name.lower())
        others = [value for value in values if not _is_for(associations.realm, value)]
        if len(others) != len(values):
            request.remove(name.lower())
            for value in others:
                request.add(name, value)


def seal_like(node: Node, invite: Request, request: Request) -> None:
    """Sign the CANCEL or the ACK that goes with an INVITE to an endpoint, if that was signed (MS-SIPAE §3.3.4.1)."""
    value = invite.get("authentication-info")
    if value is None or node.associations is None:
        return
    association = node.associations.named(parse_credentials(value).params.get("opaque", ""))
    if association is not None and association.keys is not None:
        sign(node, association, request)


def _sign_for(node: Node, user: str, where: str | tuple[str, int], request: Request) -> None:
    association = node.associations.signing(user, where, node.now()) if node.associations is not None else None
    if association is not None:
        sign(node, association, request)


def _is_for(realm: str, value: str) -> bool:
    try:
        scheme, params = parse_credentials(value)
    except SipError:
        return False
    return scheme == "ntlm" and params.get("realm", realm) == realm


def _show_connection(response: Response, call: ServerTransaction) -> None:
    """Write ms-received-port and ms-received-cid into the topmost Via (MS-CONMGMT §2.2)."""
    value = response.get("via")
    if value is None:
        return
    seen = f"{split_list(value)[0]};ms-received-port={call.flow.remote[1]}"
    cid = connection_id(call.flow)
    response.replace_top_via(seen if cid is None else f"{seen};ms-received-cid={cid}")
