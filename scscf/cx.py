"""The Cx reference point in TS 29.228's words: what the S-CSCF asks of an HSS and what it hears.

An HSS (the embedded stub, later one behind Diameter) is anything that has the methods of `Cx`.
"""

from typing import NamedTuple, Protocol

from scscf.enums import Named
from scscf.profile.service_profile import UserProfile


class Result(Named):
    """Outcomes of a Cx command: Diameter base and TS 29.229 §6.2 result codes."""

    SUCCESS = 2001
    UNREGISTERED_SERVICE = 2003
    AUTHORIZATION_REJECTED = "5003 of the base protocol"
    """DIAMETER_AUTHORIZATION_REJECTED (RFC 6733 §7.1.5): nothing that could be registered is not barred."""
    UNABLE_TO_COMPLY = 5012
    USER_UNKNOWN = 5001
    IDENTITIES_DONT_MATCH = 5002
    IDENTITY_NOT_REGISTERED = 5003
    ROAMING_NOT_ALLOWED = 5004
    IDENTITY_ALREADY_REGISTERED = 5005
    AUTH_SCHEME_NOT_SUPPORTED = 5006
    IN_ASSIGNMENT_TYPE = 5007
    TIMEOUT = 0
    """No answer came in time: what the HSS did is not known."""


class ServerAssignment(Named):
    """Server-Assignment-Type (TS 29.229 §6.3.15)."""

    NO_ASSIGNMENT = 0
    REGISTRATION = 1
    RE_REGISTRATION = 2
    UNREGISTERED_USER = 3
    TIMEOUT_DEREGISTRATION = 4
    USER_DEREGISTRATION = 5
    TIMEOUT_DEREGISTRATION_STORE_SERVER_NAME = 6
    USER_DEREGISTRATION_STORE_SERVER_NAME = 7
    ADMINISTRATIVE_DEREGISTRATION = 8
    AUTHENTICATION_FAILURE = 9
    AUTHENTICATION_TIMEOUT = 10
    DEREGISTRATION_TOO_MUCH_DATA = 11


class DeregistrationReason(Named):
    """Reason-Code of Deregistration-Reason (TS 29.229 §6.3.17)."""

    PERMANENT_TERMINATION = 0
    NEW_SERVER_ASSIGNED = 1
    SERVER_CHANGE = 2
    REMOVE_SCSCF = 3


class DigestVector(NamedTuple):
    """SIP-Digest-Authenticate (TS 29.229 §6.3.36): one algorithm's H(username:realm:password), lower case hex."""

    algorithm: str
    realm: str
    username: str
    ha1: str


class AkaVector(NamedTuple):
    """SIP-Auth-Data-Item of an AKA scheme (TS 29.229 §6.3.13): RAND and AUTN 16 octets, XRES 4 to 16, CK and IK 16."""

    rand: bytes
    autn: bytes
    xres: bytes
    ck: bytes
    ik: bytes

    def __repr__(self) -> str:
        """Without the secrets, so that no log has them."""
        return f"<AkaVector {self.rand.hex()}>"


class Resynchronisation(NamedTuple):
    """SIP-Authorization of a MAR after a synchronisation failure: the RAND that was sent, and AUTS (14 octets)."""

    rand: bytes
    auts: bytes


class AuthAnswer(NamedTuple):
    """MAA. `scheme` is `digest`, `aka` or `none` (never challenged)."""

    result: Result
    scheme: str = "digest"
    vectors: tuple[DigestVector, ...] = ()
    """With `digest`: in the HSS's order of preference."""
    aka: AkaVector | None = None
    """With `aka`: a fresh vector, used for one challenge only."""


class AssignmentAnswer(NamedTuple):
    """SAA: the user's profile where the assignment type asks for one."""

    result: Result
    profile: UserProfile | None = None


class Cx(Protocol):
    """What an HSS answers to an S-CSCF (TS 29.228 §6.1, §6.3)."""

    async def multimedia_auth(
        self, private_identity: str, public_identity: str, realm: str, failed: Resynchronisation | None = None
    ) -> AuthAnswer:
        """MAR: how is this user authenticated? USER_UNKNOWN, IDENTITIES_DONT_MATCH where there is no such user.

        `failed` is what a UE said whose sequence number was ahead: the vector is made from there on (TS 33.102 §6.3.5).
        """

    async def user_authorization(
        self, private_identity: str, public_identity: str, visited_network: str | None, emergency: bool
    ) -> Result:
        """UAR: may this user register this identity, here? (TS 29.228 §6.1.1)

        Asked by an I-CSCF in front of us where there is one; the S-CSCF asks on its behalf at an initial registration.
        `visited_network` is in lower case, None at home.
        ROAMING_NOT_ALLOWED and AUTHORIZATION_REJECTED (every identity of the set is barred) spare the challenge.
        """

    async def server_assignment(
        self, private_identity: str, public_identity: str, assignment: ServerAssignment
    ) -> AssignmentAnswer:
        """SAR: this S-CSCF serves (or leaves) the user now."""

    async def identify(self, username: str, aor: str, realm: str) -> str | None:
        """Return the private identity of who logs in with `username` in `realm` as the address of record `aor`.

        No Cx command: the S-CSCF's mapping where no I-CSCF or P-CSCF gives a private identity, for users whose digest
        username is not their private identity (RFC 3665 §2: `bob`). Whether `aor` is theirs is not promised: that is
        for multimedia_auth to say. None where nobody logs in so.
        """

    async def default_private_identity(self, aor: str) -> str | None:
        """Return the private identity to challenge where a request for `aor` has no credentials, None for a stranger.

        No Cx command, as `identify`. The one that is named like the AOR comes first, if there is such a device.
        """


class HssListener(Protocol):
    """What an HSS may tell the S-CSCF unasked (TS 29.228 §6.1.3): implemented by the procedures."""

    def registration_termination(
        self, private_identity: str, public_identities: tuple[str, ...], reason: DeregistrationReason
    ) -> None:
        """RTR: the registrations of a private identity (all of them where no public identity is named) are over."""
