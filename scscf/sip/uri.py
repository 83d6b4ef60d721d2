"""URIs as SIP uses them: parsing, equality (RFC 3261 §19.1) and the canonical address of record (§10.3)."""

import re
from functools import lru_cache
from ipaddress import IPv6Address
from typing import NamedTuple

from scscf.errors import SipError
from scscf.sip.parameters import Parameters, format_parameters, parameter, parse_parameters

MAX_PORT = 65535

_CACHED_LENGTH = 200
_CACHED_URIS = 16384

_USUAL = re.compile(r"([Ss][Ii][Pp][Ss]?):(?:([A-Za-z0-9\-_.!~*'()&=+$,/]+)@)?([A-Za-z0-9\-._]+)(?::([0-9]{1,5}))?")
_URI = re.compile(r"[!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]*")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+\-.]*")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_HOST = re.compile(r"[A-Za-z0-9\-._]+")
_IPV6 = re.compile(r"[0-9A-Fa-f:.]+")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_NOT_IN_USER = re.compile(r"[^A-Za-z0-9\-_.!~*'()&=+$,;?/%]")
_VISUAL_SEPARATORS = str.maketrans("", "", "-.()")
_ALWAYS_COMPARED = ("transport", "user", "ttl", "method", "maddr")


class Uri(NamedTuple):
    """A URI and its parts; everything but SIP and SIPS has its parts in `opaque`."""

    scheme: str
    """Lower case."""
    user: str | None = None
    """As written, with its escapes."""
    password: str | None = None
    host: str = ""
    """Lower case; an IPv6 address without brackets."""
    port: int | None = None
    params: Parameters = ()
    headers: str | None = None
    """Raw text after the `?`."""
    opaque: str = ""
    """Everything after the colon of another scheme; "" for sip and sips."""
    text: str = ""
    """As received."""

    def __str__(self) -> str:
        return self.text

    @property
    def is_sip(self) -> bool:
        """Whether this is a SIP or SIPS URI."""
        return self.scheme == "sip" or self.scheme == "sips"

    def parameter(self, name: str) -> str | None:
        """Return a URI parameter (`name` in lower case): "" where it has no value, None where it is absent."""
        return parameter(self.params, name)


def parse_uri(text: str) -> Uri:
    """Parse any URI without angle brackets. Raises SipError(400) (RFC 3261 §25.1)."""
    return _cached(text) if len(text) <= _CACHED_LENGTH else _parse(text)


def _parse(text: str) -> Uri:
    usual = _USUAL.fullmatch(text)
    if usual is None:
        return _parse_carefully(text)
    scheme, user, host, port_text = usual.groups()
    port = None
    if port_text is not None:
        port = int(port_text)
        if port > MAX_PORT:
            raise SipError(400, "Bad Port")
    return tuple.__new__(Uri, (scheme.lower(), user, None, host.lower(), port, (), None, "", text))


def _parse_carefully(text: str) -> Uri:
    scheme, colon, rest = text.partition(":")
    if not colon or not rest or _SCHEME.fullmatch(scheme) is None or _URI.fullmatch(rest) is None:
        raise SipError(400, "Bad URI")
    if "%" in rest and _BAD_ESCAPE.search(rest):
        raise SipError(400, "Bad Escape In URI")
    scheme = scheme.lower()
    if scheme != "sip" and scheme != "sips":
        return Uri(scheme, opaque=rest, text=text)
    user, password = None, None
    userinfo, at, place = rest.partition("@")
    if at:
        if "@" in place:
            raise SipError(400, "Bad URI")
        user, colon, secret = userinfo.partition(":")
        if not user:
            raise SipError(400, "Bad URI")
        password = secret if colon else None
    else:
        place = rest
    place, question, header_text = place.partition("?")
    if question and not header_text:
        raise SipError(400, "Bad URI")
    hostport, semicolon, param_text = place.partition(";")
    host, port = parse_host_port(hostport)
    params = parse_parameters(";" + param_text) if semicolon else ()
    headers = header_text if question else None
    return tuple.__new__(Uri, (scheme, user, password, host, port, params, headers, "", text))


