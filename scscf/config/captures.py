"""Where messages are copied to: a file, and a Homer at `udp://HOST:PORT?agent=NUMBER&key=PASSWORD`."""

from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl

from scscf.config.listen import parse_host_port
from scscf.yaml_model import NOT_YET, did_you_mean

PORT = 9060
"""Where a Homer listens that is not said to listen elsewhere."""
_OPTIONS = ("agent", "key")
_LATER = ("tcp", "tls")


class Capture(NamedTuple):
    """The file that every message is written into."""

    file: Path | None
    """None: there is none."""
    octets: int
    files: int
    keys: bool
    """Whether captures show secrets as they travelled."""


class Homer(NamedTuple):
    """Who is sent a copy of every SIP message (HEP3)."""

    host: str
    """A name or an address, IPv6 without brackets."""
    port: int
    agent: int = 2001
    """Capture agent id."""
    key: str = ""
    """Authentication key; empty: none is sent."""

    def __repr__(self) -> str:
        """Without the key."""
        return f"<Homer {self.host}:{self.port}>"


def parse_hep(text: str) -> Homer:
    """Parse a Homer's URI. Raises ValueError with what is allowed, without the key in it."""
    scheme, separator, rest = text.partition("://")
    if separator and scheme.lower() in _LATER:
        raise ValueError(f"{scheme}://: {NOT_YET}; udp:// is")
    if not separator or scheme.lower() != "udp":
        raise ValueError("must be udp://HOST:PORT")
    place, _, query = rest.partition("?")
    host, port = parse_host_port(place.removesuffix("/"))
    if port == 0:
        raise ValueError("the port must be a number from 1 to 65535")
    homer = Homer(host, PORT if port is None else port)
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True, max_num_fields=20) if query else []
    except ValueError:
        raise ValueError("after the ? must be NAME=VALUE&NAME=VALUE") from None
    for name, value in pairs:
        if name == "agent":
            if not (value.isascii() and value.isdigit()) or int(value[:11]) > 0xFFFFFFFF:
                raise ValueError("agent must be a number from 0 to 4294967295")
            homer = homer._replace(agent=int(value))
        elif name == "key":
            homer = homer._replace(key=value[:1000])
        else:
            hint = did_you_mean(name, list(_OPTIONS))
            raise ValueError(f"{name[:100]}: unknown option of udp://; allowed: {', '.join(_OPTIONS)}{hint}")
    return homer
