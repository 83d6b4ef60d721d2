"""The reginfo document (RFC 3680 §5), written from escaped pieces: no tree is built on the hot path."""

import re
from collections.abc import Callable, Sequence
from enum import Enum

from scscf.profile.wildcard import example
from scscf.regevent.news import News
from scscf.registration.binding import Binding
from scscf.registration.gruu import public_gruu
from scscf.registration.instance import same_instance
from scscf.registration.registration import Contact, Event, State, registration_id
from scscf.sip.parameters import Parameters

CONTENT_TYPE = "application/reginfo+xml"
NAMESPACE = "urn:ietf:params:xml:ns:reginfo"
GRUUS = "urn:ietf:params:xml:ns:gruuinfo"
WILDCARDS = "urn:3gpp:ns:extRegExp:1.0"


class Documents(Enum):
    """How much a NOTIFY says after a change; what a SUBSCRIBE triggers is always full."""

    FULL = "full"
    """Every identity of the implicit registration set (TS 24.229 §5.4.2.1.2)."""
    PARTIAL = "partial"
    """Every identity that changed, with all of its contacts, an unchanged one with its last event."""
    DELTA = "delta"
    """Only contacts that changed (RFC 3680 §4.3)."""


_UNSAFE = re.compile('[&<>"\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]')
_REPLACEMENTS = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}


def escape(text: str) -> str:
    """Return text fit for an element or a quoted attribute; what XML 1.0 cannot carry becomes U+FFFD."""
    if _UNSAFE.search(text) is None:
        return text
    return _UNSAFE.sub(lambda match: _REPLACEMENTS.get(match[0], "\ufffd"), text)


Temporary = Callable[[str, Binding], str | None]
"""(address of record, contact) → its temporary GRUU."""


def render(news: News, documents: Documents, now: float, version: int, temporary: Temporary | None = None) -> bytes:
    """Return the document that tells `news` at `now` (seconds): UTF-8 XML, valid against schemas/reginfo.xsd.

    `temporary` makes temporary GRUUs, which are for those who may register the address of record (RFC 5628 §5).
    """
    if news.full:
        documents = Documents.FULL
    key = (documents.value, int(now), temporary is not None)
    pieces = news.memo.get(key)
    if pieces is None:
        pieces = news.memo[key] = _PIECES[documents](news, now, temporary)
    state, registrations = pieces
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<reginfo xmlns="{NAMESPACE}" version="{version}" state="{state}">\n'
        f"{registrations}</reginfo>\n"
    ).encode()


def _full(news: News, now: float, temporary: Temporary | None) -> tuple[str, str]:
    written = [_registration(aor, news.ended(aor), news.live(aor), now, news, temporary) for aor in news.identities]
    return "full", "".join(written)


def _partial(news: News, now: float, temporary: Temporary | None) -> tuple[str, str]:
    changed = {aor for aor, _ in news.rows}
    written = [
        _registration(aor, news.ended(aor), news.live(aor), now, news, temporary)
        for aor in news.identities
        if aor in changed
    ]
    return "partial", "".join(written)


def _delta(news: News, now: float, temporary: Temporary | None) -> tuple[str, str]:
    changed = {aor for aor, _ in news.rows}
    written = [
        _registration(aor, news.changed(aor), (), now, news, temporary) for aor in news.identities if aor in changed
    ]
    return "partial", "".join(written)


_PIECES = {Documents.FULL: _full, Documents.PARTIAL: _partial, Documents.DELTA: _delta}


def _registration(
    aor: str,
    changed: Sequence[Contact],
    others: Sequence[Contact],
    now: float,
    news: News,
    temporary: Temporary | None,
) -> str:
    live = news.live(aor)
    state = State.ACTIVE if live else State.TERMINATED if changed else State.INIT
    contacts = "".join([_contact(aor, contact, now, live, temporary) for contact in (*changed, *others)])
    shown = aor
    if aor.count("!") > 1 and news.is_wildcarded(aor):
        # A URI has to stand there, so one that is meant; which ones are, the extension says (TS 24.229 §7.10.2).
        shown = example(aor)
        contacts += f'    <ere:wildcardedIdentity xmlns:ere="{WILDCARDS}">{escape(aor)}</ere:wildcardedIdentity>\n'
    opening = f'  <registration aor="{escape(shown)}" id="{registration_id(aor)}" state="{state.value}"'
    return f"{opening}>\n{contacts}  </registration>\n" if contacts else f"{opening}/>\n"


def _contact(aor: str, contact: Contact, now: float, live: Sequence[Contact], temporary: Temporary | None) -> str:
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
    gruus = _gruus(aor, binding, live, temporary) if binding.gruu else ""
    return (
        f"    <contact {attributes}>\n      <uri>{escape(binding.uri)}</uri>{name}{_unknown(binding.params)}{gruus}\n"
        "    </contact>\n"
    )


def _gruus(aor: str, binding: Binding, live: Sequence[Contact], temporary: Temporary | None) -> str:
    """Return the GRUUs of a contact: those of its instance, the same for each of its contacts (RFC 5628 §5).

    The first CSeq is that of the oldest temporary one still valid; none is when no contact of the instance is left.
    """
    written = ""
    public = public_gruu(aor, binding)
    if public is not None:
        written = f'<gr:pub-gruu xmlns:gr="{GRUUS}" uri="{escape(public)}"/>'
    of_instance = _of_instance(binding, live) if temporary is not None else ()
    if temporary is not None and of_instance:
        latest = temporary(aor, max(of_instance, key=lambda each: each.cseq))
        if latest is not None:
            first = min(each.first_cseq for each in of_instance)
            written += f'<gr:temp-gruu xmlns:gr="{GRUUS}" uri="{escape(latest)}" first-cseq="{first}"/>'
    return written


def _of_instance(binding: Binding, live: Sequence[Contact]) -> list[Binding]:
    """Return the bindings whose temporary GRUUs are those of a contact's instance: of its Call-ID (RFC 5627 §5.1)."""
    return [
        contact.binding
        for contact in live
        if contact.binding.gruu
        and contact.binding.call_id == binding.call_id
        and same_instance(contact.binding.instance or "", binding.instance or "")
    ]


def _unknown(params: Parameters) -> str:
    """Return the parameters that RFC 3261 does not define, quotes and all, as RFC 5628 §8 shows them."""
    return "".join(
        f'<unknown-param name="{escape(name)}">{escape(value)}</unknown-param>'
        if value is not None
        else f'<unknown-param name="{escape(name)}"/>'
        for name, value in params
    )
