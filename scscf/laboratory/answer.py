"""SIP messages as a test looks at them: the answer to a request, and a request that came."""

from typing import NamedTuple

from scscf.errors import ScscfError
from scscf.regevent.reading import ReadDocument, read_document
from scscf.sip.headers import KEYS
from scscf.sip.message import Message, Request, Response
from scscf.ue.exchange import Exchange
from scscf.ue.watch import Notified, readable_contacts


class NoAnswerError(ScscfError):
    """A request had no final answer: it timed out (64·T1, RFC 3261 §17.1), or nobody could be reached."""


class AnsweredContact(NamedTuple):
    """One value of Contact."""

    uri: str
    expires: int | None
    """Seconds; None where it has none."""
    value: str
    """All of it, as it stands in the message."""


class Received:
    """A message that came."""

    def __init__(self, message: Message) -> None:
        self.message = message

    def header(self, name: str) -> str | None:
        """Return the first value of a header, None where it is not there."""
        values = self.headers(name)
        return values[0] if values else None

    def headers(self, name: str) -> list[str]:
        """Return every value of a header: of a list each by itself."""
        return list(self.message.values(KEYS[name]))

    @property
    def body(self) -> bytes:
        """Its body."""
        return self.message.body

    @property
    def contacts(self) -> tuple[AnsweredContact, ...]:
        """Its Contact values."""
        return tuple(
            AnsweredContact(each.uri.text, _seconds(each.parameter("expires")), str(each))
            for each in readable_contacts(self.message)
        )

    @property
    def text(self) -> str:
        """All of it."""
        return self.message.to_bytes().decode("utf-8", "replace")


class ReceivedRequest(Received):
    """A request that came."""

    message: Request

    @property
    def method(self) -> str:
        """Its method."""
        return self.message.method

    @property
    def uri(self) -> str:
        """Its Request-URI."""
        return self.message.uri_text

    def __repr__(self) -> str:
        return f"<{self.method} {self.uri}>"


class Notification(ReceivedRequest):
    """A NOTIFY of a subscription."""

    def __init__(self, notified: Notified) -> None:
        super().__init__(notified.request)
        self.state = notified.state.state
        """Subscription-State: active, pending or terminated."""
        self.reason = notified.state.reason
        """Why it is terminated."""
        self.expires = notified.state.expires
        """Seconds that the subscription still has."""
        self.retry_after = notified.state.retry_after
        """Seconds after which one may subscribe again."""

    @property
    def document(self) -> ReadDocument:
        """Its reginfo document (RFC 3680 §5). Raises ValueError where it has none that can be read."""
        if not self.body:
            raise ValueError("the NOTIFY has no body")
        return read_document(self.body)

    def __repr__(self) -> str:
        reason = f" ({self.reason})" if self.reason else ""
        return f"<NOTIFY {self.state}{reason}, {len(self.body)} octets>"


class Answer(Received):
    """The final answer to a request, after the challenges on the way."""

    message: Response

    def __init__(self, exchange: Exchange, final: Response) -> None:
        super().__init__(final)
        self.request = exchange.requests[-1]
        """As it was sent last."""
        self.statuses = [each.status for each in exchange.replies if isinstance(each, Response)]
        """Of every answer: `[401, 200]`."""

    @property
    def status(self) -> int:
        """Its status."""
        return self.message.status

    @property
    def reason(self) -> str:
        """Its reason phrase."""
        return self.message.reason

    def __repr__(self) -> str:
        return f"<{self.status} {self.reason}>"


def answer_of(exchange: Exchange) -> Answer:
    """Return how an exchange ended. Raises NoAnswerError."""
    __tracebackhide__ = True
    final = exchange.final
    if not isinstance(final, Response):
        raise NoAnswerError(f"{exchange.requests[-1].method}: no answer ({final.kind}: {final.detail})")
    return Answer(exchange, final)


def _seconds(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() else None
