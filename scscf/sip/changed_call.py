"""A request whose answers are looked at before they are sent."""

from collections.abc import Callable

from scscf.sip.message import Request, Response
from scscf.sip.outbox import NextHop
from scscf.sip.server_transaction import ServerTransaction

Change = Callable[[Request, Response], Response]
"""(request, the right response) → the response that is sent."""


class ChangedCall(ServerTransaction):
    """A server transaction as the transaction user has it, with `change` between it and the wire."""

    __slots__ = ("_call", "_change")

    def __init__(self, call: ServerTransaction, change: Change) -> None:
        self._call = call
        self._change = change
        self.request = call.request
        self.flow = call.flow
        self.key = call.key

    def answer(self, response: Response) -> None:
        """Send what becomes of a response. Raises RuntimeError for one that may not follow what was answered before."""
        self._call.answer(self._change(self.request, response))

    def fallback(self) -> NextHop | None:
        """Return where a response goes whose connection is gone (RFC 3261 §18.2.2)."""
        return self._call.fallback()

    @property
    def answered(self) -> bool:
        """Whether there was a final answer."""
        return self._call.answered

    @answered.setter
    def answered(self, value: bool) -> None:
        self._call.answered = value

    @property
    def status(self) -> int:
        """Status of the last answer."""
        return self._call.status

    @status.setter
    def status(self, value: int) -> None:
        self._call.status = value

    @property
    def merge_key(self) -> str | None:
        """What the same request has in common that comes by another way (RFC 3261 §8.2.2.2)."""
        return self._call.merge_key

    @merge_key.setter
    def merge_key(self, value: str | None) -> None:
        self._call.merge_key = value

    @property
    def on_cancel(self) -> Callable[[], None] | None:
        """Told that the caller cancels an INVITE (RFC 3261 §9.2)."""
        return self._call.on_cancel

    @on_cancel.setter
    def on_cancel(self, value: Callable[[], None] | None) -> None:
        self._call.on_cancel = value