_cached = lru_cache(maxsize=_CACHED_URIS)(_parse)


@lru_cache(maxsize=_CACHED_URIS)
def _cached_host_port(text: str) -> tuple[str, int | None]:
    return _parse_host_port(text)


def parse_host_port(text: str) -> tuple[str, int | None]:
    """Parse `host[:port]`, as URIs and Via have it; IPv6 addresses are in brackets. Raises SipError(400).

    An IPv6 reference needs the right characters only: RFC 5118 §4.10 asks to put up with a colon too many.
    """
    return _cached_host_port(text) if len(text) <= _CACHED_LENGTH else _parse_host_port(text)


def _parse_host_port(text: str) -> tuple[str, int | None]:
    if text[:1] == "[":
        host, bracket, port = text[1:].partition("]")
        if not bracket or _IPV6.fullmatch(host) is None or ":" not in host or (port and port[0] != ":"):
            raise SipError(400, "Bad Host")
        colon, port = port[:1], port[1:]
    else:
        host, colon, port = text.partition(":")
        if _HOST.fullmatch(host) is None:
            raise SipError(400, "Bad Host")
    if not colon:
        return host.lower(), None
    if not port.isdigit() or len(port) > 5 or not port.isascii() or int(port) > MAX_PORT:
        raise SipError(400, "Bad Port")
    return host.lower(), int(port)


def format_host(host: str) -> str:
    """Return a host as it stands in a URI: an IPv6 address gets its brackets."""
    return f"[{host}]" if ":" in host else host


def format_uri(uri: Uri) -> str:
    """Build the text of a URI from its parts (`text` is not looked at)."""
    if not uri.is_sip:
        return f"{uri.scheme}:{uri.opaque}"
    userinfo = ""
    if uri.user is not None:
        userinfo = f"{uri.user}@" if uri.password is None else f"{uri.user}:{uri.password}@"
    port = "" if uri.port is None else f":{uri.port}"
    headers = "" if uri.headers is None else f"?{uri.headers}"
    return f"{uri.scheme}:{userinfo}{format_host(uri.host)}{port}{format_parameters(uri.params)}{headers}"


def make_uri(
    scheme: str,
    host: str,
    *,
    user: str | None = None,
    port: int | None = None,
    params: Parameters = (),
    headers: str | None = None,
) -> Uri:
    """Make a SIP or SIPS URI of its parts; `user` has its escapes already."""
    uri = Uri(scheme, user, None, host.lower(), port, params, headers)
    return uri._replace(text=format_uri(uri))


def normalise_escapes(text: str) -> str:
    """Decode the escapes of unreserved characters and write the others in upper case (RFC 3261 §19.1.4)."""
    return _ESCAPE.sub(_normal_escape, text) if "%" in text else text


