"""Draws ladders in the terminal, whole ones and ones that grow."""

from collections.abc import Iterable, Sequence

import click
from rich.console import Console

from scscf.capture.recording import Participant, Recorded
from scscf.scenario.folding import folded
from scscf.scenario.ladder import WIDTH, Kind, Line, Rung, coloured, columns, ladder_lines, rungs

_REMEMBERED = 300
"""Messages before that are looked back at: one with the same octets is only sent again."""


class Drawing:
    """A ladder that grows; `width` in columns, None: the terminal's, or what suits a file."""

    def __init__(self, width: int | None = None) -> None:
        self._console = Console(markup=False, highlight=False)
        self._width = width or (self._console.width if self._console.is_terminal else WIDTH)
        self._kept: list[Recorded] = []
        self._head = ""
        self._names: list[str] = []
        self._sip: set[str] = set()
        """Who speaks SIP: those who only speak Diameter come last."""

    def add(self, messages: Sequence[Recorded], participants: Iterable[Participant]) -> None:
        """Draw messages that came; their times are seconds since the ladder began. A new head where columns changed."""
        if not messages:
            return
        before = len(self._kept)
        self._kept += messages
        every = rungs(self._kept, participants)
        met = columns(every)
        self._sip.update(name for rung in every if rung.protocol == "sip" for name in (rung.source, rung.target))
        names = [name for name in self._names if name in met] + [name for name in met if name not in self._names]
        self._names = sorted(names, key=lambda name: name not in self._sip)
        every, names = folded(every, self._names, self._width)
        self._print(self._lines(every, before, names))
        del self._kept[:-_REMEMBERED]

    def _lines(self, every: Sequence[Rung], before: int, names: Sequence[str]) -> list[Line]:
        """Return the lines of what is new, and of the time since what was before it."""
        if not before:
            lines = ladder_lines(every, names, self._width)
            self._head = lines[0].text
            return lines
        known = ladder_lines(every[before - 1 : before], names, self._width)
        lines = ladder_lines(every[before - 1 :], names, self._width)
        fresh = lines[len(known) :]
        if known[0].text != self._head:
            self._head = known[0].text
            fresh.insert(0, Line(Kind.HEAD, self._head))
        return fresh

    def _print(self, lines: Sequence[Line]) -> None:
        if self._console.is_terminal:
            for text in coloured(lines):
                self._console.print(text, soft_wrap=True)
        else:
            for line in lines:
                click.echo(line.text)
