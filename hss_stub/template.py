"""Texts with `{n}` in them that stand for a whole range of texts, found again without writing them all out."""

import re
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

_FIELD = re.compile(r"\{n(?::0(\d{1,2})d)?\}")
_PLACEHOLDERS = ("48271", "59317", "36184", "27495", "61938")
_MAX_DIGITS = 20

Key = TypeVar("Key")


class Template:
    """A text in which `{n}` is the number, `{n:06d}` the number with leading zeros; without either, just a text."""

    __slots__ = ("_count", "_digits", "_format", "prefix", "suffix")

    def __init__(self, pieces: tuple[str, ...], widths: tuple[int, ...]) -> None:
        self.prefix = pieces[0]
        """What every text of this template begins with."""
        self.suffix = pieces[-1]
        """What every text of this template ends with."""
        self._count = len(widths)
        self._digits = max((_MAX_DIGITS, *widths))
        fields = ["%d" if width == 0 else f"%0{width}d" for width in widths]
        escaped = [piece.replace("%", "%%") for piece in pieces]
        self._format = pieces[0] if not widths else "".join(map("".join, zip(escaped, [*fields, ""], strict=True)))

    @property
    def varies(self) -> bool:
        """Whether the text depends on the number."""
        return self._count > 0

    @property
    def identity(self) -> str:
        """The same for templates that make the same texts."""
        return f"{self._count}:{self._format}"

    def text(self, n: int) -> str:
        """Return the text of one number."""
        if self._count == 1:
            return self._format % n
        return self._format % ((n,) * self._count) if self._count else self._format

    def number(self, text: str) -> int | None:
        """Return the number whose text this is, None where there is none."""
        if not self._count or not text.startswith(self.prefix):
            return None
        start = len(self.prefix)
        end = start
        last = min(len(text), start + self._digits)
        while end < last and "0" <= text[end] <= "9":
            end += 1
        while end > start:
            n = int(text[start:end])
            if self.text(n) == text:
                return n
            end -= 1
        return None


def parse_template(text: str) -> Template:
    """Parse a text with any number of fields; other braces are text."""
    pieces: list[str] = []
    widths: list[int] = []
    position = 0
    for match in _FIELD.finditer(text):
        pieces.append(text[position : match.start()])
        widths.append(min(int(match[1] or 0), _MAX_DIGITS))
        position = match.end()
    return Template((*pieces, text[position:]), tuple(widths))


def canonical_template(text: str, canonical: Callable[[str], str]) -> Template:
    """Return the template whose texts are `canonical` of the texts of `text`.

    Raises what `canonical` raises, and ValueError where a field does not come out of it as it went in.
    """
    fields = list(_FIELD.finditer(text))
    if not fields:
        return Template((canonical(text),), ())
    placeholder = next((digits for digits in _PLACEHOLDERS if digits not in text), _PLACEHOLDERS[0])
    pieces = tuple(canonical(_FIELD.sub(placeholder, text)).split(placeholder))
    if len(pieces) != len(fields) + 1:
        raise ValueError("{n} cannot stand here")
    return Template(pieces, tuple(min(int(match[1] or 0), _MAX_DIGITS) for match in fields))


class TemplateIndex(Generic[Key]):
    """Templates by what their texts begin with: a look-up costs a step for each length that a beginning has."""

    def __init__(self) -> None:
        self._by_prefix: dict[str, list[tuple[Template, range, Key]]] = {}
        self._lengths: list[int] = []

    def add(self, template: Template, numbers: range, key: Key) -> None:
        """Have the texts of `numbers` found as `key`."""
        self._by_prefix.setdefault(template.prefix, []).append((template, numbers, key))
        self._lengths = sorted({len(prefix) for prefix in self._by_prefix}, reverse=True)

    def find(self, text: str) -> Iterator[tuple[int, Key]]:
        """Yield number and key of each template that makes `text`."""
        for length in self._lengths:
            for template, numbers, key in self._by_prefix.get(text[:length], ()):
                n = template.number(text)
                if n is not None and n in numbers:
                    yield n, key
