"""One watcher's subscription, as the notifier keeps it (RFC 6665 §4.2)."""

from collections import deque
from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

from scscf.promise import Promise
from scscf.regevent.news import News
from scscf.regevent.package import EventPackage
from scscf.regevent.reginfo import Documents
from scscf.registration.notice import Notice
from scscf.registration.record import Record
from scscf.sip.dialog import Dialog
from scscf.sip.message import Request
from scscf.sip.outbox import Flow
from scscf.timers import Deadline


class State(Enum):
    """States that Subscription-State shows (RFC 6665 §4.1.3); we decide at once, so never `pending`."""

    ACTIVE = "active"
    TERMINATED = "terminated"


class Input(Enum):
    """What happens to a subscription."""

    REFRESH = "SUBSCRIBE"
    UNSUBSCRIBE = "SUBSCRIBE with Expires: 0"
    RUN_OUT = "not refreshed in time"
    RESOURCE_GONE = "nothing is left to watch"
    ENDED = "the network ends it"
    REFUSED = "a NOTIFY was answered with a code that ends it, or not at all"


TRANSITIONS: dict[State, dict[Input, State]] = {
    State.ACTIVE: {Input.REFRESH: State.ACTIVE}
    | {what: State.TERMINATED for what in Input if what is not Input.REFRESH},
    State.TERMINATED: dict.fromkeys(Input, State.TERMINATED),
}
"""RFC 6665 §4.2.1.4, §4.2.2, §4.4.1."""

REASONS_WITH_RETRY_AFTER = frozenset({"probation", "giveup"})
"""Reasons of an end that may say when to come back (RFC 6665 §4.1.3)."""

ENDING_STATUSES = frozenset({404, 405, 408, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 502, 604})
"""Answers to a NOTIFY that end its subscription (RFC 6665 §4.2.2), 408 and 502 by RFC 5057 §5.1."""


class LastNotify(NamedTuple):
    """The latest NOTIFY and what became of it."""

    version: int
    cseq: int
    status: int | str | None
    """The watcher's answer; `timeout` or `transport` where none came, None while it is awaited."""
    at: float
    body: bytes


class Told(NamedTuple):
    """What one watcher answered to the NOTIFY that carried a piece of news."""

    subscription: str
    version: int | None
    status: int | str
    milliseconds: float | None


class Telling(Promise[Told]):
    """Kept once a watcher has answered the NOTIFY that carries a piece of news."""

    __slots__ = ("subscription", "version")

    def __init__(self, subscription: str) -> None:
        super().__init__()
        self.subscription = subscription
        self.version: int | None = None
        """Of the document, None until it is sent."""

    def so_far(self, unanswered: str) -> Told:
        """Return what the watcher answered, or `unanswered` in place of a status."""
        return self.result() if self.done else Told(self.subscription, self.version, unanswered, None)


class Pending(NamedTuple):
    """News in a subscription's queue, with those who wait to hear that it was told."""

    news: News
    waiting: tuple[Telling, ...] = ()
    final: str | None = None
    """The reason with which the subscription ends after it."""
    retry_after: int | None = None
    """Seconds after which the watcher may come back (RFC 6665 §4.1.3)."""
    notice: Notice | None = None
    """What an endpoint is told of itself, in place of a document (MS-SIPREGE §2.2.1.13)."""


class Policy(NamedTuple):
    """How the subscriptions of one domain end and how often they are told (configuration's `reg_event`)."""

    terminated_reason: str = "noresource"
    end_with_registration: bool = True
    """End when nothing is registered any more (IMS); else wait for the next registration (RFC 3680 §4.7.1)."""
    end_with_own_contact: bool = True
    min_interval: float = 0.0


class Subscription:
    """One dialog in which one watcher is told of one address of record and its implicit registration set."""

    __slots__ = (
        "aor",
        "behind",
        "deadline",
        "dialog",
        "documents",
        "endpoint",
        "event",
        "expires_at",
        "hold_until",
        "id",
        "identities",
        "instance",
        "is_owner",
        "last_notify",
        "outstanding",
        "own_flow",
        "own_uri",
        "package",
        "policy",
        "queue",
        "reason",
        "record",
        "seal",
        "state",
        "survives",
        "unanswered",
        "version",
        "waking",
        "watcher",
    )  # fmt: skip

    def __init__(
        self,
        id: str,
        aor: str,
        watcher: str,
        package: EventPackage,
        event: str,
        dialog: Dialog,
        expires_at: float,
        documents: Documents,
        identities: tuple[str, ...],
        policy: Policy,
    ) -> None:
        self.id = id
        self.aor = aor
        self.watcher = watcher
        """The identity that subscribed: an address of record, or the URI that a trusted peer asserted."""
        self.package = package
        self.event = event
        """The Event value of the SUBSCRIBE, `id` included: NOTIFY repeats it (RFC 6665 §8.2.1)."""
        self.dialog = dialog
        self.state = State.ACTIVE
        self.reason: str | None = None
        self.expires_at = expires_at
        self.documents = documents
        self.version = 0
        """Version of the next document (RFC 3680 §5.1: 0 first, one more each time)."""
        self.identities = identities
        self.queue: deque[Pending] = deque()
        self.outstanding = 0
        """CSeq number of the NOTIFY whose answer is waited for, 0 for none."""
        self.behind = False
        """Whether something was told in vain, or has ended silently: the next document is full."""
        self.unanswered: News | None = None
        """What that NOTIFY tells."""
        self.hold_until = 0.0
        self.last_notify: LastNotify | None = None
        self.instance: str | None = None
        self.is_owner = False
        """Whether the watcher is the user themselves, who may register what they watch."""
        self.own_uri = ""
        """The watcher's own contact, where it is a UE that watches itself."""
        self.own_flow: Flow | None = None
        """The way to the UE, where no P-CSCF is between."""
        self.endpoint = ""
        """The endpoint that is told of itself, `epid;instance`; "": this is any other watcher."""
        self.survives = False
        """Whether the endpoint can do without user services (`ms-userservices-state-notification`)."""
        self.seal: Callable[[Request], None] | None = None
        """Signs each NOTIFY, where the watcher has a security association (MS-SIPAE §3.3)."""
        self.policy = policy
        self.record: Record | None = None
        """The registrations as they stood at the latest news."""
        self.deadline: Deadline | None = None
        self.waking: Deadline | None = None

    def feed(self, what: Input) -> None:
        """Move to the state that the table names."""
        self.state = TRANSITIONS[self.state][what]

    def remaining(self, now: float) -> int:
        """Return the seconds left, rounded up."""
        return max(0, -int(-(self.expires_at - now) // 1))
