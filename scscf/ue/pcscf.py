"""A simulated P-CSCF between UEs and an S-CSCF: Path, Service-Route, asserted identities (TS 24.229 §5.2).

It keeps the transactions of what it passes on, no more. IPsec is left out: it says that a UE is protected, as told.
"""

from collections.abc import Callable
from typing import Final

from scscf.config.listen import hostport
from scscf.errors import SipError
from scscf.proxy.forwarded import count_hop, forwarded, without_top_via, write_route
from scscf.proxy.private_headers import strip_for_stranger
from scscf.proxy.record_route import RECORDED
from scscf.sip.address import parse_addresses
from scscf.sip.message import Request, Response
from scscf.sip.outbox import Failure, Flow, NextHop, Send
from scscf.sip.routing import next_hop_of
from scscf.sip.transaction_layer import ServerTransaction
from scscf.ue.pcscf_headers import (
    assert_identity,
    charge,
    hide_keys,
    protect,
    proves_something,
    without_agreement,
    without_network_headers,
)
from scscf.ue.pcscf_phones import Phone, Phones
from scscf.ue.user_agent import UserAgent

Observer = Callable[[str, Request | Response], None]
"""Told of what is passed on: `up` to the network or `down` to a UE, and the message as it leaves, without its Via."""

_NOT_PROTECTED: Final = "no"


