"""The calls that take registrations away from the network's side, or cut them short (TS 24.229 §5.4.1.5, §5.4.1.6)."""

from scscf.control.api import Api, reported
from scscf.control.bodies import Deregistration, Drain, NoQuery, Reauthentication
from scscf.control.notices import RETRY_AFTER, check_endpoints, told
from scscf.control.route import Answer, Call, Route
from scscf.control.shapes import ReportView
from scscf.control.views import report_view
from scscf.procedures.deregister import Scope
from scscf.procedures.deregister import deregister as take_away
from scscf.procedures.reauthenticate import reauthenticate as cut_short
from scscf.registration.registration import Event

STOP_AFTER = 0.2
"""Seconds between the answer to a drain and the end, so that the answer still gets out."""


async def deregister(api: Api, call: Call) -> Answer:
    """End registrations from the network's side; tell what was removed and what each watcher answered."""
    wanted: Deregistration = call.body
    scope = api.scope(wanted.aor, wanted.impi, wanted.contact, everybody=wanted.all)
    if wanted.is_for_endpoints:
        await check_endpoints(api.node, scope)
    event, notice = told(wanted)
    retry_after = wanted.retry_after
    if event is Event.PROBATION and retry_after is None:
        retry_after = RETRY_AFTER
    reason = None if wanted.is_for_endpoints else wanted.reason
    taken = take_away(api.node, scope, event, retry_after, reason, wanted.rate, wanted.wait, notice)
    return Answer(201, report_view(await reported(taken, scope)))


async def reauthenticate(api: Api, call: Call) -> Answer:
    """Cut registrations short so that the UE authenticates again."""
    wanted: Reauthentication = call.body
    scope = api.scope(wanted.aor, wanted.impi, wanted.contact)
    cut = cut_short(api.node, scope, wanted.expires, wanted.wait)
    return Answer(201, report_view(await reported(cut, scope)))


async def drain(api: Api, call: Call) -> Answer:
    """De-register everybody, wait for the watchers' answers, and shut down."""
    wanted: Drain = call.body
    api.node.draining = True
    scope = Scope(everybody=True)
    taken = take_away(api.node, scope, Event(wanted.event), wanted.retry_after, None, wanted.rate, wanted.wait)
    report = await reported(taken, scope)
    api.node.wire_deadlines.at(api.node.wire_now() + STOP_AFTER, lambda _now: api.node.stop())
    return Answer(201, report_view(report))


DEREGISTRATIONS: tuple[Route, ...] = (
    Route("POST", "/v1/deregistrations", deregister, 201, ReportView, NoQuery, Deregistration, (404,)),
    Route("POST", "/v1/reauthentications", reauthenticate, 201, ReportView, NoQuery, Reauthentication, (404,)),
)
"""Calls of the S-CSCF's control API."""
DRAIN = Route("POST", "/v1/drain", drain, 201, ReportView, NoQuery, Drain)
