"""A user's services other than registration come and go: endpoints survive that, or do not (MS-SIPREGE §3.5)."""

from collections.abc import Iterable
from typing import Final

from scscf.dialects.siprege import DIAGNOSTICS, SURVIVABLE, supports
from scscf.errors import SipError
from scscf.procedures.deregister import Report, Scope, answers, aors_of, apply, records_in
from scscf.procedures.state import Node, NotRegisteredError
from scscf.regevent.registration_notify import NOTICES, diagnostics, notice
from scscf.regevent.subscription import Telling
from scscf.registration.change import Cause, CauseKind, Row
from scscf.registration.command import Deregister
from scscf.sip.message import Request

UNAVAILABLE: Final = "userservices-unavailable"


def check_user_services(node: Node, request: Request, aor: str) -> None:
    """Raise SipError(503) where an endpoint cannot do without the services of its user, which are not there."""
    if aor not in node.without_services or request.expires == 0 or supports(request, SURVIVABLE):
        return
    raise SipError(503, headers=[(DIAGNOSTICS, diagnostics(notice(UNAVAILABLE)))])


async def set_user_services(node: Node, scope: Scope, available: bool, wait: float | None = None) -> Report:
    """Say that the services of users are there, or are not; `wait` seconds for the endpoints' answers.

    When they go, an endpoint that survives that is told and stays; any other one is told and is over. An address of
    record need not be registered for it. Raises NotRegisteredError where nothing is bound of another scope.
    """
    rows: list[Row] = []
    tellings: list[Telling] = []
    records = await records_in(node, scope)
    if scope.aor is not None:
        _set(node, [scope.aor], available)
    elif not records:
        raise NotRegisteredError("nothing is bound there")
    for record in records:
        meant = aors_of(record, scope)
        aors = [each.aor for each in record.registrations if meant is None or each.aor in meant]
        _set(node, aors, available)
        if available:
            continue
        over: list[str] = []
        for aor in aors:
            for contact in record.contacts(aor):
                endpoint = contact.binding.endpoint
                subscription = node.notifier.of_endpoint(aor, endpoint) if endpoint else None
                if subscription is not None and subscription.survives:
                    tellings.append(node.notifier.notice(subscription, notice(UNAVAILABLE, registered=True)))
                elif endpoint:
                    over.append(contact.binding.uri)
        cause = Cause(CauseKind.OPERATOR, event=NOTICES[UNAVAILABLE].event, notice=notice(UNAVAILABLE))
        for uri in dict.fromkeys(over):
            change, told = await apply(node, record.name, Deregister(cause, meant, scope.private_identity, uri))
            rows += change.rows if change is not None else ()
            tellings += told
    return Report(tuple(rows), await answers(node, tellings, wait), node.now())


def _set(node: Node, aors: Iterable[str], available: bool) -> None:
    if available:
        node.without_services.difference_update(aors)
    else:
        node.without_services.update(aors)
