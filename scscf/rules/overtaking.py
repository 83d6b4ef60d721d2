"""Answers that a NOTIFY overtakes: they leave once it has left (the quirk `notify-before-200`)."""

from collections.abc import Callable
from typing import TypeGuard

from scscf.procedures.state import Node
from scscf.sip.outbox import Cancel, Send, Transmit

MOST_HELD = 1.0
"""Seconds that an answer waits for the NOTIFY that is to leave before it."""

Items = list[Transmit | Send | Cancel]


class Late(Transmit):
    """Bytes that were held back: no rule looks at them again."""


class Overtaking:
    """Holds 2xx to REGISTER and SUBSCRIBE back. `leaves(answer)` says whether one goes on when its time has come."""

    def __init__(self, node: Node, leaves: Callable[[Transmit], bool]) -> None:
        self._node = node
        self._leaves = leaves
        self._held: list[tuple[Transmit, frozenset[bytes]]] = []
        """Each with the Call-IDs that the NOTIFY may have."""

    def hold(self, items: Items, first: list[Send]) -> Items:
        """Return a turn's outbox without the answers that the NOTIFYs `first` overtake."""
        last = items.index(first[-1])
        awaited = frozenset((item.request.get("call-id") or "").encode("utf-8", "surrogateescape") for item in first)
        self._held += [(item, awaited) for item in items[:last] if _is_answer(item)]
        self._node.wire_deadlines.at(self._node.wire_now() + MOST_HELD, lambda _now: self._let_go(None))
        return [item for at, item in enumerate(items) if at > last or not _is_answer(item)]

    def released(self, leaving: Items) -> Items:
        """Return the answers that leave after what is `leaving`."""
        if not self._held:
            return []
        outbox = self._node.outbox
        before = len(outbox.items)
        self._let_go(_call_ids(leaving))
        released, outbox.items[before:] = outbox.items[before:], []
        return released

    def _let_go(self, call_ids: frozenset[bytes] | None) -> None:
        """Send the answers that waited for a NOTIFY of one of these Call-IDs, None: all."""
        held, self._held = self._held, []
        for item, awaited in held:
            if call_ids is not None and not awaited & call_ids:
                self._held.append((item, awaited))
            elif self._leaves(item):
                self._node.outbox.items.append(Late(*item))


def _is_answer(item: Transmit | Send | Cancel) -> TypeGuard[Transmit]:
    """Tell whether bytes are the 2xx to a REGISTER or SUBSCRIBE."""
    if type(item) is not Transmit or not item.data.startswith(b"SIP/2.0 2"):
        return False
    head = item.data.partition(b"\r\n\r\n")[0]
    return b" REGISTER\r\n" in head or b" SUBSCRIBE\r\n" in head


def _call_ids(items: Items) -> frozenset[bytes]:
    """Return the Call-IDs of NOTIFYs that leave as bytes."""
    return frozenset(
        item.data.partition(b"\r\nCall-ID: ")[2].partition(b"\r\n")[0]
        for item in items
        if isinstance(item, Transmit) and item.data.startswith(b"NOTIFY ")
    )
