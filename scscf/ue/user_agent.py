"""One SIP user agent at an address of its own, on sockets or in memory: requests out, answers in, and the other way."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from twisted.python.failure import Failure as TwistedFailure

from scscf.config.listen import Listen
from scscf.errors import SipError
from scscf.identifiers import Identifiers
from scscf.net.endpoint import Endpoint
from scscf.net.network import Network
from scscf.net.resolver import Dns, Resolver
from scscf.net.shell import Shell, Timekeeper
from scscf.promise import Promise
from scscf.sip.message import Request, Response, make_request
from scscf.sip.outbox import Failure, Flow, NextHop, Send
from scscf.sip.parser import Unparseable, parse_message
from scscf.sip.routing import route_request
from scscf.sip.transaction import TimerValues
from scscf.sip.transaction_layer import ServerTransaction, TransactionLayer

Trace = Callable[[str, Flow, bytes], None]
Reply = Response | Failure
"""How a request of a user agent ended."""


class Sent:
    """A request of a user agent until its final answer (ClientUser)."""

    __slots__ = ("_agent", "promise", "provisional", "request", "send")

    def __init__(self, agent: "UserAgent", request: Request) -> None:
        self._agent = agent
        self.request = request
        self.send: Send | None = None
        self.promise: Promise[Reply] = Promise()
        self.provisional: list[Response] = []

    def on_response(self, response: Response, now: float) -> None:
        """Keep an answer; the 2xx to an INVITE gets its ACK (RFC 3261 §13.2.2.4)."""
        if response.status < 200:
            self.provisional.append(response)
            return
        if self.request.method == "INVITE" and response.status < 300:
            self._agent.acknowledge(self.request, response)
        if not self.promise.done:
            self.promise.keep(response)

    def on_failure(self, failure: Failure, now: float) -> None:
        """Keep that no answer will come."""
        if not self.promise.done:
            self.promise.keep(failure)


class UserAgent:
    """A shell, an endpoint and a transaction layer of their own. `on_request` answers what comes in.

    `listen` is where it is reached; `identifiers` make its tags and branches, the same in every run of one seed.
    """

    def __init__(
        self,
        reactor: Timekeeper,
        network: Network,
        listen: Sequence[Listen],
        identifiers: Identifiers,
        *,
        timers: TimerValues | None = None,
        epoch: float = 0.0,
        hosts: Mapping[str, str] | None = None,
        dns: Dns | None = None,
    ) -> None:
        self.identifiers = identifiers
        self.shell = Shell(reactor, epoch)
        self.layer = TransactionLayer(
            timers or TimerValues(), self.shell.wire, self.shell.outbox, identifiers, self, reactor.seconds
        )
        resolver = Resolver(self.shell, hosts or {}, dns, lambda: 0.5)
        self.endpoint = Endpoint(self.shell, self.layer, listen, network, resolver)
        self.endpoint.trace = self._trace
        self.on_request_: Callable[[ServerTransaction], None] = self._refuse
        self.on_ack_: Callable[[Request, Flow], None] = lambda request, flow: None
        self.traces: list[Trace] = []
        """Each is told of every message, direction `in` or `out`, with its octets."""
        self._raw: dict[tuple[str, str], Promise[Reply]] = {}

    def start(self) -> None:
        """Bring the listeners up. Raises InputError where an address cannot be had."""
        failures: list[BaseException] = []

        def failed(failure: TwistedFailure) -> None:
            failures.append(failure.value or RuntimeError(str(failure)))

        self.endpoint.start().addErrback(failed)
        if failures:
            raise failures[0]

    def stop(self) -> None:
        """Close every socket; what waits for an answer hears nothing more."""
        self.endpoint.stop()

    @property
    def address(self) -> tuple[str, int]:
        """Where it is reached over its first transport: host and bound port."""
        return self.endpoint.listeners[0].sent_by

    def now(self) -> float:
        """Return the time, seconds since the Unix epoch."""
        return self.shell.now()

    def request(self, request: Request, next_hop: NextHop) -> Sent:
        """Send a request in a client transaction; its `promise` is kept with the final answer or the failure."""
        sent = Sent(self, request)
        with self.shell.turn():
            sent.send = self.shell.outbox.send(request, next_hop, sent)
        return sent

    def cancel(self, sent: Sent) -> None:
        """Cancel an INVITE that has no final answer."""
        if sent.send is not None:
            with self.shell.turn():
                self.shell.outbox.cancel(sent.send)

    def acknowledge(self, invite: Request, response: Response) -> None:
        """Send the ACK of a 2xx (RFC 3261 §13.2.2.4)."""
        contacts = response.contacts
        target = contacts[0].uri.text if contacts else invite.uri_text
        headers = [("Max-Forwards", "70"), ("From", invite.get("from") or ""), ("To", response.get("to") or "")]
        headers += [("Call-ID", invite.call_id), ("CSeq", f"{invite.cseq.number} ACK")]
        ack = make_request("ACK", target, headers)
        hop = route_request(ack, tuple(reversed(response.values("record-route"))))
        with self.shell.turn():
            self.shell.outbox.send(ack, hop, Sent(self, ack))

    def transmit(self, data: bytes, remote: tuple[str, int]) -> Promise[Reply]:
        """Send octets as they are in a datagram; kept with the final answer of the same Call-ID and CSeq."""
        promise: Promise[Reply] = Promise()
        try:
            message = parse_message(data)
            self._raw[(message.call_id, message.get("cseq") or "")] = promise
        except (SipError, Unparseable):
            pass  # octets that are no message have no answer to tell apart
        local = next(each for each in self.endpoint.listeners if each.transport == "udp")
        with self.shell.turn():
            self.shell.outbox.transmit(data, Flow("udp", (local.host, local.port), remote))
        return promise

    def wait(self, seconds: float) -> Promise[None]:
        """Return what is kept once so many seconds have passed."""
        promise: Promise[None] = Promise()
        with self.shell.turn():
            self.shell.wire.at(self.shell.reactor.seconds() + seconds, lambda _now: promise.keep(None))
        return promise

    def cut(self) -> int:
        """Cut every stream connection without a word; return how many there were."""
        return self.endpoint.connections.cut()

    def on_request(self, call: ServerTransaction) -> None:
        """Hand a new request to whoever answers (TransactionUser)."""
        self.on_request_(call)

    def on_ack(self, request: Request, flow: Flow) -> None:
        """Hand the ACK of a 2xx to whoever wants it: a UE does not (TransactionUser)."""
        self.on_ack_(request, flow)

    def _refuse(self, call: ServerTransaction) -> None:
        call.answer(call.request.response(480, to_tag=self.identifiers.tag()))

    def _trace(self, direction: str, flow: Flow, data: bytes) -> None:
        for trace in self.traces:
            trace(direction, flow, data)
        if self._raw and direction == "in" and data.startswith(b"SIP/"):
            self._take_raw(data)

    def _take_raw(self, data: bytes) -> None:
        try:
            message = parse_message(data)
            key = (message.call_id, message.get("cseq") or "")
        except (SipError, Unparseable):
            return
        if isinstance(message, Response) and message.status >= 200 and key in self._raw:
            promise = self._raw.pop(key)
            promise.keep(message)


def listen_at(host: str, port: int, transports: Sequence[str] = ("udp", "tcp")) -> list[Listen]:
    """Return listeners at one address."""
    make = partial(Listen, host=host, port=port)
    return [make(transport) for transport in transports]
