"""YAML as people write it, every value with its line and column, so that an error can say where it is.

Scalars stay text as written, only a plain `null`, `~` or nothing is None: the model that a file is held against says
which are numbers, so that a password 0123, the word `off` and an IMSI with leading zeros survive.
"""

from pathlib import Path
from typing import Any, NamedTuple

import yaml

from scscf.errors import InputError, Problem

MAX_BYTES = 64 * 1024 * 1024
"""Largest file that is read."""
MAX_DEPTH = 40
"""How deep lists and mappings may be nested."""
MAX_VALUES = 2_000_000
"""How many values a file may have once its aliases are written out."""
MAX_PROBLEMS = 100
"""How many problems of one file are told."""

Where = tuple[str | int, ...]
"""The way to a value: keys of mappings and indices of lists."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TEXT_TAGS = (None, "!", "tag:yaml.org,2002:str")
_PLAIN_NULLS = ("", "~", "null", "Null", "NULL")
_HINTS = {
    "did not find expected key": "is it indented as what it belongs to?",
    "could not find expected ':'": "`key: value`; or it is not indented as what it belongs to",
    "mapping values are not allowed": "a text with a colon needs quotes; or it is not indented as what it belongs to",
    "cannot start any token": "spaces indent, not tabs; a text that begins so needs quotes",
    "did not find expected ',' or": "a bracket is not closed, or a text needs quotes",
    "did not find expected '-' indicator": "is it indented as the items above it?",
}
"""What a YAML parser says → what it mostly comes from."""


class _Node:
    """A value with its place: `children` by key or index, `key_place` where a mapping's key stands."""

    __slots__ = ("children", "key_place", "place", "size", "value")

    def __init__(self, value: Any, place: tuple[int, int]) -> None:
        self.value = value
        self.place = place
        self.key_place = place
        self.children: dict[str | int, _Node] = {}
        self.size = 1


class YamlFile(NamedTuple):
    """A file's content as plain dicts, lists, str and None, and where each of them stands."""

    name: str
    data: Any
    root: _Node | None = None
    options: frozenset[str] = frozenset()
    """Top-level keys whose value came from the command line: their problems name the option."""

    def place(self, where: Where, *, key: bool = False) -> tuple[int, int]:
        """Return line and column, from 1, of a value (or of its key), or of the nearest thing around it."""
        node = self.root
        if node is None:
            return (0, 0)
        found = True
        for step in where:
            child = node.children.get(step)
            if child is None:
                found = False
                break
            node = child
        return node.key_place if key and found else node.place

    def part(self, *where: str | int) -> "YamlFile":
        """Return what stands at a place as a file of its own; its problems have their lines in this one."""
        data, node = self.data, self.root
        for step in where:
            data = data[step]
            node = node.children.get(step) if node is not None else None
        return YamlFile(self.name, data, node)

    def under(self, key: str) -> "YamlFile":
        """Return this content as the value of a key."""
        node = _Node({key: self.data}, self.root.place if self.root else (0, 0))
        if self.root is not None:
            node.children[key] = self.root
        return YamlFile(self.name, {key: self.data}, node)

    def problem(self, where: Where, message: str, *, key: bool = False) -> Problem:
        """Return `message` with the place that it is about and the way to it."""
        if where and where[0] in self.options:
            return Problem(f"--{where[0]}".replace("_", "-"), 0, 0, message)
        line, column = self.place(where, key=key)
        way = format_where(where)
        return Problem(self.name, line, column, f"{way}: {message}" if way else message)


def format_where(where: Where) -> str:
    """Return the way to a value as people write it: `domains[0].registrar.min_expires`."""
    text = ""
    for step in where:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text


def read_yaml(path: Path, name: str | None = None) -> YamlFile:
    """Read a YAML file; its errors name it `name`. Raises InputError where it is unreadable, too big or no YAML."""
    name = name or str(path)
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError([Problem(name, 0, 0, f"cannot be read: {error.strerror or error}")]) from None
    return parse_yaml(content, name)


def parse_yaml(content: str | bytes, name: str) -> YamlFile:
    """Parse one YAML document; an empty one is an empty mapping. Raises InputError with every problem found."""
    if len(content) > MAX_BYTES:
        raise InputError([Problem(name, 0, 0, f"too big: at most {MAX_BYTES} bytes are read")])
    composer = _Composer(name)
    try:
        root = composer.compose(content)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        what = " ".join(part for part in (error.context, error.problem) if part)
        what += next((f" ({hint})" for text, hint in _HINTS.items() if text in (error.problem or "")), "")
        composer.problems.append(Problem(name, line, column, f"not YAML: {what}"))
        root = None
    except (yaml.YAMLError, UnicodeError) as error:
        text = " ".join(str(error).split())
        composer.problems.append(Problem(name, 0, 0, f"not YAML: {text}"))
        root = None
    if composer.problems:
        raise InputError(composer.problems[:MAX_PROBLEMS])
    return YamlFile(name, {} if root is None or root.value is None else root.value, root)