class Pcscf:
    """One P-CSCF on a user agent of its own; its REGISTERs go to `next_hop`.

    `network` is what P-Visited-Network-ID says, `protection` the `integrity-protected` of a UE before and after it is
    registered (TS 24.229 §7.2A.2), None for none.
    """

    def __init__(
        self,
        agent: UserAgent,
        network: str,
        next_hop: NextHop,
        protection: tuple[str | None, str | None] = (_NOT_PROTECTED, "yes"),
    ) -> None:
        self.agent = agent
        self.network = network
        self.next_hop = next_hop
        self.protection = protection
        self.phones = Phones(agent.identifiers)
        self.observers: list[Observer] = []
        agent.on_request_ = self._on_request
        agent.on_ack_ = self._on_ack

    @property
    def address(self) -> tuple[str, int]:
        """Where UEs and the network reach it: host and bound port."""
        return self.agent.address

    def uri(self, user: str) -> str:
        """Return its URI with a token for its user part, as Path and Record-Route have it."""
        listener = self.agent.endpoint.listeners[0]
        transport = "" if listener.transport == "udp" else f";transport={listener.transport}"
        return f"sip:{user}@{hostport(*listener.sent_by)}{transport};lr"

    def _on_request(self, call: ServerTransaction) -> None:
        call.merge_key = None  # a request that comes by again on its way to another UE is no merged one
        try:
            self._pass(call)
        except SipError as error:
            call.answer(call.request.response(error.status, to_tag=self.agent.identifiers.tag()))

    def _on_ack(self, request: Request, flow: Flow) -> None:
        try:
            copy, hop, _, direction = self._way(request, flow)
        except SipError:
            return
        self._tell(direction, copy)
        self._send(copy, hop, _Nobody())

    def _pass(self, call: ServerTransaction) -> None:
        copy, hop, phone, direction = self._way(call.request, call.flow)
        self._tell(direction, copy)
        send = self._send(copy, hop, _Passing(self, call, phone, "down" if direction == "up" else "up"))
        if call.request.method == "INVITE":
            call.on_cancel = lambda: self._cancel(send)

    def _send(self, request: Request, hop: NextHop, user: "_Passing | _Nobody") -> Send:
        shell = self.agent.shell
        with shell.turn():
            return shell.outbox.send(request, hop, user)

    def _cancel(self, send: Send) -> None:
        with self.agent.shell.turn():
            self.agent.shell.outbox.cancel(send)

    def _way(self, request: Request, flow: Flow) -> tuple[Request, NextHop, Phone, str]:
        """Return what leaves for a request, where to, whose it is, and in which direction. Raises SipError."""
        copy = forwarded(request)
        count_hop(copy)
        if request.method == "REGISTER":
            phone = self.phones.of_register(request, flow)
            self._register(copy, phone)
            return copy, self.next_hop, phone, "up"
        token = self._take_own_routes(copy)
        known = self.phones.at(flow)
        if known is None or (token is not None and self.phones.get(token) not in (None, known)):
            called = None if token is None else self.phones.get(token)
            if called is None:
                raise SipError(404 if known is None else 403)
            return self._down(copy, called)
        if not known.registered:
            raise SipError(403)
        return self._up(copy, known)

    def _register(self, copy: Request, phone: Phone) -> None:
        self._take_own_routes(copy)
        without_agreement(copy)
        without_network_headers(copy)
        copy.insert_first("Path", f"<{self.uri(phone.token)}>")
        copy.add("Require", "path")
        copy.add("P-Visited-Network-ID", f'"{self.network}"')
        charge(copy, self.agent.identifiers.hex(8), self.network)
        if not proves_something(copy):
            phone.registered = False
        protect(copy, self.protection[1 if phone.registered else 0])

    def _up(self, copy: Request, phone: Phone) -> tuple[Request, NextHop, Phone, str]:
        """Send a request of a UE on: outside a dialog along its Service-Route, whatever Route it has."""
        without_agreement(copy)
        without_network_headers(copy)
        assert_identity(copy, phone.associated)
        charge(copy, self.agent.identifiers.hex(8), self.network)
        if copy.to.tag is None:
            write_route(copy, phone.service_route)
            self._record(copy, phone)
        return copy, next_hop_of(copy) if "route" in copy else self.next_hop, phone, "up"

    def _down(self, copy: Request, phone: Phone) -> tuple[Request, NextHop, Phone, str]:
        """Send a request of the network on to a UE."""
        strip_for_stranger(copy)
        if copy.to.tag is None:
            self._record(copy, phone)
        flow = phone.flow
        hop = NextHop(flow.remote[0], flow.remote[1], flow.transport, flow.transport == "tls", flow)
        return copy, hop, phone, "down"

    def _record(self, copy: Request, phone: Phone) -> None:
        if copy.method in RECORDED:
            copy.insert_first("Record-Route", f"<{self.uri(phone.token)}>")

    def _take_own_routes(self, copy: Request) -> str | None:
        """Take the Route values away that are our own; return the token of the first."""
        values, token = list(copy.values("route")), None
        own = self.address
        while values:
            uri = parse_addresses((values[0],))[0].uri
            if (uri.host, uri.port or 5060) != own:
                break
            token = token or uri.user or None
            del values[0]
        write_route(copy, values)
        return token

    def answered(self, call: ServerTransaction, phone: Phone, direction: str, response: Response) -> None:
        """Pass a response on; that of a REGISTER says what becomes of its UE."""
        passed = without_top_via(response)
        method = call.request.method
        if method != "INVITE" and response.status < 200:
            return
        if method == "REGISTER":
            self.phones.take(phone, call.request, response)
            hide_keys(passed)
        if direction == "down":
            strip_for_stranger(passed)
        self._tell(direction, passed)
        call.answer(passed)

    def failed(self, call: ServerTransaction) -> None:
        """Answer a request that nobody answered (TS 24.229 §5.2.2.1)."""
        call.answer(call.request.response(504, to_tag=self.agent.identifiers.tag()))

    def _tell(self, direction: str, message: Request | Response) -> None:
        for observer in self.observers:
            observer(direction, message)


class _Nobody:
    """Whom the end of an ACK concerns."""

    def on_response(self, response: Response, now: float) -> None:
        pass

    def on_failure(self, failure: Failure, now: float) -> None:
        pass


class _Passing:
    """A request that was passed on, until its answer has been (ClientUser)."""

    def __init__(self, pcscf: Pcscf, call: ServerTransaction, phone: Phone, direction: str) -> None:
        self._pcscf = pcscf
        self._call = call
        self._phone = phone
        self._direction = direction

    def on_response(self, response: Response, now: float) -> None:
        """Pass it on."""
        if response.status != 100:
            self._pcscf.answered(self._call, self._phone, self._direction, response)

    def on_failure(self, failure: Failure, now: float) -> None:
        """Answer in place of whoever is silent."""
        if not self._call.answered:
            self._pcscf.failed(self._call)
