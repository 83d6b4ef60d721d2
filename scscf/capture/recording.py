"""What was sent, by whom and to whom: the matter of ladders and captures."""

from typing import NamedTuple

Address = tuple[str, int]
"""Address and port, IPv6 without brackets."""


class Participant(NamedTuple):
    """One party with the addresses that it sends from and is reached at."""

    name: str
    addresses: tuple[Address, ...]


class Recorded(NamedTuple):
    """One message on the wire: a SIP or Diameter message, whole."""

    at: float
    """Seconds since the recording began, or since 1970."""
    protocol: str
    """`sip` or `diameter`."""
    transport: str
    """`udp`, `tcp`, `tls`, or `internal` for what did not travel."""
    source: Address
    destination: Address
    data: bytes
    lost: bool = False
    """Whether the wire lost it on purpose."""
    remark: str = ""
    """What an analyser is to be told of it."""
