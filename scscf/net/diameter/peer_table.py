"""The peer table of a Diameter node (RFC 6733 §2.6): whom it knows, and which of them gets a request (§6.1)."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from scscf.diameter.message import Message
from scscf.diameter.peer import State
from scscf.net.diameter.peer import DiameterPeer


class PeerView(NamedTuple):
    """A peer as it is shown."""

    host: str
    realm: str
    address: str
    state: str
    health: str
    pending: int
    why: str
    """Why there is no connection; empty where there is one."""


class PeerTable:
    """The peers to connect to, in the order of preference, then those that have connected to us."""

    def __init__(self, configured: Sequence[DiameterPeer]) -> None:
        self.configured = configured
        self.accepted: dict[str, DiameterPeer] = {}
        """By Origin-Host."""

    def __iter__(self) -> Iterator[DiameterPeer]:
        """Yield every peer of the moment."""
        return iter([*self.configured, *self.accepted.values()])

    def named(self, host: str) -> DiameterPeer | None:
        """Return the peer of that name, or the configured one at that address that has not said its name yet."""
        for peer in self.configured:
            if peer.host == host or (not peer.host and peer.remote is not None and peer.remote.host.lower() == host):
                return peer
        return self.accepted.get(host)

    def forget(self, peer: DiameterPeer) -> None:
        """Keep one that had connected to us no more."""
        if self.accepted.get(peer.host) is peer:
            del self.accepted[peer.host]

    def choose(self, message: Message, without: DiameterPeer | None = None) -> DiameterPeer | None:
        """Return who gets a request, None where nobody can.

        That is the peer that Destination-Host names where it can be asked, else the first configured one that can,
        else one of Destination-Realm.
        """
        usable = [peer for peer in self if peer.usable and peer is not without]
        host = (message.get("Destination-Host") or "").lower()
        realm = (message.get("Destination-Realm") or "").lower()
        return (
            next((peer for peer in usable if host and peer.host == host), None)
            or next((peer for peer in usable if peer in self.configured), None)
            or next((peer for peer in usable if peer.realm == realm), None)
        )

    def has_accepted(self, host: str) -> bool:
        """Tell whether a peer of that Origin-Host is connected by a connection of its own."""
        peer = self.accepted.get(host)
        return peer is not None and peer.state is State.R_OPEN

    def views(self) -> list[PeerView]:
        """Return every peer as it is shown."""
        return [
            PeerView(
                peer.host,
                peer.realm,
                _address(peer),
                peer.state.value,
                peer.watchdog.state.value,
                len(peer.pending),
                peer.why,
            )
            for peer in self
        ]

    def why_nobody(self) -> str:
        """Tell why no peer can be asked."""
        reasons = (f"{_address(peer)}: {peer.why or peer.watchdog.state.value}" for peer in self)
        return "; ".join(reasons) or "no peer"


def _address(peer: DiameterPeer) -> str:
    if peer.remote is not None:
        return f"{peer.remote.host}:{peer.remote.port}"
    host, port = peer.connection.remote if peer.connection is not None else ("", 0)
    return f"{host}:{port}"
