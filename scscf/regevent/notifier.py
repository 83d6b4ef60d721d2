"""Every subscription, and the NOTIFYs that each is owed: one outstanding per dialog, in order (RFC 6665 §4.2)."""

from collections.abc import Callable, Iterable

from scscf.feed import Feed
from scscf.regevent.bulletin import Bulletin, bulletin_of, final_reason
from scscf.regevent.news import News
from scscf.regevent.notification import Notification, notify_request
from scscf.regevent.reginfo import Temporary
from scscf.regevent.registration_notify import notice_of, notice_request
from scscf.regevent.subscription import (
    ENDING_STATUSES,
    REASONS_WITH_RETRY_AFTER,
    Input,
    LastNotify,
    Pending,
    State,
    Subscription,
    Telling,
    Told,
)
from scscf.regevent.watchers import Visible, Watchers
from scscf.registration.change import Change, Row
from scscf.registration.notice import Notice
from scscf.registration.profile_change import retired
from scscf.registration.record import Record
from scscf.registration.registration import TERMINAL_EVENTS
from scscf.sip.outbox import Outbox
from scscf.timers import Deadlines


class Notifier(Watchers):
    """Keeps the subscriptions and writes their NOTIFYs into the outbox.

    `clock` and `wire_clock` tell service and wire time in seconds.
    """

    def __init__(
        self,
        outbox: Outbox,
        deadlines: Deadlines,
        clock: Callable[[], float],
        wire_clock: Callable[[], float],
        feed: Feed,
    ) -> None:
        super().__init__()
        self._outbox = outbox
        self._deadlines = deadlines
        self._clock = clock
        self._wire_clock = wire_clock
        self._feed = feed
        self.gruus: Temporary | None = None
        """Makes the temporary GRUUs that owners are told of."""
        self.judge: Callable[[bytes], None] | None = None
        """Looks at every document that is sent (`--validate`)."""

    def add(self, subscription: Subscription, record: Record | None) -> None:
        """Take a new subscription and tell it everything; one that has no time left is a fetch (RFC 6665 §4.4.3)."""
        self.enter(subscription)
        self.tell_all(subscription, record)

    def tell_all(self, subscription: Subscription, record: Record | None) -> None:
        """Owe the whole state after a SUBSCRIBE in the dialog; with no time left it is the last (RFC 6665 §4.2.1.2)."""
        now = self._clock()
        self.cover(subscription, {}, record)
        final = None if subscription.expires_at > now else "timeout"
        subscription.feed(Input.REFRESH if final is None else Input.UNSUBSCRIBE)
        self._queue(subscription, record, (), full=True, final=final)
        self._watch_expiry(subscription)
        self._send_next(subscription)
        self._publish(subscription)

    def change(self, change: Change) -> list[Telling]:
        """Tell every watcher concerned of a change; the promises hold what each answers (RFC 3680 §4.7)."""
        told: list[Telling] = []
        visible: Visible = {}
        bulletins: dict[tuple[str, ...], Bulletin] = {}
        leaving = retired(change)
        for subscription in self.concerned(change):
            if subscription.endpoint:
                told += self._tell_endpoint(subscription, change)
                continue
            new = self.cover(subscription, visible, change.before, change.record, leaving=leaving)
            bulletin = bulletins.get(subscription.identities)
            if bulletin is None:
                bulletin = bulletins[subscription.identities] = bulletin_of(change, subscription.identities)
            if bulletin.rows:
                telling = Telling(subscription.id)
                told.append(telling)
                self._tell(subscription, change, bulletin, new, telling)
                self._send_next(subscription)
            if leaving and subscription.state is State.ACTIVE:
                self.retire(subscription, leaving)
        return told

    def _tell_endpoint(self, subscription: Subscription, change: Change) -> list[Telling]:
        """Tell an endpoint that the network has ended it; its subscription ends with it in any case."""
        ended = None
        for row in change.rows:
            if row.contact.binding.endpoint == subscription.endpoint and row.aor == subscription.aor:
                subscription.expires_at = row.contact.binding.expires_at
                ended = row.contact if row.contact.event in TERMINAL_EVENTS else None
        if ended is None:
            return []
        notice = notice_of(change.cause_of(ended), ended)
        if notice is None:
            self.forget(subscription)
            return []
        subscription.feed(Input.RESOURCE_GONE)
        return [self.notice(subscription, notice)]

    def notice(self, subscription: Subscription, notice: Notice) -> Telling:
        """Owe an endpoint a notice (MS-SIPREGE §3.2, §3.5.1.4); the subscription ends with one that says it is over."""
        telling = Telling(subscription.id)
        nothing = News(subscription.record, subscription.identities, {})
        final = None if notice.registered else notice.event
        subscription.queue.append(Pending(nothing, (telling,), final, notice=notice))
        self._send_next(subscription)
        return telling

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
            for subscription in self.told_of(registration.aor):
                subscription.record = None
                if subscription.endpoint:
                    self.forget(subscription)

    def end_silently(self, change: Change) -> None:
        """Lose the subscriptions to what a change has left nothing of; nobody is told (TS 29.228 §6.1.3).

        Those who watch something that is still there see the change with the next one.
        """
        for subscription in self.concerned(change):
            subscription.record = change.record
            if subscription.endpoint:
                self._end_endpoint_silently(subscription)
            elif not any(change.record.contacts(aor) for aor in subscription.identities):
                self.forget(subscription)

    def _end_endpoint_silently(self, subscription: Subscription) -> None:
        contacts = subscription.record.contacts(subscription.aor) if subscription.record is not None else ()
        if not any(contact.binding.endpoint == subscription.endpoint for contact in contacts):
            self.forget(subscription)

    def forget(self, subscription: Subscription) -> None:
        """Lose a subscription; nobody is told."""
        subscription.feed(Input.REFUSED)
        self._over(subscription, subscription.reason)

    def _tell(
        self, subscription: Subscription, change: Change, bulletin: Bulletin, new: frozenset[str], telling: Telling
    ) -> None:
        # A partial document would hide what was bound before to an identity that is new to the watcher.
        full = any(change.before.contacts(aor) for aor in new) if new and change.before else False
        final = final_reason(subscription, change, bulletin)
        if final is not None:
            subscription.feed(Input.RESOURCE_GONE)
        retry_after = None
        if final in REASONS_WITH_RETRY_AFTER:
            retry_after = next((row.contact.retry_after for row in bulletin.rows if row.contact.retry_after), None)
        self._queue(
            subscription,
            change.record,
            bulletin.rows,
            full=full,
            final=final,
            retry_after=retry_after,
            waiting=telling,
            fresh=bulletin.news if not full else None,
        )

    def _queue(
        self,
        subscription: Subscription,
        record: Record | None,
        rows: Iterable[Row],
        *,
        full: bool = False,
        final: str | None = None,
        retry_after: int | None = None,
        waiting: Telling | None = None,
        fresh: News | None = None,
    ) -> None:
        subscription.record = record
        waiters = (waiting,) if waiting is not None else ()
        last = subscription.queue[-1] if subscription.queue else None
        if last is not None and last.final is None:
            folded = last.news.followed_by(record, subscription.identities, rows, full)
            if folded is not None:
                subscription.queue[-1] = Pending(folded, last.waiting + waiters, final, retry_after)
                return
        if fresh is None:
            contacts = {(row.aor, row.contact.id): row.contact for row in rows}
            fresh = News(record, subscription.identities, contacts, full)
        subscription.queue.append(Pending(fresh, waiters, final, retry_after))

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
        gruus = self.gruus if subscription.is_owner else None
        if pending.notice is not None:
            request = notice_request(subscription, pending, now)
            body = request.body
        else:
            body = subscription.package.document(pending.news, subscription.documents, now, version, gruus)
            if self.judge is not None:
                self.judge(body)
            request = notify_request(subscription, pending, body, now)
        if subscription.seal is not None:
            subscription.seal(request)
        for telling in pending.waiting:
            telling.version = version
        subscription.outstanding = True
        subscription.last_notify = LastNotify(version, subscription.dialog.local_cseq, None, now, body)
        if subscription.policy.min_interval:
            subscription.hold_until = now + subscription.policy.min_interval
        if pending.final is not None:
            subscription.reason = pending.final
            self.leave(subscription)
        notification = Notification(subscription, pending, version, self._wire_clock(), self._answered)
        self._outbox.send(request, subscription.dialog.next_hop(request), notification)

    def _wake(self, subscription: Subscription) -> None:
        subscription.waking = None
        self._send_next(subscription)

    def _answered(self, notification: Notification, status: int | str, took: float | None, hold: int) -> None:
        subscription, pending, version = notification.subscription, notification.pending, notification.version
        subscription.outstanding = False
        last = subscription.last_notify
        if last is not None and last.version == version:
            subscription.last_notify = LastNotify(last.version, last.cseq, status, last.at, last.body)
        for telling in pending.waiting:
            telling.keep(Told(subscription.id, version, status, took))
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
            if subscription.queue:
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

    def _over(self, subscription: Subscription, reason: str | None) -> None:
        subscription.reason = reason
        for deadline in (subscription.deadline, subscription.waking):
            if deadline is not None:
                self._deadlines.cancel(deadline)
        subscription.deadline = subscription.waking = None
        for pending in subscription.queue:
            for promise in pending.waiting:
                promise.keep(Told(subscription.id, None, "ended", None))
        subscription.queue.clear()
        if self.remove(subscription):
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
