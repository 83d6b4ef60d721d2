"""SUBSCRIBE to the registration state (RFC 6665 §4.2.1, RFC 3680 §4, TS 24.229 §5.4.2.1.1)."""

from collections.abc import Iterable

from scscf.cx import Result
from scscf.dialects.charging import answered_vector
from scscf.errors import SipError
from scscf.procedures.authenticate import Challenge
from scscf.procedures.endpoint_call import seal_of
from scscf.procedures.expire import expire_due
from scscf.procedures.sender import Sender, sender
from scscf.procedures.state import HomeDomain, Node
from scscf.profile.service_profile import PublicIdentity, identity_in
from scscf.regevent.package import EventPackage
from scscf.regevent.reginfo import Documents
from scscf.regevent.subscription import Subscription
from scscf.regevent.visibility import visible_identities
from scscf.registration.gruu import is_gruu
from scscf.registration.record import Record
from scscf.sip.address import Address, parse_address
from scscf.sip.dialog import Dialog
from scscf.sip.field_values import parse_event
from scscf.sip.message import Request
from scscf.sip.outbox import Flow
from scscf.sip.transaction_layer import ServerTransaction
from scscf.sip.uri import Uri, parse_uri
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
    if not _is_registered(record, aor) and domain.config.reg_event.without_binding == 480:
        raise SipError(480)
    is_owner = await _authorise(node, who, aor, record)
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
    subscription.is_owner = is_owner
    if is_owner and who.private_identity is not None and domain.dialect.own_bindings_only:
        subscription.own_flow = call.flow
    _place(node, subscription, contact, call.flow)
    subscription.seal = seal_of(node, call)
    _accept(node, call, domain, dialog, expires, package, tag)
    node.notifier.add(subscription, record)


async def _refresh(
    node: Node, call: ServerTransaction, domain: HomeDomain, package: EventPackage, local_tag: str
) -> None:
    request = call.request
    subscription = node.notifier.in_dialog(request.call_id, local_tag, request.from_.tag or "")
    if subscription is None:
        raise SipError(481)
    if request.event != parse_event(subscription.event):
        # It would be another subscription in the same dialog (RFC 6665 §4.5.2).
        raise SipError(403, "Dialog Sharing Is Not Supported")
    _check_accept(request, package)
    expires = _duration(request, domain)
    subscription.dialog.receive(request, call.flow)
    if request.contacts:
        _place(node, subscription, request.contacts[0], call.flow)
    record = None
    for identity in subscription.identities:
        record = record or await node.store.find(identity)
    subscription.expires_at = node.now() + expires
    subscription.seal = seal_of(node, call) or subscription.seal
    _accept(node, call, domain, subscription.dialog, expires, package, None)
    node.notifier.tell_all(subscription, record)


def _place(node: Node, subscription: Subscription, contact: Address, flow: Flow) -> None:
    """Note where a watcher is: by what its own contact is known (TS 24.229 §5.4.2.1.2)."""
    subscription.instance = _instance_of(node, contact) or subscription.instance
    if subscription.is_owner:
        subscription.own_uri = contact.uri.text
    if subscription.own_flow is not None:
        subscription.own_flow = flow


def _instance_of(node: Node, contact: Address) -> str | None:
    """Return the instance id of a watcher, which the GRUU that it has for Contact says too (RFC 5627 §4.3)."""
    instance = contact.parameter("+sip.instance")
    if instance is None and is_gruu(contact.uri):
        gruu = node.gruus.resolve(contact.uri)
        instance = gruu.instance if gruu is not None else None
    return instance


def _accept(
    node: Node,
    call: ServerTransaction,
    domain: HomeDomain,
    dialog: Dialog,
    expires: int,
    package: EventPackage,
    tag: str | None,
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
    if domain.dialect.private_headers and "p-charging-vector" in request and node.is_trusted(call.flow):
        vector = answered_vector(request.get("p-charging-vector") or "", domain.config.name)
        if vector is not None:
            response.headers.append(("P-Charging-Vector", vector))
    call.answer(response)


def _is_registered(record: Record | None, aor: str) -> bool:
    """Tell whether there is something to watch: a contact, other than for an emergency, of the identity."""
    if record is None:
        return False
    known = identity_in(record.identities_with(aor), aor)
    contacts = record.contacts(aor if known is None else known.uri)
    return any(not contact.binding.emergency for contact in contacts)


async def _authorise(node: Node, who: Sender, aor: str, record: Record | None) -> bool:
    """Tell whether the watcher is the user themselves; SipError(403) for who may not watch (TS 24.229 §5.4.2.1.1).

    Let in are the user's own identities, what stands in the registration's Path, and the application servers of the
    user's filter criteria. A barred identity watches nothing and is not watched.
    """
    known = record.identities_with(aor) if record else ()
    target = identity_in(known, aor)
    if target is not None and target.barred:
        raise SipError(403)
    owned = _identities(record) if record else ()
    if who.private_identity is not None:
        own = identity_in(owned, who.name)
        if own is not None:
            if own.barred:
                raise SipError(403)
            return True
        # Whether it is theirs, not whether they may register it: emergencies know no bars.
        if await node.cx.user_authorization(who.private_identity, aor, None, True) is Result.SUCCESS:
            return True
        raise SipError(403)
    for uri in who.asserted:
        identity = aor_of(uri)
        own = identity_in(owned, identity)
        if (own is not None and not own.barred) or (own is None and identity == aor):
            return True
        if record is not None and (_in_path(uri, record, aor) or _serves(uri, known)):
            return False
    raise SipError(403)


def _identities(record: Record) -> list[PublicIdentity]:
    """Return every identity of an IMS subscription, of whichever device and set."""
    return [identity for device in record.devices for implicit_set in device.profile.sets for identity in implicit_set]


def _in_path(uri: Uri, record: Record, aor: str) -> bool:
    for contact in record.contacts(aor):
        for value in contact.binding.path:
            entity = parse_address(value).uri
            if entity.host == uri.host and (entity.port or 5060) == (uri.port or 5060):
                return True
    return False


def _serves(uri: Uri, identities: Iterable[PublicIdentity]) -> bool:
    """Tell whether a URI is that of an application server in the filter criteria of these identities."""
    for identity in identities:
        for criterion in identity.service_profile.criteria if identity.service_profile is not None else ():
            server = parse_uri(criterion.server.uri)
            if (server.user, server.host, server.port or 5060) == (uri.user, uri.host, uri.port or 5060):
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
