"""The event feed: what happens, as plain data, for whoever looks on (the control API's event stream, tests)."""

from collections.abc import Callable, Mapping
from itertools import count

Listener = Callable[[str, Mapping[str, object]], None]
Messages = tuple[list[tuple[int, Mapping[str, object]]], int]
"""Each message's number with its event, and how many others there were at most."""


class Feed:
    """Tells every listener of each event; events are made only while somebody listens (`if feed.listeners`)."""

    def __init__(self) -> None:
        self.listeners: list[Listener] = []
        self.tracers: list[Listener] = []
        """Those of the listeners who want SIP messages too: there are many, and each costs its text."""
        self.whole = 0
        """How many of those want messages whole."""
        self.on_tracers: Callable[[], None] = lambda: None
        """Called when somebody begins or ends to want SIP messages."""
        self.next_number: Callable[[], int] = count(1).__next__
        """Numbers events and messages, by one count."""
        self.number = 0
        """Number of the event that is being told of, or was last."""
        self.last_message: Callable[[], int] = lambda: 0
        """Returns the number of the newest message, told of or not."""
        self.messages_after: Callable[[int, bool], Messages] = lambda number, whole: ([], 0)
        """Returns what is kept of the messages with a higher number, whole or summed up."""

    @property
    def newest(self) -> int:
        """The highest number that was given."""
        return max(self.number, self.last_message())

    def listen(self, listener: Listener, *, messages: bool = False, whole: bool = False) -> Callable[[], None]:
        """Have `listener(kind, data)` called for each event, `messages` too (`whole` ones); returns what ends that."""
        self.listeners.append(listener)
        if messages:
            self.whole += whole
            self.tracers.append(listener)
            self.on_tracers()

        def end() -> None:
            if listener in self.listeners:
                self.listeners.remove(listener)
            if listener in self.tracers:
                self.tracers.remove(listener)
                self.whole -= whole
                self.on_tracers()

        return end

    def publish(self, kind: str, data: Mapping[str, object], number: int | None = None) -> None:
        """Tell of an event: registration, contact, subscription, notify or message (which has its number already)."""
        self.number = self.next_number() if number is None else number
        for listener in list(self.tracers if kind == "message" else self.listeners):
            listener(kind, data)
