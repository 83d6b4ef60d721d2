"""A transaction layer with a clock in the hand, and users that note what they hear."""

from collections.abc import Callable
from hashlib import sha256

from scscf.identifiers import Identifiers
from scscf.sip.message import Request, Response
from scscf.sip.outbox import Failure, Flow, Outbox, Transmit
from scscf.sip.parser import parse_message
from scscf.sip.transaction import TimerValues
from scscf.sip.transaction_layer import ServerTransaction, TransactionLayer
from scscf.timers import Deadlines

UDP = Flow("udp", ("192.0.2.1", 5060), ("192.0.2.9", 5070))
TCP = Flow("tcp", ("192.0.2.1", 5060), ("192.0.2.9", 41000), 7)
SENT_BY = ("192.0.2.1", 5060)


def seeded(seed: str = "") -> Callable[[int], bytes]:
    serial = 0

    def source(octets: int) -> bytes:
        nonlocal serial
        data = b""
        while len(data) < octets:
            serial += 1
            data += sha256(f"{seed}{serial}".encode()).digest()
        return data[:octets]

    return source


def request_bytes(
    method: str = "REGISTER",
    *,
    branch: str | None = "z9hG4bKa1",
    via: str = "SIP/2.0/UDP 192.0.2.9:5070",
    params: str = ";rport",
    cseq: int = 1,
    call_id: str = "c1",
    to_tag: str | None = None,
) -> bytes:
    branch_param = "" if branch is None else f";branch={branch}"
    to = "<sip:bob@home1.test>" + (f";tag={to_tag}" if to_tag else "")
    return (
        f"{method} sip:home1.test SIP/2.0\r\nVia: {via}{branch_param}{params}\r\nMax-Forwards: 70\r\n"
        f"From: <sip:bob@home1.test>;tag=f1\r\nTo: {to}\r\nCall-ID: {call_id}\r\nCSeq: {cseq} {method}\r\n"
        "Content-Length: 0\r\n\r\n"
    ).encode()


def a_request(method: str = "REGISTER", **fields: object) -> Request:
    message = parse_message(request_bytes(method, **fields))  # type: ignore[arg-type]
    assert isinstance(message, Request)
    return message


class Calls:
    """A transaction user that answers by `answer`, if that is set."""

    def __init__(self) -> None:
        self.calls: list[ServerTransaction] = []
        self.answer: int | None = None
        self.acks: list[Request] = []

    def on_request(self, call: ServerTransaction) -> None:
        self.calls.append(call)
        if self.answer is not None:
            call.answer(call.request.response(self.answer, to_tag="t1"))

    def on_ack(self, request: Request, flow: Flow) -> None:
        self.acks.append(request)


class Sender:
    """A client user that notes what it hears."""

    def __init__(self) -> None:
        self.heard: list[tuple[float, int | str]] = []

    def on_response(self, response: Response, now: float) -> None:
        self.heard.append((now, response.status))

    def on_failure(self, failure: Failure, now: float) -> None:
        self.heard.append((now, failure.kind))


class Bench:
    """A layer at time 0, its outbox and its user."""

    def __init__(self, timers: TimerValues | None = None) -> None:
        self.outbox = Outbox()
        self.deadlines = Deadlines()
        self.user = Calls()
        self.layer = TransactionLayer(
            timers or TimerValues(), self.deadlines, self.outbox, Identifiers(seeded()), self.user
        )
        self.now = 0.0

    def receive(self, data: bytes, flow: Flow = UDP) -> None:
        self.layer.receive(parse_message(data), flow)

    def to(self, when: float) -> list[tuple[float, bytes]]:
        """Go on to a time, deadline by deadline; return what was sent on the way and when."""
        sent: list[tuple[float, bytes]] = []
        while (due := self.deadlines.next()) is not None and due <= when:
            self.layer.advance(due)
            sent += [(due, data) for data in self.sent()]
        self.layer.advance(when)
        return sent + [(when, data) for data in self.sent()]

    def transmits(self) -> list[Transmit]:
        return [item for item in self.outbox.take() if isinstance(item, Transmit)]

    def sent(self) -> list[bytes]:
        return [item.data for item in self.transmits()]

    def statuses(self) -> list[int]:
        return [int(data.split()[1]) for data in self.sent()]
