"""A recording as a ladder: the participants as columns, an arrow for each message, what matters in it below."""

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import NamedTuple

from rich.text import Text

from scscf.capture.recording import Participant, Recorded
from scscf.scenario.caption import caption
from scscf.scenario.parties import Parties

WIDTH = 100
"""Columns of a terminal that is not asked for its own."""
_NARROWEST = 16
"""Columns between two lifelines below which there are no arrows, but a list."""
_WIDEST = 34
_TIME = 11
PAUSE = 60.0
"""Seconds without a message that are told of."""


class Rung(NamedTuple):
    """One message as a ladder shows it."""

    at: float
    """Seconds since the scenario began."""
    source: str
    target: str
    label: str
    about: str
    """The method that an answer answers."""
    notes: tuple[str, ...]
    protocol: str
    lost: bool
    again: bool
    """Whether the same octets went the same way before: a retransmission or a duplicate."""
    refused: bool
    """Whether it is an answer that refuses."""


class Kind(Enum):
    """What a line of a ladder is, for whoever colours it."""

    HEAD = "head"
    MESSAGE = "message"
    REFUSAL = "refusal"
    LOST = "lost"
    AGAIN = "again"
    NOTE = "note"
    PAUSE = "pause"


_STYLES = {
    Kind.HEAD: "bold",
    Kind.MESSAGE: "",
    Kind.REFUSAL: "yellow",
    Kind.LOST: "red",
    Kind.AGAIN: "dim",
    Kind.NOTE: "cyan",
    Kind.PAUSE: "dim",
}


class Line(NamedTuple):
    """One line of a ladder."""

    kind: Kind
    text: str


def rungs(messages: Iterable[Recorded], participants: Iterable[Participant]) -> list[Rung]:
    """Return what a ladder shows of each message, in the order in which they were sent."""
    parties = Parties(participants)
    seen: set[tuple[object, ...]] = set()
    found = []
    for message in messages:
        key = (message.protocol, message.source, message.destination, message.data)
        said = caption(message, parties)
        found.append(
            Rung(
                message.at,
                parties.name(message.source),
                parties.name(message.destination),
                said.label,
                said.about,
                said.notes,
                message.protocol,
                message.lost,
                key in seen and bool(message.data.strip()),
                said.refused,
            )
        )
        seen.add(key)
    return found


def columns(shown: Sequence[Rung], every: Sequence[Rung] | None = None) -> list[str]:
    """Return who has a column: whom the messages that are shown concern.

    The order is that in which they were met, in `every` message if given; those who only speak Diameter come last.
    """
    order = shown if every is None else every
    speak_sip = [name for rung in order if rung.protocol != "diameter" for name in (rung.source, rung.target)]
    met = dict.fromkeys([*speak_sip, *(name for rung in order for name in (rung.source, rung.target))])
    concerned = {name for rung in shown for name in (rung.source, rung.target)}
    return [name for name in met if name in concerned]


def ladder_lines(shown: Sequence[Rung], names: Sequence[str], width: int = WIDTH) -> list[Line]:
    """Return the lines of a ladder of these messages between these columns; a list where they do not fit the width."""
    if not shown:
        return []
    width = max(width, 40)
    gap = _gap(names, width)
    draw = _Arrows(names, gap, width) if gap >= _NARROWEST else _List(names, width)
    lines = draw.head()
    said: set[tuple[object, ...]] = set()
    before = shown[0].at
    for rung in shown:
        if rung.at - before >= PAUSE:
            lines.append(Line(Kind.PAUSE, draw.pause(f"{duration(rung.at - before)} later")))
        before = rung.at
        lines.append(Line(_kind(rung), draw.message(rung)))
        what = (rung.source, rung.target, rung.label, rung.notes)
        if not (rung.again and what in said):
            lines += [Line(Kind.NOTE, line) for line in draw.notes(rung)]
        said.add(what)
    return lines


def fits(names: Sequence[str], width: int) -> bool:
    """Tell whether these columns have room for arrows in a width; else there is a list."""
    return _gap(names, max(width, 40)) >= _NARROWEST


