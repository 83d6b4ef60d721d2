"""What a SAR may ask: which Server-Assignment-Type names whom, and from which S-CSCF (TS 29.228 §6.1.2.1, §8.1)."""

from hss_stub.servers import Serving
from scscf.cx import Assignment, Result, ServerAssignment

LEAVING = frozenset(
    {
        ServerAssignment.TIMEOUT_DEREGISTRATION,
        ServerAssignment.USER_DEREGISTRATION,
        ServerAssignment.TIMEOUT_DEREGISTRATION_STORE_SERVER_NAME,
        ServerAssignment.USER_DEREGISTRATION_STORE_SERVER_NAME,
        ServerAssignment.ADMINISTRATIVE_DEREGISTRATION,
        ServerAssignment.DEREGISTRATION_TOO_MUCH_DATA,
    }
)
"""Types that end registrations."""
KEEPING = frozenset(
    {
        ServerAssignment.TIMEOUT_DEREGISTRATION_STORE_SERVER_NAME,
        ServerAssignment.USER_DEREGISTRATION_STORE_SERVER_NAME,
    }
)
"""Types that end registrations and have the S-CSCF kept for services of the unregistered."""
FAILED = frozenset({ServerAssignment.AUTHENTICATION_FAILURE, ServerAssignment.AUTHENTICATION_TIMEOUT})
"""Types that tell that nobody was authenticated."""
OF_ONE = frozenset(
    {
        ServerAssignment.REGISTRATION,
        ServerAssignment.RE_REGISTRATION,
        ServerAssignment.UNREGISTERED_USER,
        ServerAssignment.NO_ASSIGNMENT,
        *FAILED,
    }
)
"""Types that name one public identity (TS 29.228 §6.1.2.1)."""
TAKING = frozenset(
    {ServerAssignment.REGISTRATION, ServerAssignment.RE_REGISTRATION, ServerAssignment.UNREGISTERED_USER}
)
"""Types by which an S-CSCF becomes that of the user."""
_FOREIGN_TO_CX = frozenset({ServerAssignment.AAA_USER_DATA_REQUEST, ServerAssignment.PGW_UPDATE})


def refusal(request: Assignment, serving: Serving | None) -> Result | None:
    """Return what stands against an assignment of a user's own identities; `serving` is the S-CSCF that is stored."""
    what = request.type
    if what in _FOREIGN_TO_CX:
        return Result.IN_ASSIGNMENT_TYPE
    if what in OF_ONE and len(request.public_identities) != 1:
        return Result.UNABLE_TO_COMPLY
    if not request.private_identity and what in TAKING and what is not ServerAssignment.UNREGISTERED_USER:
        return Result.UNABLE_TO_COMPLY
    if serving is None:
        return Result.UNABLE_TO_COMPLY if what is ServerAssignment.NO_ASSIGNMENT else None
    if serving.server_name == request.server_name:
        return None
    return Result.IDENTITY_ALREADY_REGISTERED if what in TAKING else Result.UNABLE_TO_COMPLY
