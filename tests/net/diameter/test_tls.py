"""Diameter under TLS, on real sockets (RFC 6733 §13.1)."""

# mypy: allow-untyped-calls

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.trial.unittest import TestCase

from scscf.config.listen import parse_diameter
from scscf.diameter.answers import success
from scscf.diameter.identity import Identity
from scscf.diameter.message import Message
from scscf.net.diameter import DiameterNode, Remote
from scscf.net.shell import Shell
from scscf.net.sockets import SocketNetwork
from tests.net.certificates import Authority
from tests.patience import PATIENCE

REACTOR: Any = reactor
CLIENT, SERVER = Identity("b.client.test", "client.test"), Identity("a.server.test", "server.test")


@pytest.mark.clause("RFC 6733 §13.1")
class Secure(TestCase):
    """Certificates in a folder of the test's own."""

    timeout = 2 * PATIENCE

    def setUp(self) -> None:
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.authority = Authority(self.folder)
        self.certificate, self.key = self.authority.issue("a.server.test")

    def a_server(self, options: str = "") -> DiameterNode:
        uri = f"diameters://127.0.0.1:0?certificate={self.certificate}&key={self.key}{options}"
        network = SocketNetwork(REACTOR)
        made: list[DiameterNode] = []

        def serve(message: Message, answer: Any) -> None:
            answer(success(message, SERVER))

        made.append(DiameterNode(Shell(REACTOR), network, SERVER, [], [parse_diameter(uri)], serve, lambda: 0.5))
        made[0].start()
        self.addCleanup(made[0].shell.stop)
        self.addCleanup(made[0].stop)
        return made[0]

    def a_client(self, server: DiameterNode, ca: str) -> DiameterNode:
        port = server.listeners[0].local[1]
        tls = parse_diameter(f"diameters://a.server.test:{port}?ca={ca}&verify=required", remote=True)
        client = DiameterNode(
            Shell(REACTOR),
            SocketNetwork(REACTOR),
            CLIENT,
            [Remote("tls", "a.server.test", port, tls)],
            [],
            lambda message, answer: None,
            lambda: 0.5,
            hosts={"a.server.test": "127.0.0.1"},
        )
        client.start()
        self.addCleanup(client.shell.stop)
        self.addCleanup(client.stop)
        return client

    def until(self, condition: Any) -> "Deferred[None]":
        if condition():
            return deferLater(REACTOR, 0, lambda: None)
        return deferLater(REACTOR, 0.01, lambda: None).addCallback(lambda _: self.until(condition))

    def test_a_peer_with_the_right_certificate_is_spoken_with(self) -> "Deferred[None]":
        server = self.a_server()
        client = self.a_client(server, self.authority.path)

        def look(_: object) -> None:
            assert server.peers()[0].host == "b.client.test"

        return self.until(client.is_up).addCallback(look)

    def test_a_peer_with_a_certificate_of_others_is_not(self) -> "Deferred[None]":
        other = Authority(self.folder, "other")
        server = self.a_server()
        client = self.a_client(server, other.path)

        def look(_: object) -> None:
            assert not client.is_up()

        return self.until(lambda: client.peers()[0].why not in ("", "not tried yet", "connecting")).addCallback(look)
