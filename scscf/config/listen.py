"""Addresses in the configuration: SIP listeners, Diameter peers and listeners, and the control API's bind."""

import re
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl

from scscf.yaml_model import NOT_YET, did_you_mean

VERIFY = ("none", "optional", "required")
"""What a TLS listener asks of its clients' certificates."""

_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252}[A-Za-z0-9_.])?")
_TLS_OPTIONS = ("certificate", "key", "ca", "verify")
_LATER = ("ws", "wss")

DIAMETER_PORT, DIAMETERS_PORT = 3868, 5658
"""Where a Diameter node listens that does not say (RFC 6733 §2.1)."""


class Listen(NamedTuple):
    """One SIP or Diameter listener, where the control API listens, or a Diameter peer.

    Hosts are IP addresses, IPv6 ones without brackets; that of a Diameter peer may be a name.
    """

    transport: str
    """`udp`, `tcp` or `tls`."""
    host: str
    port: int
    """0: any free port."""
    advertise_host: str | None = None
    """Host that the world sees instead of `host`: a name or an address."""
    advertise_port: int | None = None
    """Port that the world sees; None: the one that is bound."""
    certificate: str | None = None
    """Path of the PEM certificate chain (TLS)."""
    key: str | None = None
    """Path of the PEM private key (TLS)."""
    ca: str | None = None
    """Path of the PEM certificates that peers are verified with (TLS)."""
    verify: str = "none"
    """`none`, `optional` or `required` (TLS)."""

    @property
    def uri(self) -> str:
        """The listener as the configuration writes it, without its options."""
        return f"{self.transport}://{hostport(self.host, self.port)}"


def bracketed(host: str) -> str:
    """Return a host as it stands in a URI: IPv6 addresses in brackets (RFC 3986 §3.2.2)."""
    return f"[{host}]" if ":" in host else host


def hostport(host: str, port: int) -> str:
    """Return a host and a port as they stand in a URI (RFC 3261 §25.1)."""
    return f"{bracketed(host)}:{port}"


def is_host(text: str) -> bool:
    """Tell whether `text` is an IP address (IPv6 without brackets) or may be a host name."""
    try:
        ip_address(text)
    except ValueError:
        return _NAME.fullmatch(text) is not None
    return True


def is_name(text: str) -> bool:
    """Tell whether `text` may be a host name and is no IP address."""
    try:
        ip_address(text)
    except ValueError:
        return _NAME.fullmatch(text) is not None
    return False


def host_of_uri(uri: str) -> str:
    """Return the host of a SIP URI, lower case, IPv6 without brackets."""
    place = uri.partition(":")[2].rpartition("@")[2].partition(";")[0].partition("?")[0]
    return (place[1:].partition("]")[0] if place.startswith("[") else place.partition(":")[0]).lower()


def parse_host_port(text: str) -> tuple[str, int | None]:
    """Parse `HOST[:PORT]`, IPv6 in brackets. Raises ValueError with what is allowed."""
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or ":" not in host or (rest and not rest.startswith(":")):
            raise ValueError(f"{text}: must be [IPV6]:PORT")
        port_text = rest[1:] if rest else None
    else:
        host, colon, after = text.partition(":")
        port_text = after if colon else None
    if not is_host(host):
        raise ValueError(f"{text or 'nothing'}: must be HOST:PORT (an IPv6 address in brackets)")
    if port_text is None:
        return host, None
    if not (port_text.isascii() and port_text.isdigit()) or len(port_text) > 5 or int(port_text) > 65535:
        raise ValueError(f"{text}: the port must be a number from 0 to 65535")
    return host, int(port_text)


def parse_listen(text: str, folder: Path = Path()) -> Listen:
    """Parse a listener's URI; paths in it are relative to `folder`. Raises ValueError with what is allowed."""
    scheme, separator, rest = text.partition("://")
    scheme = scheme.lower()
    if separator and scheme in _LATER:
        raise ValueError(f"{scheme}://: {NOT_YET}; udp://, tcp:// and tls:// are")
    if not separator or scheme not in ("udp", "tcp", "tls"):
        raise ValueError(f"{text}: must be udp://ADDRESS:PORT, tcp://ADDRESS:PORT or tls://ADDRESS:PORT")
    place, _, query = rest.partition("?")
    host, port = parse_host_port(place.removesuffix("/"))
    listen = Listen(scheme, _bindable(host), (5061 if scheme == "tls" else 5060) if port is None else port)
    allowed = ("advertise", *(_TLS_OPTIONS if scheme == "tls" else ()))
    listen = _with_options(listen, _options(scheme, query, allowed), folder)
    if listen.advertise_host is None and ip_address(listen.host).is_unspecified:
        raise ValueError(f"{text}: nobody can send to {listen.host}: add ?advertise=HOST:PORT, as the world sees it")
    return listen


