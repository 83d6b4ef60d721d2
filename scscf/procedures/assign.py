"""Server assignment: the HSS learns whom this S-CSCF serves, and says what the user may register (TS 29.228 §6.1.2)."""

import logging
from collections.abc import Iterable

from scscf.cx import Result, ServerAssignment
from scscf.errors import SipError
from scscf.procedures.state import Node
from scscf.profile.service_profile import UserProfile
from scscf.promise import Promise
from scscf.registration.change import ServerAssignmentDue

log = logging.getLogger("scscf")

REFUSALS: dict[Result, tuple[int, str | None]] = {
    Result.USER_UNKNOWN: (403, None),
    Result.IDENTITIES_DONT_MATCH: (403, "Identity Not of This User"),
    Result.IDENTITY_NOT_REGISTERED: (403, None),
    Result.AUTHORIZATION_REJECTED: (403, "Barred"),
    Result.ROAMING_NOT_ALLOWED: (403, "Roaming Not Allowed"),
    Result.AUTH_SCHEME_NOT_SUPPORTED: (403, "Authentication Scheme Not Supported"),
    Result.IN_ASSIGNMENT_TYPE: (403, None),
    Result.TIMEOUT: (504, None),
}
"""Cx result → the answer to the REGISTER; anything else is 500 (TS 24.229 §5.4.1.2)."""


def refusal(result: Result) -> SipError:
    """Return the answer that a Cx failure gives to the UE."""
    status, reason = REFUSALS.get(result, (500, None))
    return SipError(status, reason)


async def assign(node: Node, due: ServerAssignmentDue) -> UserProfile | None:
    """Tell the HSS of an assignment and return the profile it sends. Raises the SipError of a refusal.

    A de-registration goes on whatever the HSS says: the UE has left.
    """
    answer = await node.cx.server_assignment(due.private_identity, due.aor, due.type)
    if answer.result is Result.SUCCESS:
        return answer.profile
    if due.type in (ServerAssignment.REGISTRATION, ServerAssignment.RE_REGISTRATION):
        raise refusal(answer.result)
    log.warning("%s of %s: the HSS says %s", due.type.name, due.private_identity, answer.result.name)
    return None


async def tell_hss(node: Node, assignments: Iterable[ServerAssignmentDue]) -> None:
    """Tell the HSS of every device that a committed change has sent away, and wait until it has answered.

    All are told at once: one that comes back meanwhile is told of after its departure, never before.
    """
    promises: list[Promise[None]] = []
    for due in assignments:
        if due.type not in (ServerAssignment.REGISTRATION, ServerAssignment.RE_REGISTRATION):
            promise: Promise[None] = Promise()
            promises.append(promise)
            node.perform(_depart(node, due, promise))
    for promise in promises:
        await promise


async def _depart(node: Node, due: ServerAssignmentDue, told: Promise[None]) -> None:
    try:
        await assign(node, due)
    finally:
        told.keep(None)
