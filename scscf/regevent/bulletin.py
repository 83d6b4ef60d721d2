"""What one change says to its watchers, and which of their subscriptions it ends (TS 24.229 §5.4.2.1.2)."""

from typing import NamedTuple

from scscf.regevent.news import News
from scscf.regevent.subscription import Subscription
from scscf.regevent.visibility import ends_own_contact
from scscf.registration.change import CauseKind, Change, Row
from scscf.registration.registration import TERMINAL_EVENTS


class Bulletin(NamedTuple):
    """What one change says to every watcher who is told of the same identities."""

    rows: tuple[Row, ...]
    news: News
    all_gone: bool
    """No contact is left in any of the identities."""
    ended: tuple[Row, ...] = ()
    """The rows of contacts that are over."""


def bulletin_of(change: Change, identities: tuple[str, ...]) -> Bulletin:
    """Return what a change says to those who are told of these identities."""
    rows = tuple([row for row in change.rows if row.aor in identities and not row.contact.binding.emergency])
    contacts = {(row.aor, row.contact.id): row.contact for row in rows}
    news = News(change.record, identities, contacts)
    ended = tuple([row for row in rows if row.contact.event in TERMINAL_EVENTS])
    return Bulletin(rows, news, not any(news.live(aor) for aor in identities), ended)


def final_reason(subscription: Subscription, change: Change, bulletin: Bulletin) -> str | None:
    """Return the reason with which a subscription ends after a change, None where it goes on (TS 24.229 §5.4.2.1.2).

    A UE whose contact has given its place to another one of its own has not left.
    """
    policy = subscription.policy
    ends = policy.end_with_registration and bulletin.all_gone
    if not ends and bulletin.ended and policy.end_with_own_contact:
        ends = any(
            ends_own_contact(subscription, row, change.record)
            for row in bulletin.ended
            if change.cause_of(row.contact).kind is not CauseKind.REPLACED
        )
    return (change.cause.reason or policy.terminated_reason) if ends else None
