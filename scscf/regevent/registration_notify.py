"""The event package of Microsoft's registrar: an endpoint is told of its own end (MS-SIPREGE §2.2.1.13, §3.2, §3.5).

The REGISTER subscribes, and the subscription lasts as long as the endpoint is bound; there is no SUBSCRIBE.
"""

from typing import Final, NamedTuple

from scscf.regevent.package import EventPackage
from scscf.regevent.subscription import Pending, Subscription
from scscf.registration.change import Cause, CauseKind
from scscf.registration.notice import Notice
from scscf.registration.registration import Contact, Event
from scscf.sip.grammar import quote
from scscf.sip.message import Request, make_request

__all__ = ["NOTICES", "REGISTRATION_NOTIFY", "Kind", "Notice", "diagnostics", "notice", "notice_of", "notice_request"]

CONTENT_TYPE: Final = "text/registration-event"


class Kind(NamedTuple):
    """One event that an endpoint can be told of."""

    error_ids: tuple[int, ...]
    """ErrorIds that ms-diagnostics-public may have with it, the usual one first."""
    reason: str
    """Text of ms-diagnostics-public."""
    event: Event
    """What watchers of the registration are told (RFC 3680 §4.7.2)."""


NOTICES: dict[str, Kind] = {
    "unregistered": Kind((4140,), "Endpoint unregistered by policy", Event.UNREGISTERED),
    "rejected": Kind((4141,), "User disabled", Event.REJECTED),
    "deactivated": Kind((4142,), "User temporarily unavailable", Event.DEACTIVATED),
    "userservices-unavailable": Kind((4165,), "User services unavailable", Event.PROBATION),
    "preferred-registrar-change": Kind((4166, 4167), "Preferred registrar changed", Event.DEACTIVATED),
}
"""Event of a body → what goes with it (MS-SIPREGE §2.2.1.13)."""

_OF_EVENT: dict[Event, str] = {
    Event.UNREGISTERED: "unregistered",
    Event.REJECTED: "rejected",
    Event.DEACTIVATED: "deactivated",
    Event.PROBATION: "deactivated",
}
"""Contact event of a watcher → event that the endpoint itself is told; of its expiry it is not."""

_UNTOLD = frozenset({CauseKind.USER, CauseKind.EXPIRY, CauseKind.FLOW_LOST})
"""Of what an endpoint has done itself, or has let happen, it is not told."""


def _no_document(*_: object) -> bytes:
    raise RuntimeError("an endpoint is told notices, not documents")


REGISTRATION_NOTIFY = EventPackage("registration-notify", CONTENT_TYPE, 0, _no_document, implicit=True)


def notice(
    event: str,
    error_id: int | None = None,
    reason: str | None = None,
    *,
    registered: bool = False,
    preferred_registrar: str | None = None,
) -> Notice:
    """Return the notice of an event of NOTICES, with its usual ErrorId and reason where none are given."""
    kind = NOTICES[event]
    return Notice(event, error_id or kind.error_ids[0], reason or kind.reason, registered, preferred_registrar)


def notice_of(cause: Cause, contact: Contact) -> Notice | None:
    """Return what an endpoint is told whose contact `cause` has ended, None where it is told nothing."""
    if cause.notice is not None:
        return cause.notice
    if cause.kind in _UNTOLD:
        return None
    event = _OF_EVENT.get(contact.event)
    return notice(event) if event is not None else None


def diagnostics(found: Notice) -> str:
    """Return the value of ms-diagnostics-public (MS-OCER §2.2.1)."""
    return f"{found.error_id};reason={quote(found.reason)}"


def notice_request(subscription: Subscription, pending: Pending, now: float) -> Request:
    """Return the NOTIFY that carries a notice, to the contact as the server knows it (MS-SIPREGE §4.1.3).

    It has the Call-ID and the tags of the REGISTER, and no Contact: what it answers to is no dialog.
    """
    dialog, told = subscription.dialog, pending.notice
    if told is None:
        raise RuntimeError("there is nothing to tell")
    dialog.local_cseq += 1
    frame = dialog.request("NOTIFY")
    headers = [(name, value) for name, value in frame.headers if name != "Contact"]
    expires = subscription.remaining(now) if told.registered else 0
    headers += [
        ("CSeq", f"{dialog.local_cseq} NOTIFY"),
        ("Event", REGISTRATION_NOTIFY.name),
        ("subscription-state", f"{'active' if told.registered else 'terminated'};expires={expires}"),
        ("ms-diagnostics-public", diagnostics(told)),
    ]
    if told.preferred_registrar is not None:
        headers.append(("P-Preferred-Registrar", told.preferred_registrar))
    headers.append(("Content-Type", CONTENT_TYPE))
    return make_request("NOTIFY", dialog.remote_target, headers, told.body)
