"""name-addr and addr-spec: the values of From, To, Contact, Route, Path and their like (RFC 3261 §20.10)."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from scscf.errors import SipError
from scscf.sip.grammar import LIST_LIMIT, end_of_quoted, quote, split_list, unquote
from scscf.sip.parameters import Parameters, format_parameters, parameter, parse_parameters
from scscf.sip.uri import Uri, parse_uri

_UNSHOWABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_IN_DISPLAY_TOKENS = frozenset("-.!%*_+`'~ \t")


class Address(NamedTuple):
    """A URI with an optional display name (unquoted) and the header parameters after it."""

    display_name: str | None
    uri: Uri
    params: Parameters = ()

    def __str__(self) -> str:
        return format_address(self)

    @property
    def tag(self) -> str | None:
        """The tag parameter of From and To, None where it is absent."""
        return parameter(self.params, "tag")

    def parameter(self, name: str) -> str | None:
        """Return a header parameter (`name` in lower case), unquoted: "" without a value, None where it is absent."""
        return parameter(self.params, name)


def parse_address(text: str) -> Address:
    """Parse one name-addr or addr-spec with its parameters. Raises SipError(400).

    Without angle brackets everything after the first `;` is a header parameter, and a URI with `?` or `,` is refused
    (RFC 3261 §20.10, RFC 4475 §3.1.2.13).
    """
    if text[:1] == "<":
        display_name, open_at = None, 0
    else:
        open_at = text.find("<")
        if open_at < 0 or '"' in text[:open_at]:
            return _parse_carefully(text)
        display_name = _checked_display_name(text[:open_at].strip())
    close_at = text.find(">", open_at)
    if close_at < 0:
        raise SipError(400, "Bad Address")
    uri = parse_uri(text[open_at + 1 : close_at])
    rest = text[close_at + 1 :]
    params = parse_parameters(rest if rest[0] == ";" else _without_space(rest)) if rest else ()
    return tuple.__new__(Address, (display_name, uri, params))


def _parse_carefully(text: str) -> Address:
    text = text.strip()
    if text[:1] == '"':
        end = end_of_quoted(text, 0)
        rest = text[end:].lstrip()
        if rest[:1] != "<":
            raise SipError(400, "Bad Address")
        return parse_address(rest)._replace(display_name=_shown(unquote(text[:end])))
    spec, semicolon, params = text.partition(";")
    spec = spec.strip()
    if "?" in spec or "," in spec or "<" in spec or '"' in spec:
        raise SipError(400, "Bad Address")
    return Address(None, parse_uri(spec), parse_parameters(params) if semicolon else ())


def _checked_display_name(text: str) -> str | None:
    """Return a display name of tokens; characters beyond ASCII are let through, as peers do send them unquoted."""
    if not text:
        return None
    if text.isalnum():
        return text
    for character in text:
        if not character.isalnum() and character not in _IN_DISPLAY_TOKENS and character < "\x80":
            raise SipError(400, "Bad Display Name")
    return _shown(text)


def _shown(name: str) -> str:
    """Return a display name without octets that were no UTF-8 and without control characters: U+FFFD for each."""
    return name if name.isprintable() else _UNSHOWABLE.sub("\ufffd", name)


def _without_space(rest: str) -> str:
    rest = rest.strip()
    if rest and rest[0] != ";":
        raise SipError(400, "Bad Address")
    return rest


def parse_addresses(values: Iterable[str]) -> list[Address]:
    """Parse header values, each one address or a comma list of them. Raises SipError(400)."""
    addresses: list[Address] = []
    for value in values:
        if "," in value:
            addresses += [parse_address(part) for part in split_list(value)]
        else:
            addresses.append(parse_address(value))
    if len(addresses) > LIST_LIMIT:
        raise SipError(400, "Too Many Values")
    return addresses


def format_address(address: Address) -> str:
    """Return the address as a header value, always with angle brackets."""
    params = format_parameters(address.params) if address.params else ""
    if address.display_name is None:
        return f"<{address.uri.text}>{params}"
    return f"{quote(address.display_name)} <{address.uri.text}>{params}"
