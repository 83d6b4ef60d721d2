"""Every call of the S-CSCF's control API."""

from scscf.control.clock import CLOCK
from scscf.control.deregistrations import DEREGISTRATIONS, DRAIN
from scscf.control.health import DUTIES, HEALTH
from scscf.control.messages import MESSAGES
from scscf.control.metrics import METRICS
from scscf.control.registrations import REGISTRATIONS
from scscf.control.route import Route
from scscf.control.scripting import SCRIPTING
from scscf.control.subscriptions import SUBSCRIPTIONS
from scscf.control.user_services import USER_SERVICES

ROUTES: tuple[Route, ...] = (
    HEALTH,
    *REGISTRATIONS,
    *DEREGISTRATIONS,
    METRICS,
    DUTIES,
    DRAIN,
    *SUBSCRIPTIONS,
    *USER_SERVICES,
    *SCRIPTING,
    *CLOCK,
    *MESSAGES,
)
"""Every call but `/v1/events` and `/openapi.json`, which are streams and a file (scscf.control.http)."""
