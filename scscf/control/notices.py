"""What the operator has Microsoft's endpoints told: it is refused where there are none (MS-SIPREGE §2.2.1.13)."""

from typing import Final

from scscf.control.bodies import BadRequest, Deregistration
from scscf.procedures.deregister import Scope, records_in
from scscf.procedures.state import HomeDomain, Node
from scscf.regevent.registration_notify import NOTICES, notice
from scscf.registration.notice import Notice
from scscf.registration.registration import Event
from scscf.sip.uri import parse_uri

RETRY_AFTER: Final = 60
"""Seconds after which the contact of an endpoint without user services may come back, where nothing else is said."""


def told(wanted: Deregistration) -> tuple[Event, Notice | None]:
    """Return the contact event of a de-registration, and what endpoints are told where that does not follow from it."""
    if not wanted.is_for_endpoints:
        return Event(wanted.event), None
    name = "deactivated" if wanted.event == "probation" else wanted.event
    found = notice(name, wanted.error_id, wanted.reason, preferred_registrar=wanted.preferred_registrar)
    return (Event(wanted.event) if wanted.event == "probation" else NOTICES[name].event), found


async def check_endpoints(node: Node, scope: Scope) -> list[HomeDomain]:
    """Return the domains that a command for Microsoft's endpoints means; none where nobody is known there.

    Raises BadRequest where one of them has another dialect.
    """
    names = dict.fromkeys(record.domain for record in await records_in(node, scope))
    domains = [node.domain_named(name) for name in names]
    if scope.aor is not None and not domains:
        domains = _domain_of(node, scope.aor)
    if not node.has_endpoints:
        domains = node.domains
    for domain in domains:
        if domain.dialect.implicit is None:
            raise BadRequest(
                "wrong_dialect",
                f"{domain.config.name} has the dialect {domain.dialect.name}: "
                "only domains with the dialect siprege have endpoints that could be told that",
            )
    return domains


def _domain_of(node: Node, aor: str) -> list[HomeDomain]:
    uri = parse_uri(aor)
    domain = node.domain_of(uri.host) if uri.is_sip else None
    return [] if domain is None else [domain]
