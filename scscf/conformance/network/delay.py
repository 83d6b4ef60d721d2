"""When a NOTIFY was made whose first copies may have been lost (RFC 3261 §17.1.2, RFC 6665 §4.2.2)."""

from scscf.conformance.network.notify import SubscriptionState
from scscf.conformance.network.profile import NetworkProfile
from scscf.conformance.network.watching import Dialog, Watching
from scscf.errors import SipError
from scscf.regevent.reading import ReadDocument
from scscf.sip.message import Request


def made_at(
    notify: Request,
    state: SubscriptionState | None,
    document: ReadDocument | None,
    watching: Watching,
    dialog: Dialog,
    limit: float | None,
    now: float,
    profile: NetworkProfile,
) -> float:
    """Return when a NOTIFY that is first seen `now` was made; all times are seconds on the judge's clock.

    `limit` is when the subscription may end at the latest. The time that the NOTIFY says it has left tells of a delay.
    It is believed of a datagram for as long as one is sent again, unless contacts that were told before say that the
    document is not so old.
    """
    if state is None or state.expires is None or limit is None:
        return now
    delay = now + state.expires - limit
    longest = min(profile.answer, now - watching.at) + profile.tolerance
    if not profile.tolerance < delay < longest or not by_datagram(notify):
        return now
    shown = None if document is None else dialog.view.age(document, now)
    return now if shown is not None and shown < delay - profile.tolerance else now - delay


def by_datagram(notify: Request) -> bool:
    """Tell whether a request came over a hop that may lose it."""
    try:
        return any(via.transport == "udp" for via in notify.vias)
    except SipError:
        return False