class _Stop(Exception):
    """The rest of the file is not worth reading."""


class _Open:
    """A list or mapping that has begun and not ended."""

    __slots__ = ("anchor", "key", "node")

    def __init__(self, node: _Node, anchor: str | None) -> None:
        self.node = node
        self.anchor = anchor
        self.key: _Node | None = None

    @property
    def wants_key(self) -> bool:
        return isinstance(self.node.value, dict) and self.key is None

    def take(self, child: _Node) -> tuple[tuple[int, int], str] | None:
        """Take the next key or value, and return what is wrong with it, and where."""
        node = self.node
        node.size += child.size
        if isinstance(node.value, list):
            node.children[len(node.value)] = child
            node.value.append(child.value)
            return None
        if self.key is None:
            self.key = child
            return None if isinstance(child.value, str) else (child.place, "a key must be text")
        key, self.key = self.key, None
        if not isinstance(key.value, str):
            return None
        if key.value in node.children:
            line = node.children[key.value].key_place[0]
            return key.place, f"{key.value}: this key is there twice, first in line {line}"
        named = _Node(child.value, child.place)
        named.children, named.size, named.key_place = child.children, child.size, key.place
        node.children[key.value] = named
        node.value[key.value] = child.value
        return None


class _Composer:
    """Builds values out of parser events, without recursion."""

    def __init__(self, name: str) -> None:
        self.problems: list[Problem] = []
        self._name = name
        self._anchors: dict[str, _Node] = {}
        self._stack: list[_Open] = []
        self._root: _Node | None = None
        self._documents = 0

    def compose(self, content: str | bytes) -> _Node | None:
        """Return the document's root, None where there is none. What is wrong is in `problems`, or a YAMLError."""
        loader = _LOADER(content)
        try:
            while loader.check_event():
                self._take(loader.get_event())
        except _Stop:
            return None
        finally:
            loader.dispose()
        return self._root

    def _complain(self, place: tuple[int, int], message: str, *, stop: bool = False) -> None:
        self.problems.append(Problem(self._name, place[0], place[1], message))
        if stop or len(self.problems) >= MAX_PROBLEMS:
            raise _Stop

    def _take(self, event: Any) -> None:
        place = (event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, yaml.ScalarEvent):
            self._check_tag(event, place)
            is_null = event.value in _PLAIN_NULLS and event.implicit[0] and not event.style
            wants_key = bool(self._stack) and self._stack[-1].wants_key
            self._finish(_Node(None if is_null and not wants_key else event.value, place), event.anchor, place)
        elif isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent):
            self._check_tag(event, place)
            if len(self._stack) >= MAX_DEPTH:
                self._complain(place, f"nested too deep: at most {MAX_DEPTH} levels", stop=True)
            node = _Node([] if isinstance(event, yaml.SequenceStartEvent) else {}, place)
            self._stack.append(_Open(node, event.anchor))
        elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
            ended = self._stack.pop()
            self._finish(ended.node, ended.anchor, place)
        elif isinstance(event, yaml.AliasEvent):
            target = self._anchors.get(event.anchor or "")
            if target is None:
                self._complain(place, f"*{event.anchor}: no such anchor has ended before this place")
                target = _Node(None, place)
            node = _Node(target.value, place)
            node.children, node.size = target.children, target.size
            self._finish(node, None, place)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._complain(place, "a second document: there may be only one", stop=True)

    def _check_tag(self, event: Any, place: tuple[int, int]) -> None:
        is_map_or_list = event.tag in ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")
        if event.tag not in _TEXT_TAGS and not is_map_or_list:
            self._complain(place, f"{event.tag}: tags are not allowed")

    def _finish(self, node: _Node, anchor: str | None, place: tuple[int, int]) -> None:
        if anchor:
            self._anchors[anchor] = node
        if not self._stack:
            self._root = node
            return
        parent = self._stack[-1]
        wrong = parent.take(node)
        if wrong:
            self._complain(*wrong)
        if parent.node.size > MAX_VALUES:
            self._complain(place, f"too many values: at most {MAX_VALUES}, aliases written out", stop=True)
