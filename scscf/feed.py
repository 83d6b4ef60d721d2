"""The event feed: what happens, as plain data, for whoever looks on (the control API's event stream, tests)."""

from collections.abc import Callable, Mapping

Listener = Callable[[str, Mapping[str, object]], None]


class Feed:
    """Tells every listener of each event; events are made only while somebody listens (`if feed.listeners`)."""

    def __init__(self) -> None:
        self.listeners: list[Listener] = []
        self.tracers: list[Listener] = []
        """Those of the listeners who want SIP messages too: there are many, and each costs its text."""
        self.on_tracers: Callable[[], None] = lambda: None
        """Called when somebody begins or ends to want SIP messages."""

    def listen(self, listener: Listener, *, messages: bool = False) -> Callable[[], None]:
        """Have `listener(kind, data)` called for each event, SIP `messages` too; the returned function ends that."""
        self.listeners.append(listener)
        if messages:
            self.tracers.append(listener)
            self.on_tracers()

        def end() -> None:
            if listener in self.listeners:
                self.listeners.remove(listener)
            if listener in self.tracers:
                self.tracers.remove(listener)
                self.on_tracers()

        return end

    def publish(self, kind: str, data: Mapping[str, object]) -> None:
        """Tell of an event: registration, contact, subscription, notify or message."""
        for listener in list(self.tracers if kind == "message" else self.listeners):
            listener(kind, data)
