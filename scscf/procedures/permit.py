"""Whether a user may register here at all, as the HSS says (UAR, TS 29.228 §6.1.1)."""

from scscf.procedures.authenticate_digest import Challenge, refused
from scscf.procedures.cx_failures import CxCommand
from scscf.procedures.state import HomeDomain, Node
from scscf.registration.emergency import is_emergency
from scscf.sip.transaction_layer import ServerTransaction


async def permit(
    node: Node, call: ServerTransaction, domain: HomeDomain, private_identity: str, aor: str
) -> Challenge | None:
    """Ask whether a user may register here at all (TS 29.228 §6.1.1). Raises the SipError of a refusal.

    Returns None where they may; where nobody knows them and that is to be hidden, a challenge that nobody can answer.
    Over Diameter a trusted peer is taken for the I-CSCF that has asked already (`diameter.user_authorization`).
    """
    asked = node.config.diameter.user_authorization if node.config.diameter is not None else "always"
    if asked == "never" or (asked == "auto" and node.is_trusted(call.flow)):
        return None
    request = call.request
    visited = None
    if "p-visited-network-id" in request:
        if node.is_trusted(call.flow):
            visited = (request.values("p-visited-network-id") or [""])[0].partition(";")[0].strip().strip('"').lower()
        else:
            node.ignore("P-Visited-Network-ID", call.flow)
    if visited == domain.config.realm.lower():
        visited = None
    maybe = "sos" in ",".join(request.get_all("contact")).lower()
    emergency = maybe and not request.contact_is_star and is_emergency(request)
    result = await node.cx.user_authorization(private_identity, aor, visited or None, emergency)
    return None if result.is_success else refused(node, domain, CxCommand.UAR, request, result)
