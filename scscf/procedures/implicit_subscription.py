"""A REGISTER subscribes its endpoint to its own end (MS-SIPREGE §2.2.1.5, §3.2): nothing else does, and for as long."""

from scscf.dialects.siprege import SURVIVABLE, keep_alive, supports
from scscf.procedures.endpoint_call import seal_of
from scscf.procedures.state import HomeDomain, Node
from scscf.regevent.package import EventPackage
from scscf.regevent.reginfo import Documents
from scscf.regevent.subscription import Subscription
from scscf.registration.binding import Binding
from scscf.registration.change import Change
from scscf.sip.dialog import Dialog
from scscf.sip.message import Response
from scscf.sip.transaction_layer import ServerTransaction
from scscf.sip.uri import parse_uri


def subscribe_implicitly(
    node: Node, call: ServerTransaction, domain: HomeDomain, aor: str, response: Response, change: Change
) -> None:
    """Keep the subscriptions of the endpoints that a REGISTER has bound, and the connection as it was agreed.

    An endpoint whose contact is no SIP URI can be told of nothing.
    """
    request, package = call.request, domain.dialect.implicit
    if package is None:
        return
    agreed = keep_alive(request, call.flow, node.config.siprege)
    if agreed is not None:
        node.keep_alive(call.flow, agreed)
    wanted = request.event is not None
    for contact in change.record.contacts(aor):
        binding = contact.binding
        if not binding.endpoint or binding.call_id != request.call_id or binding.cseq != request.cseq.number:
            continue
        known = node.notifier.of_endpoint(aor, binding.endpoint)
        if not wanted or not parse_uri(binding.uri).is_sip:
            if known is not None:
                node.notifier.forget(known)
            continue
        contact_uri = node.contact_on(call.flow, sips=False)
        dialog = Dialog(request, response.to.tag or "", contact_uri, call.flow, binding.uri)
        if known is None:
            known = _new(node, domain, package, aor, binding, dialog)
            node.notifier.enter(known)
        else:
            if known.dialog.call_id == dialog.call_id:
                dialog.local_cseq = known.dialog.local_cseq
            known.dialog = dialog
        known.record = change.record
        known.expires_at = binding.expires_at
        known.own_uri = binding.uri
        known.survives = supports(request, SURVIVABLE)
        known.seal = seal_of(node, call)


def _new(
    node: Node, domain: HomeDomain, package: EventPackage, aor: str, binding: Binding, dialog: Dialog
) -> Subscription:
    documents = Documents(domain.config.reg_event.documents)
    subscription = Subscription(
        node.identifiers.hex(6),
        aor,
        aor,
        package,
        package.name,
        dialog,
        binding.expires_at,
        documents,
        (aor,),
        domain.policy,
    )
    subscription.endpoint = binding.endpoint
    subscription.is_owner = True
    return subscription
