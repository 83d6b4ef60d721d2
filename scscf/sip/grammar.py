"""Pieces of RFC 3261 §25.1 that several headers share: tokens, quoted strings, comma lists, delta-seconds."""

import re

from scscf.errors import SipError

MAX_DELTA = 4294967295
"""Largest delta-seconds and CSeq number: 2**32 - 1 (RFC 3261 §20.16, §20.19)."""

LIST_LIMIT = 256
"""Most values that one comma list may have here."""

_TOKEN = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SPECIAL = re.compile(r'["\\]')


def is_token(text: str) -> bool:
    """Tell whether `text` is a token (RFC 3261 §25.1)."""
    return _TOKEN.fullmatch(text) is not None


def quote(text: str) -> str:
    r"""Return `text` as a quoted-string, with `"` and `\` escaped; line ends become spaces."""
    if "\r" in text or "\n" in text:
        text = text.replace("\r", " ").replace("\n", " ")
    return '"' + _SPECIAL.sub(r"\\\g<0>", text) + '"'


def unquote(text: str) -> str:
    """Return what a quoted-string stands for; text that is not quoted comes back as it is."""
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        return text
    text = text[1:-1]
    return _ESCAPED.sub(r"\1", text) if "\\" in text else text


def end_of_quoted(text: str, start: int) -> int:
    """Return the index after the quoted-string that opens at `start`; raises SipError(400) when it never closes."""
    at = start + 1
    while True:
        close = text.find('"', at)
        if close < 0:
            raise SipError(400, "Unterminated Quoted String")
        slash = text.find("\\", at, close)
        if slash < 0:
            return close + 1
        at = slash + 2


def split_list(value: str, separator: str = ",") -> list[str]:
    """Split a header value at each comma outside quotes and angle brackets (RFC 3261 §7.3.1).

    The parts are stripped; an empty part stays, for its header to judge. Raises SipError(400) for an unterminated
    quoted string and for more than LIST_LIMIT parts.
    """
    if separator not in value:
        if '"' in value:
            _check_quotes(value)
        return [value.strip()]
    if '"' not in value and "<" not in value:
        parts = value.split(separator)
    elif "\\" in value:
        parts = _split_slowly(value, separator)
    else:
        parts = _split_balanced(value, separator)
    if len(parts) > LIST_LIMIT:
        raise SipError(400, "Too Many Values")
    return [part.strip() for part in parts]


def _check_quotes(value: str) -> None:
    at = value.find('"')
    while at >= 0:
        at = value.find('"', end_of_quoted(value, at))


def _split_balanced(value: str, separator: str) -> list[str]:
    """Split and join again what was inside quotes or angle brackets; the value holds no backslash."""
    parts: list[str] = []
    pending: list[str] = []
    quoted = angled = False
    for piece in value.split(separator):
        pending.append(piece)
        if '"' in piece or quoted:
            for index, run in enumerate(piece.split('"')):
                if index:
                    quoted = not quoted
                if not quoted:
                    angled = _angled(run, angled)
        else:
            angled = _angled(piece, angled)
        if not quoted and not angled:
            parts.append(separator.join(pending) if len(pending) > 1 else piece)
            pending = []
    if quoted:
        raise SipError(400, "Unterminated Quoted String")
    if pending:
        parts.append(separator.join(pending))
    return parts


def _angled(run: str, angled: bool) -> bool:
    last_open, last_close = run.rfind("<"), run.rfind(">")
    return angled if last_open == last_close else last_open > last_close


def _split_slowly(value: str, separator: str) -> list[str]:
    parts: list[str] = []
    start = at = 0
    angled = False
    while at < len(value):
        character = value[at]
        if character == '"':
            at = end_of_quoted(value, at)
            continue
        if character == "<":
            angled = True
        elif character == ">":
            angled = False
        elif character == separator and not angled:
            parts.append(value[start:at])
            start = at + 1
        at += 1
    parts.append(value[start:])
    return parts


def parse_delta_seconds(text: str) -> int | None:
    """Return delta-seconds (RFC 3261 §20.19), at most MAX_DELTA whatever the size; None where it is malformed."""
    if not text.isdigit() or not text.isascii():
        return None
    return min(int(text), MAX_DELTA) if len(text) < 20 else _huge(text)


def _huge(text: str) -> int:
    text = text.lstrip("0")
    return min(int(text or "0"), MAX_DELTA) if len(text) < 20 else MAX_DELTA
