"""Every call of the S-CSCF's control API."""

from scscf.control.api import Api
from scscf.control.bodies import (
    Deregistration,
    DocumentMode,
    Drain,
    NoQuery,
    Nothing,
    Reauthentication,
    Reset,
)
from scscf.control.clock import CLOCK
from scscf.control.messages import MESSAGES
from scscf.control.metrics import METRICS
from scscf.control.queries import (
    EndQuery,
    NotifyQuery,
    PageQuery,
    RegistrationQuery,
    SilentQuery,
    SubscriptionsQuery,
)
from scscf.control.route import Route
from scscf.control.scripting import SCRIPTING
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
from scscf.control.user_services import USER_SERVICES

ROUTES: tuple[Route, ...] = (
    Route("GET", "/v1/health", Api.health, 200, HealthView),
    Route("GET", "/v1/registrations", Api.registrations, 200, PageView, PageQuery),
    Route("GET", "/v1/registrations/{aor}", Api.registration, 200, RegistrationView, RegistrationQuery, None, (404,)),
    Route("DELETE", "/v1/registrations/{aor}", Api.lose_registration, 200, LostView, SilentQuery, None, (404,)),
    Route("POST", "/v1/reset", Api.reset, 200, ResetView, NoQuery, Reset),
    Route("POST", "/v1/deregistrations", Api.deregister, 201, ReportView, NoQuery, Deregistration, (404,)),
    Route("POST", "/v1/reauthentications", Api.reauthenticate, 201, ReportView, NoQuery, Reauthentication, (404,)),
    METRICS,
    Route("GET", "/v1/duties", Api.duties, 200, DutiesView),
    Route("POST", "/v1/drain", Api.drain, 201, ReportView, NoQuery, Drain),
    Route("GET", "/v1/subscriptions", Api.subscriptions, 200, SubscriptionsView, SubscriptionsQuery),
    Route(
        "PATCH", "/v1/subscriptions/{id}", Api.set_documents, 200, SubscriptionView, NoQuery, DocumentMode, (404, 409)
    ),
    Route("DELETE", "/v1/subscriptions/{id}", Api.end_subscription, 200, SubscriptionView, EndQuery, None, (404, 409)),
    Route("POST", "/v1/subscriptions/{id}/notify", Api.notify_now, 201, ToldView, NotifyQuery, Nothing, (404, 409)),
    *USER_SERVICES,
    *SCRIPTING,
    *CLOCK,
    *MESSAGES,
)
"""Every call but `/v1/events` and `/openapi.json`, which are streams and a file (scscf.control.http)."""
