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


class Deregister(NamedTuple):
    """The network takes registrations away: of these addresses of record, of a device, of one contact; None is any."""

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


class Expire(NamedTuple):
    """Time has passed: bindings that were not refreshed end (RFC 3261 §10.3)."""


Command = Register | Deregister | Shorten | Expire
