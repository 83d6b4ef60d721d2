"""The commands and their answers as values: what both ends of Diameter write and read (TS 29.228 §6)."""

from typing import Final, NamedTuple

from scscf.cx.result import DeregistrationReason, Result, ServerAssignment, UserAuthorizationType
from scscf.profile.service_profile import ChargingFunctions


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

    def __repr__(self) -> str:
        return "<Resynchronisation>"


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
    nt_hash: bytes = b""
    """As in a SIP-Auth-Data-Item of the scheme `NTLM`; where there is a digest, that goes alone."""

    def __repr__(self) -> str:
        """Without the secrets, so that no log has them."""
        return f"<PushProfile {self.private_identity}>"


COMMAND_OF: Final[dict[type, str]] = {
    UserAuthorization: "UAR",
    MultimediaAuth: "MAR",
    Assignment: "SAR",
    LocationInfo: "LIR",
    RegistrationTermination: "RTR",
    PushProfile: "PPR",
}
"""What the commands are called for short (TS 29.229 §6.1)."""
