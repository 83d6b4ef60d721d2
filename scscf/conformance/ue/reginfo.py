"""What a registration information document tells a UE (RFC 3680 §5), where nothing is wrong with it."""

from typing import NamedTuple

from scscf.errors import SipError
from scscf.regevent.reading import ReadContact, read_document
from scscf.regevent.schema import problems_of
from scscf.sip.grammar import parse_delta_seconds
from scscf.sip.uri import Uri, parse_uri
from scscf.sip.uri_comparison import aor_of

_LARGEST = 1 << 20
_MOST_ROWS = 4096


class Told(NamedTuple):
    """What a document says of one contact at one identity."""

    aor: str
    """Canonical."""
    contact: Uri
    is_active: bool
    event: str
    expires: int | None
    """Seconds left."""
    retry_after: int | None
    """Seconds to wait after probation."""


class Document(NamedTuple):
    """A document that a watcher can rely on."""

    version: int
    rows: tuple[Told, ...]


def reliable_document(body: bytes) -> Document | None:
    """Return what a document says; None for one that is invalid or larger than 1 MiB, which a UE need not obey."""
    if len(body) > _LARGEST or problems_of(body):
        return None
    document = read_document(body)
    rows = [
        _told(registration.aor, contact) for registration in document.registrations for contact in registration.contacts
    ]
    return Document(_number(document.version) or 0, tuple(row for row in rows[:_MOST_ROWS] if row is not None))


def _told(aor: str, contact: ReadContact) -> Told | None:
    try:
        identity, uri = aor_of(parse_uri(aor.strip())), parse_uri(contact.uri)
    except SipError:
        return None
    return Told(
        identity,
        uri,
        contact.get("state") == "active",
        contact.get("event") or "",
        _number(contact.get("expires")),
        _number(contact.get("retry-after")),
    )


def _number(text: str | None) -> int | None:
    return None if text is None else parse_delta_seconds(text.strip())
