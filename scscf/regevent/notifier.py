"""Every subscription, and the NOTIFYs that each is owed: one outstanding per dialog, in order (RFC 6665 §4.2)."""

from collections import deque
from collections.abc import Callable, Iterable

from scscf.feed import Feed
from scscf.regevent.news import News
from scscf.regevent.subscription import (
    ENDING_STATUSES,
    Input,
    LastNotify,
    Pending,
    State,
    Subscription,
    Telling,
    Told,
)
from scscf.registration.change import Change, Row
from scscf.registration.record import Record
from scscf.registration.registration import State as RegistrationState
from scscf.sip.grammar import parse_delta_seconds
from scscf.sip.message import Response
from scscf.sip.outbox import Failure, Outbox
from scscf.sip.uri import parse_uri, same_uri
from scscf.timers import Deadlines


def visible_identities(aor: str, record: Record | None, told: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the identities that a watcher of `aor` is told of: its implicit registration set less the barred ones.

    What it was `told` of before stays: the set is known only as long as a device that registers it is there.
    """
    known = record.identities_with(aor) if record else ()
    visible = [identity.uri for identity in known if not identity.barred and not identity.wildcarded]
    if told:
        hidden = {identity.uri for identity in known}.difference(visible)
        kept = [uri for uri in told if uri not in hidden] if hidden else told
        visible = [*kept] if set(visible) <= set(kept) else [*dict.fromkeys([*visible, *kept])]
    return tuple(visible) or (aor,)


class Notifier:
    """Keeps the subscriptions and writes their NOTIFYs into the outbox.

    `clock` and `wire_clock` tell service and wire time in seconds.
    """

    ENDED_KEPT = 200

    def __init__(
        self,
        outbox: Outbox,
        deadlines: Deadlines,
        clock: Callable[[], float],
        wire_clock: Callable[[], float],
        feed: Feed,
    ) -> None:
        self._outbox = outbox
        self._deadlines = deadlines
        self._clock = clock
        self._wire_clock = wire_clock
        self._feed = feed
        self.subscriptions: dict[str, Subscription] = {}
        self.ended: deque[Subscription] = deque(maxlen=self.ENDED_KEPT)
        """The last subscriptions that are over: what each watcher was told stays to be seen."""
        self.judge: Callable[[bytes], None] | None = None
        """Looks at every document that is sent (`--validate`)."""
        self._covering: dict[str, list[Subscription]] = {}
        """Address of record → the subscriptions that are told of it: to itself, or to another one of its set."""
        self._by_dialog: dict[tuple[str, str, str], Subscription] = {}

    def of(self, aor: str) -> list[Subscription]:
        """Return the live subscriptions to an address of record."""
        return [subscription for subscription in self._covering.get(aor, ()) if subscription.aor == aor]

    def in_dialog(self, call_id: str, local_tag: str, remote_tag: str) -> Subscription | None:
        """Return the subscription of a dialog, None where there is none or it is over."""
        subscription = self._by_dialog.get((call_id, local_tag, remote_tag))
        return subscription if subscription and subscription.state is State.ACTIVE else None

    def add(self, subscription: Subscription, record: Record | None) -> None:
        """Take a new subscription and tell it everything; one that has no time left is a fetch (RFC 6665 §4.4.3)."""
        self.subscriptions[subscription.id] = subscription
        self._by_dialog[subscription.dialog.id] = subscription
        for aor in subscription.identities:
            self._covering.setdefault(aor, []).append(subscription)
        self.tell_all(subscription, record)

    def tell_all(self, subscription: Subscription, record: Record | None) -> None:
        """Owe the whole state after a SUBSCRIBE in the dialog; with no time left it is the last (RFC 6665 §4.2.1.2)."""
        now = self._clock()
        self._cover(subscription, record)
        final = None if subscription.expires_at > now else "timeout"
        subscription.feed(Input.REFRESH if final is None else Input.UNSUBSCRIBE)
        self._queue(subscription, record, (), full=True, final=final)
        self._watch_expiry(subscription)
        self._send_next(subscription)
        self._publish(subscription)

    def change(self, change: Change) -> list[Telling]:
        """Tell every watcher concerned of a change; the promises hold what each answers (RFC 3680 §4.7)."""
        if not self._covering or not change.rows:
            return []
        told: list[Telling] = []
        shared: dict[tuple[str, ...], News] = {}
        for subscription in self._concerned(change):
            promise = Telling(subscription.id)
            if self._tell(subscription, change, shared, promise):
                told.append(promise)
                self._send_next(subscription)
        return told

    def notify_now(self, subscription: Subscription) -> Telling:
        """Owe the whole state at once, asked for by nobody but the operator."""
        promise = Telling(subscription.id)
        self._queue(subscription, subscription.record, (), full=True, waiting=promise)
        self._send_next(subscription)
        return promise

    def end(self, subscription: Subscription, reason: str) -> None:
        """End a subscription from the network's side: a last NOTIFY says `terminated;reason=...` (RFC 6665 §4.2.2)."""
        subscription.feed(Input.ENDED)
        self._queue(subscription, subscription.record, (), full=True, final=reason)
        self._send_next(subscription)

    def lose(self, record: Record) -> None:
        """Know nothing any more of what a record held; nobody is told."""
        for registration in record.registrations:
            for subscription in self._covering.get(registration.aor, ()):
                subscription.record = None

    def forget(self, subscription: Subscription) -> None:
        """Lose a subscription; nobody is told."""
        subscription.feed(Input.REFUSED)
        self._over(subscription, subscription.reason)

    def _concerned(self, change: Change) -> list[Subscription]:
        found: dict[Subscription, None] = {}
        for row in change.rows:
            found.update(dict.fromkeys(self._covering.get(row.aor, ())))
        return [subscription for subscription in found if subscription.state is State.ACTIVE]

    def _cover(self, subscription: Subscription, *records: Record | None) -> frozenset[str]:
        """Bring the identities of a subscription up to date, and return those that it was not told of before."""
        told = subscription.identities
        for record in records:
            subscription.identities = visible_identities(subscription.aor, record, subscription.identities)
        if subscription.identities == told:
            return frozenset()
        new = frozenset(subscription.identities).difference(told)
        for aor in new:
            self._covering.setdefault(aor, []).append(subscription)
        return new

    def _tell(
        self,
        subscription: Subscription,
        change: Change,
        shared: dict[tuple[str, ...], News],
        promise: Telling,
    ) -> bool:
        record = change.record
        new = self._cover(subscription, change.before, record)
        identities = subscription.identities
        rows = [row for row in change.rows if row.aor in identities]
        if not rows:
            return False
        # A partial document would hide what was bound before to an identity that is new to the watcher.
        full = any(change.before.contacts(aor) for aor in new) if new and change.before else False
        final = self._final_reason(subscription, change, rows)
        if final is not None:
            subscription.feed(Input.RESOURCE_GONE)
        fresh = None
        if not subscription.queue and not full:
            fresh = shared.get(identities)
            if fresh is None:
                contacts = {(row.aor, row.contact.id): row.contact for row in rows}
                fresh = shared[identities] = News(record, identities, contacts)
        self._queue(subscription, record, rows, full=full, final=final, waiting=promise, fresh=fresh)
        return True

    def _final_reason(self, subscription: Subscription, change: Change, rows: Iterable[Row]) -> str | None:
        policy = subscription.policy
        reason = change.cause.reason or policy.terminated_reason
        if policy.end_with_registration and not any(change.record.contacts(aor) for aor in subscription.identities):
            return reason
        if policy.end_with_own_contact and any(_is_own(subscription, row) for row in rows):
            return reason
        return None

    def _queue(
        self,
        subscription: Subscription,
        record: Record | None,
        rows: Iterable[Row],
        *,
        full: bool = False,
        final: str | None = None,
        waiting: Telling | None = None,
        fresh: News | None = None,
    ) -> None:
        subscription.record = record
        waiters = (waiting,) if waiting is not None else ()
        last = subscription.queue[-1] if subscription.queue else None
        if last is not None and last.final is None:
            folded = last.news.followed_by(record, subscription.identities, rows, full)
            if folded is not None:
                subscription.queue[-1] = Pending(folded, last.waiting + waiters, final)
                return
        if fresh is None:
            contacts = {(row.aor, row.contact.id): row.contact for row in rows}
            fresh = News(record, subscription.identities, contacts, full)
        subscription.queue.append(Pending(fresh, waiters, final))

    def _send_next(self, subscription: Subscription) -> None:
        """Send the first piece of news, unless a NOTIFY is out or it is too early."""
        if subscription.outstanding or not subscription.queue:
            return
        now = self._clock()
        if subscription.hold_until > now and subscription.queue[0].final is None:
            if subscription.waking is None:
                subscription.waking = self._deadlines.at(subscription.hold_until, lambda _now: self._wake(subscription))
            return
        pending = subscription.queue.popleft()
        version, subscription.version = subscription.version, (subscription.version + 1) % 2**32
        body = subscription.package.document(pending.news, subscription.documents, now, version)
        if self.judge is not None:
            self.judge(body)
        dialog = subscription.dialog
        dialog.local_cseq += 1
        request = dialog.request("NOTIFY")
        request.headers += [
            ("CSeq", f"{dialog.local_cseq} NOTIFY"),
            ("Event", subscription.event),
            ("Subscription-State", _subscription_state(subscription, pending, now)),
            ("Content-Type", subscription.package.content_type),
        ]
        request.body = body
        for telling in pending.waiting:
            telling.version = version
        subscription.outstanding = True
        subscription.last_notify = LastNotify(version, dialog.local_cseq, None, now, body)
        if subscription.policy.min_interval:
            subscription.hold_until = now + subscription.policy.min_interval
        if pending.final is not None:
            subscription.reason = pending.final
            self._leave(subscription)
        notification = _Notification(self, subscription, pending, version, self._wire_clock())
        self._outbox.send(request, dialog.next_hop(request), notification)

    def _wake(self, subscription: Subscription) -> None:
        subscription.waking = None
        self._send_next(subscription)

    def _answered(
        self,
        subscription: Subscription,
        pending: Pending,
        version: int,
        status: int | str,
        took: float | None,
        hold: int,
    ) -> None:
        subscription.outstanding = False
        last = subscription.last_notify
        if last is not None and last.version == version:
            subscription.last_notify = last._replace(status=status)
        for promise in pending.waiting:
            promise.keep(Told(subscription.id, version, status, took))
        if self._feed.listeners:
            self._feed.publish(
                "notify",
                {"subscription": subscription.id, "aor": subscription.aor, "version": version, "status": status},
            )
        if pending.final is not None:
            self._over(subscription, pending.final)
        elif status in ENDING_STATUSES or status == "timeout":
            subscription.feed(Input.REFUSED)
            self._over(subscription, None)
        else:
            if hold:
                subscription.hold_until = self._clock() + hold
            self._send_next(subscription)

    def _watch_expiry(self, subscription: Subscription) -> None:
        if subscription.deadline is not None:
            self._deadlines.cancel(subscription.deadline)
            subscription.deadline = None
        if subscription.state is State.ACTIVE:
            subscription.deadline = self._deadlines.at(
                subscription.expires_at, lambda _now: self._run_out(subscription)
            )

    def _run_out(self, subscription: Subscription) -> None:
        subscription.deadline = None
        if subscription.state is not State.ACTIVE:
            return
        subscription.feed(Input.RUN_OUT)
        self._queue(subscription, subscription.record, (), full=True, final="timeout")
        self._send_next(subscription)

    def _leave(self, subscription: Subscription) -> None:
        """Take a subscription out of what is told of changes."""
        for aor in subscription.identities:
            watchers = self._covering.get(aor)
            if watchers and subscription in watchers:
                watchers.remove(subscription)
                if not watchers:
                    del self._covering[aor]

    def _over(self, subscription: Subscription, reason: str | None) -> None:
        self._leave(subscription)
        subscription.reason = reason
        for deadline in (subscription.deadline, subscription.waking):
            if deadline is not None:
                self._deadlines.cancel(deadline)
        subscription.deadline = subscription.waking = None
        for pending in subscription.queue:
            for promise in pending.waiting:
                promise.keep(Told(subscription.id, None, "ended", None))
        subscription.queue.clear()
        self._by_dialog.pop(subscription.dialog.id, None)
        if self.subscriptions.pop(subscription.id, None) is not None:
            self.ended.append(subscription)
            self._publish(subscription)

    def _publish(self, subscription: Subscription) -> None:
        if self._feed.listeners:
            self._feed.publish(
                "subscription",
                {
                    "id": subscription.id,
                    "aor": subscription.aor,
                    "watcher": subscription.watcher,
                    "state": subscription.state.value,
                    "reason": subscription.reason,
                },
            )


class _Notification:
    """A NOTIFY that is on its way: hears of its answer."""

    __slots__ = ("_notifier", "_pending", "_sent_at", "_subscription", "_version")

    def __init__(
        self, notifier: Notifier, subscription: Subscription, pending: Pending, version: int, sent_at: float
    ) -> None:
        self._notifier = notifier
        self._subscription = subscription
        self._pending = pending
        self._version = version
        self._sent_at = sent_at

    def on_response(self, response: Response, now: float) -> None:
        if response.status < 200:
            return
        hold = 0
        if response.status == 503:
            seconds = (response.get("retry-after") or "").partition(";")[0].partition("(")[0]
            hold = parse_delta_seconds(seconds.strip()) or 0
        took = round((now - self._sent_at) * 1000, 3)
        self._notifier._answered(self._subscription, self._pending, self._version, response.status, took, hold)

    def on_failure(self, failure: Failure, now: float) -> None:
        self._notifier._answered(self._subscription, self._pending, self._version, failure.kind, None, 0)


def _subscription_state(subscription: Subscription, pending: Pending, now: float) -> str:
    if pending.final is None:
        return f"active;expires={subscription.remaining(now)}"
    return f"terminated;reason={pending.final}"


def _is_own(subscription: Subscription, row: Row) -> bool:
    """Tell whether a row ends the watcher's own contact, known by instance or address (TS 24.229 §5.4.2.1.2)."""
    binding = row.contact.binding
    if row.contact.state is not RegistrationState.TERMINATED:
        return False
    if subscription.instance is not None and binding.instance is not None:
        return subscription.instance == binding.instance
    if not subscription.own_uri:
        return False
    return subscription.own_uri == binding.uri or same_uri(parse_uri(subscription.own_uri), parse_uri(binding.uri))
