"""Who may look at every message between the sockets and the transaction layer: scripted behaviour."""

from typing import Protocol

from scscf.sip.message import Request, Response
from scscf.sip.outbox import Cancel, Flow, Send, Transmit


class Door(Protocol):
    """Stands there only while there is something to do."""

    def incoming(self, message: Request | Response, flow: Flow) -> bool:
        """Return whether a message that came goes on to the transaction layer now."""

    def outgoing(
        self, items: list[Transmit | Send | Cancel]
    ) -> tuple[list[Transmit | Send | Cancel], list[Transmit | Send | Cancel]]:
        """Return what is sent of a turn's outbox, and what goes back into it, to leave after that."""
