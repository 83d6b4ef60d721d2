"""Who a simulated UE is, and how it reaches its home network."""

from typing import NamedTuple

from scscf.sip.outbox import NextHop


class Identity(NamedTuple):
    """One user of one device."""

    aor: str
    """Public identity, as From and To have it."""
    private_identity: str
    """Username of its credentials."""
    domain: str
    """Home domain: Request-URI of a REGISTER, realm before there is a challenge."""
    next_hop: NextHop
    """Where its requests go: S-CSCF, P-CSCF or any registrar."""
    display_name: str = ""
    registrar: str = ""
    """Request-URI of a REGISTER, where it is not the domain."""

    @property
    def request_uri(self) -> str:
        """Request-URI of a REGISTER (RFC 3261 §10.2)."""
        return self.registrar or f"sip:{self.domain}"

    @property
    def name_addr(self) -> str:
        """The AOR as a From or To value without tag."""
        shown = f'"{self.display_name}" ' if self.display_name else ""
        return f"{shown}<{self.aor}>"
