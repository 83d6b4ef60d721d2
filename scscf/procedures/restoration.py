"""Restoration (TS 23.380 §4): the HSS keeps what an S-CSCF needs that has lost its data (`registrar.restoration`)."""

import logging

from scscf.cx import Restoration, RestoredContact, ServerAssignment
from scscf.errors import SipError
from scscf.procedures.state import HomeDomain, Node
from scscf.profile.service_profile import UserProfile
from scscf.registration.binding import Binding
from scscf.registration.command import ContactRequest, Register
from scscf.registration.record import Device, Record
from scscf.registration.update import update
from scscf.sip.address import parse_address
from scscf.sip.parameters import format_parameters

log = logging.getLogger("scscf")

_NOT_FEATURES = ("expires", "q")


def restoration_of(record: Record, private_identity: str, now: float) -> Restoration | None:
    """Return what the HSS is given to keep of a device: its contacts and their Path. None where it has none.

    Contacts for emergency calls are not restored.
    """
    contacts = tuple(
        RestoredContact(_header_value(binding, now), binding.path)
        for binding in record.bindings()
        if binding.private_identity == private_identity and not binding.emergency
    )
    return Restoration(private_identity, contacts) if contacts else None


async def restore(
    node: Node, domain: HomeDomain, aor: str, profile: UserProfile, kept: tuple[Restoration, ...]
) -> Record | None:
    """Bind again what the HSS has kept of the devices of `aor`; return the record, None where nothing could be bound.

    Nobody is told by SIP who was not there before: watchers, too, are lost with the data, and come back by themselves.
    """
    for each in kept:
        own = profile._replace(private_identity=each.private_identity)
        for contact in each.contacts:
            before = await node.store.load(profile.subscription)
            try:
                command = _command(domain, aor, own, contact)
                change = update(before, command, node.now(), node.events_in(before))
            except SipError as error:
                log.warning("a contact that the HSS kept of %s is not restored: %s", each.private_identity, error)
                continue
            if change.rows and await node.store.save(change.record):
                node.commit(change)
                log.info("a contact of %s is restored from the HSS", each.private_identity)
    return await node.store.find(aor)


async def restored_device(node: Node, domain: HomeDomain, private_identity: str, aor: str) -> Device | None:
    """Ask the HSS for the data of a user whom a P-CSCF says to be registered here, of whom nothing is known."""
    answer = await node.cx.server_assignment(private_identity, aor, ServerAssignment.NO_ASSIGNMENT)
    if not answer.result.is_success or answer.profile is None or not answer.restoration:
        return None
    record = await restore(node, domain, aor, answer.profile, answer.restoration)
    return record.device(private_identity) if record is not None else None


def _header_value(binding: Binding, now: float) -> str:
    params = format_parameters(binding.params) if binding.params else ""
    q = f";q={binding.q}" if binding.q is not None else ""
    return f"<{binding.uri}>{params}{q};expires={binding.remaining(now)}"


def _command(domain: HomeDomain, aor: str, profile: UserProfile, contact: RestoredContact) -> Register:
    """Return the REGISTER that a kept contact stands for. Raises SipError(400) for one that is no Contact."""
    address = parse_address(contact.contact)
    expires = address.parameter("expires") or ""
    seconds = int(expires) if expires.isascii() and expires.isdigit() and len(expires) < 11 else None
    asked = ContactRequest(
        address.uri.text,
        domain.config.registrar.default_expires if seconds is None else seconds,
        address.parameter("q"),
        address.display_name,
        tuple(pair for pair in address.params if pair[0].lower() not in _NOT_FEATURES),
    )
    return Register(
        profile,
        domain.config.name,
        aor,
        (asked,),
        False,
        "restored",
        contact.initial_cseq or 0,
        contact.path,
        ordered=False,
    )
