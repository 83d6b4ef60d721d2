"""What becomes of a procedure when the HSS refuses or fails: the SIP answer, and the state that is left.

`docs/cx-failures.md` is drawn from here; the configuration's `cx_failures` overrides the statuses.
"""

from collections.abc import Mapping
from typing import NamedTuple

from scscf.cx import Result
from scscf.enums import Named
from scscf.errors import SipError
from scscf.sip.message import Request


class CxCommand(Named):
    """The commands that an S-CSCF waits for. The values are keys of `cx_failures`."""

    UAR = "uar"
    MAR = "mar"
    SAR = "sar"


class Procedure(Named):
    """What the S-CSCF is doing when it asks."""

    INITIAL_REGISTRATION = "initial registration"
    RE_REGISTRATION = "re-registration"
    DEREGISTRATION = "de-registration"
    """By the UE, which is answered, or by the network or time, where nobody is."""
    AUTHENTICATION = "a challenge that failed"
    """SAR AUTHENTICATION_FAILURE and AUTHENTICATION_TIMEOUT: nobody waits for them."""
    REQUEST = "another request"
    """Who sends it is asked (MAR), or who it is for (SAR UNREGISTERED_USER)."""


class Left(Named):
    """What is left when a question has failed."""

    AS_BEFORE = "as before"
    """Nothing has changed here; what the HSS knows is right."""
    OWED_REMOVAL = "as before; a SAR is owed that takes it back"
    """Nothing has changed here; the HSS may believe that we serve the user."""
    REMOVED = "removed"
    OWED_REPETITION = "removed; the SAR is owed"
    """The HSS may still believe that we serve the user."""


class Failure(NamedTuple):
    """One field of the table; `status` None: the procedure goes on as if the HSS had agreed."""

    status: int | None
    reason: str | None
    left: Left


class _Answer(NamedTuple):
    ims: int
    rfc3261: int
    reason: str | None = None


_ANSWERS: dict[Result, _Answer] = {
    Result.USER_UNKNOWN: _Answer(403, 404),
    Result.IDENTITIES_DONT_MATCH: _Answer(403, 403, "Identity Not of This User"),
    Result.IDENTITY_NOT_REGISTERED: _Answer(403, 403),
    Result.AUTHORIZATION_REJECTED: _Answer(403, 403, "Barred"),
    Result.ROAMING_NOT_ALLOWED: _Answer(403, 403, "Roaming Not Allowed"),
    Result.IDENTITY_ALREADY_REGISTERED: _Answer(403, 403, "Registered at Another S-CSCF"),
    Result.AUTH_SCHEME_NOT_SUPPORTED: _Answer(403, 403, "Authentication Scheme Not Supported"),
    Result.DISCONNECTED: _Answer(480, 503, "HSS Not Reached"),
    Result.UNABLE_TO_DELIVER: _Answer(480, 503, "HSS Not Reached"),
    Result.REALM_NOT_SERVED: _Answer(480, 503, "HSS Not Reached"),
    Result.TOO_BUSY: _Answer(480, 503, "HSS Too Busy"),
    Result.OUT_OF_SPACE: _Answer(480, 503, "HSS Too Busy"),
    Result.TIMEOUT: _Answer(504, 504),
}
"""Result → status in each dialect; the others get 500 (TS 24.229 §5.4.1.2, TS 29.228 §8; RFC 3261 §10.3, §21.5)."""

_ELSE = _Answer(500, 500)

TRY_AGAIN = frozenset(
    {
        Result.TIMEOUT,
        Result.GARBAGE,
        Result.DISCONNECTED,
        Result.UNABLE_TO_DELIVER,
        Result.REALM_NOT_SERVED,
        Result.TOO_BUSY,
        Result.OUT_OF_SPACE,
        Result.UNABLE_TO_COMPLY,
    }
)
"""Results of a SAR that says that a user is gone after which it has to be said again."""

REFUSED_TIMES = 10
"""So often a SAR is said again that the HSS refuses with UNABLE_TO_COMPLY; without an answer it is never given up."""

RETRY_AFTER = 5
"""Seconds that a 503 says to wait."""

CHALLENGED = (Procedure.INITIAL_REGISTRATION, Procedure.RE_REGISTRATION, Procedure.DEREGISTRATION, Procedure.REQUEST)
ASKED: dict[CxCommand, tuple[Procedure, ...]] = {
    CxCommand.UAR: (Procedure.INITIAL_REGISTRATION,),
    CxCommand.MAR: CHALLENGED,
    CxCommand.SAR: tuple(Procedure),
}
"""Command → the procedures that wait for it."""

FAILURES: tuple[Result, ...] = tuple(result for result in Result if not result.is_success)

Overrides = Mapping[tuple[CxCommand, Result], int]
"""Statuses that the configuration chooses."""


def failure_of(
    command: CxCommand, procedure: Procedure, result: Result, dialect: str, overrides: Overrides
) -> Failure:
    """Return what becomes of a procedure whose question to the HSS has failed with `result`."""
    if command is CxCommand.SAR and procedure in (Procedure.DEREGISTRATION, Procedure.AUTHENTICATION):
        again = result in TRY_AGAIN
        if procedure is Procedure.AUTHENTICATION:
            return Failure(None, None, Left.OWED_REMOVAL if again else Left.AS_BEFORE)
        return Failure(None, None, Left.OWED_REPETITION if again else Left.REMOVED)
    known = _ANSWERS.get(result, _ELSE)
    status, reason = known.rfc3261 if dialect == "rfc3261" else known.ims, known.reason
    if procedure is Procedure.REQUEST and result in (Result.USER_UNKNOWN, Result.IDENTITIES_DONT_MATCH):
        status, reason = (404 if command is CxCommand.SAR else 403), None
    chosen = overrides.get((command, result))
    if chosen is not None:
        status, reason = chosen, None
    may_be_served = command is CxCommand.SAR and procedure is Procedure.INITIAL_REGISTRATION and result.is_unknown
    return Failure(status, reason, Left.OWED_REMOVAL if may_be_served else Left.AS_BEFORE)


def answer_of(failure: Failure) -> SipError:
    """Return the SIP answer of a failure, which has one."""
    headers = [("Retry-After", str(RETRY_AFTER))] if failure.status == 503 else []
    return SipError(failure.status or 500, failure.reason, headers)


def procedure_of(request: Request) -> Procedure:
    """Return what a request that is to be authenticated is for; a challenge treats all kinds of REGISTER alike."""
    return Procedure.INITIAL_REGISTRATION if request.method == "REGISTER" else Procedure.REQUEST
