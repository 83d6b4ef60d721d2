"""Everything that is known of one IMS subscription: the unit that is loaded, saved and changed."""

from collections.abc import Iterator
from typing import NamedTuple

from scscf.profile.service_profile import ImplicitSet, PublicIdentity, UserProfile
from scscf.registration.binding import Binding
from scscf.registration.registration import Contact, Registration


class Device(NamedTuple):
    """One private identity that has registered."""

    profile: UserProfile
    reauthenticate: bool = False
    """The network wants the user to prove themselves again, whoever vouches for them (TS 24.229 §5.4.1.6)."""


class Record(NamedTuple):
    """One IMS subscription as this S-CSCF serves it; replaced as a whole, never changed."""

    name: str
    revision: int
    domain: str
    """Name of the home domain: chooses the dialect where there is no request to choose by."""
    devices: tuple[Device, ...] = ()
    registrations: tuple[Registration, ...] = ()
    """In the order of the implicit registration sets; an address of record without contacts is not listed."""

    def device(self, private_identity: str) -> Device | None:
        """Return what is known of a private identity."""
        for device in self.devices:
            if device.profile.private_identity == private_identity:
                return device
        return None

    def registration(self, aor: str) -> Registration | None:
        """Return an address of record that has contacts, None where it has none."""
        for registration in self.registrations:
            if registration.aor == aor:
                return registration
        return None

    def contacts(self, aor: str) -> tuple[Contact, ...]:
        """Return the live contacts of an address of record."""
        registration = self.registration(aor)
        return registration.contacts if registration else ()

    def bindings(self) -> Iterator[Binding]:
        """Yield every binding once, however many addresses of record show it."""
        seen: set[int] = set()
        for registration in self.registrations:
            for contact in registration.contacts:
                if id(contact.binding) not in seen:
                    seen.add(id(contact.binding))
                    yield contact.binding

    def has_bindings(self, private_identity: str, implicit_set: ImplicitSet) -> bool:
        """Tell whether a private identity has a binding for any identity of a set."""
        return any(
            contact.binding.private_identity == private_identity
            for registration in self.registrations
            if any(identity.uri == registration.aor for identity in implicit_set)
            for contact in registration.contacts
        )

    def next_expiry(self) -> float | None:
        """Return when the first binding ends, None where there is none."""
        first: float | None = None
        for registration in self.registrations:
            for contact in registration.contacts:
                ends = contact.binding.expires_at
                if first is None or ends < first:
                    first = ends
        return first

    def identities_with(self, aor: str) -> tuple[PublicIdentity, ...]:
        """Return the implicit registration set of `aor` as the record's devices know it, in the HSS's order."""
        found: dict[str, PublicIdentity] = {}
        for device in self.devices:
            for identity in device.profile.set_of(aor) or ():
                found.setdefault(identity.uri, identity)
        return tuple(found.values())
