"""The part of an IMS subscription that one private identity uses, as the S-CSCF downloads it (TS 29.228 §6.1.2)."""

from collections.abc import Iterable
from typing import NamedTuple

from scscf.profile.filter_criteria import ServiceProfile
from scscf.profile.wildcard import matches


class PublicIdentity(NamedTuple):
    """A public user identity. `uri` is the canonical address of record (`scscf.sip.uri.aor_of`)."""

    uri: str
    barred: bool = False
    display_name: str | None = None
    wildcarded: bool = False
    """Stands for every identity that `uri` matches, which has a regular expression between `!` (TS 23.003 §13.4A)."""
    service_profile: ServiceProfile | None = None


ImplicitSet = tuple[PublicIdentity, ...]


class ExpiresLimits(NamedTuple):
    """What this user is granted, seconds; None leaves it to the domain. `granted` is dealt out in turn."""

    default: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    granted: tuple[int, ...] = ()


class ChargingFunctions(NamedTuple):
    """Charging-Information (TS 29.229 §6.3.19): addresses in order of preference."""

    ccf: tuple[str, ...] = ()
    ecf: tuple[str, ...] = ()


class UserProfile(NamedTuple):
    """One private identity's view of its subscription.

    `subscription` names the IMS subscription: users with the same name share one record. `sets` are the implicit
    registration sets, each in the HSS's order, holding only what this private identity registers.
    """

    private_identity: str
    subscription: str
    sets: tuple[ImplicitSet, ...]
    expires: ExpiresLimits | None = None
    charging: ChargingFunctions | None = None
    max_contacts: int | None = None
    """Bindings of one address of record; None leaves it to the domain."""

    def set_of(self, aor: str) -> ImplicitSet | None:
        """Return the implicit registration set that `aor` belongs to, None where the user has no such identity."""
        for implicit_set in self.sets:
            for identity in implicit_set:
                if identity.uri == aor:
                    return implicit_set
        for implicit_set in self.sets:
            if wildcard_of(implicit_set, aor) is not None:
                return implicit_set
        return None

    def identity(self, aor: str) -> PublicIdentity | None:
        """Return the identity that `aor` is, None where the user has no such one: distinct before wildcarded."""
        return identity_in([identity for implicit_set in self.sets for identity in implicit_set], aor)

    def with_set(self, implicit_set: ImplicitSet) -> "UserProfile":
        """Return the profile with a set in place of those that it shares identities with; the others stay."""
        uris = {identity.uri for identity in implicit_set}
        sets = list(self.sets)
        places = [index for index, each in enumerate(sets) if any(identity.uri in uris for identity in each)]
        for index in reversed(places):
            del sets[index]
        sets.insert(places[0] if places else len(sets), implicit_set)
        return self._replace(sets=tuple(sets))


def identity_in(implicit_set: Iterable[PublicIdentity], aor: str) -> PublicIdentity | None:
    """Return the identity of a set that `aor` is: a distinct one, else the wildcarded one that stands for it."""
    for identity in implicit_set:
        if identity.uri == aor:
            return identity
    return wildcard_of(implicit_set, aor)


def wildcard_of(implicit_set: Iterable[PublicIdentity], aor: str) -> PublicIdentity | None:
    """Return the wildcarded identity of a set that stands for `aor`."""
    for identity in implicit_set:
        if identity.wildcarded and matches(identity.uri, aor):
            return identity
    return None
