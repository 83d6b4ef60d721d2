"""The network of this machine, on 127.0.0.1 and ::1 with free ports."""

# mypy: allow-untyped-calls

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.ssl import CertificateOptions
from twisted.internet.task import deferLater
from twisted.names import dns, server
from twisted.names.authority import FileAuthority
from twisted.names.common import ResolverBase
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.trial.unittest import TestCase

from scscf.config.listen import Listen
from scscf.errors import InputError
from scscf.identifiers import Identifiers
from scscf.net.dns import TwistedDns, system_servers
from scscf.net.endpoint import Endpoint
from scscf.net.network import RawStream
from scscf.net.resolver import Dns, Resolver
from scscf.net.shell import Shell
from scscf.net.sockets import SocketNetwork
from scscf.net.tcp import ConnectingFactory
from scscf.promise import Promise
from scscf.sip.message import Response
from scscf.sip.outbox import Failure, Flow, NextHop
from scscf.sip.transaction import TimerValues
from scscf.sip.transaction_layer import TransactionLayer
from tests.net.certificates import Authority
from tests.net.node import StreamPeer
from tests.patience import PATIENCE
from tests.sip.layer import Calls, a_request, request_bytes, seeded

REACTOR: Any = reactor


class Reply(Promise[int | str]):
    """A client user whose promise is kept with the final status, or the kind of failure."""

    def on_response(self, response: Response, now: float) -> None:
        if response.status >= 200:
            self.keep(response.status)

    def on_failure(self, failure: Failure, now: float) -> None:
        self.keep(failure.kind)


class Node:
    """A node that answers 200, on real sockets. It sends nothing again, so that whatever is lost is missed."""

    def __init__(self, *listen: Listen, hosts: dict[str, str] | None = None, dns: Dns | None = None) -> None:
        self.shell = Shell(REACTOR)
        self.user = Calls()
        self.user.answer = 200
        self.sent = 0
        layer = TransactionLayer(
            TimerValues(t1=PATIENCE), self.shell.wire, self.shell.outbox, Identifiers(seeded(repr(listen))), self.user
        )
        resolver = Resolver(self.shell, hosts or {}, dns, lambda: 0.5)
        self.endpoint = Endpoint(self.shell, layer, listen, SocketNetwork(REACTOR), resolver)
        self.layer = layer

    def send(self, hop: NextHop, body: bytes = b"") -> "Deferred[int | str]":
        reply = Reply()
        done: Deferred[int | str] = Deferred()
        reply.when_done(lambda: done.callback(reply.result()))
        self.sent += 1
        request = a_request("NOTIFY", call_id=f"c{self.sent}")
        request.remove("via")
        request.body = body
        with self.shell.turn():
            self.shell.outbox.send(request, hop, reply)
        return done.addTimeout(PATIENCE, REACTOR)

    def hop(self, index: int = 0, host: str | None = None) -> NextHop:
        listener = self.endpoint.listeners[index]
        return NextHop(host or listener.host, listener.port, listener.transport, listener.transport == "tls")


class Answered(StreamPeer):
    """Sends a request as soon as it is connected."""

    def __init__(self) -> None:
        super().__init__()
        self.answered: Deferred[bytes] = Deferred()

    def opened(self, raw: RawStream) -> None:
        super().opened(raw)
        self.send(request_bytes(via="SIP/2.0/TLS 127.0.0.1:5061"))

    def received(self, data: bytes) -> None:
        self.answered.callback(data)


