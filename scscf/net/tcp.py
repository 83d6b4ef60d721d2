"""Stream sockets on the reactor, plain or under TLS (RFC 3261 §18)."""

from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IPushProducer, ISSLTransport
from twisted.internet.protocol import ClientFactory, Factory, Protocol
from twisted.python.failure import Failure
from zope.interface import implementer  # type: ignore[import-untyped]

from scscf.net.network import RawStream, StreamReceiver


@implementer(IPushProducer)
class TcpStream(Protocol):
    """One connection, between Twisted's transport and a receiver.

    A peer that does not read is not read from either; but under TLS it is, since what waits there may be its handshake.
    """

    def __init__(self, receiver: StreamReceiver) -> None:
        self.local = ("", 0)
        self.remote = ("", 0)
        self._receiver = receiver
        self._tls = False

    @property
    def _socket(self) -> Any:
        return self.transport

    def connectionMade(self) -> None:
        """Hand the stream to its receiver."""
        transport = self._socket
        here, there = transport.getHost(), transport.getPeer()
        self.local, self.remote = (here.host, here.port), (there.host, there.port)
        transport.setTcpNoDelay(True)
        transport.setTcpKeepAlive(True)
        self._tls = bool(ISSLTransport.providedBy(transport))
        transport.registerProducer(self, True)
        stream: RawStream = self
        self._receiver.opened(stream)

    def dataReceived(self, data: bytes) -> None:
        """Pass octets on."""
        self._receiver.received(data)

    def connectionLost(self, reason: Failure | None = None) -> None:
        """Tell that it is over."""
        self._receiver.lost(reason.getErrorMessage() if reason is not None else "connection lost")

    def write(self, data: bytes) -> None:
        """Send octets."""
        self._socket.write(data)

    def close(self) -> None:
        """Close once everything written has gone out."""
        self._socket.unregisterProducer()
        self._socket.loseConnection()

    def abort(self) -> None:
        """Close at once."""
        self._socket.abortConnection()

    def pauseProducing(self) -> None:
        """Octets pile up: read no more until they have gone out."""
        if not self._tls:
            self._socket.pauseProducing()
        self._receiver.congested(True)

    def resumeProducing(self) -> None:
        """Everything has gone out."""
        if not self._tls:
            self._socket.resumeProducing()
        self._receiver.congested(False)

    def stopProducing(self) -> None:
        """The transport is gone: connectionLost says so as well."""


class AcceptingFactory(Factory):
    """Makes a stream for each connection that is accepted."""

    noisy = False

    def __init__(self, accept: Callable[[], StreamReceiver]) -> None:
        self._accept = accept

    def buildProtocol(self, addr: object) -> TcpStream:
        """Make the stream."""
        return TcpStream(self._accept())


class ConnectingFactory(ClientFactory):
    """Makes the stream of one connection of ours, or tells why there is none."""

    noisy = False

    def __init__(self, receiver: StreamReceiver) -> None:
        self._receiver = receiver

    def buildProtocol(self, addr: object) -> TcpStream:
        """Make the stream."""
        return TcpStream(self._receiver)

    def clientConnectionFailed(self, connector: object, reason: Failure) -> None:
        """Tell the receiver."""
        self._receiver.failed(reason.getErrorMessage())


class ListeningSocket:
    """A listening stream socket, with the address that it was bound to."""

    def __init__(self, port: Any) -> None:
        self._port = port
        bound = port.getHost()
        self.local = (bound.host, bound.port)

    def close(self) -> None:
        """Accept nothing any more."""
        self._port.stopListening()
