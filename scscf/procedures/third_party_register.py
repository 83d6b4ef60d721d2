"""Third-party registration: application servers hear who is registered (TS 24.229 §5.4.1.7)."""

import logging
from typing import NamedTuple

from scscf.dialects.charging import function_addresses
from scscf.errors import SipError
from scscf.procedures.deregister import as_failed
from scscf.procedures.server_queues import ServerQueues
from scscf.procedures.service_information import body_of
from scscf.procedures.state import Node
from scscf.profile.filter_criteria import (
    ApplicationServer,
    DefaultHandling,
    RegistrationType,
    ServiceProfile,
    SessionCase,
    matching,
)
from scscf.profile.service_profile import ImplicitSet, UserProfile, identity_in
from scscf.proxy.private_headers import add_charging_vector
from scscf.registration.change import SILENT_CAUSES, CauseKind, Change
from scscf.registration.record import Device, Record
from scscf.registration.registration import Contact, State
from scscf.sip.message import Request, Response, make_request
from scscf.sip.outbox import Failure
from scscf.sip.routing import hop_of_uri
from scscf.sip.uri import parse_uri

log = logging.getLogger("scscf")

Exchange = tuple[Request, Response]
"""A UE's REGISTER and the 200 to it."""

_COPIED = ("P-Access-Network-Info",)
_COPIED_OF_TRUSTED = ("P-Access-Network-Info", "P-Visited-Network-ID", "P-Charging-Vector")


class _Dialogue:
    """Call-ID and CSeq of what one server is told of one registration (RFC 3261 §10.2)."""

    __slots__ = ("call_id", "cseq")

    def __init__(self, call_id: str) -> None:
        self.call_id = call_id
        self.cseq = 0


_Dialogues = dict[tuple[str, str], _Dialogue]
"""Service profile and server → what it is told."""


class _Told(NamedTuple):
    """A registration that has changed, and how: what a device has registered of an implicit registration set."""

    record: Record
    profile: UserProfile
    implicit_set: ImplicitSet
    service_profile: ServiceProfile
    """Whose criteria are tried."""
    aor: str
    """The identity of that profile that its servers are told of."""
    kind: RegistrationType
    expires: int
    exchange: Exchange | None
    """None where it was not the UE who changed it."""
    trusted: bool
    """Whether the UE's REGISTER came from a trusted peer."""
    dialogues: _Dialogues


