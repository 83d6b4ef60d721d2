"""The event feed: what happens, as plain data, for whoever looks on (the control API's event stream, tests)."""

from collections.abc import Callable, Mapping

Listener = Callable[[str, Mapping[str, object]], None]


class Feed:
    """Tells every listener of each event; events are made only while somebody listens (`if feed.listeners`)."""

    def __init__(self) -> None:
        self.listeners: list[Listener] = []

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Have `listener(kind, data)` called for each event; the returned function ends that."""
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def publish(self, kind: str, data: Mapping[str, object]) -> None:
        """Tell of an event: registration, contact, subscription, notify or message."""
        for listener in list(self.listeners):
            listener(kind, data)
