"""The calls about the S-CSCF itself: what runs, and what it owes the HSS."""

from scscf.control.api import Api
from scscf.control.route import Answer, Call, Route
from scscf.control.shapes import DutiesView, HealthView
from scscf.control.views import duties_view, health_view


async def health(api: Api, call: Call) -> Answer:
    """Tell what runs, and where; there is an answer once every listener is up."""
    return Answer(200, health_view(api.node, api.version, api.commit, api.listeners(), api.hss_peers()))


async def duties(api: Api, call: Call) -> Answer:
    """Show what is owed to the HSS, which may not have heard of it, and who is served unregistered."""
    return Answer(200, duties_view(api.node))


HEALTH = Route("GET", "/v1/health", health, 200, HealthView)
DUTIES = Route("GET", "/v1/duties", duties, 200, DutiesView)
