"""Copies of SIP messages to a Homer, over UDP: nobody waits for it, and what it does not take is lost."""

import logging
from collections import Counter
from ipaddress import ip_address

from scscf.capture.hep import TooLong, hep
from scscf.capture.recording import Recorded
from scscf.config.captures import Homer
from scscf.net.network import DatagramSocket, Network

log = logging.getLogger("scscf")


class HomerSender:
    """Sends to one Homer, whose `address` is known already. Raises InputError where no socket can be had."""

    def __init__(self, network: Network, homer: Homer, address: str) -> None:
        self.counters: Counter[str] = Counter()
        """Messages that were sent, that were too long, and that could not be sent."""
        self._homer = homer
        self._remote = (address, homer.port)
        any_address = "::" if ip_address(address).version == 6 else "0.0.0.0"  # noqa: S104  # only sent from
        self._socket: DatagramSocket = network.datagrams(any_address, 0, _ignored)

    def send(self, message: Recorded, call_id: str) -> None:
        """Send a SIP message; one that does not fit into a datagram, or cannot be sent, is counted."""
        try:
            self._socket.send(hep(message, self._homer.agent, self._homer.key, call_id), self._remote)
        except TooLong:
            self.counters["too long"] += 1
        except OSError as error:
            if not self.counters["not sent"]:
                log.warning("nothing can be sent to the Homer at %s:%d: %s", *self._remote, error)
            self.counters["not sent"] += 1
        else:
            self.counters["sent"] += 1

    def close(self) -> None:
        """Send nothing any more."""
        self._socket.close()


def _ignored(data: bytes, remote: tuple[str, int]) -> None:
    """Take what a Homer answers, which it does not."""
