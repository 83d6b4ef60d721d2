"""Answers to a Microsoft client: what the server saw of its connection, and a signature (MS-SIPREGE §4.1, MS-SIPAE)."""

from collections.abc import Callable

from scscf.auth.security_associations import SecurityAssociation
from scscf.dialects.siprege import DIAGNOSTICS, connection_id
from scscf.errors import SipError
from scscf.procedures.state import Node
from scscf.registration.binding import Binding
from scscf.sip.changed_call import ChangedCall
from scscf.sip.grammar import quote, split_list
from scscf.sip.message import Request, Response
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
    """Put Authentication-Info into a message of ours (MS-SIPAE §3.3.4.1)."""
    srand = node.identifiers.hex(_RAND_OCTETS).upper()
    message.add("Authentication-Info", association.sign(message, srand))


def seal_of(node: Node, call: ServerTransaction) -> Callable[[Request], None] | None:
    """Return what signs requests to the sender of a request that came within a security association, else None."""
    if not isinstance(call, EndpointCall) or call.association is None:
        return None
    association = call.association

    def seal(request: Request) -> None:
        if association.keys is not None and association.expires_at > node.now():
            sign(node, association, request)

    return seal


def seal_to_endpoint(node: Node, aor: str, binding: Binding, request: Request) -> None:
    """Sign a request that is passed on to an endpoint, where it has a security association (MS-SIPAE §3.3.4.1)."""
    subscription = node.notifier.of_endpoint(aor, binding.endpoint) if binding.endpoint else None
    if subscription is not None and subscription.seal is not None:
        subscription.seal(request)


def _show_connection(response: Response, call: ServerTransaction) -> None:
    """Write ms-received-port and ms-received-cid into the topmost Via (MS-CONMGMT §2.2)."""
    value = response.get("via")
    if value is None:
        return
    seen = f"{split_list(value)[0]};ms-received-port={call.flow.remote[1]}"
    cid = connection_id(call.flow)
    response.replace_top_via(seen if cid is None else f"{seen};ms-received-cid={cid}")
