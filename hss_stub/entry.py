"""What an entry of the subscribers file stands for, with `{n}` still in it."""

from typing import NamedTuple

from hss_stub.template import Template
from scscf.profile.filter_criteria import ServiceProfile
from scscf.profile.service_profile import ChargingFunctions, ExpiresLimits
from scscf.yaml_file import Where


class Digest(NamedTuple):
    """A user's secret for digest: a password, or what was made of it."""

    algorithms: tuple[str, ...]
    password: Template | None
    ha1: Template | None


class Ntlm(NamedTuple):
    """A user's secret for NTLM: a password or its NT hash in hexadecimal; `domain` None: any (MS-NLMP §3.3.1)."""

    password: Template | None
    nt_hash: Template | None
    domain: Template | None


class Aka(NamedTuple):
    """A user's secrets for AKA, in hexadecimal (TS 35.205, TS 35.231)."""

    algorithm: str
    k: Template
    op: Template | None
    opc: Template | None
    topc: Template | None
    amf: Template
    sqn: Template


class Identity(NamedTuple):
    """A public identity; `uri` makes canonical addresses of record."""

    uri: Template
    barred: bool
    display_name: Template | None
    service_profile: ServiceProfile | None
    where: Where
    wildcarded: bool = False
    profile_varies: bool = False
    """Whether there is `{n}` in the service profile."""


class Device(NamedTuple):
    """A private identity with the sets as it sees them; `auth` None: never challenged."""

    private_identity: Template
    username: Template
    auth: Digest | Ntlm | Aka | None
    sets: tuple[tuple[Identity, ...], ...]
    where: Where


class Entry(NamedTuple):
    """One entry of the file: a subscription for each of `numbers`."""

    name: Template
    numbers: range
    devices: tuple[Device, ...]
    sets: tuple[tuple[Identity, ...], ...]
    expires: ExpiresLimits | None
    where: Where
    charging: ChargingFunctions | None = None
    roaming: tuple[str, ...] | None = None
    """Visited networks, lower case."""
    max_contacts: int | None = None

    @property
    def is_range(self) -> bool:
        """Whether the entry was written with `range`."""
        return self.numbers.start >= 0
