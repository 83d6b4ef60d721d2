"""The Cx reference point in TS 29.228's words: what the S-CSCF asks of an HSS and what it hears.

An HSS (the embedded stub, or one behind Diameter) is anything that has the methods of `Cx`. The commands as values are
what scscf.diameter.cx_requests and cx_answers write and read, at both ends.
"""

from typing import NamedTuple, Protocol

from scscf.enums import Named
from scscf.profile.service_profile import ChargingFunctions, UserProfile


class Result(Named):
    """Outcomes of a Cx command: (where the number is defined, the number) of RFC 6733 §7.1 and TS 29.229 §6.2.

    `cx` results come in Experimental-Result, `base` results in Result-Code; `none` is no answer that can be used.
    """

    SUCCESS = ("base", 2001)
    FIRST_REGISTRATION = ("cx", 2001)
    SUBSEQUENT_REGISTRATION = ("cx", 2002)
    UNREGISTERED_SERVICE = ("cx", 2003)
    SUCCESS_SERVER_NAME_NOT_STORED = ("cx", 2004)
    SERVER_SELECTION = ("cx", 2005)

    COMMAND_UNSUPPORTED = ("base", 3001)
    UNABLE_TO_DELIVER = ("base", 3002)
    REALM_NOT_SERVED = ("base", 3003)
    TOO_BUSY = ("base", 3004)
    LOOP_DETECTED = ("base", 3005)
    REDIRECT_INDICATION = ("base", 3006)
    APPLICATION_UNSUPPORTED = ("base", 3007)
    OUT_OF_SPACE = ("base", 4002)
    AVP_UNSUPPORTED = ("base", 5001)
    AUTHORIZATION_REJECTED = ("base", 5003)
    """Nothing that could be registered is not barred."""
    INVALID_AVP_VALUE = ("base", 5004)
    MISSING_AVP = ("base", 5005)
    UNABLE_TO_COMPLY = ("base", 5012)

    USER_UNKNOWN = ("cx", 5001)
    IDENTITIES_DONT_MATCH = ("cx", 5002)
    IDENTITY_NOT_REGISTERED = ("cx", 5003)
    ROAMING_NOT_ALLOWED = ("cx", 5004)
    IDENTITY_ALREADY_REGISTERED = ("cx", 5005)
    AUTH_SCHEME_NOT_SUPPORTED = ("cx", 5006)
    IN_ASSIGNMENT_TYPE = ("cx", 5007)
    TOO_MUCH_DATA = ("cx", 5008)
    NOT_SUPPORTED_USER_DATA = ("cx", 5009)
    FEATURE_UNSUPPORTED = ("cx", 5011)
    SERVING_NODE_FEATURE_UNSUPPORTED = ("cx", 5012)

    TIMEOUT = ("none", 1)
    """The question was sent and no answer came in time: what the HSS did is not known."""
    DISCONNECTED = ("none", 2)
    """There was no HSS to ask, or none that it could be sent to: nothing was done."""
    GARBAGE = ("none", 3)
    """What came is no answer that can be read: what the HSS did is not known."""

    @property
    def kind(self) -> str:
        """Where the number is defined: `base`, `cx`, or `none`."""
        return str(self.value[0])

    @property
    def is_success(self) -> bool:
        """Whether the HSS did as it was asked."""
        return self.kind != "none" and 2000 <= self.value[1] < 3000

    @property
    def is_unknown(self) -> bool:
        """Whether it is not known what the HSS did."""
        return self in (Result.TIMEOUT, Result.GARBAGE)


class UserAuthorizationType(Named):
    """User-Authorization-Type (TS 29.229 §6.3.24)."""

    REGISTRATION = 0
    DE_REGISTRATION = 1
    REGISTRATION_AND_CAPABILITIES = 2


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
    AAA_USER_DATA_REQUEST = 12
    PGW_UPDATE = 13
    RESTORATION = 14


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
    """Empty where the HSS does not say: the hash holds it."""
    ha1: str

    def __repr__(self) -> str:
        """Without the secret, so that no log has it."""
        return f"<DigestVector {self.algorithm} {self.username} {self.realm}>"


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


class Capabilities(NamedTuple):
    """Server-Capabilities (TS 29.229 §6.3.4): what an S-CSCF must be able to do, should be, and who may serve."""

    mandatory: tuple[int, ...] = ()
    optional: tuple[int, ...] = ()
    server_names: tuple[str, ...] = ()


