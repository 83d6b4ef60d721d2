"""What an endpoint of Microsoft's registrar is told of itself (MS-SIPREGE §2.2.1.13, MS-OCER §2.2.1)."""

from typing import NamedTuple


class Notice(NamedTuple):
    """One body of `text/registration-event`, and the diagnostics beside it."""

    event: str
    """As in the body: `unregistered`, `rejected`, `deactivated`, `userservices-unavailable` ..."""
    error_id: int
    """ErrorId of ms-diagnostics-public."""
    reason: str
    """Why, for people."""
    registered: bool = False
    """Whether the endpoint stays registered."""
    preferred_registrar: str | None = None
    """SIP URI of the registrar to go to (MS-SIPREGE §2.2.1.8)."""

    @property
    def body(self) -> bytes:
        """The body of the NOTIFY."""
        return f"{'registered' if self.registered else 'deregistered'};event={self.event}".encode()
