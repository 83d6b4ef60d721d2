"""Authorization and WWW-Authenticate values: a scheme and its parameters (RFC 3261 §20.7, RFC 7616 §3.3, §3.4)."""

from typing import NamedTuple

from scscf.errors import SipError
from scscf.sip.grammar import end_of_quoted, is_token, unquote

_MOST_PARAMETERS = 64


class Credentials(NamedTuple):
    """Credentials or a challenge."""

    scheme: str
    """Lower case."""
    params: dict[str, str]
    """Names in lower case, values unquoted. What another scheme has in place of parameters is under ""."""


def parse_credentials(text: str, strict: bool = False) -> Credentials:
    """Parse one header value (a comma does not begin another one). Raises SipError(400).

    A parameter that comes twice and an unterminated quoted string are refused. A missing comma between two
    parameters and a comma too many are put up with, unless `strict`.
    """
    scheme, space, rest = text.partition(" ")
    if not scheme.isalnum() and not is_token(scheme):
        if "\t" in scheme:
            return parse_credentials(text.replace("\t", " ", 1), strict)
        raise SipError(400, "Bad Credentials")
    scheme = scheme.lower()
    params: dict[str, str] = {}
    if not space:
        return Credentials(scheme, params)
    if "\\" in rest:
        _parse_carefully(rest, params, strict)
        return Credentials(scheme, params)
    runs = rest.split('"')
    count = len(runs)
    if count % 2 == 0:
        raise SipError(400, "Unterminated Quoted String")
    if count > 2 * _MOST_PARAMETERS:
        raise SipError(400, "Too Many Parameters")
    for index in range(0, count, 2):
        _parse_run(runs[index], runs[index + 1] if index + 1 < count else None, index == 0, params, strict)
    return Credentials(scheme, params)


def _parse_run(run: str, quoted: str | None, first: bool, params: dict[str, str], strict: bool) -> None:
    """Parse the text between two quoted values: the rest of what came before, `name=value` ones, the next name."""
    pieces = run.split(",")
    if len(pieces) > _MOST_PARAMETERS:
        raise SipError(400, "Too Many Parameters")
    last = len(pieces) - 1
    for index, piece in enumerate(pieces):
        name, equals, value = piece.partition("=")
        name = name.strip()
        if index == last and quoted is not None:
            value = value.strip()
            if not equals or value:
                name, value = _without_comma(name, value, equals, params, strict)
            elif index == 0 and not first and strict:
                raise SipError(400, "Bad Credentials")
            _keep(params, name, quoted)
        elif equals:
            value = value.strip()
            if " " in value or "\t" in value or (index == 0 and not first and strict):
                name, value = _without_comma(name, value, equals, params, strict)
            _keep(params, name, value)
        elif name:
            if params or len(pieces) > 1:
                raise SipError(400, "Bad Credentials")
            params[""] = name
        elif strict and (index or first) and (index == last or index):
            raise SipError(400, "Bad Credentials")


def _without_comma(name: str, value: str, equals: str, params: dict[str, str], strict: bool) -> tuple[str, str]:
    """Keep all but the last of `a=b c=d e=`, parameters with only white space between them, and return the last."""
    if strict or not equals:
        raise SipError(400, "Bad Credentials")
    pieces = value.split("=")
    for piece in pieces[:-1]:
        words = piece.split()
        if len(words) != 2:
            raise SipError(400, "Bad Credentials")
        _keep(params, name, words[0])
        name = words[1]
    value = pieces[-1].strip()
    if " " in value or "\t" in value:
        raise SipError(400, "Bad Credentials")
    return name, value


def _keep(params: dict[str, str], name: str, value: str) -> None:
    lower = name.lower()
    if lower in params:
        raise SipError(400, "Duplicate Parameter In Credentials")
    if not lower.isalnum() and not is_token(lower):
        raise SipError(400, "Bad Credentials")
    params[lower] = value


def _parse_carefully(rest: str, params: dict[str, str], strict: bool) -> None:
    """Parse parameters whose quoted values hold backslashes: one run and its quoted value after the other."""
    at = 0
    first = True
    while True:
        quote = rest.find('"', at)
        if quote < 0:
            _parse_run(rest[at:], None, first, params, strict)
            return
        end = end_of_quoted(rest, quote)
        _parse_run(rest[at:quote], unquote(rest[quote:end]), first, params, strict)
        if len(params) > _MOST_PARAMETERS:
            raise SipError(400, "Too Many Parameters")
        at, first = end, False
