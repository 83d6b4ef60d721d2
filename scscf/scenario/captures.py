"""Keeping a part of a message, or of an answer of the API, under a name."""

import re
from collections.abc import Mapping
from typing import Any

from scscf.control.route import Answer
from scscf.scenario.expectation_keys import CaptureKeys
from scscf.scenario.outcome import Unmet
from scscf.sip.message import Message

_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


def captured(keys: Mapping[str, CaptureKeys], message: Message, sent: Message | None = None) -> dict[str, str]:
    """Return name → what was kept of a message, or of the request `sent` before it. Raises Unmet where nothing is."""
    return {
        name: _capture(name, each.sent, each.pattern, sent)
        if each.sent is not None and sent is not None
        else _capture(name, each.header, each.pattern, message)
        for name, each in keys.items()
    }


def _capture(name: str, header: str | None, pattern: str | None, message: Message) -> str:
    if header is None:
        text = message.body.decode("utf-8", "replace")
    else:
        values = message.get_all(header.lower())
        if not values:
            raise Unmet(f"capture {name}: the message has no {header}")
        text = ", ".join(values)
    if pattern is None:
        return text
    found = re.search(pattern, text)
    if found is None:
        raise Unmet(f"capture {name}: nothing matches", [pattern], text.splitlines()[:20])
    return found[1] if found.re.groups else found[0]


def at_way(data: Any, way: str) -> Any:
    """Return what stands at a way (`contacts[0].event`) in JSON. Raises LookupError where there is nothing."""
    for index, key in _STEP.findall(way):
        if index:
            data = data[int(index)]
        elif isinstance(data, Mapping):
            data = data[key]
        else:
            raise KeyError(key)
    return data


def shown(value: Any) -> str:
    """Return a value of JSON as scenarios write it."""
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def said(answer: Answer) -> str:
    """Return the sentence of an answer that is an error, nothing for another."""
    error: Any = answer.body.get("error")
    return str(error.get("message", "")) if isinstance(error, Mapping) else ""


def as_json(value: Any) -> Any:
    """Return a value of a YAML file, whose scalars are text, as JSON has it."""
    if isinstance(value, Mapping):
        return {str(key): as_json(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(each) for each in value]
    if value in ("true", "false"):
        return value == "true"
    if isinstance(value, str):
        for kind in (int, float):
            try:
                if str(kind(value)) == value:
                    return kind(value)
            except ValueError:
                continue
    return value
