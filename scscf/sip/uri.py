"""URIs as SIP uses them, read and written (RFC 3261 §19.1.1, §25.1)."""

import re
from typing import NamedTuple

from scscf.errors import SipError
from scscf.sip.parameters import Parameters, format_parameters, parameter, parse_parameters

MAX_PORT = 65535

_KEPT_LENGTH = 200
_MOST_KEPT = 4096

_USUAL = re.compile(
    r"([Ss][Ii][Pp][Ss]?):(?:([A-Za-z0-9\-_.!~*'()&=+$,/]+)@)?([A-Za-z0-9\-._]+)(?::([0-9]{1,5}))?"
    r"(;[A-Za-z0-9\-_.!~*'()&=+$,/:;\[\]]*)?"
)
_URI = re.compile(r"[!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]*")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+\-.]*")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_HOST = re.compile(r"[A-Za-z0-9\-._]+")
_IPV6 = re.compile(r"[0-9A-Fa-f:.]+")


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


class _Uris(dict[str, Uri]):
    """Text -> URI, for a while: most URIs are seen again in the same message. It starts anew when it is full."""

    def __missing__(self, text: str) -> Uri:
        uri = _parse(text)
        if len(text) <= _KEPT_LENGTH:
            if len(self) >= _MOST_KEPT:
                self.clear()
            self[text] = uri
        return uri


_URIS = _Uris()


def parse_uri(text: str) -> Uri:
    """Parse any URI without angle brackets. Raises SipError(400) (RFC 3261 §25.1)."""
    return _URIS[text]


def _parse(text: str) -> Uri:
    usual = _USUAL.fullmatch(text)
    if usual is None:
        return _parse_carefully(text)
    scheme, user, host, port_text, param_text = usual.groups()
    port = None
    if port_text is not None:
        port = int(port_text)
        if port > MAX_PORT:
            raise SipError(400, "Bad Port")
    params = () if param_text is None else parse_parameters(param_text)
    return tuple.__new__(Uri, (scheme.lower(), user, None, host.lower(), port, params, None, "", text))


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


def parse_host_port(text: str) -> tuple[str, int | None]:
    """Parse `host[:port]`, as URIs and Via have it; IPv6 addresses are in brackets. Raises SipError(400).

    An IPv6 reference needs the right characters only: RFC 5118 §4.10 asks to put up with a colon too many.
    """
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
