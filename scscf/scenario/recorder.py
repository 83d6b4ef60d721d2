"""Keeps what is sent in one run, with who sent it, and a fingerprint of all of it."""

import hashlib
from collections import deque
from collections.abc import Callable

from scscf.capture.recording import Address, Participant, Recorded
from scscf.sip.outbox import Flow

_MOST = 20_000


class Recorder:
    """The messages of one run, the last `most` of them; `now()` is the time in seconds since it began."""

    def __init__(self, now: Callable[[], float], most: int = _MOST) -> None:
        self._now = now
        self._messages: deque[Recorded] = deque(maxlen=most)
        self._participants: dict[str, list[Address]] = {}
        self._ours: set[Address] = set()
        self._hash = hashlib.sha256()
        self._lost: deque[bytes] = deque(maxlen=50)
        self.count = 0
        """Messages that were sent, those that are not kept any more included."""

    def join(self, name: str, *addresses: Address) -> None:
        """Say who has these addresses, in the order of a ladder's columns."""
        known = self._participants.setdefault(name, [])
        known += [address for address in addresses if address not in known]
        self._ours.update(addresses)

    def stranger(self, name: str, address: Address) -> None:
        """Say who has an address that nobody records what is sent from."""
        self._participants.setdefault(name, []).append(address)

    def trace(self, name: str) -> Callable[[str, Flow, bytes], None]:
        """Return what is told of the messages of one participant."""

        def told(direction: str, flow: Flow, data: bytes) -> None:
            if direction == "out":
                if flow.local not in self._ours:
                    self.join(name, flow.local)
                self._keep("sip", flow.transport, flow.local, flow.remote, data)
            elif flow.remote not in self._ours:
                self._keep("sip", flow.transport, flow.remote, flow.local, data)

        return told

    def diameter(self, source: Address, destination: Address, data: bytes) -> None:
        """Keep a Diameter message."""
        self._keep("diameter", "tcp", source, destination, data)

    def hss_trace(self, asker: str) -> Callable[[str, str, Address, Address, bytes], None]:
        """Return what is told of the Diameter messages of the HSS, whose only peer is `asker`."""

        def told(direction: str, transport: str, local: Address, remote: Address, data: bytes) -> None:
            if remote not in self._ours:
                self.join(asker, remote)
            self.diameter(*((local, remote) if direction == "out" else (remote, local)), data)

        return told

    def lost(self, data: bytes) -> None:
        """Take that a datagram is lost on the way; whoever sends it tells of it after that."""
        self._lost.append(data)

    @property
    def fingerprint(self) -> str:
        """SHA-256 over every message with its time and addresses."""
        return self._hash.hexdigest()

    def messages(self) -> tuple[Recorded, ...]:
        """Return what is kept, in the order it was sent."""
        return tuple(self._messages)

    def participants(self) -> tuple[Participant, ...]:
        """Return who took part, in the order they joined."""
        return tuple(Participant(name, tuple(addresses)) for name, addresses in self._participants.items())

    def _keep(self, protocol: str, transport: str, source: Address, destination: Address, data: bytes) -> None:
        at = self._now()
        self.count += 1
        self._hash.update(f"{at:.6f} {protocol} {transport} {source} {destination} ".encode())
        self._hash.update(data)
        lost = any(each is data for each in self._lost)
        if lost:
            self._lost.clear()
        self._messages.append(Recorded(at, protocol, transport, source, destination, data, lost))
