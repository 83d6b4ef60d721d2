"""Quirks of NOTIFYs beyond their documents (RFC 6665)."""

import re

from scscf.quirks.notify import URI, Notify
from scscf.quirks.quirk import Ground
from scscf.sip.message import Request

_BETWEEN_ANGLES = re.compile("<[^<>]*>")
_LEFT = re.compile(r"expires=([0-9]{1,10})")
_NEWS = ("registered", "created", "refreshed", "shortened")


def contact_in_from_to(notify: Notify, _ground: Ground) -> None:
    """Name contacts in From and To, where the dialog's URIs belong."""
    request = notify.request
    ours = _BETWEEN_ANGLES.search(request.get("contact") or "")
    _put_uri(request, "From", ours[0] if ours else "<sip:127.0.0.1>")
    _put_uri(request, "To", f"<{request.uri_text}>")


def _put_uri(request: Request, name: str, uri: str) -> None:
    value = request.get(name.lower()) or ""
    if "<" in value:
        request.set(name, _BETWEEN_ANGLES.sub(lambda _: uri, value, count=1))
    else:
        request.set(name, f"{uri}{''.join(value.partition(';')[1:])}")


def wrong_content_type(notify: Notify, _ground: Ground) -> None:
    """Send the document as any XML."""
    if "content-type" in notify.request:
        notify.request.set("Content-Type", "application/xml")


def active_after_terminated(notify: Notify, ground: Ground) -> None:
    """Go on saying that a subscription is active."""
    request = notify.request
    if notify.is_final:
        left = ground.memory.get("active-after-terminated", notify.dialog)
        request.set("Subscription-State", f"active;expires={left or '3600'}")
    else:
        found = _LEFT.search(request.get("subscription-state") or "")
        if found:
            ground.memory.keep("active-after-terminated", notify.dialog, found[1])


def no_subscription_reason(notify: Notify, _ground: Ground) -> None:
    """End a subscription without saying why."""
    if notify.is_final:
        notify.request.set("Subscription-State", "terminated")


def no_final_notify(notify: Notify, _ground: Ground) -> None:
    """End a subscription without a word."""
    notify.swallowed = notify.swallowed or notify.is_final


def cseq_repeated(notify: Notify, ground: Ground) -> None:
    """Send every NOTIFY of a dialog with the CSeq of the first."""
    first = ground.memory.get("cseq-repeated", notify.dialog)
    if first is None:
        ground.memory.keep("cseq-repeated", notify.dialog, notify.request.get("cseq"))
    else:
        notify.request.set("CSeq", first)


def remember_refresh(request: Request, ground: Ground) -> None:
    """See that a subscription is refreshed."""
    if request.method == "SUBSCRIBE" and request.get("expires") != "0" and ";tag=" in (request.get("to") or "").lower():
        ground.memory.keep("no-notify-on-refresh", request.get("call-id"), True)


def no_notify_on_refresh(notify: Notify, ground: Ground) -> None:
    """Answer the refresh of a subscription with 200 and nothing else."""
    if ground.memory.drop("no-notify-on-refresh", notify.dialog[0]) and not notify.is_final:
        notify.swallowed = True


def only_own_contact_told(notify: Notify, ground: Ground) -> None:
    """Tell of new and refreshed contacts only the watcher who is at one of them."""
    key = notify.dialog
    if not ground.memory.get("only-own-contact-told", key):
        ground.memory.keep("only-own-contact-told", key, True)
        return
    contacts = notify.contacts
    if not contacts or notify.is_final or any(contact.get("event") not in _NEWS for contact in contacts):
        return
    if all(contact.findtext(URI) != notify.request.uri_text for contact in contacts):
        notify.swallowed = True
