"""Subscriptions of a watcher as the judge of the network keeps them (RFC 6665 §4.1.2, §4.4.1)."""

from scscf.conformance.network.exchanges import Key
from scscf.conformance.network.view import View
from scscf.conformance.recent import Recent
from scscf.sip.address import Address
from scscf.sip.grammar import parse_delta_seconds
from scscf.sip.message import Request, Response
from scscf.sip.uri import Uri
from scscf.sip.uri_comparison import aor_of

_MOST_WATCHED = 64
_MOST_DIALOGS = 4
_MOST_CONTACTS = 8

ENDING = frozenset({404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604})
"""Answers that end a subscription, to a NOTIFY (RFC 6665 §4.2.2) as to a refresh (§4.1.2.2)."""


class Dialog:
    """One dialog of a subscription, with one notifier. Times are seconds on the judge's clock."""

    __slots__ = (
        "answered_at", "cseq", "cut_at", "ends", "excused", "full_at", "granted_until", "joined", "made_at",
        "notified_at",
        "over_at", "tag", "unanswered", "view",
    )  # fmt: skip

    def __init__(self, tag: str, *, joined: bool = False) -> None:
        self.tag = tag
        """The notifier's."""
        self.cseq: int | None = None
        """Of its last NOTIFY."""
        self.ends: float | None = None
        """When it runs out, as far as it was said."""
        self.granted_until: float | None = None
        """When it runs out by the last 2xx: a NOTIFY that was sent before that may come after it, and say less."""
        self.view = View()
        self.notified_at: float | None = None
        """When its last NOTIFY was seen."""
        self.made_at = float("-inf")
        """When that was made: earlier where it was lost at first."""
        self.answered_at = float("-inf")
        """When the watcher last answered one."""
        self.full_at: float | None = None
        """When a full document came last."""
        self.over_at: float | None = None
        """When a NOTIFY said `terminated`."""
        self.cut_at: float | None = None
        """When the watcher refused a NOTIFY or a refresh was refused, in a way that ends it."""
        self.unanswered: set[Key] = set()
        """NOTIFYs that the watcher did not answer yet: the notifier may wait for it."""
        self.excused = False
        """Whether the watcher refused the last NOTIFY."""
        self.joined = joined
        """Whether it had begun before the first message that was seen."""

    def miss(self) -> None:
        """Take that a NOTIFY was not seen: what it told may be anything."""
        self.notified_at = None
        self.view, self.joined = View(), True

    @property
    def live(self) -> bool:
        """Whether the network owes it anything."""
        return self.over_at is None and self.cut_at is None

    @property
    def waits(self) -> bool:
        """Whether the notifier may hold news back for the watcher's sake."""
        return self.excused or bool(self.unanswered)

    def news_from(self, made: float, patience: float) -> float:
        """Return since when what a NOTIFY tells that was made at `made` may have happened.

        The notifier may hold news back for `patience` seconds (RFC 3680 §4.10), and until its last NOTIFY is answered.
        """
        if self.waits or made - patience <= self.answered_at:
            return min(self.made_at, made)
        return made - patience


class Watching:
    """What one SUBSCRIBE began: a dialog, or several where it was forked."""

    __slots__ = (
        "at", "contacts", "dialogs", "event", "gaps", "key", "local", "refused", "remote", "resource", "settled",
    )  # fmt: skip

    def __init__(self, key: tuple[str, str], request: Request, now: float) -> None:
        self.key = key
        """Call-ID and the watcher's tag."""
        self.begin(request, now)
        self.gaps = False
        """Whether messages of it may have passed unseen."""
        self.dialogs: Recent[str, Dialog] = Recent(_MOST_DIALOGS)

    def begin(self, request: Request, now: float) -> None:
        """Take a SUBSCRIBE outside of any dialog, the first or one after a refusal."""
        self.at = now
        self.event = request.event
        self.local: Address = request.from_
        self.remote: Address = request.to
        self.resource = {aor_of(request.to.uri), aor_of(request.uri)}
        """The address of record that is watched: the Request-URI, which To repeats."""
        self.contacts: list[Uri] = [address.uri for address in request.contacts][:_MOST_CONTACTS]
        self.refused: int | None = None
        """The status that it was refused with."""
        self.settled = False
        """Whether it was finally answered."""

    def dialog(self, tag: str) -> Dialog:
        """Return the dialog with a notifier's tag, made where there is none."""
        dialog = self.dialogs.get(tag)
        if dialog is None:
            dialog = self.dialogs[tag] = Dialog(tag, joined=self.gaps)
        return dialog

    def offers(self, request: Request) -> None:
        """Take the contact of a refresh: NOTIFYs may go there from now on (RFC 6665 §4.1.2.2)."""
        for address in request.contacts:
            if address.uri not in self.contacts:
                self.contacts = [*self.contacts, address.uri][-_MOST_CONTACTS:]


class Watchings:
    """Every subscription of a watcher."""

    def __init__(self) -> None:
        self._all: Recent[tuple[str, str], Watching] = Recent(_MOST_WATCHED)

    def of(self, call_id: str, tag: str | None) -> Watching | None:
        """Return the subscription of a Call-ID and the watcher's tag."""
        return self._all.get((call_id, tag or ""))

    def begin(self, request: Request, now: float) -> Watching:
        """Take a SUBSCRIBE outside of a dialog."""
        key = (request.call_id, request.from_.tag or "")
        known = self._all.get(key)
        if known is None or any(dialog.live for dialog in known.dialogs.values()):
            known = self._all[key] = Watching(key, request, now)
        else:
            known.begin(request, now)
        return known

    def join(self, notify: Request, now: float) -> tuple[Watching, Dialog] | None:
        """Take a NOTIFY whose subscription began unseen; None for one of a subscription that was seen to begin.

        Raises SipError(400).
        """
        key = (notify.call_id, notify.to.tag or "")
        if key in self._all:
            return None
        known = self._all[key] = Watching(key, notify, now)
        # It goes from the notifier to the watcher, the other way round than a SUBSCRIBE.
        known.local, known.remote = notify.to, notify.from_
        known.resource = {aor_of(notify.from_.uri)}
        known.contacts, known.settled = [], True
        known.gaps = True
        return known, known.dialog(notify.from_.tag or "")

    def lose(self) -> None:
        """Take that messages were not seen."""
        for watching in self._all.values():
            watching.gaps = True
            for dialog in watching.dialogs.values():
                dialog.miss()

    def live(self) -> list[tuple[Watching, Dialog]]:
        """Return every dialog that the network owes news."""
        return [(each, dialog) for each in self._all.values() for dialog in each.dialogs.values() if dialog.live]

    def holding(self, key: Key) -> Dialog | None:
        """Return the dialog of a NOTIFY that is not answered yet."""
        for each in self._all.values():
            for dialog in each.dialogs.values():
                if key in dialog.unanswered:
                    return dialog
        return None


def is_reg(request: Request) -> bool:
    """Tell whether a SUBSCRIBE or NOTIFY is for registration state (RFC 3680 §4.1)."""
    event = request.event
    return event is not None and event[0] == "reg"


def expires_of(message: Request | Response) -> int | None:
    """Return the seconds of Expires, None where it is absent or malformed."""
    return parse_delta_seconds((message.get("expires") or "").strip())
