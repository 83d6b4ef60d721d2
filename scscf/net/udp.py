"""UDP sockets on the reactor (RFC 3261 §18)."""

# mypy: allow-untyped-calls

import socket
import sys
from contextlib import suppress
from errno import EAGAIN, ECONNREFUSED, EINTR, EWOULDBLOCK
from typing import Any

from twisted.internet.error import CannotListenError
from twisted.internet.protocol import DatagramProtocol
from twisted.internet.udp import Port

from scscf.net.network import DatagramReceiver, Turn

BUFFER = 4 * 1024 * 1024
"""Octets asked of the kernel, each way: with its default, half of a hundred datagrams sent at once are lost."""
_SO_SNDBUFFORCE, _SO_RCVBUFFORCE = 32, 33
DATAGRAMS_PER_WAKE = 64
"""So many datagrams are taken in before the reactor looks at timers and other sockets again."""
_LONGEST = 65535


class UdpSocket(Port):  # type: ignore[misc,unused-ignore]  # Twisted's Port is partly untyped
    """A bound socket that hands every datagram straight to `receive`, at less cost than a DatagramProtocol."""

    local: tuple[str, int]

    def __init__(
        self, reactor: Any, host: str, port: int, receive: DatagramReceiver, turn: Turn | None = None
    ) -> None:
        super().__init__(port, DatagramProtocol(), host, _LONGEST, reactor)
        self._receive = receive
        self._turn = turn

    def createInternetSocket(self) -> socket.socket:
        """Make the socket; an IPv6 one leaves IPv4 to others."""
        skt = super().createInternetSocket()
        for option, beyond_limit in ((socket.SO_RCVBUF, _SO_RCVBUFFORCE), (socket.SO_SNDBUF, _SO_SNDBUFFORCE)):
            skt.setsockopt(socket.SOL_SOCKET, option, BUFFER)
            if sys.platform == "linux":
                with suppress(OSError):
                    skt.setsockopt(socket.SOL_SOCKET, beyond_limit, BUFFER)
        if self.addressFamily == socket.AF_INET6:
            skt.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        self._created = skt
        return skt

    def bind(self) -> None:
        """Bind and begin to read. Raises CannotListenError where the address cannot be had."""
        try:
            self.startListening()
        except CannotListenError:
            self._created.close()
            raise
        self.local = self.socket.getsockname()[:2]

    def doRead(self) -> None:
        """Take in what has come, at most DATAGRAMS_PER_WAKE datagrams, then hand it over in one turn.

        Taking and handing over by turns would cost a tenth more: each is short enough to stay in the cache.
        """
        burst: list[tuple[bytes, Any]] = []
        try:
            while len(burst) < DATAGRAMS_PER_WAKE:
                burst.append(self.socket.recvfrom(_LONGEST))
        except OSError as error:
            if error.errno not in (EAGAIN, EWOULDBLOCK, EINTR, ECONNREFUSED):
                raise
        if self._turn is None:
            self._hand_over(burst)
            return
        self._turn.enter()
        try:
            self._hand_over(burst)
        finally:
            self._turn.leave()

    def _hand_over(self, burst: list[tuple[bytes, Any]]) -> None:
        receive, ipv6 = self._receive, self.addressFamily == socket.AF_INET6
        for data, source in burst:
            receive(data, source[:2] if ipv6 else source)
            if not self.connected:
                return

    def send(self, data: bytes, remote: tuple[str, int]) -> None:
        """Send a datagram; raises OSError where it cannot be sent, a full send buffer included."""
        self.socket.sendto(data, remote)

    def close(self) -> None:
        """Receive nothing any more."""
        self.stopListening()
