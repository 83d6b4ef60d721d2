"""A simulated UE beside a test: does what it is told, answers by itself, and keeps what came."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from scscf.conformance.finding import Finding
from scscf.laboratory.answer import Answer, Notification, ReceivedRequest, answer_of
from scscf.laboratory.mailbox import Mailbox
from scscf.laboratory.reactor_thread import ReactorThread
from scscf.laboratory.subscription import Subscription
from scscf.scenario.actor import Actor
from scscf.scenario.judged import Judged
from scscf.sip.message import Request
from scscf.ue.answers import AnswerRule
from scscf.ue.exchange import Exchange, Headers, uri_of
from scscf.ue.watch import Notified, Watch


class SimulatedUe:
    """One user on one user agent; each call waits for its end. `judge` None: what it sees is not judged."""

    def __init__(self, thread: ReactorThread, actor: Actor, judge: Judged | None) -> None:
        self._thread = thread
        self._ue = actor.ue
        self._keys = actor.keys
        self.actor = actor
        self.judge = judge
        self._received: Mailbox[ReceivedRequest] = Mailbox()
        self._notified: Mailbox[Notification] = Mailbox()
        self._mailboxes: dict[Watch, Mailbox[Notification]] = {}
        self.subscription: Subscription | None = None
        """The last one that it asked for."""
        self._ue.on_notified.append(self._take_notified)
        self._ue.on_received.append(self._take_received)

    @property
    def aor(self) -> str:
        """Its address of record."""
        return self._ue.identity.aor

    @property
    def contact(self) -> str:
        """Its contact URI."""
        return uri_of(self._ue.contact)

    @property
    def address(self) -> tuple[str, int]:
        """Where it is reached: host and port."""
        return self._ue.agent.address

    def register(
        self,
        expires: int | None = None,
        contacts: Sequence[str] | None = None,
        headers: Headers | None = None,
        *,
        challenge: bool = True,
    ) -> Answer:
        """Register, and answer challenges unless `challenge` is False; return the last answer.

        `expires` None: 600000 s, or what its `expires` says. `contacts` are Contact values in place of its own,
        `headers` name → value, values, or None for a header that is left out. Raises NoAnswerError.
        """
        __tracebackhide__ = True
        seconds = self._keys.expires if expires is None else expires
        more = {**self._keys.headers, **(headers or {})}
        return answer_of(self._perform(lambda: self._ue.register(seconds, contacts, more, answer_challenges=challenge)))

    def deregister(self, contacts: Sequence[str] | None = None, headers: Headers | None = None) -> Answer:
        """Register with Expires 0."""
        __tracebackhide__ = True
        return self.register(0, contacts, headers)

    def subscribe(
        self,
        aor: str | None = None,
        expires: int | None = 600_000,
        event: str = "reg",
        headers: Headers | None = None,
        *,
        challenge: bool = True,
    ) -> Subscription:
        """Subscribe to an address of record, its own where None is given; the subscription has the answer.

        Raises NoAnswerError.
        """
        __tracebackhide__ = True
        watch = self._thread.call(self._ue.watch, aor, event)
        mailbox = self._mailboxes[watch] = Mailbox()
        subscription = Subscription(self._ue, watch, mailbox, self._perform)
        asserted: Headers = {} if self._keys.asserts is None else {"P-Asserted-Identity": self._keys.asserts}
        more = {**asserted, **(headers or {})}
        subscription.answer = answer_of(
            self._perform(lambda: self._ue.resubscribe(watch, expires, more, answer_challenges=challenge))
        )
        self.subscription = subscription
        return subscription

    def send(self, method: str, uri: str, headers: Headers | None = None, body: bytes | str = b"") -> Answer:
        """Send a request outside a dialog along its Service-Route. Raises NoAnswerError."""
        __tracebackhide__ = True
        octets = body.encode() if isinstance(body, str) else body
        return answer_of(self._perform(lambda: self._ue.send(method, uri, headers, octets)))

    def answer(
        self,
        method: str,
        status: int | None = 200,
        reason: str | None = None,
        headers: Sequence[tuple[str, str]] = (),
        body: bytes = b"",
        delay: float = 0.0,
        times: int | None = None,
    ) -> None:
        """Answer requests of a method (`*`: of any) so, the next `times` or all; `status` None: with silence."""
        rule = AnswerRule(method, status, reason, headers, body, delay, times)
        self._thread.call(self._ue.answers.add, rule)

    def notified(self, timeout: float = 5.0) -> Notification:
        """Return the next NOTIFY, of any subscription, that was not looked at yet. Raises NothingCameError."""
        __tracebackhide__ = True
        return self._notified.take(lambda _: True, timeout, f"NOTIFY at {self.aor}")

    def received(self, method: str | None = None, timeout: float = 5.0) -> ReceivedRequest:
        """Return the next request of a method, other than NOTIFY, that was not looked at. Raises NothingCameError."""
        __tracebackhide__ = True
        return self._received.take(
            lambda each: method is None or each.method == method, timeout, f"{method or 'request'} at {self.aor}"
        )

    def findings(self) -> list[Finding]:
        """Return what the network did wrong at this UE up to now, by the standing checks."""
        return [] if self.judge is None else self._thread.call(lambda: list(self._findings()))

    def stop(self) -> None:
        """Close its sockets."""
        self._thread.call(self._ue.agent.stop)

    def _findings(self) -> list[Finding]:
        return [] if self.judge is None else self.judge.findings

    def _perform(self, procedure: Callable[[], Coroutine[Any, Any, Exchange]]) -> Exchange:
        __tracebackhide__ = True
        return self._thread.perform(self._ue.agent.shell, procedure)

    def _take_notified(self, watch: Watch, notified: Notified) -> None:
        self._notified.put(Notification(notified))
        mailbox = self._mailboxes.get(watch)
        if mailbox is not None:
            mailbox.put(Notification(notified))

    def _take_received(self, request: Request) -> None:
        self._received.put(ReceivedRequest(request))

    def __repr__(self) -> str:
        host, port = self.address
        return f"<UE {self.aor} at {host}:{port}>"
