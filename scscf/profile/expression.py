"""The grammar of extended regular expressions (IEEE Std 1003.1 §9.4), with the usual `\\d`, `\\w`, `\\s` and `(?:`."""

from typing import NamedTuple

DEEPEST = 30
"""Groups within groups."""
_MOST_IN_A_ROW = 4
MOST_REPEATED = 255
"""The greatest number in `{m,n}` (RE_DUP_MAX)."""

_CLASSES = {
    "alpha": "azAZ",
    "digit": "09",
    "alnum": "azAZ09",
    "upper": "AZ",
    "lower": "az",
    "space": "\t\r  ",
    "blank": "\t\t  ",
    "xdigit": "09AFaf",
    "punct": "!/:@[`{~",
    "print": " ~",
    "graph": "!~",
    "cntrl": "\x00\x1f\x7f\x7f",
}
_ESCAPED_CLASSES = {"d": "09", "w": "azAZ09__", "s": "\t\r  "}
_ESCAPED = {"t": "\t", "r": "\r", "n": "\n", "f": "\f", "v": "\v"}


class PatternError(ValueError):
    """A text that is no pattern."""


class Characters(NamedTuple):
    """One character out of these ranges, or out of all others."""

    ranges: tuple[tuple[str, str], ...]
    """First and last character of each."""
    negated: bool = False

    def has(self, character: str) -> bool:
        """Tell whether a character is one of them."""
        return any(first <= character <= last for first, last in self.ranges) is not self.negated


class Anchor(NamedTuple):
    """Begin or end of the text."""

    at_end: bool


class Sequence(NamedTuple):
    """One after the other."""

    parts: tuple["Expression", ...]


class Choice(NamedTuple):
    """One of these."""

    alternatives: tuple["Expression", ...]


class Repetition(NamedTuple):
    """The same several times; `most` None: without end."""

    part: "Expression"
    least: int
    most: int | None


Expression = Characters | Anchor | Sequence | Choice | Repetition

_ANY = Characters((), negated=True)


def parse_expression(text: str) -> Expression:
    """Parse a regular expression. Raises PatternError."""
    return _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    def whole(self) -> Expression:
        found = self.choice(0)
        if self.position < len(self.text):
            raise PatternError("has a ) without its (")
        return found

    def peek(self) -> str:
        return self.text[self.position : self.position + 1]

    def take(self, text: str) -> bool:
        if not self.text.startswith(text, self.position):
            return False
        self.position += len(text)
        return True

    def choice(self, depth: int) -> Expression:
        if depth > DEEPEST:
            raise PatternError(f"has groups more than {DEEPEST} deep")
        alternatives = [self.sequence(depth)]
        while self.take("|"):
            alternatives.append(self.sequence(depth))
        return alternatives[0] if len(alternatives) == 1 else Choice(tuple(alternatives))

    def sequence(self, depth: int) -> Expression:
        parts = []
        while self.peek() not in ("", "|", ")"):
            parts.append(self.repetition(depth))
        return Sequence(tuple(parts))

    def repetition(self, depth: int) -> Expression:
        part = self.atom(depth)
        for _ in range(_MOST_IN_A_ROW):
            times = self.times()
            if times is None:
                return part
            part = Repetition(part, *times)
            # A lazy repetition finds in the same texts as a greedy one.
            self.take("?")
        raise PatternError(f"has {_MOST_IN_A_ROW} repetitions in a row")

    def times(self) -> tuple[int, int | None] | None:
        if self.take("*"):
            return 0, None
        if self.take("+"):
            return 1, None
        if self.take("?"):
            return 0, 1
        if not self.take("{"):
            return None
        least = self.number()
        most: int | None = least
        if self.take(","):
            most = None if self.peek() == "}" else self.number()
        if not self.take("}"):
            raise PatternError("has a { without its }")
        if most is not None and most < least:
            raise PatternError(f"repeats {{{least},{most}}}: the first must not be more than the second")
        return least, most

    def number(self) -> int:
        start = self.position
        while self.peek() in tuple("0123456789"):
            self.position += 1
        digits = self.text[start : self.position]
        if not digits or len(digits) > 3 or int(digits) > MOST_REPEATED:
            raise PatternError(f"needs a number up to {MOST_REPEATED} after {{; write \\{{ for the character")
        return int(digits)

    def atom(self, depth: int) -> Expression:
        character = self.peek()
        self.position += 1
        if character == "(":
            if self.peek() == "?" and not self.take("?:"):
                raise PatternError("of the groups with (? only (?: is known")
            inner = self.choice(depth + 1)
            if not self.take(")"):
                raise PatternError("has a ( without its )")
            return inner
        if character == "[":
            return self.bracket()
        if character == ".":
            return _ANY
        if character in ("^", "$"):
            return Anchor(character == "$")
        if character in ("*", "+", "?", "{"):
            raise PatternError(f"has a {character} with nothing before it; write \\{character} for the character")
        if character == "\\":
            return self.escaped()
        return Characters(((character, character),))

    def escaped(self) -> Characters:
        character = self.peek()
        self.position += 1
        if character == "":
            raise PatternError("ends with a \\")
        if character.lower() in _ESCAPED_CLASSES:
            return Characters(_ranges(_ESCAPED_CLASSES[character.lower()]), negated=character.isupper())
        if character in _ESCAPED:
            character = _ESCAPED[character]
        elif character.isascii() and character.isalnum():
            raise PatternError(f"\\{character} is not known")
        return Characters(((character, character),))

    def bracket(self) -> Characters:
        negated = self.take("^")
        ranges: list[tuple[str, str]] = []
        first = True
        while first or self.peek() != "]":
            if self.peek() == "":
                raise PatternError("has a [ without its ]")
            first = False
            if self.take("[:"):
                ranges += self.named()
                continue
            low = self.member()
            if isinstance(low, tuple):
                ranges += low
            elif self.peek() == "-" and self.text[self.position + 1 : self.position + 2] not in ("]", ""):
                self.position += 1
                high = self.member()
                if isinstance(high, tuple) or high < low:
                    raise PatternError("has a range in [] that runs backwards")
                ranges.append((low, high))
            else:
                ranges.append((low, low))
        self.position += 1
        return Characters(tuple(ranges), negated)

    def named(self) -> tuple[tuple[str, str], ...]:
        name, end, _ = self.text[self.position :].partition(":]")
        if not end or name not in _CLASSES:
            raise PatternError(f"[:{name[:20]}:] is no class; there are {', '.join(_CLASSES)}")
        self.position += len(name) + len(end)
        return _ranges(_CLASSES[name])

    def member(self) -> str | tuple[tuple[str, str], ...]:
        character = self.peek()
        self.position += 1
        if character != "\\":
            return character
        found = self.escaped()
        if found.negated:
            raise PatternError("has \\D, \\W or \\S within []")
        (low, high), *more = found.ranges
        return low if low == high and not more else found.ranges


def _ranges(ends: str) -> tuple[tuple[str, str], ...]:
    return tuple(zip(ends[::2], ends[1::2], strict=True))
