"""One NOTIFY: how it is written, and who hears of its answer (RFC 6665 §4.2.2)."""

from collections.abc import Callable

from scscf.regevent.subscription import Pending, Subscription
from scscf.sip.grammar import parse_delta_seconds
from scscf.sip.message import Request, Response
from scscf.sip.outbox import Failure

Answered = Callable[["Notification", int | str, float | None, int], None]
"""Is told the status (or `timeout`, `transport`), milliseconds, and seconds of a Retry-After, 0 for none."""


class Notification:
    """A NOTIFY that is on its way, since `sent_at` on wire time."""

    __slots__ = ("_answered", "cseq", "pending", "sent_at", "subscription", "version")

    def __init__(
        self, subscription: Subscription, pending: Pending, version: int, cseq: int, sent_at: float, answered: Answered
    ) -> None:
        self.subscription = subscription
        self.pending = pending
        self.version = version
        self.cseq = cseq
        self.sent_at = sent_at
        self._answered = answered

    def on_response(self, response: Response, now: float) -> None:
        """Take the watcher's answer (ClientUser)."""
        if response.status >= 200:
            hold = _retry_after(response) if response.status >= 300 else 0
            self._answered(self, response.status, round((now - self.sent_at) * 1000, 3), hold)

    def on_failure(self, failure: Failure, now: float) -> None:
        """Hear that no answer will come (ClientUser)."""
        self._answered(self, failure.kind, None, 0)


def notify_request(subscription: Subscription, pending: Pending, body: bytes, now: float) -> Request:
    """Return the next NOTIFY of a subscription's dialog; Subscription-State is fixed here (RFC 6665 §4.1.3)."""
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
    return request


def _subscription_state(subscription: Subscription, pending: Pending, now: float) -> str:
    if pending.final is None:
        return f"active;expires={subscription.remaining(now)}"
    if pending.retry_after is None:
        return f"terminated;reason={pending.final}"
    return f"terminated;reason={pending.final};retry-after={pending.retry_after}"


def _retry_after(response: Response) -> int:
    """Return the seconds of Retry-After, which may have a comment and parameters (RFC 3261 §20.33)."""
    text = (response.get("retry-after") or "").partition(";")[0].partition("(")[0]
    return parse_delta_seconds(text.strip()) or 0
