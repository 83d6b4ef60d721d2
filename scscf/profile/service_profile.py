"""The part of an IMS subscription that one private identity uses, as the S-CSCF downloads it (TS 29.228 §6.1.2)."""

from typing import NamedTuple


class PublicIdentity(NamedTuple):
    """A public user identity. `uri` is the canonical address of record (`scscf.sip.uri.aor_of`)."""

    uri: str
    barred: bool = False
    display_name: str | None = None
    wildcarded: bool = False
    service_profile: str | None = None


ImplicitSet = tuple[PublicIdentity, ...]


class ExpiresLimits(NamedTuple):
    """What this user is granted, seconds; None leaves it to the domain. `granted` is dealt out in turn."""

    default: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    granted: tuple[int, ...] = ()


class UserProfile(NamedTuple):
    """One private identity's view of its subscription.

    `subscription` names the IMS subscription: users with the same name share one record. `sets` are the implicit
    registration sets, each in the HSS's order, holding only what this private identity registers.
    """

    private_identity: str
    subscription: str
    sets: tuple[ImplicitSet, ...]
    expires: ExpiresLimits | None = None

    def set_of(self, aor: str) -> ImplicitSet | None:
        """Return the implicit registration set that `aor` belongs to, None where the user has no such identity."""
        for implicit_set in self.sets:
            for identity in implicit_set:
                if identity.uri == aor:
                    return implicit_set
        return None
