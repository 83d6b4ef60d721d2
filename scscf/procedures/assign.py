"""Server assignment: the HSS learns whom this S-CSCF serves, and says what the user may register (TS 29.228 §6.1.2)."""

import logging
from collections.abc import Iterable

from scscf.cx import Restoration, Result, ServerAssignment
from scscf.errors import SipError
from scscf.procedures.cx_failures import (
    REFUSED_TIMES,
    TRY_AGAIN,
    CxCommand,
    Failure,
    Left,
    Procedure,
    answer_of,
    failure_of,
)
from scscf.procedures.duties import Duty
from scscf.procedures.state import HomeDomain, Node
from scscf.procedures.unregistered import Served
from scscf.profile.service_profile import UserProfile
from scscf.promise import Promise
from scscf.registration.change import Change, ServerAssignmentDue

log = logging.getLogger("scscf")

PROCEDURE_OF: dict[ServerAssignment, Procedure] = {
    ServerAssignment.NO_ASSIGNMENT: Procedure.REQUEST,
    ServerAssignment.REGISTRATION: Procedure.INITIAL_REGISTRATION,
    ServerAssignment.RE_REGISTRATION: Procedure.RE_REGISTRATION,
    ServerAssignment.UNREGISTERED_USER: Procedure.REQUEST,
    ServerAssignment.TIMEOUT_DEREGISTRATION: Procedure.DEREGISTRATION,
    ServerAssignment.USER_DEREGISTRATION: Procedure.DEREGISTRATION,
    ServerAssignment.TIMEOUT_DEREGISTRATION_STORE_SERVER_NAME: Procedure.DEREGISTRATION,
    ServerAssignment.USER_DEREGISTRATION_STORE_SERVER_NAME: Procedure.DEREGISTRATION,
    ServerAssignment.ADMINISTRATIVE_DEREGISTRATION: Procedure.DEREGISTRATION,
    ServerAssignment.AUTHENTICATION_FAILURE: Procedure.AUTHENTICATION,
    ServerAssignment.AUTHENTICATION_TIMEOUT: Procedure.AUTHENTICATION,
    ServerAssignment.DEREGISTRATION_TOO_MUCH_DATA: Procedure.DEREGISTRATION,
    ServerAssignment.AAA_USER_DATA_REQUEST: Procedure.REQUEST,
    ServerAssignment.PGW_UPDATE: Procedure.REQUEST,
    ServerAssignment.RESTORATION: Procedure.REQUEST,
}
"""Server-Assignment-Type → the procedure that it belongs to."""

_KEEPING = {
    ServerAssignment.TIMEOUT_DEREGISTRATION: ServerAssignment.TIMEOUT_DEREGISTRATION_STORE_SERVER_NAME,
    ServerAssignment.USER_DEREGISTRATION: ServerAssignment.USER_DEREGISTRATION_STORE_SERVER_NAME,
}
"""What is said instead where this S-CSCF would go on serving who has left (`registrar.keep_server_name`)."""

_TAKES_BACK = ServerAssignment.ADMINISTRATIVE_DEREGISTRATION


def failure(node: Node, domain: HomeDomain, command: CxCommand, procedure: Procedure, result: Result) -> Failure:
    """Return what becomes of a procedure in a domain whose question to the HSS came to `result`."""
    return failure_of(command, procedure, result, domain.dialect.name, node.cx_failures)


def refusal(node: Node, domain: HomeDomain, command: CxCommand, procedure: Procedure, result: Result) -> SipError:
    """Return the answer that a Cx failure gives to who sent the request."""
    return answer_of(failure(node, domain, command, procedure, result))


