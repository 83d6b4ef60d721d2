"""The JSON shapes of the control API: one home for each, of which the OpenAPI document is made too.

Times are seconds since 1970 of service time, durations are seconds.
"""

from typing import Literal

from typing_extensions import TypedDict

StateName = Literal["init", "active", "terminated"]


class ContactView(TypedDict):
    """One contact of one address of record (RFC 3680 §5.1)."""

    id: str
    uri: str
    state: str
    event: str
    expires: int
    """Seconds left; 4294967295: for ever."""
    granted: int
    registered_at: float
    expires_at: float | None
    """None: never."""
    q: str | None
    callid: str
    cseq: int
    params: dict[str, str | None]
    """As received; None: a name without a value."""
    path: list[str]
    private_identity: str
    instance: str | None
    reg_id: str | None
    pub_gruu: str | None
    temp_gruu: str | None
    epid: str | None
    """Of a Microsoft endpoint (MS-SIPREGE §2.2.1.2)."""
    gruu: str | None
    """Of a Microsoft endpoint: what it is called by others (MS-SIPRE §3.4)."""
    source: str | None
    """Where the last REGISTER came from, HOST:PORT."""
    transport: str | None
    user_agent: str | None


class RegistrationView(TypedDict):
    """One address of record with its implicit registration set and its contacts."""

    aor: str
    state: str
    id: str
    barred: bool
    implicit_set: list[str]
    contacts: list[ContactView]


class PageView(TypedDict):
    """Registrations in the order of their addresses of record."""

    registrations: list[RegistrationView]
    total: int
    """How many are registered, on this page or not."""
    found: int
    """How many of them `state` and `q` leave."""
    next: str | None
    """The next page has this as `after`; None: this is the last."""


class LastNotifyView(TypedDict):
    """The last NOTIFY that a watcher was sent."""

    version: int
    cseq: int
    status: int | str | None
    """The watcher's answer, `timeout` or `transport`; None: it is awaited."""
    at: float
    body: str | None
    """None: it was not asked for."""


class SubscriptionView(TypedDict):
    """One watcher's subscription."""

    id: str
    aor: str
    watcher: str
    event: str
    """The event package: reg, or registration-notify where an endpoint is told of itself."""
    epid: str | None
    """The endpoint that is told of itself."""
    state: str
    reason: str | None
    expires: int
    version: int | None
    """Of the last document; None: none was sent."""
    documents: str
    outstanding: bool
    """Whether the last NOTIFY is still to be answered."""
    call_id: str
    local_tag: str
    remote_tag: str
    remote_target: str
    route_set: list[str]
    last_notify: LastNotifyView | None


class SubscriptionsView(TypedDict):
    """Subscriptions, oldest first."""

    subscriptions: list[SubscriptionView]
    found: int
    """How many there are, shown or not."""


class DutyView(TypedDict):
    """An assignment that the HSS may not have heard of."""

    private_identity: str
    aor: str
    assignment: str
    """Server-Assignment-Type."""
    result: str
    """What the last attempt came to."""
    attempts: int
    since: float


class ServedView(TypedDict):
    """A user who is served though not registered."""

    aor: str
    private_identity: str


class DutiesView(TypedDict):
    """What is owed to the HSS, oldest first, and whom this S-CSCF serves unregistered."""

    duties: list[DutyView]
    unregistered: list[ServedView]


class RowView(TypedDict):
    """A contact that a command changed, for one address of record."""

    aor: str
    contact: str
    uri: str
    private_identity: str
    event: str
    expires: int
    retry_after: int | None


class ToldView(TypedDict):
    """What a watcher answered to the NOTIFY that told it."""

    subscription: str
    version: int | None
    """Of the document; None: it is still to be sent."""
    status: int | str
    """The watcher's answer, else `sent`, `timeout`, `transport` or `ended`."""
    ms: float | None


class ReportView(TypedDict):
    """What a command did and what each watcher answered."""

    removed: list[RowView]
    changed: list[RowView]
    watchers: list[ToldView]


class LostView(TypedDict):
    """How much is known no more."""

    removed: int


class ResetView(TypedDict):
    """How many of each are known no more."""

    registrations: int
    subscriptions: int
    challenges: int
    rules: int


class StoreView(TypedDict):
    """Where registrations are kept, and how many users have some."""

    kind: str
    records: int


class PeerView(TypedDict):
    """A Diameter peer."""

    host: str
    """Origin-Host; empty until it is known."""
    realm: str
    address: str
    state: str
    """Of the state machine of RFC 6733 §5.6."""
    why: str
    """Why there is no connection; empty where there is one."""


class HssView(TypedDict):
    """The HSS that is asked."""

    kind: Literal["embedded", "diameter"]
    state: Literal["up", "down"]
    peers: list[PeerView]
    """None where it is embedded."""


class DomainView(TypedDict):
    """A home domain."""

    name: str
    dialect: str


class HealthView(TypedDict):
    """What runs, and where."""

    status: str
    version: str
    commit: str | None
    listeners: list[str]
    store: StoreView
    hss: HssView
    domains: list[DomainView]
    subscriptions: int
    started: float
    """Another one: this is another run, which knows nothing of those before and numbers anew."""
    now: float


class ErrorText(TypedDict):
    """A name for programs and a sentence for people."""

    code: str
    message: str


class ErrorView(TypedDict):
    """Why a call was refused."""

    error: ErrorText
