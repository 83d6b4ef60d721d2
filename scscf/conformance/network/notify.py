"""What a NOTIFY for registration state has to look like in its dialog (RFC 6665 §4.1.3, §4.2.2, RFC 3261 §12.2)."""

from collections.abc import Iterator
from typing import NamedTuple

from scscf.conformance.finding import Found
from scscf.conformance.network.exchanges import Exchanges
from scscf.conformance.network.watching import Dialog, Watching, Watchings, expires_of
from scscf.errors import SipError
from scscf.sip.grammar import parse_delta_seconds
from scscf.sip.message import Request
from scscf.sip.parameters import parameter, parse_parameters
from scscf.sip.uri_comparison import same_uri

_REASONS = frozenset(
    {"deactivated", "probation", "rejected", "timeout", "giveup", "noresource", "invariant", "badfilter"}
)
"""RFC 6665 §4.1.3, RFC 4660 §5."""
CONTENT_TYPE = "application/reginfo+xml"


class SubscriptionState(NamedTuple):
    """Value of Subscription-State."""

    state: str
    """In lower case."""
    expires: int | None
    reason: str | None


def subscription_state(notify: Request) -> SubscriptionState | None:
    """Return what Subscription-State says; None where it is missing or malformed."""
    value = notify.get("subscription-state")
    if value is None:
        return None
    state, semicolon, rest = value.partition(";")
    try:
        params = parse_parameters(rest) if semicolon else ()
    except SipError:
        return None
    expires = parameter(params, "expires")
    seconds = None if expires is None else parse_delta_seconds(expires)
    reason = parameter(params, "reason")
    if not state.strip() or (expires is not None and seconds is None):
        return None
    return SubscriptionState(state.strip().lower(), seconds, None if reason is None else reason.lower())


def dialog_of(notify: Request, watchings: Watchings, now: float, window: float) -> tuple[Watching, Dialog] | None:
    """Return the dialog of a NOTIFY, which it may begin itself for `window` seconds; None for one of no subscription.

    RFC 6665 §4.4.1: a NOTIFY may come before the 200, and from several notifiers. Raises SipError(400).
    """
    watching = watchings.of(notify.call_id, notify.to.tag)
    if watching is None:
        return None
    tag = notify.from_.tag or ""
    dialog = watching.dialogs.get(tag)
    if dialog is None:
        if watching.refused is not None or now - watching.at > window:
            return None
        dialog = watching.dialog(tag)
    return watching, dialog


def judge_frame(notify: Request, watching: Watching, dialog: Dialog, now: float) -> Iterator[Found]:
    """Yield what is wrong with the fields of a NOTIFY in its dialog."""
    number = notify.cseq.number
    if dialog.cseq is not None and number <= dialog.cseq:
        yield "notify-cseq-not-rising", f"CSeq of a NOTIFY is {number}, that of the one before was {dialog.cseq}."
    if notify.from_.tag is None:
        yield "notify-without-from-tag", "From of a NOTIFY has no tag."
    if not same_uri(notify.from_.uri, watching.remote.uri) or not same_uri(notify.to.uri, watching.local.uri):
        message = (
            f"NOTIFY is from {notify.from_.uri} to {notify.to.uri}; the dialog is between {watching.remote.uri} "
            f"and {watching.local.uri}."
        )
        yield "notify-identity-changed", message
    if len(notify.contacts) != 1:
        yield "notify-without-contact", f"A NOTIFY has {len(notify.contacts)} contacts."
    if notify.event != watching.event:
        yield "notify-event-differs", f"Event of a NOTIFY is {notify.get('event') or '(absent)'}."
    targets = watching.contacts
    if targets and not any(uri.parameter("gr") is not None or same_uri(uri, notify.uri) for uri in targets):
        yield "notify-to-wrong-target", f"A NOTIFY goes to {notify.uri}, not to {targets[-1]}."
    if dialog.over_at is not None:
        yield "notify-after-terminated", "A NOTIFY comes after the one that said terminated."
    elif dialog.cut_at is not None and now - dialog.cut_at > 2:
        yield "notify-after-refusal", "A NOTIFY comes after a refusal that ended the subscription."


def judge_state(
    state: SubscriptionState | None, notify: Request, dialog: Dialog, limit: float | None, now: float, tolerance: float
) -> Iterator[Found]:
    """Yield what is wrong with Subscription-State; `limit` is when the subscription may end at the latest."""
    if state is None:
        value = notify.get("subscription-state")
        what = "has no Subscription-State" if value is None else f"has Subscription-State: {value[:80]}"
        yield "subscription-state-malformed", f"A NOTIFY {what}."
        return
    if state.state in ("active", "pending"):
        if state.expires is None:
            yield "subscription-state-without-expires", f"Subscription-State is {state.state} without expires."
        elif limit is not None and now + state.expires > limit + tolerance:
            message = f"Subscription-State has {state.expires} s left, {max(0, round(limit - now))} s are."
            yield "subscription-expires-rises", message
    elif state.state == "terminated":
        if state.reason is None:
            yield "terminated-without-reason", "Subscription-State is terminated, and nothing says why."
        elif state.reason not in _REASONS:
            yield "unknown-reason", f"The reason of Subscription-State is {state.reason[:40]}."
        if state.expires is not None:
            yield "terminated-with-expires", "Subscription-State is terminated and has expires."
    else:
        yield "subscription-state-malformed", f"Subscription-State is {state.state[:40]}."


def latest_end(watching: Watching, dialog: Dialog, exchanges: Exchanges, now: float) -> float | None:
    """Return when a subscription may end at the latest by what is known; None where it may be any time.

    A SUBSCRIBE that is not answered yet may have been granted all that it asks for.
    """
    known = [dialog.ends, dialog.granted_until]
    for exchange in exchanges.open():
        request = exchange.request
        if request.method == "SUBSCRIBE" and (request.call_id, request.from_.tag or "") == watching.key:
            asked = expires_of(request)
            if asked is None:
                return None
            known.append(now + asked)
    told = [end for end in known if end is not None]
    return max(told) if told else None
