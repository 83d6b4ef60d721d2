"""Who sends a request outside REGISTER (TS 24.229 §5.4.2.1.1, §5.4.3.2, RFC 3325)."""

from typing import NamedTuple

from scscf.procedures.authenticate import Challenge, prove, registered_along
from scscf.procedures.state import HomeDomain, Node
from scscf.sip.address import parse_addresses
from scscf.sip.transaction_layer import ServerTransaction
from scscf.sip.uri import Uri


class Sender(NamedTuple):
    """A sender who is known."""

    name: str
    """The identity that is theirs, or the URI that a trusted peer asserts."""
    private_identity: str | None
    """None for who is known by a peer's word only."""
    asserted: tuple[Uri, ...] = ()


async def sender(
    node: Node, call: ServerTransaction, domain: HomeDomain, *, proxy: bool = False
) -> Sender | Challenge:
    """Return who sends a request: as a trusted peer asserts it, as its flow shows it, or as it proves itself.

    The challenge is a 407 where the request is to be passed on (`proxy`). Raises SipError (400, 403, 404).
    """
    request = call.request
    if "p-asserted-identity" in request:
        if node.is_trusted(call.flow):
            asserted = tuple(address.uri for address in parse_addresses(request.get_all("p-asserted-identity")))
            if asserted:
                return Sender(asserted[0].text, None, asserted)
        else:
            node.ignore("P-Asserted-Identity", call.flow)
    aor = node.aor_in(domain, request.from_.uri)
    if node.config.direct_ues == "by_flow":
        private_identity = await registered_along(node, aor, call.flow)
        if private_identity is not None:
            return Sender(aor, private_identity)
    who = await prove(node, call, domain, aor, proxy=proxy)
    return who if isinstance(who, Challenge) else Sender(aor, who.private_identity)
