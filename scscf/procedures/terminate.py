"""Requests for users of ours: services, then their contacts (TS 24.229 §5.4.3.3, RFC 3261 §16.5, RFC 5626 §7)."""

from itertools import chain
from typing import NamedTuple

from scscf.cx import Result, ServerAssignment
from scscf.errors import SipError
from scscf.procedures.assign import refusal
from scscf.procedures.cx_failures import CxCommand, Procedure
from scscf.procedures.endpoint_call import seal_to_endpoint
from scscf.procedures.expire import expire_due
from scscf.procedures.forward import Proxied
from scscf.procedures.invoke import invoke
from scscf.procedures.legs import leg_to_target
from scscf.procedures.restoration import restore
from scscf.procedures.state import HomeDomain, Node
from scscf.procedures.unregistered import Served
from scscf.procedures.way import served_aor
from scscf.profile.filter_criteria import SessionCase
from scscf.profile.service_profile import PublicIdentity, identity_in
from scscf.proxy.private_headers import add_charging_vector
from scscf.proxy.proxying import Chain
from scscf.proxy.targets import target_groups
from scscf.registration.gruu import is_gruu
from scscf.registration.record import Record
from scscf.registration.registration import Contact
from scscf.sip.message import Request
from scscf.sip.uri import Uri, parse_uri

NOBODY = (Result.USER_UNKNOWN, Result.IDENTITIES_DONT_MATCH)
"""What the HSS says of an identity that nobody has."""


class Called(NamedTuple):
    """Who a Request-URI names."""

    aor: str
    """The address of record."""
    identity: PublicIdentity
    """It, or the wildcarded identity that stands for it (TS 23.003 §13.4A)."""
    record: Record | None
    """The record in which the identity stands, where anything of its subscription is registered."""
    instance: str | None = None
    """The instance, where the Request-URI is a GRUU (RFC 5627 §6.1)."""

    @property
    def contacts(self) -> tuple[Contact, ...]:
        """The contacts of the identity."""
        return self.record.contacts(self.identity.uri) if self.record is not None else ()

    @property
    def registered(self) -> bool:
        """Whether the identity has a contact; one for emergency calls does not count (TS 24.229 §5.4.1.2)."""
        return any(not contact.binding.emergency for contact in self.contacts)


async def terminate(proxied: Proxied, request: Request, domain: HomeDomain) -> None:
    """Answer a request for a user of ours. Raises SipError: 404 for nobody, and for a barred identity; 480."""
    node = proxied.node
    called = await find_called(node, domain, request.uri)
    if called is None or called.identity.barred:
        raise SipError(404)
    case = SessionCase.TERMINATING_REGISTERED if called.registered else SessionCase.TERMINATING_UNREGISTERED
    if domain.dialect.filter_criteria:
        services = Chain(domain.config.name, called.aor, case, called.identity.service_profile)
        if services.profile is not None and services.profile.criteria:
            if domain.dialect.private_headers:
                add_charging_vector(request, node.identifiers.hex(12), None)
            if await invoke(proxied, request, services, domain):
                return
    await deliver(proxied, request, domain)


async def deliver(proxied: Proxied, request: Request, domain: HomeDomain) -> None:
    """Send a request to the contacts of who it is for, all services being done. Raises SipError(404, 480)."""
    node = proxied.node
    called = await find_called(node, domain, request.uri)
    if called is None:
        raise SipError(404)
    groups = target_groups(called.contacts, called.instance, sips=request.uri.scheme == "sips")
    if not groups:
        raise SipError(480)
    named = request.uri_text if domain.dialect.private_headers else None
    legs = [[leg_to_target(proxied, request, target, named) for target in group] for group in groups]
    if domain.dialect.implicit is not None:
        for target, leg in zip(chain.from_iterable(groups), chain.from_iterable(legs), strict=True):
            for binding, way in zip(target.bindings, (leg, *leg.alternates), strict=True):
                seal_to_endpoint(node, binding, way.request)
    proxied.finish(await proxied.forward(legs))


async def find_called(node: Node, domain: HomeDomain, uri: Uri) -> Called | None:
    """Return whom a Request-URI names, None for nobody. The HSS is asked of who is not registered (TS 29.228 §6.1.2).

    None also for a GRUU that was never given out, and for a temporary one whose time is over (RFC 5627 §6.1). A SIP URI
    with user=phone that nobody has stands for its tel URI (RFC 3261 §19.1.6). Raises the SipError of an HSS that does
    not answer.
    """
    if uri.is_sip and is_gruu(uri):
        return await _find_instance(node, domain, uri)
    called = await _find(node, domain, served_aor(node, domain, uri))
    if called is None and uri.is_sip and uri.parameter("user") == "phone" and uri.user:
        called = await _find(node, domain, served_aor(node, domain, parse_uri(f"tel:{uri.user}")))
    return called


async def _find_instance(node: Node, domain: HomeDomain, uri: Uri) -> Called | None:
    gruu = node.gruus.resolve(uri)
    if gruu is None:
        return None
    called = await _find(node, domain, served_aor(node, domain, parse_uri(gruu.aor)))
    if called is None or not gruu.is_live(called.contacts):
        return None
    return called._replace(instance=gruu.instance)


async def _find(node: Node, domain: HomeDomain, aor: str) -> Called | None:
    record = await node.store.find(aor)
    if record is None:
        private_identity = await node.cx.default_private_identity(aor)
        record = await node.store.find_device(private_identity) if private_identity is not None else None
    if record is not None:
        record = await expire_due(node, record)
    identity = identity_in(record.identities_with(aor), aor) if record is not None else None
    if identity is not None:
        return Called(aor, identity, record)
    return await _find_unregistered(node, domain, aor)


async def _find_unregistered(node: Node, domain: HomeDomain, aor: str) -> Called | None:
    """Return a user who is not registered, whom this S-CSCF serves from now on (TS 29.228 §6.1.2)."""
    served = node.unregistered.find(aor)
    if served is None:
        answer = await node.cx.server_assignment("", aor, ServerAssignment.UNREGISTERED_USER)
        if answer.result in NOBODY:
            return None
        if not answer.result.is_success:
            raise refusal(node, domain, CxCommand.SAR, Procedure.REQUEST, answer.result)
        if answer.profile is None:
            return None
        if answer.restoration and domain.config.registrar.restoration:
            record = await restore(node, domain, aor, answer.profile, answer.restoration)
            found = identity_in(record.identities_with(aor), aor) if record is not None else None
            if found is not None:
                return Called(aor, found, record)
        served = Served(answer.profile, aor, domain.config.name)
    identity = served.identity()
    if identity is None:
        return None
    node.unregistered.keep(served, domain.config.registrar.unregistered)
    return Called(aor, identity, None)