async def assign(
    node: Node,
    domain: HomeDomain,
    due: ServerAssignmentDue,
    known: UserProfile | None = None,
    restoration: Restoration | None = None,
) -> UserProfile | None:
    """Tell the HSS of an assignment and return the profile it sends. Raises the SipError of a refusal.

    `known` is what is known of the private identity already, `restoration` what the HSS may keep of it. A
    de-registration goes on whatever the HSS says: the UE has left. What the HSS may not have heard is owed to it.
    """
    if due.type is ServerAssignment.RE_REGISTRATION:
        answer = await node.cx.server_assignment(due.private_identity, due.aor, due.type, known, restoration)
        if answer.result is Result.SUCCESS:
            return answer.profile
    else:
        if known is not None and due.type in _KEEPING and domain.config.registrar.keep_server_name:
            due = due._replace(type=_KEEPING[due.type])
        answer = await node.cx.server_assignment(due.private_identity, due.aor, due.type, known, restoration)
    if answer.result.is_success:
        if node.duties:
            node.duties.discharge(due.private_identity, due.aor)
        _kept(node, domain, due, known, answer.result)
        return answer.profile
    procedure = PROCEDURE_OF[due.type]
    failed = failure(node, domain, CxCommand.SAR, procedure, answer.result)
    log.warning("SAR %s of %s: the HSS says %s", due.type.name, due.private_identity, answer.result.name)
    if failed.left is Left.OWED_REPETITION:
        node.duties.owe(due, answer.result, node.now())
    elif failed.left is Left.OWED_REMOVAL:
        what = due.type if procedure is Procedure.AUTHENTICATION else _TAKES_BACK
        node.duties.owe(due._replace(type=what), answer.result, node.now())
    if answer.result is Result.TOO_MUCH_DATA and due.type is ServerAssignment.REGISTRATION:
        node.perform(_leave(node, domain, due._replace(type=ServerAssignment.DEREGISTRATION_TOO_MUCH_DATA)))
    if failed.status is not None:
        raise answer_of(failed)
    return None


async def tell_hss(node: Node, change: Change, assignments: Iterable[ServerAssignmentDue] | None = None) -> None:
    """Tell the HSS of every device that a committed change has sent away, and wait until it has answered.

    `assignments` are those of the change that it was not told of yet, None: all. They are told at once: one that comes
    back meanwhile is told of after its departure, never before.
    """
    promises: list[Promise[None]] = []
    for due in change.assignments if assignments is None else assignments:
        if due.type not in (ServerAssignment.REGISTRATION, ServerAssignment.RE_REGISTRATION):
            promise: Promise[None] = Promise()
            promises.append(promise)
            node.perform(_depart(node, change, due, promise))
    for promise in promises:
        await promise


async def settle(node: Node, duty: Duty) -> None:
    """Try once more to tell the HSS what is owed to it, unless the user has registered again meanwhile."""
    due = duty.due
    await node.turns.take_patiently(due.private_identity)
    try:
        if not node.duties.is_owed(duty):
            return
        record = await node.store.find_device(due.private_identity)
        device = record.device(due.private_identity) if record is not None else None
        implicit_set = device.profile.set_of(due.aor) if device is not None else None
        if record is not None and implicit_set is not None and record.has_bindings(due.private_identity, implicit_set):
            node.duties.discharge(due.private_identity, due.aor)
            return
        answer = await node.cx.server_assignment(due.private_identity, due.aor, due.type)
        if answer.result is Result.UNABLE_TO_COMPLY and duty.attempts >= REFUSED_TIMES:
            log.error("SAR %s of %s: the HSS refuses it for good", due.type.name, due.private_identity)
            node.duties.discharge(due.private_identity, due.aor)
        elif answer.result in TRY_AGAIN:
            node.duties.again(duty, answer.result)
        else:
            node.duties.discharge(due.private_identity, due.aor)
    finally:
        node.turns.give_back(due.private_identity)


async def let_go(node: Node, served: Served) -> None:
    """Tell the HSS that a user is not served any more who was served unregistered (TS 29.228 §6.1.2)."""
    if await node.store.find(served.aor) is None:
        due = ServerAssignmentDue(served.profile.private_identity, served.aor, ServerAssignment.TIMEOUT_DEREGISTRATION)
        await assign(node, node.domain_named(served.domain), due)


def _kept(node: Node, domain: HomeDomain, due: ServerAssignmentDue, known: UserProfile | None, result: Result) -> None:
    """Serve on who has left, where the HSS has agreed to it; and nobody as unregistered who has come."""
    if due.type is ServerAssignment.REGISTRATION:
        if node.unregistered:
            node.unregistered.forget(due.private_identity)
    elif known is not None and due.type in _KEEPING.values() and result is Result.SUCCESS:
        served = Served(known, due.aor, domain.config.name)
        node.unregistered.keep(served, domain.config.registrar.unregistered)


async def _leave(node: Node, domain: HomeDomain, due: ServerAssignmentDue) -> None:
    await assign(node, domain, due)


async def _depart(node: Node, change: Change, due: ServerAssignmentDue, told: Promise[None]) -> None:
    device = change.before.device(due.private_identity) if change.before is not None else None
    try:
        await assign(
            node, node.domain_named(change.record.domain), due, device.profile if device is not None else None
        )
    finally:
        told.keep(None)
