"""Finding identities that a subscribers file gives to two users."""

from collections.abc import Iterable

from hss_stub.entry import Entry
from hss_stub.template import Template
from scscf.errors import Problem
from scscf.yaml_file import Where, YamlFile

ENUMERATED = 100_000
"""Of two ranges written differently, the smaller is written out up to this size; of a bigger one only the ends are."""


def collisions(entries: Iterable[Entry], file: YamlFile) -> list[Problem]:
    """Return a problem for each private identity, public identity and subscription name that is there twice."""
    private, public, names = _Seen("private identity"), _Seen("identity"), _Seen("subscription name")
    problems: list[Problem] = []
    for entry in entries:
        if entry.devices and entry.name is not entry.devices[0].private_identity:
            names.check(entry.name, entry.numbers, (*entry.where, "name"), file, problems)
        names.remember(entry.name, entry.numbers, entry.where)
        for device in entry.devices:
            private.add(device.private_identity, entry.numbers, (*device.where, "id"), file, problems)
        for implicit_set in entry.sets:
            for identity in implicit_set:
                public.add(identity.uri, entry.numbers, identity.where, file, problems)
        problems += _same_username(entry, file)
    for entry in entries:
        for device in entry.devices:
            if device.username.identity != device.private_identity.identity:
                private.check(device.username, entry.numbers, (*device.where, "auth", "username"), file, problems)
    return problems


def _same_username(entry: Entry, file: YamlFile) -> list[Problem]:
    seen: dict[tuple[str, str], Where] = {}
    problems = {}
    for device in entry.devices:
        if device.username is device.private_identity:
            continue
        for identity in (identity for row in device.sets for identity in row):
            key = (device.username.identity, identity.uri.identity)
            if seen.get(key, device.where) != device.where:
                line = file.place(seen[key])[0]
                message = f"logs in with the same username as the device in line {line}, for the same identity"
                problems[device.where] = file.problem((*device.where, "auth"), message)
            seen[key] = device.where
    return list(problems.values())


class _Seen:
    """Texts and ranges of texts that were there already, and where."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._texts: dict[str, Where] = {}
        self._ranges: dict[str, list[tuple[Template, range, Where]]] = {}
        self._lengths: set[int] = set()

    def add(self, template: Template, numbers: range, where: Where, file: YamlFile, problems: list[Problem]) -> None:
        """Remember a template; what was there before is a problem."""
        self.check(template, numbers, where, file, problems)
        self.remember(template, numbers, where)

    def remember(self, template: Template, numbers: range, where: Where) -> None:
        """Have the texts of a template known from now on."""
        if template.varies:
            self._ranges.setdefault(template.prefix, []).append((template, numbers, where))
            self._lengths.add(len(template.prefix))
        else:
            self._texts.setdefault(template.prefix, where)

    def check(self, template: Template, numbers: range, where: Where, file: YamlFile, problems: list[Problem]) -> None:
        """Add a problem where a text of this template is there already."""
        found = self._find(template, numbers)
        if found is not None:
            text, other = found
            line = file.place(other)[0]
            place = f", in line {line}" if line else ""
            problems.append(file.problem(where, f"{text}: this {self._what} is there already{place}"))

    def _find(self, template: Template, numbers: range) -> tuple[str, Where] | None:
        if not template.varies:
            text = template.prefix
            if text in self._texts:
                return text, self._texts[text]
            for length in self._lengths:
                for other, others, where in self._ranges.get(text[:length], ()):
                    n = other.number(text)
                    if n is not None and n in others:
                        return text, where
            return None
        for text, where in self._texts.items():
            n = template.number(text)
            if n is not None and n in numbers:
                return text, where
        for prefix, rows in self._ranges.items():
            if not (prefix.startswith(template.prefix) or template.prefix.startswith(prefix)):
                continue
            for other, others, where in rows:
                common = _common(template, numbers, other, others)
                if common is not None:
                    return common, where
        return None


def _common(one: Template, numbers: range, other: Template, others: range) -> str | None:
    """Return a text that both templates make, None where none was found."""
    if not (one.suffix.endswith(other.suffix) or other.suffix.endswith(one.suffix)):
        return None
    if one.identity == other.identity:
        first = max(numbers.start, others.start)
        return one.text(first) if first < min(numbers.stop, others.stop) else None
    if len(numbers) > len(others):
        one, numbers, other, others = other, others, one, numbers
    candidates: Iterable[int] = numbers if len(numbers) <= ENUMERATED else _ends(numbers, others)
    for n in candidates:
        text = one.text(n)
        match = other.number(text)
        if match is not None and match in others:
            return text
    return None


def _ends(numbers: range, others: range) -> list[int]:
    return [n for n in (numbers[0], numbers[-1], others[0], others[-1]) if n in numbers]
