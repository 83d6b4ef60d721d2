"""What a registration information document says about one's own contact (TS 24.229 §5.1.1.7, §5.1.1.5A)."""

from collections.abc import Sequence
from typing import NamedTuple

from scscf.errors import SipError
from scscf.regevent.reading import ReadContact, ReadDocument
from scscf.sip.grammar import parse_delta_seconds
from scscf.sip.uri import Uri, parse_uri
from scscf.sip.uri_comparison import aor_of, same_uri
from scscf.ue.autonomous.states import RegistrationInput

_ENDS = {
    "deactivated": RegistrationInput.DEACTIVATED,
    "probation": RegistrationInput.PROBATION,
    "rejected": RegistrationInput.REJECTED,
}


class OwnNews(NamedTuple):
    """What became of one's own contact."""

    input: RegistrationInput
    seconds: int | None = None
    """Of `shortened`: what is left; of `probation`: how long to wait."""


def own_news(document: ReadDocument, aor: str, contact: str) -> OwnNews | None:
    """Return what a document says of `contact` (a URI) at `aor`; None where that changes nothing.

    Where the identity is not in the document (barred ones are not), every identity has to say the same.
    """
    own = _uri(contact)
    rows = [
        (registration.aor, row)
        for registration in document.registrations
        for row in registration.contacts
        if _is_same(row, own)
    ]
    at_own = [row for identity, row in rows if _same_aor(identity, aor)]
    considered = at_own or [row for _, row in rows]
    for row in considered:
        if row.get("state") == "active":
            return _shortened(considered)
    if not considered:
        return None
    last = considered[0]
    event = _ENDS.get(last.get("event") or "", RegistrationInput.ENDED)
    return OwnNews(event, _number(last.get("retry-after")))


def default_identity(aor: str, associated: Sequence[str]) -> str:
    """Return who it is that subscribes: itself, or the first P-Associated-URI where it is barred (TS 24.229 §5.1.1.2).

    An identity that is not among those of the 200 is barred.
    """
    if not associated or any(_same_aor(each, aor) for each in associated):
        return aor
    return associated[0]


def _shortened(rows: list[ReadContact]) -> OwnNews | None:
    for row in rows:
        seconds = _number(row.get("expires"))
        if row.get("state") == "active" and row.get("event") == "shortened" and seconds is not None:
            return OwnNews(RegistrationInput.SHORTENED, seconds)
    return None


def _is_same(row: ReadContact, own: Uri | None) -> bool:
    uri = _uri(row.uri)
    return own is not None and uri is not None and same_uri(uri, own)


def _same_aor(first: str, second: str) -> bool:
    one, other = _uri(first), _uri(second)
    return one is not None and other is not None and aor_of(one) == aor_of(other)


def _uri(text: str) -> Uri | None:
    try:
        return parse_uri(text.strip())
    except SipError:
        return None


def _number(text: str | None) -> int | None:
    return None if text is None else parse_delta_seconds(text.strip())
