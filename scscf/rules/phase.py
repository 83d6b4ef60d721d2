"""What a REGISTER or SUBSCRIBE does, as rules name it."""

from collections.abc import Iterable

from scscf.errors import SipError
from scscf.procedures.state import Node
from scscf.registration.record import Record
from scscf.sip.message import Request


def phase_of(node: Node, request: Request, record: Record | None, private_identities: Iterable[str]) -> str | None:
    """Return the phase of a REGISTER or SUBSCRIBE, None of any other request and of a malformed one.

    A REGISTER is `deregister` where every contact of it is to go, challenged or not; else `authenticated` where it
    answers a challenge that is open and was not answered before, rightly or wrongly; else `refresh` where a contact of
    it is bound; else `initial`. A SUBSCRIBE is `unsubscribe`, `refresh` or `initial`.
    """
    try:
        if request.method == "REGISTER":
            return _of_register(node, request, record, private_identities)
        if request.method == "SUBSCRIBE":
            if request.expires == 0:
                return "unsubscribe"
            return "refresh" if request.to.tag else "initial"
    except SipError:
        pass
    return None


def _of_register(node: Node, request: Request, record: Record | None, private_identities: Iterable[str]) -> str:
    asked = [contact.parameter("expires") or str(request.expires) for contact in request.contacts]
    if request.contact_is_star or (asked and not any(each.strip("0") for each in asked)):
        return "deregister"
    if _answers(node, request, private_identities):
        return "authenticated"
    bound = {binding.uri for binding in record.bindings()} if record is not None else set()
    return "refresh" if any(contact.uri.text in bound for contact in request.contacts) else "initial"


def _answers(node: Node, request: Request, private_identities: Iterable[str]) -> bool:
    """Tell whether credentials answer an open challenge for the first time."""
    for credentials in request.authorization:
        params = credentials.params
        nonce = params.get("nonce")
        if not nonce:
            continue
        for private_identity in private_identities:
            aka = node.challenges.aka.find(private_identity)
            if aka is not None and aka.nonce == nonce:
                return True
            digest = node.challenges.find(nonce, private_identity, node.now())
            if digest is not None and params.get("response") and not digest.count and digest.pairs is None:
                return True
    return False