class SocketTests(TestCase):
    timeout = 2 * PATIENCE

    async def test_on_loopback_a_connection_comes_from_the_address_that_the_node_listens_at(self) -> None:
        network = SocketNetwork(REACTOR)
        peer, other = Answered(), StreamPeer()
        listener = network.streams(Listen("tcp", "127.0.0.1", 0), lambda: other)
        self.addCleanup(listener.close)

        network.connect("tcp", *listener.local, "", 5.0, peer, local="127.0.0.77")
        while other.raw is None or peer.raw is None:
            await deferLater(REACTOR, 0.01)

        assert other.raw.remote[0] == "127.0.0.77"
        peer.raw.abort()
        while other.why is None:
            await deferLater(REACTOR, 0.01)

    async def pair(self, *listen: Listen, **more: Any) -> tuple[Node, Node]:
        nodes = Node(*listen), Node(*listen, **more)
        for node in nodes:
            await node.endpoint.start()
            self.addCleanup(node.endpoint.stop)
        return nodes

    async def test_udp_tcp_and_ipv6(self) -> None:
        one, two = await self.pair(
            Listen("udp", "127.0.0.1", 0),
            Listen("tcp", "127.0.0.1", 0),
            Listen("udp", "::1", 0),
            Listen("tcp", "::1", 0),
        )
        for index in range(4):
            assert await two.send(one.hop(index)) == 200
        flows = [call.flow for call in one.user.calls]
        assert [flow.transport for flow in flows] == ["udp", "tcp", "udp", "tcp"]
        assert [flow.remote[0] for flow in flows] == ["127.0.0.1", "127.0.0.1", "::1", "::1"]
        assert [flow.local for flow in flows] == [(item.host, item.port) for item in one.endpoint.listeners]

    async def test_a_hundred_datagrams_at_once_all_arrive(self) -> None:
        one, two = await self.pair(Listen("udp", "127.0.0.1", 0))
        with two.shell.turn():
            waiting = [two.send(one.hop()) for _ in range(200)]
        assert [await reply for reply in waiting] == [200] * 200

    async def test_a_refused_connection_fails_and_a_long_request_goes_back_to_udp(self) -> None:
        one, two = await self.pair(Listen("udp", "127.0.0.1", 0), Listen("tcp", "127.0.0.1", 0))
        address = one.endpoint.listeners[0]
        assert await two.send(NextHop(address.host, address.port, "tcp")) == "transport"
        assert await two.send(NextHop(address.host, address.port), b"x" * 2000) == 200
        assert one.user.calls[0].flow.transport == "udp"

    async def test_stopping_gives_up_connections_that_are_being_made(self) -> None:
        _, two = await self.pair(Listen("tcp", "127.0.0.1", 0))
        reply = two.send(NextHop("127.0.0.1", two.endpoint.listeners[0].port, "tcp"))
        await two.endpoint.stop()
        assert await reply == "transport"

    async def test_a_closed_connection_is_a_lost_flow(self) -> None:
        one, two = await self.pair(Listen("tcp", "127.0.0.1", 0))
        lost: Deferred[Flow] = Deferred()
        one.endpoint.on_flow_lost = lost.callback
        await two.send(one.hop())
        await two.endpoint.stop()
        assert await lost == one.user.calls[0].flow

    async def test_a_port_that_is_taken_is_an_input_error(self) -> None:
        one, _ = await self.pair(Listen("udp", "127.0.0.1", 0), Listen("tcp", "127.0.0.1", 0))
        for listener in one.endpoint.listeners:
            node = Node(Listen(listener.transport, listener.host, listener.port))
            error: Any = await self.assertFailure(node.endpoint.start(), InputError)
            assert f"{listener.transport}://127.0.0.1:{listener.port}" in str(error)

    async def test_tls_with_names_and_mutual_authentication(self) -> None:
        authority = Authority(self.directory())
        certificate, key = authority.issue("scscf.home1.test")
        listen = Listen("tls", "127.0.0.1", 0, certificate=certificate, key=key, ca=authority.path, verify="required")
        one, two = await self.pair(listen, hosts={"scscf.home1.test": "127.0.0.1", "other.home1.test": "127.0.0.1"})
        assert await two.send(one.hop(host="scscf.home1.test")) == 200
        assert await two.send(one.hop()) == 200
        assert one.user.calls[0].flow.transport == "tls"
        assert await two.send(one.hop(host="other.home1.test")) == "transport"

    async def test_a_stranger_is_refused_where_certificates_are_required(self) -> None:
        directory = self.directory()
        authority, stranger = Authority(directory), Authority(directory, "stranger")
        certificate, key = authority.issue("scscf.home1.test")
        other, other_key = stranger.issue("ue.home1.test")
        for verify in ("required", "optional"):
            one = Node(
                Listen("tls", "127.0.0.1", 0, certificate=certificate, key=key, ca=authority.path, verify=verify)
            )
            two = Node(Listen("tls", "127.0.0.1", 0, certificate=other, key=other_key))
            for node in (one, two):
                await node.endpoint.start()
                self.addCleanup(node.endpoint.stop)
            assert await two.send(one.hop()) == "transport"
            assert one.user.calls == []

    async def test_where_certificates_are_optional_none_is_needed(self) -> None:
        authority = Authority(self.directory())
        certificate, key = authority.issue("scscf.home1.test")
        node = Node(
            Listen("tls", "127.0.0.1", 0, certificate=certificate, key=key, ca=authority.path, verify="optional")
        )
        await node.endpoint.start()
        self.addCleanup(node.endpoint.stop)
        peer = Answered()
        context: Any = CertificateOptions(verify=False)
        plain: Any = ConnectingFactory(peer)
        factory = TLSMemoryBIOFactory(context, True, plain)
        REACTOR.connectTCP("127.0.0.1", node.endpoint.listeners[0].port, factory)
        answer = await peer.answered
        assert answer.startswith(b"SIP/2.0 200 ")
        assert peer.raw is not None
        peer.raw.close()
        while peer.why is None:
            await deferLater(REACTOR, 0.01)

    async def test_a_certificate_that_cannot_be_used_is_an_input_error(self) -> None:
        directory = self.directory()
        certificate, key = Authority(directory).issue("scscf.home1.test")
        (directory / "empty.pem").write_text("nothing")
        empty = str(directory / "empty.pem")
        for broken in (
            {"certificate": empty, "key": key},
            {"certificate": certificate, "key": empty},
            {"certificate": str(directory / "missing.pem")},
            {"certificate": certificate, "key": Authority(directory).issue("other.home1.test")[1]},
            {"certificate": certificate, "key": key, "verify": "required"},
            {},
        ):
            node = Node(Listen("tls", "127.0.0.1", 0, **broken))  # type: ignore[arg-type]
            await self.assertFailure(node.endpoint.start(), InputError)

    def directory(self) -> Path:
        """Make a directory that goes when the test ends."""
        made = TemporaryDirectory()
        self.addCleanup(made.cleanup)
        return Path(made.name)


