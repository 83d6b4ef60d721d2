"""Edits of messages that we send."""

from typing import overload

from scscf.rules.model import EditKeys
from scscf.rules.substitution import substitute
from scscf.sip.headers import KEYS
from scscf.sip.message import Request, Response


def edit(message: Request | Response, edits: list[EditKeys]) -> None:
    """Change a message as the edits say, one after the other."""
    for each in edits:
        if each.set is not None:
            message.set(each.set, each.value or "")
        elif each.add is not None:
            message.add(each.add, each.value or "")
        elif each.remove is not None:
            message.remove(KEYS[each.remove])
        else:
            _replace(message, each.replace or "", each.with_ or "", each.in_ or "")


@overload
def copy_of(message: Request) -> Request: ...


@overload
def copy_of(message: Response) -> Response: ...


def copy_of(message: Request | Response) -> Request | Response:
    """Return a message that may be changed while the other stays as it is."""
    if isinstance(message, Request):
        return Request(message.method, message.uri_text, list(message.headers), message.body, message.version)
    return Response(message.status, message.reason, list(message.headers), message.body)


def _replace(message: Request | Response, pattern: str, replacement: str, place: str) -> None:
    if place == "body":
        text = message.body.decode("utf-8", "surrogateescape")
        message.body = substitute(pattern, replacement, text).encode("utf-8", "surrogateescape")
    elif place == "uri":
        if isinstance(message, Request):
            message.uri_text = substitute(pattern, replacement, message.uri_text)
    else:
        key = KEYS[place]
        fields = [(name, value) for name, value in message.headers if KEYS[name] == key]
        changed = [(name, substitute(pattern, replacement, value)) for name, value in fields]
        if changed != fields:
            message.remove(key)
            for name, value in changed:
                message.add(name, value)
