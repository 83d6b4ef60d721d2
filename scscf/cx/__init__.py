"""The Cx reference point in TS 29.228's words: what the S-CSCF asks of an HSS and what it hears.

An HSS (the embedded stub, or one behind Diameter) is anything that has the methods of `Cx`. The commands as values are
what scscf.diameter.cx_requests and cx_answers write and read, at both ends.
"""

from scscf.cx.commands import (
    COMMAND_OF,
    NTLM,
    AkaVector,
    Assignment,
    AssignmentData,
    AuthItem,
    Capabilities,
    DigestVector,
    LocationInfo,
    LocationInfoAnswer,
    MultimediaAuth,
    MultimediaAuthAnswer,
    PushProfile,
    RegistrationTermination,
    RegistrationTerminationAnswer,
    Restoration,
    RestoredContact,
    Resynchronisation,
    UserAuthorization,
    UserAuthorizationAnswer,
)
from scscf.cx.reference_point import (
    AssignmentAnswer,
    AuthAnswer,
    Cx,
    HssListener,
)
from scscf.cx.result import (
    DeregistrationReason,
    Result,
    ServerAssignment,
    UserAuthorizationType,
)

__all__ = [
    "COMMAND_OF",
    "NTLM",
    "AkaVector",
    "Assignment",
    "AssignmentAnswer",
    "AssignmentData",
    "AuthAnswer",
    "AuthItem",
    "Capabilities",
    "Cx",
    "DeregistrationReason",
    "DigestVector",
    "HssListener",
    "LocationInfo",
    "LocationInfoAnswer",
    "MultimediaAuth",
    "MultimediaAuthAnswer",
    "PushProfile",
    "RegistrationTermination",
    "RegistrationTerminationAnswer",
    "Restoration",
    "RestoredContact",
    "Result",
    "Resynchronisation",
    "ServerAssignment",
    "UserAuthorization",
    "UserAuthorizationAnswer",
    "UserAuthorizationType",
]