def parse_diameter(text: str, folder: Path = Path(), *, remote: bool = False) -> Listen:
    """Parse `diameter://HOST:PORT` or, with TLS, `diameters://HOST:PORT` (RFC 6733 §2.1, §11.4).

    The host of a `remote` peer may be a name, and its certificate may be left out: it is only shown where there is one.
    Paths are relative to `folder`. Raises ValueError with what is allowed.
    """
    scheme, separator, rest = text.partition("://")
    transport = {"diameter": "tcp", "diameters": "tls"}.get(scheme.lower())
    if not separator or transport is None:
        raise ValueError(f"{text[:100]}: must be diameter://HOST:PORT or diameters://HOST:PORT")
    place, _, query = rest.partition("?")
    host, port = parse_host_port(place.removesuffix("/"))
    if port is None:
        port = DIAMETERS_PORT if transport == "tls" else DIAMETER_PORT
    if remote and not port:
        raise ValueError(f"{text[:100]}: the port must be a number from 1 to 65535")
    listen = Listen(transport, host.lower() if remote else _bindable(host), port)
    options = _options(scheme.lower(), query, _TLS_OPTIONS if transport == "tls" else ())
    return _with_options(listen, options, folder, anonymous=remote)


def parse_api(text: str) -> Listen:
    """Parse `http://ADDRESS:PORT`, the control API's bind. Raises ValueError with what is allowed."""
    scheme, separator, place = text.partition("://")
    if not separator or scheme.lower() != "http":
        raise ValueError(f"{text}: must be http://ADDRESS:PORT")
    host, port = parse_host_port(place.removesuffix("/"))
    return Listen("http", _bindable(host), 8060 if port is None else port)


def _bindable(host: str) -> str:
    if host.lower() == "localhost":
        return "127.0.0.1"
    try:
        return ip_address(host).compressed
    except ValueError:
        raise ValueError(f"{host}: must be an IP address of this machine, not a name") from None


def _options(scheme: str, query: str, allowed: tuple[str, ...]) -> dict[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True, max_num_fields=20) if query else []
    except ValueError:
        raise ValueError(f"?{query}: must be NAME=VALUE&NAME=VALUE") from None
    options: dict[str, str] = {}
    for name, value in pairs:
        if name not in allowed:
            hint = did_you_mean(name, list(allowed))
            told = f"allowed: {', '.join(allowed)}" if allowed else "it has none"
            raise ValueError(f"{name[:100]}: unknown option of {scheme}://; {told}{hint}")
        if name in options or not value:
            raise ValueError(f"{name}: must be there once, with a value")
        options[name] = value
    return options


def _with_options(listen: Listen, options: dict[str, str], folder: Path, *, anonymous: bool = False) -> Listen:
    if "advertise" in options:
        host, port = parse_host_port(options["advertise"])
        listen = listen._replace(advertise_host=host, advertise_port=port)
    if listen.transport != "tls":
        return listen
    if "certificate" not in options and not anonymous:
        raise ValueError("TLS needs ?certificate=FILE&key=FILE (PEM)")
    certificate = _existing("certificate", options["certificate"], folder) if "certificate" in options else None
    key = _existing("key", options["key"], folder) if "key" in options else certificate
    ca = _existing("ca", options["ca"], folder) if "ca" in options else None
    verify = options.get("verify", "none")
    if verify not in VERIFY:
        raise ValueError(f"verify={verify}: must be {', '.join(VERIFY)}{did_you_mean(verify, list(VERIFY))}")
    if verify != "none" and ca is None:
        whom = "it" if anonymous else "clients"
        raise ValueError(f"verify={verify} needs ca=FILE, the certificates to verify {whom} with")
    return listen._replace(certificate=certificate, key=key, ca=ca, verify=verify)


def _existing(option: str, value: str, folder: Path) -> str:
    path = folder / value
    if not path.is_file():
        raise ValueError(f"{option}={value}: there is no file {path}")
    return str(path)
