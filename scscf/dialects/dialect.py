"""The seam between the registrar and the world it is in."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from scscf.config import Siprege
from scscf.profile.service_profile import ChargingFunctions, ImplicitSet
from scscf.regevent.package import EventPackage
from scscf.registration.binding import Binding
from scscf.registration.change import SILENT_CAUSES, CauseKind
from scscf.registration.command import ContactRequest
from scscf.registration.registration import Contact, Event
from scscf.sip.address import Address
from scscf.sip.message import Request
from scscf.sip.outbox import Flow

Headers = list[tuple[str, str]]


class Registered(NamedTuple):
    """What a dialect may say in the 200 to a REGISTER."""

    request: Request
    path: tuple[str, ...]
    """The Path that was believed."""
    implicit_set: ImplicitSet
    """The identities that are registered together; empty where the user has no binding left."""
    service_route: tuple[str, ...]
    home_domain: str = ""
    charging: ChargingFunctions | None = None
    """Where the user's charging functions are."""
    trusted: bool = False
    """Whether the peer is within the trust domain; not looked at where nothing depends on it."""
    feature_caps: tuple[str, ...] = ()
    """Values of Feature-Caps (RFC 6809)."""
    settings: Siprege = Siprege()
    """What Microsoft's registrar says of itself."""
    contacts: tuple[Contact, ...] = ()
    """Every contact that the address of record has now."""
    flow: Flow = Flow("", ("", 0), ("", 0))
    """The way that the request came."""
    services: bool = True
    """Whether the user's services are there, apart from registration (MS-SIPREGE §3.5)."""


class Dialect(NamedTuple):
    """One world: chosen by the home domain of a request and kept in the record."""

    name: str
    own_bindings_only: bool
    """A REGISTER touches bindings of its own private identity only, not all of the address of record."""
    decorate: Callable[[Registered], Headers]
    """Further headers of the 200 to a REGISTER."""
    package: EventPackage
    """How watchers are told of registrations."""
    private_headers: bool = False
    """Requests carry the private header fields of RFC 3325 and RFC 7315, and only who is registered sends any."""
    filter_criteria: bool = False
    """Requests go by the application servers that the user's filter criteria name."""
    replaces_contacts: bool = False
    """A new contact without outbound takes the place of those of its device, and one that comes protected has to come
    with the answer to a challenge (TS 24.229 §5.4.1.2.2)."""
    emergency: bool = False
    """Contacts with `sos` are for emergency calls and apart from the others (TS 24.229 §5.4.1.2)."""
    permit: Callable[[Request], None] | None = None
    """Raises the SipError that refuses the REGISTER of somebody who is known."""
    ask: Callable[[Request, Flow, Address, ContactRequest], ContactRequest] | None = None
    """What a Contact asks for, beyond RFC 3261: what names it, and where it is reached."""
    list_contact: Callable[[Request, str, Binding, float], str] | None = None
    """Writes one Contact of the 200: request, address of record, binding, time."""
    implicit: EventPackage | None = None
    """What a REGISTER subscribes to by itself."""
    ntlm: bool = False
    """Users are known by NTLM where they have a password for it (MS-SIPAE)."""
    events: Mapping[CauseKind, Event] = {}
    """Where it differs from the table: the event of a contact that a cause ends."""
    silent: frozenset[CauseKind] = SILENT_CAUSES
    """Causes of which nobody is told, unless `causes` names an event."""
