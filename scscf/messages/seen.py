"""One message that was seen: as it was when it came or went, and what can be said of it when somebody asks."""

from typing import Any, Final

from scscf.messages.facts import Facts, cx_facts, sip_facts
from scscf.sip.outbox import Flow

SIP: Final = "sip"
CX: Final = "cx"
INTERNAL: Final = "internal"
"""Transport of a Cx message that did not travel: the HSS is in this process."""
INTERNAL_FLOW: Final = Flow(INTERNAL, ("127.0.0.1", 49152), ("127.0.0.1", 3868))
"""Between the S-CSCF and the HSS stub in its own process: nothing travels, and captures need addresses."""

Note = tuple[Any, ...]
"""What makes the octets of a message that did not travel: a function, and its arguments."""


class Seen:
    """A message of the node: SIP, or Diameter with the HSS. What it says is worked out when it is asked for, once.

    `data` are its octets, or a note of what makes them where nobody has needed them yet.
    """

    __slots__ = ("_data", "_facts", "at", "direction", "flow", "number", "protocol")

    def __init__(self, number: int, at: float, protocol: str, direction: str, flow: Flow, data: bytes | Note) -> None:
        self.number = number
        """Rises from message to message; events of the feed are numbered by the same count."""
        self.at = at
        """Service time, seconds since 1970."""
        self.direction = direction
        """`in` or `out`."""
        self.protocol = protocol
        """`sip` or `cx`."""
        self.flow = flow
        self._data = data
        self._facts: Facts | None = None

    def __repr__(self) -> str:
        """Without the octets, some of which are secrets."""
        return f"<{self.number} {self.direction} {self.protocol} {self.facts.summary}>"

    @property
    def data(self) -> bytes:
        """The octets as they travelled, secrets included."""
        data = self._data
        if not isinstance(data, bytes):
            make, *arguments = data
            data = self._data = bytes(make(*arguments))
        return data

    @property
    def raw(self) -> bytes | Note:
        """The octets, or a note of what makes them where nobody has needed them yet."""
        return self._data

    @property
    def known(self) -> bool:
        """Whether its facts were worked out already."""
        return self._facts is not None

    @property
    def facts(self) -> Facts:
        """Who and what it is about."""
        return self.work_out() if self._facts is None else self._facts

    def work_out(self) -> Facts:
        """Find out its facts."""
        self._facts = sip_facts(self.data) if self.protocol == SIP else cx_facts(self.data)
        return self._facts

    @property
    def transport(self) -> str:
        """`udp`, `tcp`, `tls` or `internal`."""
        return self.flow.transport

    @property
    def source(self) -> tuple[str, int]:
        """Address and port that it was sent from."""
        return (self.flow.remote if self.direction == "in" else self.flow.local)[:2]

    @property
    def destination(self) -> tuple[str, int]:
        """Address and port that it was sent to."""
        return (self.flow.local if self.direction == "in" else self.flow.remote)[:2]
