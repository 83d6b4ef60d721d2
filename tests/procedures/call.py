"""A request as it comes to a procedure, with whoever waits for the answers."""

from collections.abc import Callable

from scscf.sip.message import Response, make_request
from scscf.sip.outbox import Flow

CALLER = Flow("udp", ("127.0.0.1", 5060), ("127.0.0.9", 5070))


class Call:
    """The caller's side of a request: keeps what is answered."""

    def __init__(
        self, method: str, *headers: tuple[str, str], uri: str = "sip:bob@home1.test", flow: Flow = CALLER
    ) -> None:
        self.request = make_request(
            method,
            uri,
            [
                ("Via", "SIP/2.0/UDP 127.0.0.9:5070;branch=z9hG4bKcaller"),
                ("From", "<sip:alice@home1.test>;tag=1"),
                ("To", "<sip:bob@home1.test>"),
                ("Call-ID", "c"),
                ("CSeq", f"1 {method}"),
                *headers,
            ],
        )
        self.flow = flow
        self.answered = False
        self.status = 0
        self.on_cancel: Callable[[], None] | None = None
        self.answers: list[Response] = []

    def answer(self, response: Response) -> None:
        self.answers.append(response)
        self.status = response.status
        self.answered = self.answered or response.status >= 200

    @property
    def statuses(self) -> list[int]:
        return [response.status for response in self.answers]