class DnsTests(TestCase):
    timeout = 2 * PATIENCE

    def zone(self) -> int:
        """Serve a zone on a free port and return it."""
        authority = _Zone()
        protocol = dns.DNSDatagramProtocol(server.DNSServerFactory(authorities=[authority], verbose=0))
        port = REACTOR.listenUDP(0, protocol, "127.0.0.1")
        self.addCleanup(port.stopListening)
        return int(port.getHost().port)

    async def test_naptr_srv_and_addresses_are_read(self) -> None:
        asking = TwistedDns(REACTOR, [("127.0.0.1", self.zone())], ipv6=True)
        (naptr,) = await asking.naptr("home1.test")
        assert tuple(naptr) == (10, 20, "s", "SIP+D2U", "_sip._udp.home1.test")
        (srv,) = await asking.srv("_sip._udp.home1.test")
        assert tuple(srv) == (1, 2, 5070, "a.home1.test")
        assert await asking.addresses("a.home1.test") == ["192.0.2.11", "2001:db8::11"]
        assert await asking.srv("nothing.home1.test") == []
        await deferLater(REACTOR, 0)

    async def test_a_request_finds_its_way_by_dns(self) -> None:
        one = Node(Listen("udp", "127.0.0.1", 0))
        await one.endpoint.start()
        self.addCleanup(one.endpoint.stop)
        two = Node(Listen("udp", "127.0.0.1", 0), dns=TwistedDns(REACTOR, [("127.0.0.1", self.zone())], ipv6=False))
        await two.endpoint.start()
        self.addCleanup(two.endpoint.stop)
        assert await two.send(NextHop("here.home1.test", one.endpoint.listeners[0].port)) == 200

    def test_resolv_conf_is_read(self) -> None:
        made = TemporaryDirectory()
        self.addCleanup(made.cleanup)
        path = Path(made.name, "resolv.conf")
        path.write_text("# comment\nsearch home1.test\nnameserver 192.0.2.53\nnameserver\n")
        assert system_servers(path) == [("192.0.2.53", 53)]
        assert system_servers(path.with_suffix(".missing")) == []


class _Zone(FileAuthority):
    def __init__(self) -> None:
        ResolverBase.__init__(self)
        self._cache: dict[str, object] = {}
        soa = dns.Record_SOA(b"home1.test", b"root.home1.test")
        self.soa: Any = (b"home1.test", soa)
        self.records: Any = {
            b"home1.test": [soa, dns.Record_NAPTR(10, 20, b"s", b"SIP+D2U", b"", b"_sip._udp.home1.test")],
            b"_sip._udp.home1.test": [dns.Record_SRV(1, 2, 5070, b"a.home1.test")],
            b"a.home1.test": [dns.Record_A("192.0.2.11"), dns.Record_AAAA("2001:db8::11")],
            b"here.home1.test": [dns.Record_A("127.0.0.1")],
        }
