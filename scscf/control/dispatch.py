"""A call of the API from its path to its answer, whoever makes it: HTTP, or a scenario in the same process."""

from collections.abc import Mapping
from typing import Any

from scscf.control.bodies import BadRequest, checked
from scscf.control.route import Answer, Call, Conflict, NotFound, Route, Served, find, refusal
from scscf.promise import Promise


async def served(api: Any, route: Route, call: Call) -> Answer:
    """Return the answer to a call; what it refuses is an answer too."""
    try:
        return await route.handler(api, call)
    except BadRequest as error:
        return refusal(400, error.code, error.message)
    except NotFound as error:
        return refusal(404, error.code, error.message)
    except Conflict as error:
        return refusal(409, error.code, error.message)


async def call_in_process(
    services: tuple[Served, ...],
    method: str,
    path: str,
    body: Mapping[str, Any] | None = None,
    query: Mapping[str, str] | None = None,
) -> Answer:
    """Return the answer to a call that is made without HTTP; AORs in `path` are percent-encoded as there."""
    found, variables = find(services, path)
    chosen = next(((api, route) for api, route in found if route.method == method), None)
    if chosen is None:
        return refusal(404, "no_such_path", f"no such call: {method} {path[:200]}; GET /openapi.json lists all")
    api, route = chosen
    try:
        checked_body = None if route.body is None else checked(route.body, {} if body is None else dict(body))
        checked_query = checked(route.query, dict(query or {}), "bad_query")
    except BadRequest as error:
        return refusal(400, error.code, error.message)
    gone: Promise[None] = Promise()
    return await served(api, route, Call(variables, checked_query, checked_body, gone))
