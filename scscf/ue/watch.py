"""One subscription as its subscriber sees it: the dialog, its NOTIFYs and Subscription-State (RFC 6665 §4.1)."""

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from scscf.errors import SipError
from scscf.sip.address import Address
from scscf.sip.message import Message, Request, Response, make_request
from scscf.sip.outbox import NextHop
from scscf.sip.parameters import parameter, parse_parameters
from scscf.sip.routing import route_request


class WatchState(Enum):
    """States of a subscription at its subscriber (RFC 6665 §4.1.2)."""

    NOTIFY_WAIT = "notify_wait"
    PENDING = "pending"
    ACTIVE = "active"
    TERMINATED = "terminated"


class SubscriptionState(NamedTuple):
    """A Subscription-State value (RFC 6665 §8.2.3)."""

    state: str
    reason: str | None = None
    expires: int | None = None
    retry_after: int | None = None


class Notified(NamedTuple):
    """One NOTIFY that came inside a watch's dialog."""

    at: float
    """Seconds since the Unix epoch."""
    request: Request
    state: SubscriptionState


class Watch:
    """A subscription of a UE to the event package of one address of record."""

    def __init__(self, aor: str, event: str, call_id: str, local: str, local_tag: str, contact: str) -> None:
        self.aor = aor
        self.event = event
        self.call_id = call_id
        self.local = local
        """From of its requests, without the tag."""
        self.local_tag = local_tag
        self.contact = contact
        self.remote = f"<{aor}>"
        """To of its requests."""
        self.remote_tag: str | None = None
        self.remote_target = aor
        self.remote_cseq = 0
        self.route_set: tuple[str, ...] = ()
        self.cseq = 0
        self.state = WatchState.NOTIFY_WAIT
        self.expires_at: float | None = None
        """When it ends unless it is refreshed, seconds since the Unix epoch."""
        self.notified: list[Notified] = []

    def request(self, expires: int | None) -> Request:
        """Return the frame of its next SUBSCRIBE; `expires` None leaves the header out."""
        self.cseq += 1
        to = self.remote if self.remote_tag is None else f"{self.remote};tag={self.remote_tag}"
        headers = [
            ("Max-Forwards", "70"),
            ("From", f"{self.local};tag={self.local_tag}"),
            ("To", to),
            ("Call-ID", self.call_id),
            ("CSeq", f"{self.cseq} SUBSCRIBE"),
            ("Contact", self.contact),
            ("Event", self.event),
        ]
        if expires is not None:
            headers.append(("Expires", str(expires)))
        return make_request("SUBSCRIBE", self.remote_target, headers)

    def hop(self, request: Request) -> NextHop | None:
        """Write the dialog's route set into a request; return where it goes, None before there is a dialog."""
        return None if self.remote_tag is None else route_request(request, self.route_set)

    def accept(self, response: Response, now: float) -> None:
        """Take the 2xx of its SUBSCRIBE: the dialog and how long it lives (RFC 6665 §4.1.2.1)."""
        if self.remote_tag is None:
            self.remote_tag = response.to.tag
            self.route_set = tuple(reversed(response.values("record-route")))
        contacts = readable_contacts(response)
        if contacts:
            self.remote_target = contacts[0].uri.text
        if response.expires is not None and self.state is not WatchState.TERMINATED:
            self.expires_at = now + response.expires

    def notify(self, request: Request, now: float) -> Notified:
        """Take a NOTIFY of its dialog. Raises SipError: 481 after the end, 500 for an old CSeq, 400 without a state."""
        if self.state is WatchState.TERMINATED:
            raise SipError(481)
        if request.cseq.number <= self.remote_cseq:
            raise SipError(500, "CSeq Out of Order")
        state = subscription_state(request)
        self.remote_cseq = request.cseq.number
        if self.remote_tag is None:
            self.remote_tag = request.from_.tag
            self.route_set = tuple(request.values("record-route"))
        if request.contacts:
            self.remote_target = request.contacts[0].uri.text
        if state.state in ("active", "pending"):
            self.state = WatchState(state.state)
            if state.expires is not None:
                self.expires_at = now + state.expires
        else:
            self.state = WatchState.TERMINATED
            self.expires_at = None
        told = Notified(now, request, state)
        self.notified.append(told)
        return told


def readable_contacts(message: Message) -> Sequence[Address]:
    """Return the contacts of a message, none where its Contact cannot be read."""
    try:
        return message.contacts
    except SipError:
        return ()


def subscription_state(request: Request) -> SubscriptionState:
    """Return the Subscription-State of a NOTIFY. Raises SipError(400) where there is none that can be read."""
    text = request.get("subscription-state")
    if text is None:
        raise SipError(400, "Missing Subscription-State")
    state, semicolon, rest = text.partition(";")
    params = parse_parameters(semicolon + rest)
    return SubscriptionState(
        state.strip().lower(),
        parameter(params, "reason"),
        _seconds(parameter(params, "expires")),
        _seconds(parameter(params, "retry-after")),
    )


def _seconds(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() else None
