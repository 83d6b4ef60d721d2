"""One address of record as RFC 3680 shows it: its state and a row for each contact."""

from hashlib import blake2s
from typing import NamedTuple

from scscf.enums import Named
from scscf.registration.binding import Binding


class State(Named):
    """States of a registration (RFC 3680 §4.7.1)."""

    INIT = "init"
    ACTIVE = "active"
    TERMINATED = "terminated"


class Event(Named):
    """Contact events (RFC 3680 §4.7.2 and §5.1)."""

    REGISTERED = "registered"
    CREATED = "created"
    REFRESHED = "refreshed"
    SHORTENED = "shortened"
    EXPIRED = "expired"
    DEACTIVATED = "deactivated"
    PROBATION = "probation"
    UNREGISTERED = "unregistered"
    REJECTED = "rejected"


ACTIVE_EVENTS = frozenset({Event.REGISTERED, Event.CREATED, Event.REFRESHED, Event.SHORTENED})
TERMINAL_EVENTS = frozenset(Event) - ACTIVE_EVENTS


class Contact(NamedTuple):
    """One row of reginfo: a binding as one address of record shows it; active until its event is a terminal one."""

    id: str
    binding: Binding
    event: Event
    retry_after: int | None = None
    """Seconds, with `probation` only."""

    @property
    def state(self) -> State:
        """`active` or `terminated`, as the event says (RFC 3680 §5.1)."""
        return State.ACTIVE if self.event in ACTIVE_EVENTS else State.TERMINATED


class Registration(NamedTuple):
    """One address of record with its live contacts, oldest first."""

    aor: str
    contacts: tuple[Contact, ...] = ()

    @property
    def state(self) -> State:
        """`active` while there is a contact, else `init`; `terminated` is told, never kept (RFC 3680 §4.7.1)."""
        return State.ACTIVE if self.contacts else State.INIT


def registration_id(aor: str) -> str:
    """Return the reginfo id of an address of record: the same in every document and every run (RFC 3680 §5.1)."""
    return "r" + blake2s(aor.encode("utf-8", "surrogateescape"), digest_size=6).hexdigest()


def contact_id(aor: str, private_identity: str, key: str) -> str:
    """Return the reginfo id of a contact: different for each address of record, device and key (RFC 3680 §5.1).

    The key has the URI in it: contacts whose URIs differ have different ids.
    """
    name = f"{aor}\n{private_identity}\n{key}"
    return "c" + blake2s(name.encode("utf-8", "surrogateescape"), digest_size=6).hexdigest()
