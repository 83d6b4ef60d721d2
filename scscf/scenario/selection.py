"""Which scenarios are meant: files, folders, names of shipped ones, and `-k` expressions over names and tags."""

import re
from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path

from scscf.errors import InputError, Problem
from scscf.scenario.loading import SUFFIX, Scenario
from scscf.yaml_model import did_you_mean

_TOKEN = re.compile(r"\s*(\(|\)|[^\s()]+)")
_MOST_FILES = 100_000


def shipped_folder() -> Path:
    """Return the folder of the scenarios that are installed with the program."""
    return Path(str(files("scscf.scenarios")))


def scenario_files(paths: Sequence[str]) -> list[Path]:
    """Return the scenario files of paths, in order, each once: a file, all below a folder, or the name of shipped ones.

    Raises InputError for a path that leads to none.
    """
    found: dict[Path, None] = {}
    problems = []
    for text in paths:
        here = _files_of(Path(text)) or _files_of(shipped_folder() / text) or _shipped(text)
        if not here:
            names = sorted({each.name.removesuffix(SUFFIX) for each in shipped_folder().rglob(f"*{SUFFIX}")})
            hint = did_you_mean(text, names)
            problems.append(Problem(text, 0, 0, f"no file, no folder with files *{SUFFIX}, no shipped scenario{hint}"))
        found |= dict.fromkeys(here)
    if problems:
        raise InputError(problems)
    return list(found)[:_MOST_FILES]


def shown_file(file: str) -> str:
    """Return a file as people call it: a shipped one by its name, one below this folder from here."""
    path = Path(file)
    for folder, suffix in ((shipped_folder(), SUFFIX), (Path.cwd(), "")):
        if path.is_relative_to(folder):
            return path.relative_to(folder).as_posix().removesuffix(suffix)
    return file


def _files_of(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(path.rglob(f"*{SUFFIX}"))
    if path.is_file():
        return [path]
    written = path.with_name(path.name + SUFFIX)
    return [written] if written.is_file() else []


def _shipped(name: str) -> list[Path]:
    return sorted(each for each in shipped_folder().rglob(f"*{SUFFIX}") if each.name == name + SUFFIX)


def selected(scenarios: Iterable[Scenario], expression: str | None) -> list[Scenario]:
    """Return the scenarios whose name, path or tags an expression is for: words, `and`, `or`, `not`, parentheses.

    Raises InputError for an expression that cannot be read.
    """
    if not expression:
        return list(scenarios)
    tokens = _TOKEN.findall(expression)
    reader = _Reader(tokens)
    found = []
    for scenario in scenarios:
        words = " ".join((scenario.name, scenario.path.as_posix(), *scenario.keys.tags)).lower()
        if reader.holds(words):
            found.append(scenario)
    return found


class _Reader:
    """Reads an expression anew for each text that it is held against."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0
        self._words = ""

    def holds(self, words: str) -> bool:
        self._words, self._at = words, 0
        value = self._or()
        if self._at != len(self._tokens):
            self._refuse()
        return value

    def _next(self) -> str | None:
        return self._tokens[self._at].lower() if self._at < len(self._tokens) else None

    def _or(self) -> bool:
        value = self._and()
        while self._next() == "or":
            self._at += 1
            other = self._and()
            value = value or other
        return value

    def _and(self) -> bool:
        value = self._not()
        while self._next() == "and":
            self._at += 1
            other = self._not()
            value = value and other
        return value

    def _not(self) -> bool:
        word = self._next()
        if word is None or word in ("and", "or", ")"):
            self._refuse()
        self._at += 1
        if word == "not":
            return not self._not()
        if word == "(":
            value = self._or()
            if self._next() != ")":
                self._refuse()
            self._at += 1
            return value
        return str(word) in self._words

    def _refuse(self) -> None:
        raise InputError([Problem("-k", 0, 0, "must be words with and, or, not and parentheses: 'ims and not expiry'")])
