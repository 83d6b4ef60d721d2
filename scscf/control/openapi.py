"""The OpenAPI document of an HTTP API, made of its routes and their shapes.

`python -m scscf.check schemas` writes the ones that are shipped.
"""

import inspect
import re
from collections.abc import Iterable
from http import HTTPStatus
from types import ModuleType
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter
from typing_extensions import is_typeddict

from scscf import __version__
from scscf.control.bodies import Nothing
from scscf.control.queries import EventsQuery
from scscf.control.route import Route
from scscf.control.shapes import ErrorView

_TEMPLATE = "#/components/schemas/{model}"
_VARIABLES = {
    "aor": "An address of record, percent-encoded: sip%3Aalice%40home1.test",
    "id": "The id of a live subscription",
    "name": "The name of a rule",
    "quirk": "The name of a quirk",
    "impi": "A private identity, percent-encoded: alice%40home1.test",
    "command": "A Cx command: UAR, SAR, LIR, MAR, RTR, PPR",
}
_ABOUT = (
    "Every answer is JSON where nothing else is said. "
    "Where `api_token` is configured, every call needs it as a bearer token."
)


def document(
    routes: Iterable[Route], shapes: Iterable[ModuleType], title: str, about: str, *, streams: bool
) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of `routes`, whose answers' shapes are in `shapes`.

    `streams`: whether there is an event stream.
    """
    for shape in (shape for module in shapes for shape in vars(module).values()):
        if is_typeddict(shape):
            shape.__pydantic_config__ = ConfigDict(use_attribute_docstrings=True)
    schemas: dict[str, Any] = {}
    paths: dict[str, Any] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    if streams:
        paths["/v1/events"] = {"get": _events(schemas)}
    paths["/openapi.json"] = {"get": _itself(schemas)}
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": __version__, "description": f"{about}\n\n{_ABOUT}"},
        "security": [{}, {"token": []}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(route: Route, schemas: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.handler.__name__,
        "summary": inspect.getdoc(route.handler),
        "parameters": _parameters(route, schemas),
        "responses": {
            str(route.status): _done(route, schemas),
            **_errors((400, 401, 403, 503, *route.errors, *((413,) if route.body else ())), schemas),
        },
    }
    if route.body is not None:
        is_needed = any(field.is_required() for field in route.body.model_fields.values())
        content = {"application/json": {"schema": _schema(route.body, schemas)}}
        operation["requestBody"] = {"required": is_needed, "content": content}
        if route.body is Nothing:
            del operation["requestBody"]
    return operation


def _done(route: Route, schemas: dict[str, Any]) -> dict[str, Any]:
    phrase = HTTPStatus(route.status).phrase
    if route.answer is bytes:
        octets = {"schema": {"type": "string", "contentMediaType": "application/x-pcapng"}}
        return {"description": phrase, "content": {"application/x-pcapng": octets}}
    if route.answer is str:
        return {"description": phrase, "content": {"text/plain": {"schema": {"type": "string"}}}}
    return _response(phrase, _schema(route.answer, schemas))


def _events(schemas: dict[str, Any]) -> dict[str, Any]:
    text = {"text/event-stream": {"schema": {"type": "string"}}}
    return {
        "operationId": "events",
        "summary": "Server-sent events, as things happen: an id, the kind and one line of JSON each.",
        "parameters": _query_parameters(EventsQuery, schemas),
        "responses": {
            "200": {"description": "OK", "content": text},
            **_errors((400, 401, 403, 503), schemas),
        },
    }


def _itself(schemas: dict[str, Any]) -> dict[str, Any]:
    return {
        "operationId": "openapi",
        "summary": "This document.",
        "parameters": [],
        "responses": {"200": _response("OK", {"type": "object"}), **_errors((401, 403), schemas)},
    }


def _errors(statuses: tuple[int, ...], schemas: dict[str, Any]) -> dict[str, Any]:
    schema = _schema(ErrorView, schemas)
    return {str(status): _response(HTTPStatus(status).phrase, schema) for status in sorted(statuses)}


def _response(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _parameters(route: Route, schemas: dict[str, Any]) -> list[dict[str, Any]]:
    variables = re.findall(r"\{(\w+)\}", route.path)
    in_path: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "description": _VARIABLES[name], "schema": {"type": "string"}}
        for name in variables
    ]
    return in_path + _query_parameters(route.query, schemas)


def _query_parameters(model: type[BaseModel], schemas: dict[str, Any]) -> list[dict[str, Any]]:
    whole = _whole(model, schemas)
    found = []
    for name, schema in whole.get("properties", {}).items():
        schema = dict(schema)
        description = schema.pop("description", "")
        options = [option for option in schema.pop("anyOf", []) if option != {"type": "null"}]
        if options:
            (option,) = options
            schema = {**option, **schema}
            description = description or schema.pop("description", "")
        if schema.get("default", "") is None:
            del schema["default"]
        entry = {"name": name, "in": "query", "required": name in whole.get("required", ()), "schema": schema}
        found.append({**entry, "description": description} if description else entry)
    return found


def _schema(model: type, schemas: dict[str, Any]) -> dict[str, Any]:
    """Put the schema of a shape among the components and return the reference to it."""
    if model.__name__ not in schemas:
        schemas[model.__name__] = _whole(model, schemas)
    return {"$ref": _TEMPLATE.format(model=model.__name__)}


def _whole(model: type, schemas: dict[str, Any]) -> dict[str, Any]:
    schema = TypeAdapter(model).json_schema(ref_template=_TEMPLATE)
    for name, inner in schema.pop("$defs", {}).items():
        schemas[name] = _without_titles(inner)
    return _without_titles(schema)


def _without_titles(schema: dict[str, Any]) -> dict[str, Any]:
    """Leave out the titles, which only say the name again."""
    plain = {key: value for key, value in schema.items() if key != "title"}
    if "properties" in plain:
        plain["properties"] = {name: _without_titles(inner) for name, inner in plain["properties"].items()}
    return plain
