"""The reginfo document (RFC 3680 §5), written from escaped pieces: no tree is built on the hot path."""

import re
from collections.abc import Sequence
from enum import Enum

from scscf.regevent.news import News
from scscf.registration.registration import Contact, Event, State, registration_id
from scscf.sip.parameters import Parameters

CONTENT_TYPE = "application/reginfo+xml"
NAMESPACE = "urn:ietf:params:xml:ns:reginfo"


class Documents(Enum):
    """How much a NOTIFY says after a change; what a SUBSCRIBE triggers is always full."""

    FULL = "full"
    """Every identity of the implicit registration set (TS 24.229 §5.4.2.1.2)."""
    PARTIAL = "partial"
    """Every identity that changed, with all of its contacts, an unchanged one with its last event."""
    DELTA = "delta"
    """Only contacts that changed (RFC 3680 §4.6)."""


_UNSAFE = re.compile('[&<>"\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]')
_REPLACEMENTS = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}


def escape(text: str) -> str:
    """Return text fit for an element or a quoted attribute; what XML 1.0 cannot carry becomes U+FFFD."""
    if _UNSAFE.search(text) is None:
        return text
    return _UNSAFE.sub(lambda match: _REPLACEMENTS.get(match[0], "\ufffd"), text)


def render(news: News, documents: Documents, now: float, version: int) -> bytes:
    """Return the document that tells `news` at `now` (seconds): UTF-8 XML, valid against schemas/reginfo.xsd."""
    if news.full:
        documents = Documents.FULL
    key = (documents.value, int(now))
    pieces = news.memo.get(key)
    if pieces is None:
        pieces = news.memo[key] = _PIECES[documents](news, now)
    state, registrations = pieces
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<reginfo xmlns="{NAMESPACE}" version="{version}" state="{state}">\n'
        f"{registrations}</reginfo>\n"
    ).encode()


def _full(news: News, now: float) -> tuple[str, str]:
    written = [_registration(aor, news.ended(aor), news.live(aor), now, news) for aor in news.identities]
    return "full", "".join(written)


def _partial(news: News, now: float) -> tuple[str, str]:
    changed = {aor for aor, _ in news.rows}
    written = [
        _registration(aor, news.ended(aor), news.live(aor), now, news) for aor in news.identities if aor in changed
    ]
    return "partial", "".join(written)


def _delta(news: News, now: float) -> tuple[str, str]:
    changed = {aor for aor, _ in news.rows}
    written = [_registration(aor, news.changed(aor), (), now, news) for aor in news.identities if aor in changed]
    return "partial", "".join(written)


_PIECES = {Documents.FULL: _full, Documents.PARTIAL: _partial, Documents.DELTA: _delta}


def _registration(aor: str, changed: Sequence[Contact], others: Sequence[Contact], now: float, news: News) -> str:
    state = State.ACTIVE if news.live(aor) else State.TERMINATED if changed else State.INIT
    contacts = "".join([_contact(contact, now) for contact in (*changed, *others)])
    opening = f'  <registration aor="{escape(aor)}" id="{registration_id(aor)}" state="{state.value}"'
    return f"{opening}>\n{contacts}  </registration>\n" if contacts else f"{opening}/>\n"


def _contact(contact: Contact, now: float) -> str:
    binding = contact.binding
    state = contact.state
    expires = binding.remaining(now) if state is State.ACTIVE else 0
    # Kamailio's P-CSCF refuses a contact without expires, so a terminated one carries 0.
    attributes = (
        f'id="{contact.id}" state="{state.value}" event="{contact.event.value}" expires="{expires}" '
        f'duration-registered="{max(0, int(now - binding.registered_at))}" '
        f'callid="{escape(binding.call_id)}" cseq="{binding.cseq}"'
    )
    if contact.event is Event.PROBATION and contact.retry_after is not None:
        attributes += f' retry-after="{contact.retry_after}"'
    if binding.q is not None:
        attributes += f' q="{binding.q}"'
    name = f"<display-name>{escape(binding.display_name)}</display-name>" if binding.display_name else ""
    return (
        f"    <contact {attributes}>\n      <uri>{escape(binding.uri)}</uri>{name}{_unknown(binding.params)}\n"
        "    </contact>\n"
    )


def _unknown(params: Parameters) -> str:
    """Return the parameters that RFC 3261 does not define, quotes and all, as RFC 5628 §8 shows them."""
    return "".join(
        f'<unknown-param name="{escape(name)}">{escape(value)}</unknown-param>'
        if value is not None
        else f'<unknown-param name="{escape(name)}"/>'
        for name, value in params
    )
