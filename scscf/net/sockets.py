"""The network of this machine: sockets on Twisted's reactor."""

import errno
import socket
from collections.abc import Callable
from typing import Any

from twisted.internet.error import CannotListenError
from twisted.protocols.tls import TLSMemoryBIOFactory

from scscf.config.listen import Listen, hostport
from scscf.errors import InputError, Problem
from scscf.net.network import DatagramReceiver, DatagramSocket, StreamListener, StreamReceiver, Turn, is_loopback
from scscf.net.tcp import AcceptingFactory, ConnectingFactory, ListeningSocket
from scscf.net.tls import KeyLog, client_context, server_context, with_key_log
from scscf.net.udp import UdpSocket

_BACKLOG = 1024
_ELSEWHERE = {False: (socket.AF_INET, "192.0.2.1"), True: (socket.AF_INET6, "2001:db8::1")}


class SocketNetwork:
    """A Network. The first tls:// listener's certificate and authorities also serve the connections of our own."""

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self._tls: Listen | None = None
        self.key_log: KeyLog | None = None
        """Is told of the keys of every TLS connection whose listener or attempt comes after it is set."""

    def datagrams(self, host: str, port: int, receive: DatagramReceiver, turn: Turn | None = None) -> DatagramSocket:
        """Bind a UDP socket. Raises InputError where the address cannot be had."""
        udp = UdpSocket(self._reactor, host, port, receive, turn)
        try:
            udp.bind()
        except CannotListenError as error:
            raise _refused("udp", host, port, error.socketError) from None
        return udp

    def streams(self, listen: Listen, accept: Callable[[], StreamReceiver]) -> StreamListener:
        """Listen on TCP, or TLS as `listen` says. Raises InputError where address or certificate cannot be used."""
        factory: Any = AcceptingFactory(accept)
        if listen.transport == "tls":
            context = with_key_log(server_context(listen), self.key_log)
            factory = TLSMemoryBIOFactory(context, False, factory)
            factory.noisy = False
            self._tls = self._tls or listen
        family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as skt:
            skt.setblocking(False)
            skt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                skt.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            try:
                skt.bind((listen.host, listen.port))
                skt.listen(_BACKLOG)
            except OSError as error:
                raise _refused(listen.transport, listen.host, listen.port, error) from None
            return ListeningSocket(self._reactor.adoptStreamPort(skt.fileno(), family, factory))

    def connect(
        self,
        transport: str,
        host: str,
        port: int,
        name: str,
        timeout: float,
        receiver: StreamReceiver,
        tls: Listen | None = None,
        local: str | None = None,
    ) -> Callable[[], None]:
        """Connect to an address; under TLS the certificate has to be for `name`. Returns what gives it up.

        From `local` only on loopback, where one machine has many addresses; else the system knows best.
        """
        factory: Any = ConnectingFactory(receiver)
        if transport == "tls":
            try:
                context = with_key_log(client_context(tls or self._tls, name), self.key_log)
                factory = TLSMemoryBIOFactory(context, True, factory)
            except (InputError, ValueError) as error:
                receiver.failed(str(error))
                return _nothing
            factory.noisy = False
        bind = (local, 0) if local is not None and is_loopback(local) and is_loopback(host) else None
        give_up: Callable[[], None] = self._reactor.connectTCP(host, port, factory, timeout, bind).disconnect
        return give_up

    def own_address(self, ipv6: bool) -> str:
        """Return the address that packets to elsewhere leave from (none is sent); loopback where there is no way."""
        family, elsewhere = _ELSEWHERE[ipv6]
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect((elsewhere, 9))
                return str(probe.getsockname()[0])
            except OSError:
                return "::1" if ipv6 else "127.0.0.1"


def free_port(host: str = "127.0.0.1") -> int:
    """Return a port of an address that is free now for UDP and TCP. Raises OSError where the address is not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    while True:
        with socket.socket(family, socket.SOCK_DGRAM) as udp, socket.socket(family, socket.SOCK_STREAM) as tcp:
            udp.bind((host, 0))
            port = int(udp.getsockname()[1])
            try:
                tcp.bind((host, port))
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    continue
                raise
            return port


def _nothing() -> None:
    """Give up what has failed already."""


def _refused(transport: str, host: str, port: int, error: OSError) -> InputError:
    place = hostport(host, port)
    message = f"cannot listen on {transport}://{place}: {error.strerror or error}; --listen names another"
    return InputError([Problem("listen", 0, 0, message)])
