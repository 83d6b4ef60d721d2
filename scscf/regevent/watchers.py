"""Who watches whom: every subscription, found by dialog and by each address of record that it is told of."""

from collections import deque
from collections.abc import Iterable

from scscf.regevent.subscription import State, Subscription
from scscf.regevent.visibility import visible_identities
from scscf.registration.change import CauseKind, Change
from scscf.registration.record import Record

Visible = dict[tuple[str, tuple[str, ...]], tuple[str, ...]]
"""(watched address of record, identities told of so far) → identities to be told of."""


class Watchers:
    """The subscriptions that are alive, and the last ones that are over."""

    ENDED_KEPT = 200

    def __init__(self) -> None:
        self.subscriptions: dict[str, Subscription] = {}
        self.ended: deque[Subscription] = deque(maxlen=self.ENDED_KEPT)
        """The last subscriptions that are over: what each watcher was told stays to be seen."""
        self._covering: dict[str, list[Subscription]] = {}
        """Address of record → the subscriptions that are told of it: to itself, or to another one of its set."""
        self._by_dialog: dict[tuple[str, str, str], Subscription] = {}

    def of(self, aor: str) -> list[Subscription]:
        """Return the live subscriptions to an address of record."""
        return [subscription for subscription in self._covering.get(aor, ()) if subscription.aor == aor]

    def of_endpoint(self, aor: str, endpoint: str) -> Subscription | None:
        """Return the subscription of an endpoint to itself, None where it has none (MS-SIPREGE §2.2.1.5)."""
        for subscription in self._covering.get(aor, ()):
            if subscription.endpoint == endpoint and subscription.aor == aor:
                return subscription
        return None

    def in_dialog(self, call_id: str, local_tag: str, remote_tag: str) -> Subscription | None:
        """Return the subscription of a dialog, None where there is none or it is over."""
        subscription = self._by_dialog.get((call_id, local_tag, remote_tag))
        return subscription if subscription and subscription.state is State.ACTIVE else None

    def told_of(self, aor: str) -> list[Subscription]:
        """Return the subscriptions that are told of an address of record, whichever of its set they are to."""
        return list(self._covering.get(aor, ()))

    def concerned(self, change: Change) -> list[Subscription]:
        """Return the live subscriptions that are told of an address of record that a change touches."""
        if not self._covering:
            return []
        found: dict[Subscription, None] = {}
        aors = [row.aor for row in change.rows]
        if change.cause.kind is CauseKind.PROFILE_CHANGE:
            # Nobody is told yet of an identity that is new in its set, but those who are told of the set will be.
            records = [record for record in (change.before, change.record) if record is not None]
            aors += [each.uri for aor in {*aors} for record in records for each in record.identities_with(aor)]
        for aor in aors:
            found.update(dict.fromkeys(self._covering.get(aor, ())))
        return [subscription for subscription in found if subscription.state is State.ACTIVE]

    def enter(self, subscription: Subscription) -> None:
        """Take a new subscription in."""
        self.subscriptions[subscription.id] = subscription
        if not subscription.endpoint:
            # An endpoint is in no dialog: it chooses what would be the id of one.
            self._by_dialog[subscription.dialog.id] = subscription
        for aor in subscription.identities:
            self._covering.setdefault(aor, []).append(subscription)

    def cover(
        self,
        subscription: Subscription,
        visible: Visible,
        *records: Record | None,
        leaving: frozenset[str] = frozenset(),
    ) -> frozenset[str]:
        """Bring the identities of a subscription up to date, and return those that it was not told of before.

        `visible` keeps what was found for others who watch the same. What is `leaving` is told of for a last time.
        """
        told = subscription.identities
        key = (subscription.aor, told)
        identities = visible.get(key)
        if identities is None:
            identities = told
            for record in records:
                identities = visible_identities(subscription.aor, record, identities)
            visible[key] = identities
        if leaving:
            identities = (*identities, *[aor for aor in told if aor in leaving and aor not in identities])
        if identities == told:
            return frozenset()
        subscription.identities = identities
        self._uncover(subscription, frozenset(told).difference(identities))
        new = frozenset(identities).difference(told)
        for aor in new:
            self._covering.setdefault(aor, []).append(subscription)
        return new

    def leave(self, subscription: Subscription) -> None:
        """Take a subscription out of what is told of changes; its last NOTIFY may still be on its way."""
        self._uncover(subscription, subscription.identities)

    def retire(self, subscription: Subscription, aors: frozenset[str]) -> None:
        """Tell a watcher no more of identities that have left the set, or are barred; of one at least it is told."""
        left = tuple([aor for aor in subscription.identities if aor not in aors])
        if left:
            self._uncover(subscription, aors)
            subscription.identities = left

    def _uncover(self, subscription: Subscription, aors: Iterable[str]) -> None:
        for aor in aors:
            watching = self._covering.get(aor)
            if watching and subscription in watching:
                watching.remove(subscription)
                if not watching:
                    del self._covering[aor]

    def remove(self, subscription: Subscription) -> bool:
        """Put a subscription among those that are over; return whether it was alive."""
        self.leave(subscription)
        if self._by_dialog.get(subscription.dialog.id) is subscription:
            del self._by_dialog[subscription.dialog.id]
        if self.subscriptions.pop(subscription.id, None) is None:
            return False
        self.ended.append(subscription)
        return True
