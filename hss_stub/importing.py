"""A subscribers file that is written out of what others have, with the checks of one that is read."""

import re
from typing import Any, NamedTuple

import yaml

from hss_stub.subscribers import subscribers_of
from scscf.errors import InputError, Problem
from scscf.yaml_file import YamlFile

_ENTRY = re.compile(r"subscriptions\[(\d+)\](?:\.|: )?")
_LINE = re.compile(r", in line \d+$")
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class Imported(NamedTuple):
    """One entry of the subscribers file, and where it comes from."""

    file: str
    line: int
    """0: the whole file."""
    entry: dict[str, Any]


class _Literal(str):
    """A text that is written with its line breaks."""

    __slots__ = ()


class _Dumper(_DUMPER):  # type: ignore[misc, valid-type]
    """Writes documents as people would."""


_Dumper.add_representer(
    _Literal, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style="|")
)


def subscribers_text(imported: list[Imported]) -> str:
    """Return the subscribers file. Raises InputError with every problem, at the place that it comes from."""
    entries = [each.entry for each in imported]
    try:
        subscribers_of(YamlFile("", {"subscriptions": entries}))
    except InputError as error:
        raise InputError(sorted(_at_home(problem, imported) for problem in error.problems)) from None
    text: str = yaml.dump(
        {"subscriptions": [_written(entry) for entry in entries]}, Dumper=_Dumper, sort_keys=False, allow_unicode=True
    )
    return text


def _written(entry: dict[str, Any]) -> dict[str, Any]:
    return entry | {"user_data": _Literal(entry["user_data"])} if "user_data" in entry else entry


def _at_home(problem: Problem, imported: list[Imported]) -> Problem:
    """Return a problem of an entry with the line of what was imported."""
    found = _ENTRY.match(problem.message)
    message = _LINE.sub("", problem.message)
    if found is None or int(found[1]) >= len(imported):
        return Problem(imported[0].file, 0, 0, message) if imported else problem
    source = imported[int(found[1])]
    return Problem(source.file, source.line, 1 if source.line else 0, message[found.end() :])
