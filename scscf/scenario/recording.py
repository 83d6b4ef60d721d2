"""What was sent in one run of a scenario, by whom and to whom: the matter of ladders and captures."""

from typing import NamedTuple

Address = tuple[str, int]
"""Address and port, IPv6 without brackets."""


class Participant(NamedTuple):
    """One party of a scenario with the addresses that it sends from and is reached at."""

    name: str
    addresses: tuple[Address, ...]


class Recorded(NamedTuple):
    """One message on the wire: a SIP or Diameter message, whole."""

    at: float
    """Seconds since the scenario began."""
    protocol: str
    """`sip` or `diameter`."""
    transport: str
    """`udp`, `tcp` or `tls`."""
    source: Address
    destination: Address
    data: bytes
    lost: bool = False
    """Whether the wire lost it on purpose."""
