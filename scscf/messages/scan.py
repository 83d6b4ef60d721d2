"""Whether a message may be one that is looked for, told by its octets alone: what it says is then worked out of few.

More may fit than do; none that does is left out.
"""

import re
from collections.abc import Collection

from scscf.messages.facts import LONGEST
from scscf.messages.seen import SIP, Seen

_ESCAPED = re.compile("%[0-9a-f]{2}")
_RUN = re.compile("[a-z0-9]+")
_SEPARATORS = b"-.()"
"""Visual separators of a number (RFC 3966 §5.1.1)."""
_CALL_ID = re.compile(rb"^(?:call-id|i)[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_INTERNAL = ";internal;"
"""Stands in every Session-Id of what did not travel."""


class Scan:
    """What is looked for: messages that name one of `aors` (canonical), and `impi`, with `call_id`; None: any."""

    def __init__(
        self, aors: Collection[str] | None = None, impi: str | None = None, call_id: str | None = None
    ) -> None:
        wanted = [names for names in (aors, None if impi is None else (impi,)) if names is not None]
        self._names = [frozenset(names) for names in wanted]
        self._needles = [_needles(names) for names in wanted]
        self._call_id = call_id
        sure = call_id is not None and _is_plain(call_id)
        self._session = call_id.encode() if call_id is not None and sure else b""

    @property
    def chooses(self) -> bool:
        """Whether anything is looked for: any message fits otherwise."""
        return bool(self._names) or self._call_id is not None

    def may_fit(self, seen: Seen) -> bool:
        """Tell whether a message may be looked for."""
        if seen.known:
            return True
        raw = seen.raw
        if not isinstance(raw, bytes):
            # A note has the identities that its message names as they are; that of what the HSS sends is made.
            names = [each for each in raw if isinstance(each, str)]
            is_named = not names or all(not wanted.isdisjoint(names) for wanted in self._names)
            return is_named and (self._call_id is None or _INTERNAL in self._call_id)
        if self._session not in raw:
            return False
        if seen.protocol != SIP or not self._needles:
            return True
        octets = raw.lower()
        # Any character of a user may be written as an escape.
        return not any(_lacks(octets, needles) for needles in self._needles) or b"%" in octets


def call_id_of(seen: Seen) -> str | None:
    """Return the Call-ID or Session-Id of a message; of SIP without all else that it says."""
    raw = seen.raw
    if not seen.known and seen.protocol == SIP and isinstance(raw, bytes):
        found = _CALL_ID.search(raw, 0, max(0, raw.find(b"\r\n\r\n")))
        text = found[1].decode("utf-8", "replace").strip() if found is not None else ""
        if _is_plain(text):
            return text
    return seen.facts.call_id


def _is_plain(text: str) -> bool:
    """Tell whether a fact has a text as it stands in the message."""
    return 0 < len(text) < LONGEST and text.isascii() and text.isprintable()


def _needles(names: Collection[str]) -> list[bytes] | None:
    """Return what each name cannot be written without, in small letters; None where that cannot be said."""
    needles = []
    for name in names:
        scheme, colon, rest = name.lower().partition(":")
        if not colon or scheme == "tel":
            part = (rest or scheme).lstrip("+").partition(";")[0]
        else:
            part = rest.rpartition("@")[0]
        runs = _RUN.findall(_ESCAPED.sub(" ", part))
        if not runs or not _is_plain(name) or (scheme == "tel" and not part.isdigit()):
            return None
        needles.append(max(runs, key=len).encode())
    return needles


def _lacks(octets: bytes, needles: list[bytes] | None) -> bool:
    for needle in needles or ():
        if needle in octets or (needle.isdigit() and needle in octets.translate(None, _SEPARATORS)):
            return False
    return needles is not None
