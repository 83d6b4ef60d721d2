"""Holding a YAML file against a pydantic model: every error with its place, what is wrong and what is allowed."""

import re
import types
import typing
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from scscf.errors import InputError, Problem
from scscf.yaml_file import MAX_PROBLEMS, Where, YamlFile

Model = TypeVar("Model", bound=BaseModel)

NOT_YET = "not available yet"
"""How a key, or a value of it, is refused that this version knows and does not do."""


class Section(BaseModel):
    """A mapping in a file that users write: unknown keys are errors, nothing changes afterwards."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, hide_input_in_errors=True, use_attribute_docstrings=True
    )


def validate(model: type[Model], file: YamlFile, context: Mapping[str, Any] | None = None) -> Model:
    """Return the file's content as `model`; `context` is for the model's validators.

    Raises InputError with every problem, in the order of their lines.
    """
    try:
        return model.model_validate(file.data, context=context)
    except ValidationError as error:
        details = error.errors(include_url=False)[:MAX_PROBLEMS]
        wrong = [each for each in details if not _follows(each, details) and not _is_other_branch(file, each, details)]
        raise InputError(sorted(_problem(model, file, detail) for detail in wrong)) from None


def did_you_mean(word: str, allowed: list[str]) -> str:
    """Return ` (did you mean X?)` where one of the allowed words is near, else nothing."""
    near = get_close_matches(word[:100], allowed, n=1)
    return f" (did you mean {near[0]}?)" if near else ""


def _follows(detail: ErrorDetails, details: list[ErrorDetails]) -> bool:
    """Return whether a list is only too short since its wrong items were not counted."""
    loc = detail["loc"]
    return detail["type"] == "too_short" and any(
        len(other["loc"]) > len(loc) and other["loc"][: len(loc)] == loc for other in details
    )


def _is_other_branch(file: YamlFile, detail: ErrorDetails, details: list[ErrorDetails]) -> bool:
    """Return whether a value is no list, which it might be, and something else is wrong with what it is."""
    if detail["type"] not in _NO_LIST:
        return False
    where = _where_in(file.data, detail["loc"], keep_last=False)
    others = (each["loc"] for each in details if each["type"] not in _NO_LIST)
    return any(_where_in(file.data, loc, keep_last=False) == where for loc in others)


def _problem(model: type[BaseModel], file: YamlFile, detail: ErrorDetails) -> Problem:
    kind = detail["type"]
    where = _where_in(file.data, detail["loc"], keep_last=kind in ("missing", "extra_forbidden"))
    if kind == "extra_forbidden":
        keys = [key for section in _sections_at(model, detail["loc"][:-1]) for key in _keys(section)]
        word = str(where[-1])
        message = f"unknown key; allowed: {', '.join(keys)}{did_you_mean(word, keys)}"
        return file.problem(where, message, key=True)
    return file.problem(where, _message(detail))


def _where_in(data: Any, loc: tuple[int | str, ...], *, keep_last: bool) -> Where:
    """Return `loc` without what pydantic puts into it beyond keys and indices: names of a union's branches."""
    where: list[str | int] = []
    for position, step in enumerate(loc):
        is_there = (isinstance(data, dict) and step in data) or (
            isinstance(data, list) and isinstance(step, int) and step < len(data)
        )
        if is_there:
            data = data[step]
            where.append(step)
        elif keep_last and position == len(loc) - 1:
            where.append(step)
    return tuple(where)


def _keys(section: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in section.model_fields.items()]


def _sections_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[type[BaseModel]]:
    """Return the sections that may stand at `loc`, one of each union's branches where `loc` names it."""
    found: list[Any] = [model]
    for step in loc:
        found = [deeper for annotation in found for deeper in _step(annotation, step)]
    return [option for annotation in found for option in _options(annotation) if _is_section(option)]


def _is_section(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _options(annotation: Any) -> Iterator[Any]:
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        yield from _options(typing.get_args(annotation)[0])
    elif origin in (typing.Union, types.UnionType):
        for option in typing.get_args(annotation):
            yield from _options(option)
    else:
        yield annotation


def _step(annotation: Any, step: int | str) -> Iterator[Any]:
    for option in _options(annotation):
        arguments = typing.get_args(option)
        if _is_section(option):
            fields = {field.alias or name: field for name, field in option.model_fields.items()}
            if step in fields:
                yield fields[str(step)].annotation
            elif any(step in typing.get_args(field.annotation) for field in fields.values()):
                yield option
        elif arguments:
            yield arguments[-1] if _is_mapping(option) else arguments[0]


def _is_mapping(annotation: Any) -> bool:
    origin = typing.get_origin(annotation)
    return isinstance(origin, type) and issubclass(origin, Mapping)


_NO_LIST = ("tuple_type", "list_type")
_TIME = re.compile(r"(\d+(\.\d+)?(ms|s|m|min|h|d))+")
_SENTENCES = {
    "missing": "missing",
    "model_type": "must be a mapping (key: value)",
    "model_attributes_type": "must be a mapping (key: value)",
    "dict_type": "must be a mapping (key: value)",
    "mapping_type": "must be a mapping (key: value)",
    "list_type": "must be a list: [ONE, ANOTHER]",
    "tuple_type": "must be a list: [ONE, ANOTHER]",
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a smaller whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be less than {lt}",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must have at least {min_length} items",
    "too_long": "must have at most {max_length} items",
    "literal_error": "must be {expected}",
    "union_tag_not_found": "{discriminator} is missing",
    "union_tag_invalid": "{discriminator} must be one of {expected_tags}",
}


def _message(detail: ErrorDetails) -> str:
    context = detail.get("ctx", {})
    if detail["type"] == "value_error":
        return str(context.get("error", detail["msg"]))
    template = _SENTENCES.get(detail["type"])
    if template is None:
        return detail["msg"][:1].lower() + detail["msg"][1:]
    message = template.format_map({name: str(value).replace("'", "") for name, value in context.items()})
    if detail["type"] == "literal_error" and isinstance(detail["input"], str):
        allowed = [word.strip() for word in message.removeprefix("must be ").replace(" or ", ",").split(",")]
        message += did_you_mean(detail["input"], allowed)
    if message.endswith("number") and _TIME.fullmatch(str(detail["input"])):
        message += ": seconds, without a unit"
    return message