class UserAuthorization(NamedTuple):
    """UAR (TS 29.228 §6.1.1): may this user register here, and which S-CSCF serves?"""

    private_identity: str
    public_identity: str
    visited_network: str | None = None
    """Visited-Network-Identifier as it was sent; None where a request has none."""
    type: UserAuthorizationType = UserAuthorizationType.REGISTRATION
    emergency: bool = False
    """UAR-Flags bit 0."""


class UserAuthorizationAnswer(NamedTuple):
    """UAA: the S-CSCF of the user, or what one has to be capable of."""

    result: Result
    server_name: str | None = None
    capabilities: Capabilities | None = None


class LocationInfo(NamedTuple):
    """LIR (TS 29.228 §6.1.4): which S-CSCF serves a called user, or one on whose behalf an AS calls?"""

    public_identity: str
    originating: bool = False
    type: UserAuthorizationType | None = None
    """REGISTRATION_AND_CAPABILITIES: capabilities are wanted in any case."""


class LocationInfoAnswer(NamedTuple):
    """LIA."""

    result: Result
    server_name: str | None = None
    capabilities: Capabilities | None = None
    wildcarded: str | None = None
    """The wildcarded identity that stands for the one that was asked for."""


class MultimediaAuth(NamedTuple):
    """MAR (TS 29.228 §6.3): how is this user authenticated?"""

    private_identity: str
    public_identity: str
    server_name: str
    scheme: str = "Unknown"
    """SIP-Authentication-Scheme: `Digest-AKAv1-MD5`, `Digest-AKAv2-SHA-256`, `SIP Digest`, `NTLM`, `Unknown` ..."""
    items: int = 1
    """How many vectors are wanted."""
    failed: Resynchronisation | None = None


NTLM = "NTLM"
"""SIP-Authentication-Scheme of a user with an NT hash: a word of our own, as is what comes with it."""


class AuthItem(NamedTuple):
    """SIP-Auth-Data-Item of an answer (TS 29.229 §6.3.13): `aka`, `digest` or `nt_hash`, none for other schemes."""

    scheme: str
    aka: AkaVector | None = None
    digest: DigestVector | None = None
    nt_hash: bytes = b""
    """With the scheme `NTLM`, in SIP-Authorization: 16 octets."""

    def __repr__(self) -> str:
        """Without the secrets, so that no log has them."""
        return f"<AuthItem {self.scheme} {self.aka or self.digest or ''}>"


class MultimediaAuthAnswer(NamedTuple):
    """MAA. Items are in the order of their SIP-Item-Number."""

    result: Result
    private_identity: str = ""
    public_identity: str = ""
    items: tuple[AuthItem, ...] = ()


class RestoredContact(NamedTuple):
    """Restoration-Info (TS 29.229 §6.3.52): one contact of a registration, and its UE's subscription to `reg`."""

    contact: str
    """A Contact header field value."""
    path: tuple[str, ...] = ()
    """Path header field values."""
    call_id: str = ""
    from_: str = ""
    to: str = ""
    record_route: tuple[str, ...] = ()
    subscriber: str = ""
    """Contact of the SUBSCRIBE; `call_id` to this are empty where there is no subscription."""
    initial_cseq: int | None = None


class Restoration(NamedTuple):
    """SCSCF-Restoration-Info (TS 29.229 §6.3.51, TS 23.380): what an S-CSCF that lost its data needs of one device."""

    private_identity: str
    contacts: tuple[RestoredContact, ...]
    scheme: str | None = None


class Assignment(NamedTuple):
    """SAR (TS 29.228 §6.1.2): the S-CSCF serves (or leaves) a user."""

    type: ServerAssignment
    server_name: str
    private_identity: str | None
    public_identities: tuple[str, ...] = ()
    user_data_available: bool = False
    """User-Data-Already-Available: the answer needs no User-Data."""
    restoration: Restoration | None = None
    multiple: bool = False
    """Multiple-Registration-Indication."""
    wildcarded: str | None = None


class AssignmentData(NamedTuple):
    """SAA."""

    result: Result
    private_identity: str | None = None
    user_data: bytes | None = None
    """An IMSSubscription (scscf.profile.user_data)."""
    charging: ChargingFunctions | None = None
    associated: tuple[str, ...] = ()
    """Associated-Identities: the private identities of the same IMS subscription."""
    registered: tuple[str, ...] = ()
    """Associated-Registered-Identities: those of them that are registered with the identity."""
    restoration: tuple[Restoration, ...] = ()
    server_name: str | None = None
    wildcarded: str | None = None


