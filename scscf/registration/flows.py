"""Which records have bindings along which connection (RFC 5626 §6): what ends with it."""

from scscf.sip.outbox import Flow


class Flows:
    """Names of records by stream connection, for those alone whose UE is reached along it and no other way."""

    def __init__(self) -> None:
        self._names: dict[Flow, set[str]] = {}

    def __len__(self) -> int:
        """Return how many connections something is bound along."""
        return len(self._names)

    def __contains__(self, flow: Flow) -> bool:
        """Tell whether something was bound along a connection."""
        return flow in self._names

    def keep(self, flow: Flow, name: str) -> None:
        """Remember that a record has a binding along a connection."""
        self._names.setdefault(flow, set()).add(name)

    def lose(self, flow: Flow) -> list[str]:
        """Forget a connection; return the names of the records that may have bindings along it."""
        return sorted(self._names.pop(flow, ()))
