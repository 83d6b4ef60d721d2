"""`${name}` in a scenario: parameters before anything is checked, variables when their step is done."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel

ACTOR_VARIABLES = (
    "aor", "impi", "contact", "host", "port", "address", "call_id", "tag", "instance", "pub_gruu", "temp_gruu", "epid",
    "gruu",
)  # fmt: skip
"""What `${NAME.…}` is of an actor."""
NAMED = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_.-]*)\}")


class UnknownVariable(KeyError):
    """A name that nothing is known of."""


def filled(value: Any, look_up: Callable[[str], str | None]) -> Any:
    """Return a value with each `${name}` in its texts replaced; one that `look_up` has None for is left as it is."""

    def fill(text: str) -> str:
        return NAMED.sub(lambda match: _text(look_up(match[1]), match[0]), text) if "${" in text else text

    return rewritten(value, fill)


def rewritten(value: Any, rewrite: Callable[[str], str]) -> Any:
    """Return a value with each of its texts rewritten.

    Lists, tuples, mappings (keys too) and sections are gone through; what does not change is returned itself.
    """
    if isinstance(value, str):
        return rewrite(value)
    if isinstance(value, Mapping):
        changed = {rewritten(key, rewrite): rewritten(each, rewrite) for key, each in value.items()}
        return value if changed == value else changed
    if isinstance(value, list | tuple):
        items = [rewritten(each, rewrite) for each in value]
        return value if items == list(value) else type(value)(items)
    if isinstance(value, BaseModel):
        update = {}
        for name in value.model_fields_set:
            old = getattr(value, name)
            new = rewritten(old, rewrite)
            if new is not old:
                update[name] = new
        return value.model_copy(update=update) if update else value
    return value


def names_in(value: Any) -> Iterator[str]:
    """Return the names that `${name}` in a value's texts asks for."""
    if isinstance(value, str):
        yield from NAMED.findall(value)
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from names_in(key)
            yield from names_in(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from names_in(each)


def _text(found: str | None, written: str) -> str:
    return written if found is None else found