class RegistrationTermination(NamedTuple):
    """RTR (TS 29.228 §6.1.3)."""

    private_identity: str
    reason: DeregistrationReason
    public_identities: tuple[str, ...] = ()
    """Empty: all of the private identity's."""
    associated: tuple[str, ...] = ()
    """Further private identities that are meant."""
    reason_info: str = ""


class RegistrationTerminationAnswer(NamedTuple):
    """RTA."""

    result: Result
    associated: tuple[str, ...] = ()
    """Private identities whose registrations were ended with it."""
    emergency: tuple[tuple[str, str], ...] = ()
    """(private identity, public identity) that stay, since they are registered for emergency calls."""


class PushProfile(NamedTuple):
    """PPR (TS 29.228 §6.2): what has changed; None: as it was."""

    private_identity: str
    user_data: bytes | None = None
    charging: ChargingFunctions | None = None
    digest: DigestVector | None = None


class AuthAnswer(NamedTuple):
    """MAA. `scheme` is `digest`, `ntlm`, `aka` or `none` (never challenged)."""

    result: Result
    scheme: str = "digest"
    vectors: tuple[DigestVector, ...] = ()
    """With `digest`: in the HSS's order of preference."""
    aka: AkaVector | None = None
    """With `aka`: a fresh vector, used for one challenge only."""
    nt_hash: bytes = b""
    """With `ntlm`, and with `digest` where the HSS has it: MD4 of the password in UTF-16, 16 octets (MS-NLMP §3.3.1).

    Empty: this user has no NTLM password.
    """

    def __repr__(self) -> str:
        """Without the secrets, so that no log has them."""
        told = f" {self.vectors}" if self.vectors else f" {self.aka}" if self.aka is not None else ""
        return f"<AuthAnswer {self.result.name} {self.scheme}{told}{' and NTLM' if self.nt_hash else ''}>"


class AssignmentAnswer(NamedTuple):
    """SAA: the user's profile where the assignment type asks for one."""

    result: Result
    profile: UserProfile | None = None
    """One private identity's view; over Diameter with the one implicit set that was asked for."""
    restoration: tuple[Restoration, ...] = ()


class Cx(Protocol):
    """What an HSS answers to an S-CSCF (TS 29.228 §6.1, §6.3)."""

    async def multimedia_auth(
        self,
        private_identity: str,
        public_identity: str,
        realm: str,
        failed: Resynchronisation | None = None,
        *,
        ntlm: bool = False,
    ) -> AuthAnswer:
        """MAR: how is this user authenticated? USER_UNKNOWN, IDENTITIES_DONT_MATCH where there is no such user.

        `failed` is what a UE said whose sequence number was ahead: the vector is made from there on (TS 33.102 §6.3.5).
        With `ntlm` the answer has the NT hash too, where there is one; without it a user who has nothing else is
        AUTH_SCHEME_NOT_SUPPORTED.
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
        self,
        private_identity: str,
        public_identity: str,
        assignment: ServerAssignment,
        known: UserProfile | None = None,
        restoration: Restoration | None = None,
    ) -> AssignmentAnswer:
        """SAR: this S-CSCF serves (or leaves) the user now. `known` is the profile that it has of the set already.

        `private_identity` is empty where none is known, of a user who is not registered.
        """

    async def identify(self, username: str, aor: str, realm: str, *, ntlm: bool = False) -> str | None:
        """Return the private identity of who logs in with `username` in `realm` as the address of record `aor`.

        No Cx command: the S-CSCF's mapping where no I-CSCF or P-CSCF gives a private identity, for users whose digest
        username is not their private identity (RFC 3665 §2: `bob`). Whether `aor` is theirs is not promised: that is
        for multimedia_auth to say. None where nobody logs in so. With `ntlm` it is the name of an NTLM logon: `user`,
        `DOMAIN\\user` or `user@domain`, in capitals or not (MS-NLMP §2.2.1.3).
        """

    async def default_private_identity(self, aor: str) -> str | None:
        """Return the private identity to challenge where a request for `aor` has no credentials, None for a stranger.

        No Cx command, as `identify`. The one that is named like the AOR comes first, if there is such a device.
        """


class HssListener(Protocol):
    """What an HSS may tell the S-CSCF unasked (TS 29.228 §6.1.3, §6.2): implemented by the procedures.

    Neither waits for a watcher, an application server or a REGISTER in flight.
    """

    async def registration_termination(self, request: RegistrationTermination) -> RegistrationTerminationAnswer:
        """RTR: registrations of a private identity (all of them where no public identity is named) are over."""

    async def push_profile(self, request: PushProfile) -> Result:
        """PPR: a user's profile, charging functions or credentials have changed."""
