"""What the HSS stub's API answers."""

from typing_extensions import TypedDict


class AuthView(TypedDict):
    """How a user is authenticated; secrets are never shown."""

    scheme: str
    algorithms: list[str]
    username: str
    domain: str | None
    """NetBIOS domain of a user with NTLM; None: any."""
    sqn: str | None
    """SQN_HE of a user with a USIM, 12 hexadecimal digits: the highest one used."""


class IdentityView(TypedDict):
    """A public identity of a user."""

    id: str
    barred: bool
    display_name: str | None
    wildcarded: bool
    service_profile: str | None


class SetView(TypedDict):
    """An implicit registration set."""

    state: str
    """registered, unregistered or not registered."""
    identities: list[IdentityView]


class SubscriberView(TypedDict):
    """One private identity."""

    impi: str
    subscription: str
    auth: AuthView
    implicit_sets: list[SetView]
    roaming: list[str] | None
    ccf: list[str]
    ecf: list[str]
    server: str | None
    """Server-Name of the S-CSCF; None where there is none, or where the HSS is the S-CSCF's own."""


class SubscribersView(TypedDict):
    """A page of private identities."""

    subscribers: list[str]
    total: int
    next: int | None


class PushView(TypedDict):
    """An RTR or PPR, and what the S-CSCF answered."""

    command: str
    impi: str
    impus: list[str]
    server: str
    result: str
    """Name of the result; TIMEOUT or DISCONNECTED where there was no answer."""
    associated: list[str]
    emergency: list[str]
    """Public identities that stay, since they are registered for emergency calls."""


class PushesView(TypedDict):
    """What the S-CSCFs were told."""

    pushes: list[PushView]


class ChangedView(TypedDict):
    """A subscriber after a change, and what the S-CSCF was told of it."""

    subscribers: list[str]
    pushes: list[PushView]


class FaultView(TypedDict):
    """A fault that is set."""

    command: str
    result_code: str | None
    delay: float
    silent: bool
    disconnect: bool
    executed: bool
    corrupt: str | None
    sqn: int
    after: int
    count: int | None
    impi: str | None
    seen: int
    """Commands that it might have been for."""
    hits: int
    """Commands that it was done to."""


class FaultsView(TypedDict):
    """Every fault that is set."""

    faults: list[FaultView]


class RemovedView(TypedDict):
    """How many were taken back."""

    removed: int


class PeerShape(TypedDict):
    """A Diameter peer."""

    host: str
    realm: str
    address: str
    state: str
    health: str
    pending: int
    why: str


class ServingView(TypedDict):
    """A subscription that has an S-CSCF."""

    subscription: str
    server: str
    host: str | None
    pending: bool


class AssignmentsView(TypedDict):
    """Who is served where: a page, in the order of the subscriptions' names."""

    assignments: list[ServingView]
    total: int
    next: str | None


class HssHealthView(TypedDict):
    """What runs, and where."""

    status: str
    version: str
    origin_host: str
    origin_realm: str
    listeners: list[str]
    peers: list[PeerShape]
    subscribers: int
    served: int
    store: str
