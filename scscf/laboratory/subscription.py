"""A subscription of a simulated UE, as its test looks at it."""

from collections.abc import Callable, Coroutine
from typing import Any

from scscf.laboratory.answer import Answer, Notification, answer_of
from scscf.laboratory.mailbox import Mailbox
from scscf.ue.exchange import Exchange, Headers
from scscf.ue.ue import Ue
from scscf.ue.watch import Watch

Perform = Callable[[Callable[[], Coroutine[Any, Any, Exchange]]], Exchange]
"""Runs what a UE does in the reactor's thread."""


class Subscription:
    """One dialog with its NOTIFYs; `answer` is that to its first SUBSCRIBE."""

    def __init__(self, ue: Ue, watch: Watch, mailbox: Mailbox[Notification], perform: Perform) -> None:
        self._ue = ue
        self._perform = perform
        self._mailbox = mailbox
        self.watch = watch
        self.answer: Answer | None = None

    @property
    def aor(self) -> str:
        """What is watched."""
        return self.watch.aor

    @property
    def state(self) -> str:
        """`notify_wait`, `pending`, `active` or `terminated` (RFC 6665 §4.1.2)."""
        return self.watch.state.value

    def notified(self, timeout: float = 5.0) -> Notification:
        """Return the next NOTIFY that was not looked at yet. Raises NothingCameError after `timeout` seconds."""
        __tracebackhide__ = True
        return self._mailbox.take(lambda _: True, timeout, f"NOTIFY about {self.aor}")

    def refresh(self, expires: int | None = 600_000, headers: Headers | None = None) -> Answer:
        """Subscribe again in the same dialog. Raises NoAnswerError."""
        __tracebackhide__ = True
        return answer_of(self._perform(lambda: self._ue.resubscribe(self.watch, expires, headers)))

    def unsubscribe(self, headers: Headers | None = None) -> Answer:
        """End it: SUBSCRIBE with Expires 0."""
        __tracebackhide__ = True
        return self.refresh(0, headers)
