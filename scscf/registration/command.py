"""What may happen to a record: a REGISTER, or what the network and time do (RFC 3261 §10.3, TS 24.229 §5.4.1)."""

from typing import NamedTuple

from scscf.profile.service_profile import UserProfile
from scscf.registration.change import Cause
from scscf.sip.outbox import Flow
from scscf.sip.parameters import Parameters


class ContactRequest(NamedTuple):
    """One Contact of a REGISTER; `expires` is what the domain grants, seconds, 0 to remove it."""

    uri: str
    expires: int
    q: str | None = None
    display_name: str | None = None
    params: Parameters = ()
    """Header parameters other than q, expires, pub-gruu and temp-gruu."""
    outbound: bool = False
    """The reg-id is honoured (RFC 5626 §6)."""
    gruu: bool = False
    """The UE wants GRUUs of this contact (RFC 5627 §4.1)."""
    emergency: bool = False
    """For emergency calls only (`sos`, TS 24.229 §5.4.1.2)."""
    endpoint: str = ""
    """What names the binding in place of its URI: epid and instance id (MS-SIPREGE §3.1.2.5.1); "": nothing does."""


class Register(NamedTuple):
    """An authenticated REGISTER; `star` is `Contact: *`."""

    profile: UserProfile
    domain: str
    aor: str
    contacts: tuple[ContactRequest, ...]
    star: bool
    call_id: str
    cseq: int
    path: tuple[str, ...] = ()
    flow: Flow | None = None
    user_agent: str | None = None
    own_only: bool = True
    """Touch only bindings of this private identity (IMS); else whatever the address of record has (RFC 3261)."""
    max_contacts: int = 10
    replace_oldest: bool = False
    replaces_contacts: bool = False
    """A new contact without outbound takes the place of those of its device (TS 24.229 §5.4.1.2.2)."""
    max_flows: int = 4
    """Outbound bindings that one private identity may have for an address of record."""
    known_only: bool = False
    """It came protected and answers no challenge: a contact that is not bound yet is refused (TS 24.229 §5.4.1.2.2)."""
    proven: bool = True
    """The UE has proved who it is: that it should do so is done (TS 24.229 §5.4.1.6)."""
    ordered: bool = True
    """Within one Call-ID, a REGISTER must have a higher CSeq than the one before (RFC 3261 §10.3 step 7)."""


class Deregister(NamedTuple):
    """The network takes registrations away: of these addresses of record, of a device, of one contact; None is any.

    A contact for emergency calls goes only where it is named (TS 24.229 §5.4.1.5).
    """

    cause: Cause
    aors: frozenset[str] | None = None
    private_identity: str | None = None
    contact: str | None = None


class Shorten(NamedTuple):
    """The network cuts registrations to `expires` seconds so that the UE authenticates again (TS 24.229 §5.4.1.6)."""

    expires: int
    aors: frozenset[str] | None = None
    private_identity: str | None = None
    contact: str | None = None


class LoseFlow(NamedTuple):
    """A connection is gone, and with it whatever was bound along it by outbound (RFC 5626 §7)."""

    flow: Flow


class Expire(NamedTuple):
    """Time has passed: bindings that were not refreshed end (RFC 3261 §10.3)."""


class ChangeProfile(NamedTuple):
    """The HSS has changed what private identities of one subscription may register (TS 29.228 §6.2.2)."""

    profiles: tuple[UserProfile, ...]


Command = Register | Deregister | Shorten | LoseFlow | Expire | ChangeProfile