class ThirdPartyRegister:
    """Tells the application servers of every committed change."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self.queues = ServerQueues(node.outbox, node.now)
        self._dialogues: dict[tuple[str, str], _Dialogues] = {}
        """(private identity, default identity of the set) → what servers have been told of it."""

    def __len__(self) -> int:
        """Return how many registrations servers have been told of."""
        return len(self._dialogues)

    def commit(self, change: Change, exchange: Exchange | None) -> None:
        """Send a REGISTER to each server whose criteria the change meets; nothing where nobody has criteria."""
        before, after = change.before, change.record
        if (before is None or before.devices is after.devices) and not _have_criteria(after.devices):
            return
        profiles = {device.profile.private_identity: device.profile for device in after.devices}
        if before is not None and before.devices is not after.devices:
            profiles = {device.profile.private_identity: device.profile for device in before.devices} | profiles
        for profile in profiles.values():
            for implicit_set in profile.sets:
                if any(identity.service_profile is not None for identity in implicit_set):
                    self._consider(change, profile, implicit_set, exchange)

    def _consider(
        self, change: Change, profile: UserProfile, implicit_set: ImplicitSet, exchange: Exchange | None
    ) -> None:
        """Tell the servers of one set of a device, if it is what changed."""
        node, kind = self._node, change.cause.kind
        if not node.domain_named(change.record.domain).dialect.filter_criteria:
            return
        changed = [
            row.contact
            for row in change.rows
            if row.contact.binding.private_identity == profile.private_identity
            and not row.contact.binding.emergency
            and identity_in(implicit_set, row.aor) is not None
        ]
        if not changed:
            return
        was, left = (_contacts(record, profile, implicit_set) for record in (change.before, change.record))
        key = (profile.private_identity, implicit_set[0].uri)
        dialogues = self._dialogues.pop(key, None) if not (was and left) else self._dialogues.get(key)
        if kind in SILENT_CAUSES and kind not in node.overrides:
            return
        if left:
            if exchange is None or kind is not CauseKind.USER:
                return
            what = RegistrationType.REFRESH if was else RegistrationType.INITIAL
            if dialogues is None or not was:
                dialogues = self._dialogues[key] = {}
        elif was:
            what = RegistrationType.DEREGISTER
            if kind is not CauseKind.USER or not _is_of(exchange, change, profile):
                exchange = None
        else:
            return
        expires = max((contact.binding.remaining(change.now) for contact in left), default=0)
        flow = changed[0].binding.flow
        trusted = flow is not None and node.is_trusted(flow)
        if dialogues is None:
            dialogues = {}
        for services, aor in _shown(implicit_set, change.cause.aor if exchange is not None else None):
            told = _Told(
                change.record, profile, implicit_set, services, aor, what, expires, exchange, trusted, dialogues
            )
            tried = exchange[0] if exchange is not None else _synthetic(told)
            for criterion in matching(services, tried, SessionCase.ORIGINATING_REGISTERED, what):
                self._send(told, criterion.server)

    def _send(self, told: _Told, server: ApplicationServer) -> None:
        node = self._node
        key = (told.service_profile.name, server.uri)
        dialogue = told.dialogues.get(key)
        if dialogue is None:
            dialogue = told.dialogues[key] = _Dialogue(node.identifiers.hex(16))
        dialogue.cseq += 1
        request = _register(node, told, server, dialogue)
        sent = _Sent(self, node, told, server, dialogue)
        try:
            hop = hop_of_uri(parse_uri(server.uri))
        except SipError:
            sent.on_failure(Failure("transport", f"{server.uri} is no SIP URI"), node.now())
            return
        self.queues.send(server.uri, request, hop, sent)

    def failed(self, told: _Told, server: ApplicationServer, dialogue: _Dialogue, cseq: int) -> None:
        """De-register a user whose server failed that may not be done without.

        Unless that registration is over, or the server has been told of it again since.
        """
        dialogues = self._dialogues.get((told.profile.private_identity, told.implicit_set[0].uri), {})
        known = dialogues.get((told.service_profile.name, server.uri))
        if known is dialogue and dialogue.cseq == cseq:
            aors = [identity.uri for identity in told.implicit_set]
            ending = as_failed(self._node, told.record.name, told.profile.private_identity, aors)
            self._node.perform(ending)


class _Sent:
    """One third-party REGISTER on its way (ClientUser)."""

    __slots__ = ("_cseq", "_dialogue", "_node", "_owner", "_server", "_told")

    def __init__(
        self, owner: ThirdPartyRegister, node: Node, told: _Told, server: ApplicationServer, dialogue: _Dialogue
    ) -> None:
        self._owner = owner
        self._node = node
        self._told = told
        self._server = server
        self._dialogue = dialogue
        self._cseq = dialogue.cseq

    def on_response(self, response: Response, now: float) -> None:
        """A final response of 408 or 5xx is a failure of the server."""
        status = response.status
        if status < 200:
            return
        self._publish(status)
        if status == 408 or 500 <= status < 600:
            self._failed(f"answered {status}")

    def on_failure(self, failure: Failure, now: float) -> None:
        """No answer is a failure of the server too."""
        self._publish(failure.kind)
        self._failed(failure.detail or failure.kind)

    def _failed(self, why: str) -> None:
        told, server = self._told, self._server
        log.warning("the application server %s for %s: %s", server.uri, told.aor, why)
        if server.default_handling is DefaultHandling.TERMINATE and told.kind is not RegistrationType.DEREGISTER:
            self._owner.failed(told, server, self._dialogue, self._cseq)

    def _publish(self, status: int | str) -> None:
        feed = self._node.feed
        if feed.listeners:
            what = {"as": self._server.uri, "aor": self._told.aor, "kind": self._told.kind.name.lower()}
            feed.publish("third_party_register", {**what, "status": status})


def _register(node: Node, told: _Told, server: ApplicationServer, dialogue: _Dialogue) -> Request:
    """Return a third-party REGISTER (TS 24.229 §5.4.1.7)."""
    ours, exchange = f"<{node.server_name}>", told.exchange
    headers = [
        ("Max-Forwards", "70"),
        ("From", f"{ours};tag={node.identifiers.tag()}"),
        ("To", f"<{told.aor}>"),
        ("Call-ID", dialogue.call_id),
        ("CSeq", f"{dialogue.cseq} REGISTER"),
        ("Contact", ours),
        ("Expires", str(told.expires)),
    ]
    if exchange is not None:
        for name in _COPIED_OF_TRUSTED if told.trusted else _COPIED:
            headers += [(name, value) for value in exchange[0].get_all(name.lower())]
    if told.profile.charging is not None:
        headers += function_addresses(told.profile.charging)
    part = body_of(server, exchange, node.identifiers.hex(12))
    if part is not None:
        headers.append(("Content-Type", part[0]))
    request = make_request("REGISTER", server.uri, headers, part[1] if part is not None else b"")
    add_charging_vector(request, node.identifiers.hex(12), told.record.domain)
    return request


def _have_criteria(devices: tuple[Device, ...]) -> bool:
    for device in devices:
        for implicit_set in device.profile.sets:
            for identity in implicit_set:
                if identity.service_profile is not None:
                    return True
    return False


def _contacts(record: Record | None, profile: UserProfile, implicit_set: ImplicitSet) -> list[Contact]:
    """Return the contacts by which a device is registered with a set; those for emergencies do not count."""
    return [
        contact
        for identity in implicit_set
        for contact in (record.contacts(identity.uri) if record is not None else ())
        if contact.binding.private_identity == profile.private_identity and not contact.binding.emergency
    ]


def _is_of(exchange: Exchange | None, change: Change, profile: UserProfile) -> bool:
    """Tell whether it was a device's own REGISTER that took its contacts, and not one that took their place."""
    if exchange is None:
        return False
    request = exchange[0]
    return not any(
        row.contact.state is State.ACTIVE
        and row.contact.binding.call_id == request.call_id
        and row.contact.binding.private_identity != profile.private_identity
        for row in change.rows
    )


def _shown(implicit_set: ImplicitSet, named: str | None) -> list[tuple[ServiceProfile, str]]:
    """Return each service profile of a set with the one identity that its servers are told of, none for one without.

    That is the one in To where it is of this profile, else the first; a barred or wildcarded one is never told of.
    """
    found = identity_in(implicit_set, named) if named is not None else None
    shown: dict[str, tuple[ServiceProfile, str]] = {}
    for identity in implicit_set:
        services = identity.service_profile
        if services is None or identity.barred:
            continue
        if identity is found and named is not None:
            shown[services.name] = (services, named)
        elif not identity.wildcarded:
            shown.setdefault(services.name, (services, identity.uri))
    return list(shown.values())


def _synthetic(told: _Told) -> Request:
    """Return the REGISTER that criteria are tried on where no UE has sent one: the network de-registers, or time."""
    address = f"<{told.aor}>"
    headers = [("From", address), ("To", address), ("Expires", "0")]
    return make_request("REGISTER", f"sip:{told.record.domain}", headers)
