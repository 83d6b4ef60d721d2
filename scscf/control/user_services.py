"""The call about user services: Microsoft's endpoints are told when they go (MS-SIPREGE §3.5)."""

from scscf.control.api import Api, nothing_bound, reported
from scscf.control.bodies import NoQuery, UserServices
from scscf.control.notices import check_endpoints
from scscf.control.route import Answer, Call, Route
from scscf.control.shapes import ReportView
from scscf.control.views import report_view
from scscf.procedures.user_services import set_user_services


async def user_services(api: Api, call: Call) -> Answer:
    """Say that services other than registration are there, or are not; tell what that ended, and who was told."""
    wanted: UserServices = call.body
    node = api.node
    scope = api.scope(wanted.aor, wanted.impi, everybody=wanted.all)
    if not await check_endpoints(node, scope) and not scope.everybody:
        raise nothing_bound(scope)
    before = set(node.without_services) if node.feed.listeners else set()
    report = await reported(set_user_services(node, scope, wanted.available, wanted.wait), scope)
    if node.feed.listeners:
        for aor in sorted(before ^ node.without_services):
            node.feed.publish("user_services", {"aor": aor, "available": aor not in node.without_services})
    return Answer(201, report_view(report))


USER_SERVICES: tuple[Route, ...] = (
    Route("POST", "/v1/user-services", user_services, 201, ReportView, NoQuery, UserServices, (404,)),
)
