"""Which quirks are on, and how they are put to messages, always in the order of the table."""

from collections.abc import Callable, Collection, Iterator

from scscf.errors import ScscfError
from scscf.quirks.notify import Notify
from scscf.quirks.quirk import Ground, Memory, Quirk
from scscf.quirks.table import QUIRKS
from scscf.sip.message import Request, Response
from scscf.yaml_model import did_you_mean


class UnknownQuirkError(ScscfError):
    """There is no quirk of that name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name[:100]}: must be one of {', '.join(QUIRKS)}{did_you_mean(name, list(QUIRKS))}")


class Quirks:
    """The quirks of one node. `changed()` is called whenever one goes on or off."""

    def __init__(self, changed: Callable[[], None] = lambda: None) -> None:
        self.memory = Memory()
        self._changed = changed
        self._on: set[str] = set()

    @property
    def on(self) -> tuple[str, ...]:
        """The names of those that are on, in the order of the table."""
        return tuple(name for name in QUIRKS if name in self._on)

    def set(self, name: str) -> None:
        """Misbehave so from now on. Raises UnknownQuirkError."""
        if name not in QUIRKS:
            raise UnknownQuirkError(name)
        self._on.add(name)
        self._changed()

    def remove(self, name: str) -> bool:
        """Behave again, and forget what the quirk remembered; return whether it was on. Raises UnknownQuirkError."""
        if name not in QUIRKS:
            raise UnknownQuirkError(name)
        was_on = name in self._on
        self._on.discard(name)
        self.memory.forget(name)
        self._changed()
        return was_on

    def clear(self) -> int:
        """Behave in everything; return how many quirks were on."""
        count = len(self._on)
        for name in self.on:
            self.remove(name)
        return count

    def chosen(self, more: Collection[str] = ()) -> Iterator[Quirk]:
        """Yield those that are on and `more`, in the order of the table."""
        return (quirk for name, quirk in QUIRKS.items() if name in self._on or name in more)

    def request(self, request: Request, ground: Ground, more: Collection[str] = ()) -> None:
        """Change what is understood of a peer's request."""
        for quirk in self.chosen(more):
            if quirk.on_request is not None:
                quirk.on_request(request, ground)

    def answer(self, request: Request, response: Response, ground: Ground, more: Collection[str] = ()) -> None:
        """Change a final response."""
        for quirk in self.chosen(more):
            if quirk.on_answer is not None:
                quirk.on_answer(request, response, ground)

    def notify(self, request: Request, ground: Ground, more: Collection[str] = ()) -> bool:
        """Change a NOTIFY; return False where it is not to be sent."""
        notify = Notify(request)
        for quirk in self.chosen(more):
            if quirk.on_notify is not None:
                quirk.on_notify(notify, ground)
        notify.finish()
        return not notify.swallowed

    @property
    def notify_first(self) -> bool:
        """Whether NOTIFYs leave before the answer that they follow from."""
        return any(quirk.notify_first for quirk in self.chosen())
