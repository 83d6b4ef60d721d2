"""Every call of the control API: its method and path, what it takes and what it answers."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple
from urllib.parse import unquote

from pydantic import BaseModel

from scscf.control.api import Answer, Api, Call
from scscf.control.bodies import (
    Deregistration,
    DocumentMode,
    Drain,
    EndQuery,
    NoQuery,
    Nothing,
    NotifyQuery,
    PageQuery,
    Reauthentication,
    RegistrationQuery,
    Reset,
    SilentQuery,
    SubscriptionsQuery,
)
from scscf.control.shapes import (
    DutiesView,
    HealthView,
    LostView,
    PageView,
    RegistrationView,
    ReportView,
    ResetView,
    SubscriptionsView,
    SubscriptionView,
    ToldView,
)

Handler = Callable[[Api, Call], Awaitable[Answer]]


class Route(NamedTuple):
    """One call of the API: what it takes and what it answers."""

    method: str
    path: str
    handler: Handler
    status: int
    """Of the answer when it is done."""
    answer: type
    query: type[BaseModel] = NoQuery
    body: type[BaseModel] | None = None
    """None: it has none."""
    errors: tuple[int, ...] = ()
    """Statuses of refusals, beside 400."""


ROUTES: tuple[Route, ...] = (
    Route("GET", "/v1/health", Api.health, 200, HealthView),
    Route("GET", "/v1/registrations", Api.registrations, 200, PageView, PageQuery),
    Route("GET", "/v1/registrations/{aor}", Api.registration, 200, RegistrationView, RegistrationQuery, None, (404,)),
    Route("DELETE", "/v1/registrations/{aor}", Api.lose_registration, 200, LostView, SilentQuery, None, (404,)),
    Route("POST", "/v1/reset", Api.reset, 200, ResetView, NoQuery, Reset),
    Route("POST", "/v1/deregistrations", Api.deregister, 201, ReportView, NoQuery, Deregistration, (404,)),
    Route("POST", "/v1/reauthentications", Api.reauthenticate, 201, ReportView, NoQuery, Reauthentication, (404,)),
    Route("GET", "/v1/duties", Api.duties, 200, DutiesView),
    Route("POST", "/v1/drain", Api.drain, 201, ReportView, NoQuery, Drain),
    Route("GET", "/v1/subscriptions", Api.subscriptions, 200, SubscriptionsView, SubscriptionsQuery),
    Route("PATCH", "/v1/subscriptions/{id}", Api.set_documents, 200, SubscriptionView, NoQuery, DocumentMode, (404,)),
    Route("DELETE", "/v1/subscriptions/{id}", Api.end_subscription, 200, SubscriptionView, EndQuery, None, (404,)),
    Route("POST", "/v1/subscriptions/{id}/notify", Api.notify_now, 201, ToldView, NotifyQuery, Nothing, (404,)),
)
"""Every call but `/v1/events` and `/openapi.json`, which are a stream and a file (scscf.control.http)."""


def routes_of(path: str) -> tuple[list[Route], tuple[str, ...]]:
    """Return the routes of a path, one for each method, and the values of its variables."""
    parts = path.split("/")
    found = [route for route in ROUTES if _matches(route.path.split("/"), parts)]
    if not found:
        return [], ()
    names = found[0].path.split("/")
    variables = (part for name, part in zip(names, parts, strict=True) if name.startswith("{"))
    return found, tuple(unquote(part, errors="surrogateescape") for part in variables)


def _matches(names: list[str], parts: list[str]) -> bool:
    return len(names) == len(parts) and all(
        name == part or (name.startswith("{") and part != "") for name, part in zip(names, parts, strict=True)
    )
