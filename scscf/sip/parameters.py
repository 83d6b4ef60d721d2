"""Parameters after a `;`, of headers and of URIs (RFC 3261 §7.3.1, §19.1.1)."""

import re

from scscf.errors import SipError
from scscf.sip.grammar import end_of_quoted, unquote

Parameters = tuple[tuple[str, str | None], ...]
"""(name, value) as written, a quoted value with its quotes; the value is None where there is no `=`."""

_KNOWN_NAMES = 4096
_UNPRINTABLE = re.compile("[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")
_NAME = re.compile(r"[A-Za-z0-9\-.!%*_+`'~\[\]/:&$()]+")


class _LowerNames(dict[str, str]):
    """Spelling of a parameter name -> the name in lower case; keeps the first few thousand spellings it met."""

    def __missing__(self, name: str) -> str:
        if _NAME.fullmatch(name) is None:
            bare = name.strip(" \t")
            if bare != name:
                return self[bare]
            raise SipError(400, "Bad Parameter")
        lower = name.lower()
        if len(self) < _KNOWN_NAMES and len(name) <= 64:
            self[name] = lower
        return lower


_LOWER = _LowerNames()


def parse_parameters(text: str) -> Parameters:
    """Parse what stands after the first `;` of a value, or from it on.

    Raises SipError(400) for an empty or malformed parameter and for a name that comes twice in any case.
    """
    if not text:
        return ()
    if text[0] == ";":
        text = text[1:]
    if not text.isprintable():
        _check_printable(text)
    found: list[tuple[str, str | None]] = []
    seen: set[str] = set()
    for piece in text.split(";") if '"' not in text else _split_quoted(text):
        name, equals, value = piece.partition("=")
        lower = _LOWER[name]
        if lower in seen:
            raise SipError(400, "Duplicate Parameter")
        seen.add(lower)
        if name[0] <= " " or name[-1] <= " ":
            name = name.strip(" \t")
        if not equals:
            found.append((name, None))
            continue
        if " " in value or '"' in value or "\t" in value:
            value = _checked_value(value.strip(" \t"))
        found.append((name, value))
    return tuple(found)


def _check_printable(text: str) -> None:
    if _UNPRINTABLE.search(text):
        raise SipError(400, "Bad Parameter")


def _split_quoted(text: str) -> list[str]:
    pieces: list[str] = []
    start = at = 0
    while True:
        semicolon = text.find(";", at)
        quote = text.find('"', at, semicolon if semicolon >= 0 else len(text))
        if quote >= 0:
            at = end_of_quoted(text, quote)
        elif semicolon < 0:
            pieces.append(text[start:])
            return pieces
        else:
            pieces.append(text[start:semicolon])
            start = at = semicolon + 1


def _checked_value(value: str) -> str:
    if value[:1] == '"':
        if end_of_quoted(value, 0) != len(value):
            raise SipError(400, "Bad Parameter")
    elif '"' in value or " " in value or "\t" in value:
        raise SipError(400, "Bad Parameter")
    return value


def parameter(params: Parameters, name: str) -> str | None:
    """Return the unquoted value of a parameter (`name` in lower case); "" for one without value, None for none."""
    for written, value in params:
        if written == name or written.lower() == name:
            return unquote(value) if value else ""
    return None


def format_parameters(params: Parameters) -> str:
    """Return `;name=value;name`, "" for none."""
    return "".join([f";{name}" if value is None else f";{name}={value}" for name, value in params])
