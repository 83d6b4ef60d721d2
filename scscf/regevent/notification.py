"""One NOTIFY: how it is written, and who hears of its answer (RFC 6665 §4.2.2)."""

from collections.abc import Callable

from scscf.regevent.subscription import Pending, Subscription
from scscf.registration.gruu import Gruus
from scscf.registration.instance import same_instance
from scscf.sip.grammar import parse_delta_seconds
from scscf.sip.message import Request, Response
from scscf.sip.outbox import Failure
from scscf.sip.uri import parse_uri

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


def notify_request(
    subscription: Subscription, pending: Pending, body: bytes, now: float, gruus: Gruus | None = None
) -> Request:
    """Return the next NOTIFY of a subscription's dialog; Subscription-State is fixed here (RFC 6665 §4.1.3).

    A GRUU of ours that is the remote target is replaced by what it stands for, as on the way through its home proxy,
    which is this node (RFC 5627 §6.1): a P-CSCF would send it back here.
    """
    dialog = subscription.dialog
    dialog.local_cseq += 1
    request = dialog.request("NOTIFY")
    if gruus is not None and ";gr" in dialog.remote_target:
        request.uri_text = _bound(dialog.remote_target, pending, gruus)
    request.headers += [
        ("CSeq", f"{dialog.local_cseq} NOTIFY"),
        ("Event", subscription.event),
        ("Subscription-State", _subscription_state(subscription, pending, now)),
        ("Content-Type", subscription.package.content_type),
    ]
    request.body = body
    return request


def _bound(target: str, pending: Pending, gruus: Gruus) -> str:
    """Return the contact that a GRUU stands for, or stood for until now; itself where there is none."""
    gruu = gruus.resolve(parse_uri(target))
    if gruu is not None:
        for contact in (*pending.news.live(gruu.aor), *pending.news.ended(gruu.aor)):
            if same_instance(contact.binding.instance or "", gruu.instance):
                return contact.binding.uri
    return target


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
