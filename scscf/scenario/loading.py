"""A scenario file read, its parameters and includes put in, and checked as a whole: every mistake with its place."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from scscf.conformance.network.checks import CHECKS
from scscf.conformance.ue.checks import UE_CHECKS
from scscf.errors import InputError, Problem
from scscf.scenario.keys import ActorKeys, ScenarioKeys
from scscf.scenario.step_keys import StepKeys
from scscf.scenario.variables import ACTOR_VARIABLES, filled, names_in
from scscf.scenario.verdict import Place
from scscf.ue.autonomous.misbehaviour import MISBEHAVIOURS
from scscf.yaml_file import Where, YamlFile, format_where, read_yaml
from scscf.yaml_model import did_you_mean, validate

SUFFIX = ".scenario.yaml"
BUILT_IN = ("scscf", "domain", "round", "seed")
"""Names that every scenario knows."""
_MOST_INCLUDES = 20
_SHOWN = 50
"""So many words are told where one of them is wanted."""
_EVERY_CHECK = [*CHECKS, *UE_CHECKS]


class Step(NamedTuple):
    """One step and where it stands."""

    keys: StepKeys
    file: YamlFile
    where: Where

    @property
    def place(self) -> Place:
        """Its place in its file."""
        line, column = self.file.place(self.where)
        return Place(self.file.name, line, column, format_where(self.where))

    def inner(self, *where: str | int, keys: StepKeys) -> "Step":
        """Return a step inside of this one."""
        return Step(keys, self.file, (*self.where, *where))


class Scenario(NamedTuple):
    """One scenario, ready to be run."""

    name: str
    path: Path
    file: YamlFile
    keys: ScenarioKeys
    """Of its own file."""
    actors: Mapping[str, ActorKeys]
    """With those of included files."""
    config: Mapping[str, Any]
    steps: tuple[Step, ...]
    parameters: Mapping[str, str]


def load_scenarios(path: Path, parameters: Mapping[str, str] | None = None) -> list[Scenario]:
    """Return the scenarios of a file: one, or one for each of its rows. Raises InputError with every problem in it."""
    file = read_yaml(path)
    rows = file.data.get("rows") if isinstance(file.data, dict) else None
    if not isinstance(rows, list) or not rows:
        return [_load(path, file, parameters or {}, {}, "")]
    return [
        _load(path, file, parameters or {}, row if isinstance(row, dict) else {}, f"[{i}]")
        for i, row in enumerate(rows)
    ]


def _load(path: Path, file: YamlFile, given: Mapping[str, str], row: Mapping[str, str], suffix: str) -> Scenario:
    files = [*_included(path, file, set()), (path, file)]
    known: dict[str, str] = {}
    for _, each in files:
        own = each.data.get("parameters") if isinstance(each.data, dict) else None
        if isinstance(own, dict):
            known |= {str(name): str(value) for name, value in own.items()}
    own_names = set(known) | set(row)
    known |= {str(name): str(value) for name, value in row.items()}
    known |= {name: value for name, value in given.items() if name in own_names}
    actors: dict[str, ActorKeys] = {}
    config: dict[str, Any] = {}
    steps: list[Step] = []
    problems: list[Problem] = []
    checked: list[tuple[YamlFile, ScenarioKeys]] = []
    for _, each in files:
        each = each._replace(data=filled(each.data, known.get))
        try:
            keys = validate(ScenarioKeys, each)
        except InputError as error:
            problems += error.problems
            continue
        checked.append((each, keys))
        actors |= {name: actor or ActorKeys() for name, actor in keys.actors.items()}
        config = _merged(config, keys.config)
        steps += [Step(step, each, ("steps", index)) for index, step in enumerate(keys.steps)]
    if not problems:
        for each, keys in checked:
            problems += _wrong_names(each, keys, actors, [keys for _, keys in checked], known)
        if not steps:
            problems.append(file.problem((), "steps: missing: a scenario has at least one"))
    if problems:
        raise InputError(sorted(set(problems)))
    keys = checked[-1][1]
    name = (keys.name or path.name.removesuffix(SUFFIX).removesuffix(".yaml")) + suffix
    return Scenario(name, path, checked[-1][0], keys, actors, config, tuple(steps), known)


def _included(path: Path, file: YamlFile, seen: set[Path]) -> Iterator[tuple[Path, YamlFile]]:
    names = file.data.get("include") if isinstance(file.data, dict) else None
    for index, name in enumerate([names] if isinstance(names, str) else names if isinstance(names, list) else []):
        if not isinstance(name, str):
            continue
        other = path.parent / name
        if other.resolve() in seen or other.resolve() == path.resolve() or len(seen) >= _MOST_INCLUDES:
            raise InputError([file.problem(("include", index), f"{name} is included already, or there are too many")])
        seen.add(other.resolve())
        try:
            read = read_yaml(other, str(other))
        except InputError as error:
            raise InputError([file.problem(("include", index), error.problems[0].message)]) from None
        yield from _included(other, read, seen)
        yield other, read


def _merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in own.items():
        old = merged.get(key)
        merged[key] = _merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return merged


_ACTOR_KEYS = ("by", "at", "who", "of", "cut", "start", "behind")


def _wrong_names(
    file: YamlFile,
    keys: ScenarioKeys,
    actors: Mapping[str, ActorKeys],
    every: list[ScenarioKeys],
    parameters: Mapping[str, str],
) -> Iterator[Problem]:
    """Return what names an actor or a variable that there is none of."""
    variables = {*BUILT_IN, *parameters, *actors}
    each_of = {f"{name}{n + 1}": name for name, actor in actors.items() for n in range(actor.count or 0)}
    for each in every:
        for step in all_steps(each.steps):
            said = step.keys
            variables |= set(step.set or ()) | set(getattr(said, "capture", None) or ())
    data = file.data if isinstance(file.data, dict) else {}
    for where, key, value in _texts(data.get("steps"), ("steps",)):
        if key in _ACTOR_KEYS and value not in actors and value not in each_of and not _in_api(where):
            allowed = ", ".join(actors) or "there are none"
            yield file.problem(
                where, f"no actor is called {value}; actors: {allowed}{did_you_mean(value, list(actors))}"
            )
        yield from _wrong_variables(file, where, value, variables, {*actors, *each_of})
    yield from _wrong_words(file, ("permit",), keys.permit, _EVERY_CHECK)
    for name, actor in keys.actors.items():
        if name in each_of:
            yield file.problem(("actors", name), f"{name} is one of {each_of[name]}, by its count", key=True)
        if actor is not None:
            yield from _wrong_words(file, ("actors", name, "permit"), actor.permit, _EVERY_CHECK)
            yield from _wrong_words(file, ("actors", name, "misbehave"), actor.misbehave, list(MISBEHAVIOURS))
        if actor is not None and actor.behind is not None:
            other = actors.get(actor.behind)
            if other is None or other.kind != "pcscf":
                yield file.problem(("actors", name, "behind"), f"{actor.behind} is no actor of kind pcscf")


def _wrong_words(file: YamlFile, where: Where, words: tuple[str, ...], allowed: list[str]) -> Iterator[Problem]:
    for index, word in enumerate(words):
        if word not in allowed:
            listed = "docs/checks.md lists them" if len(allowed) > _SHOWN else f"there are {', '.join(sorted(allowed))}"
            yield file.problem((*where, index), f"{word}: not known{did_you_mean(word, allowed)}; {listed}")


def _in_api(where: Where) -> bool:
    """Tell whether a key belongs to a body of the API, where `by` and the like mean nothing."""
    return any(step in ("operator", "hss", "api", "rule") for step in where)


def _wrong_variables(file: YamlFile, where: Where, value: str, known: set[str], actors: set[str]) -> Iterator[Problem]:
    for name in names_in(value):
        head, _, tail = name.partition(".")
        if head in actors and tail and tail not in ACTOR_VARIABLES:
            hint = did_you_mean(tail, list(ACTOR_VARIABLES))
            yield file.problem(where, f"${{{name}}}: of an actor there are {', '.join(ACTOR_VARIABLES)}{hint}")
        elif head not in known and head not in actors:
            hint = did_you_mean(name, sorted(known))
            yield file.problem(where, f"${{{name}}}: nothing is called so; known: {', '.join(sorted(known))}{hint}")


_SHORT = {
    "register",
    "refresh",
    "deregister",
    "subscribe",
    "resubscribe",
    "unsubscribe",
    "notified",
    "received",
    "silent",
}
"""Verbs whose short form is the name of an actor."""


def _texts(value: Any, where: Where) -> Iterator[tuple[Where, str, str]]:
    """Return (place, key, text) of every text; the short form of a verb has the key that it stands for."""
    if isinstance(value, str):
        last = where[-1]
        key = str(last) if isinstance(last, str) else ""
        yield where, "by" if key in _SHORT and isinstance(where[-2], int) else key, value
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _texts(each, (*where, index))
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _texts(each, (*where, name))


def all_steps(steps: tuple[StepKeys, ...]) -> Iterator[StepKeys]:
    """Return steps and those inside of them."""
    for step in steps:
        yield step
        if step.repeat is not None:
            yield from all_steps(step.repeat.steps)
        for branch in step.parallel or ():
            yield from all_steps(branch)
