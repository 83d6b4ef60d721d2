"""The NOTIFYs that each subscription is owed, in order: the next when one is answered (RFC 6665 §4.2.2)."""

from collections.abc import Callable, Iterable

from scscf.feed import Feed
from scscf.metrics.times import Times
from scscf.regevent.news import News
from scscf.regevent.notification import Notification, notify_request
from scscf.regevent.registration_notify import notice_request
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
from scscf.regevent.watchers import Watchers
from scscf.registration.change import Row
from scscf.registration.gruu import Gruus
from scscf.registration.notice import Notice
from scscf.registration.record import Record
from scscf.sip.outbox import Outbox
from scscf.timers import Deadlines


class NotifyQueues(Watchers):
    """What each subscription is owed, sent in order, and what its watcher answered.

    `clock` and `wire_clock` tell service and wire time, seconds; `answers` counts what NOTIFYs came to, as Told has it.
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
        self.gruus: Gruus | None = None
        """Makes the temporary GRUUs that owners are told of, and knows what a watcher's own GRUU stands for."""
        self.judge: Callable[[bytes], None] | None = None
        """Looks at every document that is sent (`--validate`)."""
        self.answers = Times()

    def notice(self, subscription: Subscription, notice: Notice) -> Telling:
        """Owe an endpoint a notice (MS-SIPREGE §3.2, §3.5.1.4); the subscription ends with one that says it is over."""
        telling = Telling(subscription.id)
        nothing = News(subscription.record, subscription.identities, {})
        final = None if notice.registered else notice.event
        subscription.queue.append(Pending(nothing, (telling,), final, notice=notice))
        self._send_next(subscription)
        return telling

    def forget(self, subscription: Subscription) -> None:
        """Lose a subscription; nobody is told."""
        subscription.feed(Input.REFUSED)
        self._over(subscription, subscription.reason)

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
        if subscription.behind:
            full, fresh, subscription.behind = True, None, False
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
        """Send the first piece of news, unless a NOTIFY is out or it is too early; the end waits for no time."""
        if subscription.outstanding or not subscription.queue:
            return
        now = self._clock()
        if subscription.hold_until > now and subscription.queue[-1].final is None:
            if subscription.waking is None:
                subscription.waking = self._deadlines.at(subscription.hold_until, lambda _now: self._wake(subscription))
            return
        pending = subscription.queue.popleft()
        version, subscription.version = subscription.version, (subscription.version + 1) % 2**32
        gruus = self.gruus
        if pending.notice is not None:
            request = notice_request(subscription, pending, now)
            body = request.body
        else:
            temporary = gruus.temporary if gruus is not None and subscription.is_owner else None
            body = subscription.package.document(pending.news, subscription.documents, now, version, temporary)
            if self.judge is not None:
                self.judge(body)
            request = notify_request(subscription, pending, body, now, gruus)
        if subscription.seal is not None:
            subscription.seal(request)
        for telling in pending.waiting:
            telling.version = version
        cseq = subscription.outstanding = subscription.dialog.local_cseq
        subscription.unanswered = pending.news
        subscription.last_notify = LastNotify(version, cseq, None, now, body)
        if subscription.policy.min_interval:
            subscription.hold_until = now + subscription.policy.min_interval
        if pending.final is not None:
            subscription.reason = pending.final
            self.leave(subscription)
        notification = Notification(subscription, pending, version, cseq, self._wire_clock(), self._answered)
        self._outbox.send(request, subscription.dialog.next_hop(request), notification)

    def _wake(self, subscription: Subscription) -> None:
        subscription.waking = None
        self._send_next(subscription)

    def _answered(self, notification: Notification, status: int | str, took: float | None, hold: int) -> None:
        subscription, pending, version = notification.subscription, notification.pending, notification.version
        overtaken = subscription.outstanding != notification.cseq
        self.answers.add(status, self._wire_clock() - notification.sent_at if took is None else took / 1000)
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
        if overtaken:
            return
        subscription.outstanding, subscription.unanswered = 0, None
        if pending.final is not None:
            self._over(subscription, pending.final)
        elif status in ENDING_STATUSES or status == "timeout":
            subscription.feed(Input.REFUSED)
            self._over(subscription, None)
        else:
            if isinstance(status, str) or status >= 300:
                self._tell_in_full(subscription)
            if hold:
                subscription.hold_until = self._clock() + hold
            if subscription.queue:
                self._send_next(subscription)

    def _tell_in_full(self, subscription: Subscription) -> None:
        """Have the next document full: something was told in vain."""
        if subscription.queue:
            pending = subscription.queue[0]
            subscription.queue[0] = pending._replace(news=pending.news.in_full())
        else:
            subscription.behind = True

    def _overtake(self, subscription: Subscription) -> None:
        """Let the next NOTIFY wait for nothing: a SUBSCRIBE wants it at once (RFC 6665 §4.2.1.2).

        It tells again what is out and unanswered, whose answer, or silence, says nothing of the subscription any more:
        the watcher has been heard of since, perhaps from elsewhere.
        """
        if subscription.unanswered is not None:
            subscription.queue.appendleft(Pending(subscription.unanswered))
        subscription.outstanding = 0
        subscription.hold_until = 0.0

    def _watch_expiry(self, subscription: Subscription) -> None:
        if subscription.deadline is not None:
            self._deadlines.cancel(subscription.deadline)
            subscription.deadline = None
        if subscription.state is State.ACTIVE:
            at = self._deadlines.at
            subscription.deadline = at(subscription.expires_at, lambda _now: self._run_out(subscription))

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
