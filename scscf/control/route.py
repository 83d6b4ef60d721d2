"""One call of an HTTP API: its method and path, what it takes and what it answers."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote

from pydantic import BaseModel

from scscf.control.bodies import NoQuery
from scscf.errors import ScscfError
from scscf.promise import Promise


class NotFound(ScscfError):
    """Nothing is there under that name: 404, with a code for programs and a sentence for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Conflict(ScscfError):
    """It cannot be done here and now: 409, with a code for programs and a sentence for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Call(NamedTuple):
    """One call: path variables, query and body as the route's models; `gone` is kept once nobody waits any more."""

    path: tuple[str, ...]
    query: Any
    body: Any
    gone: Promise[None]


class Content(NamedTuple):
    """What an answer holds that is no JSON: its media type, its octets, and the name that a file of it would have."""

    type: str
    octets: bytes
    name: str = ""


class Answer(NamedTuple):
    """HTTP status and JSON, or something else in its place."""

    status: int
    body: Mapping[str, object]
    content: Content | None = None


def refusal(status: int, code: str, message: str) -> Answer:
    """Return an error: a code for programs and a sentence for people."""
    return Answer(status, {"error": {"code": code, "message": message}})


Handler = Callable[[Any, Call], Awaitable[Answer]]
"""A method of an API's class, with the API itself as its first argument."""


class Route(NamedTuple):
    """One call of the API: what it takes and what it answers."""

    method: str
    path: str
    handler: Handler
    status: int
    """Of the answer when it is done."""
    answer: type
    """Its shape; bytes, str: it is no JSON."""
    query: type[BaseModel] = NoQuery
    body: type[BaseModel] | None = None
    """None: it has none."""
    errors: tuple[int, ...] = ()
    """Statuses of refusals, beside 400."""


class Served(NamedTuple):
    """Routes with the object whose methods their handlers are."""

    api: Any
    routes: tuple[Route, ...]


def find(services: tuple[Served, ...], path: str) -> tuple[list[tuple[Any, Route]], tuple[str, ...]]:
    """Return the routes of a path with their APIs, one for each method, and the values of its variables."""
    parts = path.split("/")
    found = [
        (service.api, route)
        for service in services
        for route in service.routes
        if _matches(route.path.split("/"), parts)
    ]
    if not found:
        return [], ()
    names = found[0][1].path.split("/")
    variables = (part for name, part in zip(names, parts, strict=True) if name.startswith("{"))
    return found, tuple(unquote(part, errors="surrogateescape") for part in variables)


def _matches(names: list[str], parts: list[str]) -> bool:
    return len(names) == len(parts) and all(
        name == part or (name.startswith("{") and part != "") for name, part in zip(names, parts, strict=True)
    )
