"""One request of ours on its way from target to target (RFC 3261 §18.1.1, RFC 3263 §4.3)."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from scscf.config.listen import hostport
from scscf.errors import ScscfError
from scscf.promise import Promise
from scscf.sip.invite_client import InviteClientTransaction
from scscf.sip.invite_transaction import InviteClientInput
from scscf.sip.locating import Target
from scscf.sip.message import Request, Response
from scscf.sip.outbox import ClientUser, Failure, Flow, Send

if TYPE_CHECKING:
    from scscf.net.endpoint import Endpoint
    from scscf.net.stream import Connection

Trace = Callable[[str, Flow, bytes], object]
"""(`in` or `out`, flow, the message's octets)."""

LONGEST_OVER_UDP: Final = 1300
"""A request of more octets goes over a congestion-controlled transport where it can (RFC 3261 §18.1.1)."""
_VIA_LENGTH = 80


def sent_by_text(place: tuple[str, int]) -> str:
    """Return (host, port) as it stands in a URI."""
    return hostport(*place)


class Attempt:
    """Sends one request to its targets, one after the other, until one answers anything but 503 (RFC 3263 §4.3).

    It is the client user of its own transactions; the sender hears of one end only.
    """

    __slots__ = (
        "_cancelled",
        "_endpoint",
        "_failure",
        "_invite",
        "_large",
        "_plain",
        "_request",
        "_send",
        "_targets",
        "_tried_flow",
        "_user",
    )  # fmt: skip

    def __init__(self, endpoint: "Endpoint", send: Send) -> None:
        self._endpoint = endpoint
        self._send = send
        self._request: Request = send.request
        self._user: ClientUser = send.user
        self._plain = send.request.to_bytes()
        self._targets: list[Target] = []
        self._failure = Failure("transport", "no address to send to")
        self._tried_flow = False
        self._invite: InviteClientTransaction | None = None
        self._cancelled = False
        if send.request.method == "INVITE":
            send.attempt = self
        self._large = len(self._plain) + _VIA_LENGTH > LONGEST_OVER_UDP

    def begin(self) -> None:
        """Send along the flow where there is one alive, else to where the next hop's name leads."""
        endpoint, hop = self._endpoint, self._send.next_hop
        if hop.flow is not None and endpoint.flow_alive(hop.flow):
            self._tried_flow = True
            self._start(hop.flow, endpoint.sent_by(hop.flow), self)
            return
        self._resolve()

    def cancel(self) -> None:
        """Cancel an INVITE that is on its way; one that has not begun yet will not (Cancellable)."""
        if self._cancelled:
            return
        self._cancelled = True
        self._targets = []
        if self._invite is not None:
            self._invite.take(InviteClientInput.CANCEL)

    def _start(self, flow: Flow, sent_by: tuple[str, int], user: ClientUser) -> None:
        self._invite = self._endpoint.layer.start(self._request, flow, sent_by, user, self._plain)

    def _resolve(self) -> None:
        hop = self._send.next_hop
        try:
            found = self._endpoint.resolver.resolve(hop, self._endpoint.transports)
        except ScscfError as error:
            self._failed(Failure("transport", str(error)))
            return
        if isinstance(found, Promise):
            waiting: Promise[list[Target]] = found
            waiting.when_done(lambda: self._resolved(waiting))
        else:
            self._take(found)

    def _resolved(self, found: "Promise[list[Target]]") -> None:
        try:
            targets = found.result()
        except ScscfError as error:
            self._endpoint.shell.run(self._failed, Failure("transport", str(error)))
            return
        self._endpoint.shell.run(self._take, targets)

    def _take(self, targets: list[Target]) -> None:
        if self._cancelled:
            self._failed(self._failure)
            return
        self._targets = list(targets)
        if self._large and self._send.next_hop.transport is None and "tcp" in self._endpoint.transports:
            tcp = [
                target._replace(transport="tcp")
                for target in targets
                if target.transport == "udp" and not self._endpoint.connections.refuses_tcp(target)
            ]
            self._targets = tcp + self._targets
        self._next()

    def _next(self) -> None:
        endpoint = self._endpoint
        self._invite = None
        if self._cancelled:
            self._targets = []
        while self._targets:
            target = self._targets.pop(0)
            listener = endpoint.listener_for(target.transport, target.host)
            if listener is None:
                self._failure = Failure("transport", f"no {target.transport} listener to reach {target.host} from")
            elif target.transport == "udp":
                flow = Flow("udp", (listener.host, listener.port), (target.host, target.port))
                user: ClientUser = self if self._targets else self._user
                self._start(flow, listener.sent_by, user)
                return
            else:
                endpoint.connections.to(target, partial(self._connected, target), listener.host)
                return
        self._user.on_failure(self._failure, endpoint.shell.now())

    def _connected(self, target: Target, connection: "Connection | None", detail: str) -> None:
        endpoint = self._endpoint
        if connection is None and self._large:
            endpoint.connections.tcp_refused(target)
        if connection is None or self._cancelled:
            self._failed(Failure("transport", f"{target.transport} {target.host}:{target.port}: {detail}"))
        else:
            self._start(connection.flow, endpoint.sent_by(connection.flow), self)

    def _failed(self, failure: Failure) -> None:
        self._failure = Failure("cancelled", "before it was sent") if self._cancelled else failure
        self._next()

    def on_response(self, response: Response, now: float) -> None:
        """Pass the response on; after a 503 the next target is tried where there is one (ClientUser)."""
        if response.status == 503 and self._targets:
            self._next()
        else:
            self._user.on_response(response, now)

    def on_failure(self, failure: Failure, now: float) -> None:
        """Try the next target, after a flow that is gone the next hop's name; else pass it on (ClientUser)."""
        self._failure = failure
        if self._tried_flow and failure.kind == "transport" and not self._cancelled:
            self._tried_flow = False
            self._resolve()
        else:
            self._next()