def _normal_escape(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if character in _UNRESERVED else match[0].upper()


def canonical_host(host: str) -> str:
    """Return a host in lower case, an IPv6 address in its shortest form (RFC 5952); what looks like neither stays.

    A third colon before an embedded IPv4 address is dropped (RFC 5118 §4.10).
    """
    if ":" in host:
        try:
            return IPv6Address(host.replace(":::", "::")).compressed
        except ValueError:
            pass
    return host.lower()


def same_uri(first: Uri, second: Uri) -> bool:
    """Tell whether two URIs are equal by their scheme's rules: RFC 3261 §19.1.4, RFC 3966 §5; else by their text.

    For SIP this is not transitive (a parameter on one side only may be ignored), so it cannot make dictionary keys.
    """
    if first.text == second.text:
        return True
    if first.scheme != second.scheme:
        return False
    if first.is_sip:
        return _same_sip(first, second)
    if first.scheme == "tel":
        return _tel_identity(first.opaque) == _tel_identity(second.opaque)
    return _opaque_identity(first) == _opaque_identity(second)


def _same_sip(first: Uri, second: Uri) -> bool:
    if first.port != second.port or (first.user is None) != (second.user is None):
        return False
    if first.host != second.host and canonical_host(first.host) != canonical_host(second.host):
        return False
    if first.user != second.user and normalise_escapes(first.user or "") != normalise_escapes(second.user or ""):
        return False
    if (first.password is None) != (second.password is None) or (
        first.password != second.password
        and normalise_escapes(first.password or "") != normalise_escapes(second.password or "")
    ):
        return False
    if first.params != second.params and not _same_params(first.params, second.params):
        return False
    return first.headers == second.headers or _headers(first.headers) == _headers(second.headers)


def _folded(params: Parameters) -> dict[str, str]:
    return {name.lower(): normalise_escapes(value or "").lower() for name, value in params}


def _same_params(first: Parameters, second: Parameters) -> bool:
    mine, theirs = _folded(first), _folded(second)
    return all(mine[name] == theirs[name] for name in mine.keys() & theirs.keys()) and all(
        (name in mine) == (name in theirs) for name in _ALWAYS_COMPARED
    )


def _headers(text: str | None) -> list[tuple[str, str]]:
    pairs = []
    for piece in (text or "").split("&"):
        name, _, value = piece.partition("=")
        pairs.append((normalise_escapes(name).lower(), normalise_escapes(value)))
    return sorted(pairs)


def _tel_identity(opaque: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    number, _, rest = opaque.partition(";")
    params = []
    for piece in rest.split(";") if rest else ():
        name, _, value = piece.lower().partition("=")
        value = normalise_escapes(value)
        if name == "ext" or (name == "phone-context" and value.startswith("+")):
            value = value.translate(_VISUAL_SEPARATORS)
        params.append((name, value))
    return number.translate(_VISUAL_SEPARATORS).lower(), tuple(sorted(params))


def _opaque_identity(uri: Uri) -> str:
    """Return the opaque part in the form to compare: hosts and urn:uuid in lower case."""
    opaque = normalise_escapes(uri.opaque)
    if uri.scheme == "mailto":
        address, question, rest = opaque.partition("?")
        local, at, host = address.rpartition("@")
        return f"{local}{at}{host.lower()}{question}{rest}"
    if uri.scheme == "urn":
        space, colon, name = opaque.partition(":")
        space = space.lower()
        return f"{space}{colon}{name.lower() if space == 'uuid' else name}"
    if opaque.startswith("//"):
        host, slash, path = opaque[2:].partition("/")
        return f"//{host.lower()}{slash}{path}"
    return opaque


def aor_of(uri: Uri) -> str:
    """Return the canonical address of record: the key that registrations are kept under (RFC 3261 §10.3 step 5).

    SIP and SIPS: no parameters, headers or password, scheme sip, host in lower case, port kept where it is written,
    escapes of the user part normalised (`%61` is `a`, what must be escaped is, in upper case). tel: no visual
    separators and no parameters but the phone-context of a local number (RFC 3966 §5). Others: scheme in lower case.
    """
    return _cached_aor(uri.text) if len(uri.text) <= _CACHED_LENGTH and uri.text else _aor(uri)


@lru_cache(maxsize=_CACHED_URIS)
def _cached_aor(text: str) -> str:
    return _aor(parse_uri(text))


def _aor(uri: Uri) -> str:
    if uri.is_sip:
        user = ""
        if uri.user is not None:
            user = _NOT_IN_USER.sub(_escape, normalise_escapes(uri.user)) + "@"
        port = "" if uri.port is None else f":{uri.port}"
        return f"sip:{user}{format_host(canonical_host(uri.host))}{port}"
    if uri.scheme == "tel":
        number, params = _tel_identity(uri.opaque)
        context = "" if number.startswith("+") else dict(params).get("phone-context", "")
        return f"tel:{number};phone-context={context}" if context else f"tel:{number}"
    return f"{uri.scheme}:{uri.opaque}"


def _escape(match: re.Match[str]) -> str:
    return "".join(f"%{octet:02X}" for octet in match[0].encode("utf-8", "surrogateescape"))
