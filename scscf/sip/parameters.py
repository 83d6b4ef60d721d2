"""Parameters after a `;`, of headers and of URIs (RFC 3261 §7.3.1, §19.1.1)."""

import re

from scscf.errors import SipError
from scscf.sip.grammar import end_of_quoted, unquote

Parameters = tuple[tuple[str, str | None], ...]
"""(name, value) as written, a quoted value with its quotes; the value is None where there is no `=`."""

_MOST_PARAMETERS = 128
_KNOWN_NAMES = 4096
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")
_NAME = re.compile(r"[A-Za-z0-9\-.!%*_+`'~\[\]/:&$()]+")


class _LowerNames(dict[str, str]):
    """Spelling of a parameter name, with the white space around it -> the name in lower case.

    Keeps the first few thousand spellings it met.
    """

    def __missing__(self, name: str) -> str:
        lower = name.strip(" \t").lower()
        if _NAME.fullmatch(lower) is None:
            raise SipError(400, "Bad Parameter")
        if len(self) < _KNOWN_NAMES and len(name) <= 64:
            self[name] = lower
        return lower


_LOWER = _LowerNames()


def lower_name(name: str) -> str:
    """Return a parameter name in lower case, without white space around it. Raises SipError(400) for what is none."""
    return _LOWER[name]


def parse_parameters(text: str) -> Parameters:
    """Parse what stands after the first `;` of a value, or from it on.

    Raises SipError(400) for an empty or malformed parameter and for a name that comes twice in any case.
    """
    if not text:
        return ()
    if text[0] == ";":
        text = text[1:]
    if not text.isprintable() and _UNPRINTABLE.search(text):
        raise SipError(400, "Bad Parameter")
    if " " in text or "\t" in text:
        return _parse_carefully(text)
    quotes = '"' in text
    if not quotes and ";" not in text:
        name, equals, only = text.partition("=")
        _ = _LOWER[name]
        return ((name, only if equals else None),)
    pieces = text.split(";")
    if len(pieces) > _MOST_PARAMETERS:
        raise SipError(400, "Too Many Parameters")
    found: list[tuple[str, str | None]] = []
    names: list[str] = []
    for piece in pieces:
        name, equals, value = piece.partition("=")
        if quotes and '"' in value and (value[0] != '"' or value[-1] != '"' or value.count('"') != 2 or "\\" in value):
            return _parse_carefully(text)
        names.append(_LOWER[name])
        found.append((name, value if equals else None))
    _check_unique(names)
    return tuple(found)


def _check_unique(names: list[str]) -> None:
    if len(names) > 1 and len(set(names)) != len(names):
        raise SipError(400, "Duplicate Parameter")


def _parse_carefully(text: str) -> Parameters:
    """Parse parameters with quoted strings or white space among them."""
    pieces = _split_quoted(text)
    if len(pieces) > _MOST_PARAMETERS:
        raise SipError(400, "Too Many Parameters")
    found: list[tuple[str, str | None]] = []
    names: list[str] = []
    for piece in pieces:
        name, equals, value = piece.partition("=")
        names.append(_LOWER[name])
        if '"' in value or " " in value or "\t" in value:
            value = _checked_value(value.strip(" \t"))
        found.append((name.strip(" \t"), value if equals else None))
    _check_unique(names)
    return tuple(found)


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
            if not value:
                return ""
            return unquote(value) if value[0] == '"' else value
    return None


def format_parameters(params: Parameters) -> str:
    """Return `;name=value;name`, "" for none."""
    return "".join([f";{name}" if value is None else f";{name}={value}" for name, value in params])
