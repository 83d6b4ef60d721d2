"""Authorization and WWW-Authenticate values: a scheme and its parameters (RFC 3261 §20.7, RFC 7616 §3.3, §3.4)."""

from typing import NamedTuple, NoReturn

from scscf.errors import SipError
from scscf.sip.grammar import end_of_quoted, is_token, unquote
from scscf.sip.parameters import lower_name

_MOST_PARAMETERS = 64


class Credentials(NamedTuple):
    """Credentials or a challenge."""

    scheme: str
    """Lower case."""
    params: dict[str, str]
    """Names in lower case, values unquoted. A scheme that has one opaque token in their place has it under ""."""

    def __repr__(self) -> str:
        """Without the values, some of which are secrets."""
        return f"<Credentials {self.scheme} {', '.join(self.params)}>"


def parse_credentials(text: str, strict: bool = False) -> Credentials:
    """Parse one header value (a comma does not begin another one). Raises SipError(400).

    A parameter that comes twice and an unterminated quoted string are refused. A missing comma between two
    parameters and a comma too many are put up with, unless `strict`.
    """
    scheme, _, rest = text.strip().replace("\t", " ").partition(" ")
    if not scheme.isalnum() and not is_token(scheme):
        _refuse()
    return Credentials(scheme.lower(), _parse_plainly(rest) or _parse_carefully(rest, strict))


def _parse_plainly(rest: str) -> dict[str, str] | None:
    """Parse `a="b", c=d` with no comma, quote or escape inside a value; None where it is anything else."""
    params: dict[str, str] = {}
    pieces = rest.split(",")
    for piece in pieces:
        name, _, value = piece.partition("=")
        if value[:1] == '"':
            if piece[-1] != '"' or len(value) < 2:
                return None
            value = value[1:-1]
            if '"' in value or "\\" in value:
                return None
        elif not value or " " in value or '"' in value:
            return None
        try:
            params[lower_name(name)] = value
        except SipError:
            return None
    return params if len(params) == len(pieces) <= _MOST_PARAMETERS else None


def _parse_carefully(rest: str, strict: bool) -> dict[str, str]:
    params: dict[str, str] = {}
    escapes = "\\" in rest
    at = 0
    while True:
        equals = rest.find("=", at)
        if equals < 0:
            break
        name = lower_name(rest[at:equals].strip(" ,"))
        if name in params or len(params) >= _MOST_PARAMETERS:
            raise SipError(400, "Duplicate Parameter In Credentials")
        if strict and rest.count(",", at, equals) != (1 if params else 0):
            _refuse()
        start = equals + 1
        first = rest[start : start + 1]
        if first == " ":
            start = len(rest) - len(rest[start:].lstrip(" "))
            first = rest[start : start + 1]
        if first == '"':
            at = end_of_quoted(rest, start) if escapes else rest.find('"', start + 1) + 1
            if not at:
                _refuse()
            params[name] = unquote(rest[start:at]) if escapes else rest[start + 1 : at - 1]
            continue
        at = rest.find(",", start)
        if at < 0:
            at = len(rest)
        value = rest[start:at].rstrip(" ")
        if " " in value:
            if strict:
                _refuse()
            value = value.partition(" ")[0]
            at = start + len(value)
        if '"' in value:
            _refuse()
        params[name] = value
    tail = rest[at:].strip(" ")
    if tail:
        _keep_tail(tail, params, strict)
    return params


def _keep_tail(tail: str, params: dict[str, str], strict: bool) -> None:
    """Judge what stands after the last parameter: nothing but a comma, or the only thing that there is."""
    if tail.strip(" ,"):
        if params:
            _refuse()
        params[""] = tail
    elif strict:
        _refuse()


def _refuse() -> NoReturn:
    raise SipError(400, "Bad Credentials")
