"""Server assignment: the HSS learns whom this S-CSCF serves, and says what the user may register (TS 29.228 §6.1.2)."""

import logging

from scscf.cx import Result, ServerAssignment
from scscf.errors import SipError
from scscf.procedures.state import Node
from scscf.profile.service_profile import UserProfile
from scscf.registration.change import Change, ServerAssignmentDue

log = logging.getLogger("scscf")

REFUSALS: dict[Result, tuple[int, str | None]] = {
    Result.USER_UNKNOWN: (403, None),
    Result.IDENTITIES_DONT_MATCH: (403, "Identity Not of This User"),
    Result.IDENTITY_NOT_REGISTERED: (403, None),
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


async def tell_hss(node: Node, change: Change) -> None:
    """Tell the HSS of every device that a committed change has sent away."""
    for due in change.assignments:
        if due.type not in (ServerAssignment.REGISTRATION, ServerAssignment.RE_REGISTRATION):
            await assign(node, due)
