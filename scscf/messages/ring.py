"""The messages that a node has seen last, bounded in number and in octets."""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice
from typing import Final

from scscf.messages.scan import Scan, call_id_of
from scscf.messages.seen import CX, INTERNAL_FLOW, SIP, Note, Seen
from scscf.sip.outbox import Flow

EXCHANGE: Final = "exchange"
"""In the place of a protocol: an entry that is a Cx question and its answer."""
UNMADE: Final = 800
"""Octets that a message is taken for whose octets nobody has needed yet."""
_BATCH: Final = 64


Entry = tuple[int, float, str, str, Flow, bytes | Note]
"""Number, service time, protocol, direction, flow, octets or what makes them."""


class Ring:
    """The last `keep` messages, of `octets` in all at most; `keep` 0: none.

    `now()` is service time; `number()` gives the next number of the count that messages and events share. To take a
    message in costs little; what it says is worked out when somebody asks.
    """

    def __init__(self, keep: int, octets: int, now: Callable[[], float], number: Callable[[], int]) -> None:
        self.keep = keep
        self.octets = octets
        self.last = 0
        """Number of the newest message, kept or not."""
        self._now = now
        self._number = number
        self._held: deque[Entry] = deque()
        self._count = 0
        self._size = 0
        self._most = keep + min(keep // 16, _BATCH)
        """Messages from which on the oldest give way: many at once, before somebody looks."""
        self._dropped = 0
        self._gone = 0
        self._seen: dict[int, Seen] = {}
        """Those that somebody has looked at."""

    @property
    def dropped(self) -> int:
        """Messages that are not kept any more."""
        self._drop()
        return self._dropped

    @property
    def gone(self) -> int:
        """Number of the last message that is not kept any more."""
        self._drop()
        return self._gone

    def __len__(self) -> int:
        self._drop()
        return self._count

    def __iter__(self) -> Iterator[Seen]:
        """Return the messages that are kept, oldest first."""
        self._drop()
        for entry in tuple(self._held):
            if entry[2] is EXCHANGE:
                for half in _halves(entry):
                    yield self.seen(half)
            else:
                yield self.seen(entry)

    def sip(self, direction: str, flow: Flow, data: bytes) -> Entry:
        """Take in a SIP message, `in` or `out`."""
        number = self.last = self._number()
        if direction == "in":
            # What a socket has read into is a small part of a large piece of memory, which would be held with it.
            data = bytes(memoryview(data))
        entry = (number, self._now(), SIP, direction, flow, data)
        self._held.append(entry)
        self._count += 1
        self._size += len(data)
        if self._count > self._most or self._size > self.octets:
            self._drop()
        return entry

    def cx(self, direction: str, flow: Flow, data: bytes | Note) -> Entry:
        """Take in a Diameter message."""
        number = self.last = self._number()
        entry = (number, self._now(), CX, direction, flow, data)
        self._held.append(entry)
        self._count += 1
        self._size += _size(data)
        if self._count > self._most or self._size > self.octets:
            self._drop()
        return entry

    def internal(self, direction: str, note: Note) -> Entry:
        """Take in a Cx message that does not travel."""
        number = self.last = self._number()
        entry = (number, self._now(), CX, direction, INTERNAL_FLOW, note)
        self._held.append(entry)
        self._count += 1
        self._size += UNMADE
        if self._count > self._most or self._size > self.octets:
            self._drop()
        return entry

    def exchange(self, note: Note) -> None:
        """Take in a question of Cx that does not travel, with its answer: one piece, which costs half of two."""
        number = self._number()
        self.last = self._number()
        self._held.append((number, self._now(), EXCHANGE, "", INTERNAL_FLOW, note))
        self._count += 2
        self._size += 2 * UNMADE
        if self._count > self._most or self._size > self.octets:
            self._drop()

    def seen(self, entry: Entry) -> Seen:
        """Return a message that was taken in, kept or not any more."""
        seen = self._seen.get(entry[0])
        if seen is None:
            seen = Seen(*entry)
            if entry[0] > self._gone:
                self._seen[entry[0]] = seen
        return seen

    def _drop(self) -> None:
        held, known = self._held, self._seen
        while self._count > self.keep or self._size > self.octets:
            oldest = held.popleft()
            messages = 2 if oldest[2] is EXCHANGE else 1
            self._size -= messages * _size(oldest[5])
            self._count -= messages
            self._gone = oldest[0] + messages - 1
            self._dropped += messages
            if known:
                known.pop(oldest[0], None)
                known.pop(self._gone, None)

    def clear(self) -> None:
        """Forget all of it."""
        self._held.clear()
        self._seen.clear()
        self._count = self._size = 0

    def after(self, number: int) -> list[Seen]:
        """Return the messages with a higher number, oldest first."""
        self._drop()
        newer: list[Seen] = []
        for entry in reversed(self._held):
            if entry[0] <= number and (entry[2] is not EXCHANGE or entry[0] < number):
                break
            halves = _halves(entry) if entry[2] is EXCHANGE else (entry,)
            newer += [self.seen(half) for half in reversed(halves) if half[0] > number]
        newer.reverse()
        return newer

    def find(
        self,
        aors: Collection[str] | None = None,
        impi: str | None = None,
        call_id: str | None = None,
        since: int | None = None,
        limit: int | None = None,
    ) -> list[Seen]:
        """Return messages, oldest first: those that fit everything that is given.

        `aors`: it names one of these, `impi`: this private identity; with such a message comes the rest of its
        transaction or Cx session, which may name nobody. Of more than `limit` the last ones are returned, but with
        `since` (a number) the first ones after it.
        """
        if since is not None and since >= self.last:
            return []
        scan = Scan(aors, call_id=call_id)
        found: Iterable[Seen] = self
        if aors is not None:
            wanted = frozenset(aors)
            found = _with_kin(self, scan, lambda seen: not wanted.isdisjoint(seen.facts.aors), CX)
        if impi is not None:
            of_impi = Scan(impi=impi)
            of_one = {seen.number for seen in _with_kin(self, of_impi, lambda seen: seen.facts.impi == impi, None)}
            found = (seen for seen in found if seen.number in of_one)
        if call_id is not None:
            found = (seen for seen in found if scan.may_fit(seen) and seen.facts.call_id == call_id)
        if since is not None:
            found = (seen for seen in found if seen.number > since)
            return list(found if limit is None else islice(found, limit))
        return list(found if limit is None else deque(found, limit))


def _with_kin(ring: Iterable[Seen], scan: Scan, fits: Callable[[Seen], bool], protocol: str | None) -> list[Seen]:
    """Return the messages that fit, and those of the same Call-ID (of `protocol` where it is given)."""
    every = list(ring)
    may = {seen.number for seen in every if scan.may_fit(seen)}
    fitting = {seen.number for seen in every if seen.number in may and fits(seen)}
    kin = {
        seen.facts.call_id
        for seen in every
        if seen.number in fitting and (protocol is None or seen.protocol == protocol)
    } - {None}
    if not kin:
        return [seen for seen in every if seen.number in fitting]
    return [
        seen
        for seen in every
        if seen.number in fitting
        or (
            (protocol is None or seen.protocol == protocol)
            and (seen.number in may or isinstance(seen.raw, bytes))
            and call_id_of(seen) in kin
        )
    ]


def _size(data: bytes | Note) -> int:
    return len(data) if type(data) is bytes else UNMADE


def _halves(entry: Entry) -> tuple[Entry, Entry]:
    """Return question and answer of an exchange, each as it would be held alone."""
    number, at, _, _, flow, note = entry
    asked, answered, *rest = note
    return (number, at, CX, "out", flow, (asked, *rest)), (number + 1, at, CX, "in", flow, (answered, *rest))
