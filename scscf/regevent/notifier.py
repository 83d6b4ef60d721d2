"""Who is told what of a change to the registrations (RFC 3680 §4.7, RFC 6665 §4.2)."""

from scscf.regevent.bulletin import Bulletin, bulletin_of, final_reason
from scscf.regevent.notify_queues import NotifyQueues
from scscf.regevent.registration_notify import notice_of
from scscf.regevent.subscription import REASONS_WITH_RETRY_AFTER, Input, State, Subscription, Telling
from scscf.regevent.watchers import Visible
from scscf.registration.change import Change
from scscf.registration.profile_change import retired
from scscf.registration.record import Record
from scscf.registration.registration import TERMINAL_EVENTS


class Notifier(NotifyQueues):
    """Keeps the subscriptions and decides what each is owed; its NOTIFYs are in the outbox when the turn ends."""

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
        self._overtake(subscription)
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

        Those who watch something that is still there see the change with the next one, which they are told in full.
        """
        for subscription in self.concerned(change):
            subscription.record = change.record
            if subscription.endpoint:
                self._end_endpoint_silently(subscription)
            elif any(change.record.contacts(aor) for aor in subscription.identities):
                subscription.behind = True
            else:
                self.forget(subscription)

    def _end_endpoint_silently(self, subscription: Subscription) -> None:
        contacts = subscription.record.contacts(subscription.aor) if subscription.record is not None else ()
        if not any(contact.binding.endpoint == subscription.endpoint for contact in contacts):
            self.forget(subscription)

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
