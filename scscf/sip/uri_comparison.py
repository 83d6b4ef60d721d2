"""Which URIs are the same (RFC 3261 §19.1.4), and the canonical form of an address of record (§10.3)."""

import re
from ipaddress import IPv6Address

from scscf.sip.parameters import Parameters
from scscf.sip.uri import Uri, format_host

_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_NOT_IN_USER = re.compile(r"[^A-Za-z0-9\-_.!~*'()&=+$,;?/%]")
_VISUAL_SEPARATORS = str.maketrans("", "", "-.()")
_ALWAYS_COMPARED = ("transport", "user", "ttl", "method", "maddr")


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
    if uri.is_sip:
        user = uri.user or ""
        if "%" in user or _NOT_IN_USER.search(user):
            user = _NOT_IN_USER.sub(_escape, normalise_escapes(user))
        if user:
            user += "@"
        host = uri.host if ":" not in uri.host else format_host(canonical_host(uri.host))
        return f"sip:{user}{host}" if uri.port is None else f"sip:{user}{host}:{uri.port}"
    if uri.scheme == "tel":
        number, params = _tel_identity(uri.opaque)
        context = "" if number.startswith("+") else dict(params).get("phone-context", "")
        return f"tel:{number};phone-context={context}" if context else f"tel:{number}"
    return f"{uri.scheme}:{uri.opaque}"


def _escape(match: re.Match[str]) -> str:
    return "".join(f"%{octet:02X}" for octet in match[0].encode("utf-8", "surrogateescape"))
