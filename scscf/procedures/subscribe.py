"""SUBSCRIBE to the registration state (RFC 6665 §4.2.1, RFC 3680 §4, TS 24.229 §5.4.2.1.1)."""

from scscf.cx import Result
from scscf.errors import SipError
from scscf.procedures.authenticate import Challenge
from scscf.procedures.expire import expire_due
from scscf.procedures.sender import Sender, sender
from scscf.procedures.state import HomeDomain, Node
from scscf.regevent.package import EventPackage
from scscf.regevent.reginfo import Documents
from scscf.regevent.subscription import Subscription
from scscf.regevent.visibility import visible_identities
from scscf.registration.record import Record
from scscf.sip.address import parse_address
from scscf.sip.dialog import Dialog
from scscf.sip.message import Request
from scscf.sip.transaction_layer import ServerTransaction
from scscf.sip.uri import Uri
from scscf.sip.uri_comparison import aor_of


async def subscribe(node: Node, call: ServerTransaction, domain: HomeDomain, aor: str) -> None:
    """Answer a SUBSCRIBE for an address of record of one of our domains. Raises the SipError that refuses it."""
    request = call.request
    package = domain.dialect.package
    event = request.event
    if event is None or event[0] != package.name:
        raise SipError(489, headers=[("Allow-Events", package.name)])
    if request.to.tag is not None:
        await _refresh(node, call, domain, package, request.to.tag)
        return
    who = await sender(node, call, domain)
    if isinstance(who, Challenge):
        response = request.response(401, to_tag=node.identifiers.tag())
        response.headers += who.headers
        call.answer(response)
        return
    record = await node.store.find(aor)
    if record is not None:
        record = await expire_due(node, record)
    if (record is None or not record.contacts(aor)) and domain.config.reg_event.without_binding == 480:
        raise SipError(480)
    await _authorise(node, who, aor, record, domain)
    _check_accept(request, package)
    expires = _duration(request, domain)
    now = node.now()
    tag = node.identifiers.tag()
    dialog = Dialog(request, tag, node.contact_on(call.flow, sips=request.uri.scheme == "sips"), call.flow)
    contact = request.contacts[0]
    subscription = Subscription(
        node.identifiers.hex(6),
        aor,
        who.name,
        package,
        request.get("event") or package.name,
        dialog,
        now + expires,
        Documents(domain.config.reg_event.documents),
        visible_identities(aor, record),
        domain.policy,
    )
    subscription.instance = contact.parameter("+sip.instance")
    subscription.own_uri = contact.uri.text if who.private_identity is not None else ""
    _accept(node, call, dialog, expires, package, tag)
    node.notifier.add(subscription, record)


async def _refresh(
    node: Node, call: ServerTransaction, domain: HomeDomain, package: EventPackage, local_tag: str
) -> None:
    request = call.request
    subscription = node.notifier.in_dialog(request.call_id, local_tag, request.from_.tag or "")
    if subscription is None or subscription.event.partition(";")[0].strip().lower() != package.name:
        raise SipError(481)
    _check_accept(request, package)
    expires = _duration(request, domain)
    subscription.dialog.receive(request, call.flow)
    record = None
    for identity in subscription.identities:
        record = record or await node.store.find(identity)
    subscription.expires_at = node.now() + expires
    _accept(node, call, subscription.dialog, expires, package, None)
    node.notifier.tell_all(subscription, record)


def _accept(
    node: Node, call: ServerTransaction, dialog: Dialog, expires: int, package: EventPackage, tag: str | None
) -> None:
    request = call.request
    response = request.response(200, to_tag=tag)
    if tag is not None:
        response.headers += [("Record-Route", value) for value in request.get_all("record-route")]
    response.headers += [
        ("Expires", str(expires)),
        ("Contact", dialog.contact),
        ("Allow-Events", package.name),
    ]
    call.answer(response)


async def _authorise(node: Node, who: Sender, aor: str, record: Record | None, domain: HomeDomain) -> None:
    """Let in the user's own identities and what stands in the registration's Path; SipError(403) for others.

    TS 24.229 §5.4.2.1.1 step 1. A barred identity watches nothing and is not watched.
    """
    known = {identity.uri: identity.barred for identity in record.identities_with(aor)} if record else {}
    if known.get(aor):
        raise SipError(403)
    if who.private_identity is not None:
        if known.get(who.name):
            raise SipError(403)
        answer = await node.cx.multimedia_auth(who.private_identity, aor, domain.config.realm)
        if answer.result is Result.SUCCESS:
            return
        raise SipError(403)
    for uri in who.asserted:
        identity = aor_of(uri)
        if known.get(identity) is False or (identity == aor and identity not in known):
            return
        if record is not None and _in_path(uri, record, aor):
            return
    raise SipError(403)


def _in_path(uri: Uri, record: Record, aor: str) -> bool:
    for contact in record.contacts(aor):
        for value in contact.binding.path:
            entity = parse_address(value).uri
            if entity.host == uri.host and (entity.port or 5060) == (uri.port or 5060):
                return True
    return False


def _check_accept(request: Request, package: EventPackage) -> None:
    if "accept" not in request:
        return
    kind = package.content_type
    accepted = {value.partition(";")[0].strip().lower() for value in request.values("accept")}
    if not accepted & {kind, "application/*", "*/*"}:
        raise SipError(406, headers=[("Accept", kind)])


def _duration(request: Request, domain: HomeDomain) -> int:
    """Return the seconds granted: never more than asked for. Raises SipError(423) (RFC 6665 §4.2.1.1)."""
    keys = domain.config.reg_event
    asked = request.expires
    if asked is None:
        return keys.default_expires
    if 0 < asked < keys.min_expires and asked < 3600:
        raise SipError(423, headers=[("Min-Expires", str(keys.min_expires))])
    return min(asked, keys.max_expires)
