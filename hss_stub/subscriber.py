"""One subscriber: a private identity as its entry of the subscribers file makes it."""

from typing import NamedTuple

from hss_stub.entry import Aka, Device, Digest, Entry, Identity, Ntlm
from hss_stub.service_profiles import numbered
from scscf.profile.filter_criteria import ServiceProfile
from scscf.profile.service_profile import PublicIdentity, UserProfile


class Subscriber(NamedTuple):
    """One private identity: how it is authenticated and what it registers."""

    username: str
    """What it logs in as: the digest or NTLM username."""
    auth: Digest | Ntlm | Aka | None
    """None: never challenged."""
    n: int
    """Number in its range, for the templates in `auth`."""
    profile: UserProfile
    roaming: tuple[str, ...] | None = None
    """Visited networks, lower case, in which the user may register; None: all."""


def make_subscriber(private_identity: str, entry: Entry, device: Device, n: int) -> Subscriber:
    """Return the subscriber of number `n` of an entry, with one of its devices."""
    profiles: dict[str, ServiceProfile] = {}
    sets = tuple(tuple(_public_identity(identity, n, profiles) for identity in row) for row in device.sets)
    name = entry.name.text(n)
    profile = UserProfile(private_identity, name, sets, entry.expires, entry.charging, entry.max_contacts)
    username = device.username
    login = private_identity if username is device.private_identity else username.text(n)
    return Subscriber(login, device.auth, n, profile, entry.roaming)


def _public_identity(identity: Identity, n: int, profiles: dict[str, ServiceProfile]) -> PublicIdentity:
    name = identity.display_name
    profile = identity.service_profile
    if profile is not None and identity.profile_varies:
        if profile.name not in profiles:
            profiles[profile.name] = numbered(profile, n)
        profile = profiles[profile.name]
    return PublicIdentity(
        identity.uri.text(n),
        identity.barred,
        None if name is None else name.text(n),
        identity.wildcarded,
        profile,
    )
