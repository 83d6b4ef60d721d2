from pathlib import Path
from typing import Any

import pytest
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.testing import StringTransport
from twisted.protocols.tls import TLSMemoryBIOFactory

from scscf.config.listen import Listen
from scscf.net.tls import client_context, server_context, with_key_log
from tests.net.certificates import Authority


def shake_hands(connecting: Any, serving: Any) -> None:
    """Carry octets between two ends in memory until both have finished their handshakes."""
    ends = []
    for context, is_client in ((connecting, True), (serving, False)):
        inner: Any = Factory.forProtocol(Protocol)
        factory: Any = TLSMemoryBIOFactory(context, is_client, inner)
        factory.noisy = False
        end = factory.buildProtocol(None)
        end.makeConnection(StringTransport())  # type: ignore[no-untyped-call]
        ends.append(end)
    for here, there in (ends, ends[::-1]) * 3:
        data = here.transport.value()
        here.transport.clear()
        if data:
            there.dataReceived(data)


@pytest.mark.parametrize("of", ["client", "server"])
def test_the_secrets_of_a_connection_are_told_where_they_are_asked_for(tmp_path: Path, of: str) -> None:
    authority = Authority(tmp_path)
    certificate, key = authority.issue("scscf.home1.test")
    listen = Listen("tls", "127.0.0.1", 0, certificate=certificate, key=key, ca=authority.path)
    asked = listen._replace(verify="optional")
    told: list[bytes] = []
    serving = with_key_log(server_context(listen), told.append if of == "server" else None)
    connecting = with_key_log(client_context(asked, "scscf.home1.test"), told.append if of == "client" else None)

    shake_hands(connecting, serving)

    assert {line.split()[0] for line in told} >= {b"CLIENT_TRAFFIC_SECRET_0", b"SERVER_TRAFFIC_SECRET_0"}


def test_nobody_is_told_by_default() -> None:
    context = object()

    assert with_key_log(context, None) is context