def _gap(names: Sequence[str], width: int) -> int:
    return min(_WIDEST, (width - _TIME - 4 - len(names[-1]) // 2) // max(1, len(names) - 1))


def ladder(
    messages: Sequence[Recorded], participants: Sequence[Participant], width: int = WIDTH, last: int | None = None
) -> list[str]:
    """Return a recording as a ladder in plain lines of at most `width` columns; `last`: only so many of its messages.

    Retransmissions and duplicates have a dotted arrow, lost messages an `x` for its head.
    """
    return [line.text for line in _lines(messages, participants, width, last)]


def coloured_ladder(
    messages: Sequence[Recorded], participants: Sequence[Participant], width: int = WIDTH, last: int | None = None
) -> list[Text]:
    """Return the same for a terminal that shows colours."""
    return coloured(_lines(messages, participants, width, last))


def coloured(lines: Iterable[Line]) -> list[Text]:
    """Return lines for a terminal that shows colours."""
    return [Text(line.text, _STYLES[line.kind], no_wrap=True) for line in lines]


def duration(seconds: float) -> str:
    """Return a time span in the two units that matter: `2 h 5 min`, `3 min`, `0.5 s`."""
    if seconds < 60:
        return f"{seconds:.3f}".rstrip("0").rstrip(".") + " s"
    whole = round(seconds)
    for size, unit, less, smaller in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            rest = whole % size // less
            return f"{whole // size} {unit} {rest} {smaller}" if rest else f"{whole // size} {unit}"
    return f"{whole} s"


def _lines(
    messages: Sequence[Recorded], participants: Sequence[Participant], width: int, last: int | None
) -> list[Line]:
    every = rungs(messages, participants)
    hidden = 0 if last is None else max(0, len(every) - last)
    shown = every[hidden:]
    lines = ladder_lines(shown, columns(shown, every), width)
    if hidden and lines:
        lines.insert(1, Line(Kind.PAUSE, f"{'':{_TIME}}({hidden} messages before)"))
    return lines


def _kind(rung: Rung) -> Kind:
    if rung.lost:
        return Kind.LOST
    if rung.again:
        return Kind.AGAIN
    return Kind.REFUSAL if rung.refused else Kind.MESSAGE


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: max(0, room - 2)] + ".."


def _labels(rung: Rung) -> list[str]:
    """Return what an arrow may bear, the fullest first."""
    more = (" again" if rung.again else "") + (" lost" if rung.lost else "")
    about = f"{rung.label} ({rung.about}){more}" if rung.about else ""
    return [each for each in (about, f"{rung.label}{more}", rung.label) if each]


class _Arrows:
    """Draws lifelines and arrows."""

    def __init__(self, names: Sequence[str], gap: int, width: int) -> None:
        self._at = {name: _TIME + 2 + number * gap for number, name in enumerate(names)}
        self._gap = gap
        self._width = width

    def head(self) -> list[Line]:
        """Return the line with the names, each over its lifeline."""
        line = ""
        for name, at in self._at.items():
            name = _cut(name, self._gap - 2)
            start = max(at - len(name) // 2, len(line) + 1 if line else 0)
            line = f"{line:<{start}}{name}"
        return [Line(Kind.HEAD, line[: self._width])]

    def pause(self, text: str) -> str:
        """Return a line that tells of time without messages."""
        row = self._row("", ":")
        return self._over(row, min(self._at.values()) + 2, text)

    def message(self, rung: Rung) -> str:
        """Return the line with the arrow of a message."""
        row = self._row(f"{rung.at:>{_TIME - 1}.3f}")
        source, target = self._at[rung.source], self._at[rung.target]
        if source == target:
            return self._over(row, source + 1, f"-> itself: {_labels(rung)[0]}")
        left, right = min(source, target), max(source, target)
        room = right - left - 1
        label = next((each for each in _labels(rung) if len(each) <= room - 3), None) or _cut(rung.label, room - 3)
        shaft = f" {label} ".center(room - 1, "." if rung.again else "-")
        end = "x" if rung.lost else ">" if target > source else "<"
        shaft = shaft + end if target > source else end + shaft
        return self._over(row, left + 1, shaft)

    def notes(self, rung: Rung) -> list[str]:
        """Return the lines that say more of a message: below its arrow, further left where they need the room."""
        start = min(self._at[rung.source], self._at[rung.target]) + 2
        longest = max(map(len, rung.notes), default=0)
        start = max(_TIME + 4, min(start, self._width - longest))
        return [self._over(self._row(""), start, _cut(note, self._width - start)) for note in rung.notes]

    def _row(self, time: str, mark: str = "|") -> str:
        cells = [" "] * (max(self._at.values()) + 1)
        for at in self._at.values():
            cells[at] = mark
        return time + "".join(cells)[len(time) :]

    def _over(self, row: str, start: int, text: str) -> str:
        text = text[: self._width - start]
        after = row[start + len(text) :]
        if text and after and after[0] == "|" and text[-1] not in "-<>x ":
            after = " " + after[1:]
        return (row[:start] + text + after).rstrip()


class _List:
    """Writes one line a message where there are too many columns for arrows."""

    def __init__(self, names: Sequence[str], width: int) -> None:
        self._width = width
        self._name = min(max(map(len, names)), max(8, (width - _TIME) // 4))

    def head(self) -> list[Line]:
        """Return the line above the list."""
        line = f"{'from':>{_TIME + 4}}{'':{max(0, self._name - 1)}}to"
        return [Line(Kind.HEAD, line)]

    def pause(self, text: str) -> str:
        """Return a line that tells of time without messages."""
        return f"{'':{_TIME}}: {text}"

    def message(self, rung: Rung) -> str:
        """Return the line of a message."""
        ends = f"{_cut(rung.source, self._name):<{self._name}} -> {_cut(rung.target, self._name):<{self._name}}"
        line = f"{rung.at:>{_TIME - 1}.3f} {ends}  {_labels(rung)[0]}"
        return _cut(line, self._width)

    def notes(self, rung: Rung) -> list[str]:
        """Return the lines that say more of a message."""
        return [_cut(f"{'':{_TIME + 4}}{note}", self._width) for note in rung.notes]
