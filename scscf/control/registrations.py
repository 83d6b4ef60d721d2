"""The calls about registrations: who is registered, and what is lost without a word to anybody."""

from collections.abc import Mapping
from heapq import nsmallest

from scscf.control.api import Api
from scscf.control.bodies import NoQuery, Reset
from scscf.control.finding import is_named
from scscf.control.queries import PageQuery, RegistrationQuery, SilentQuery
from scscf.control.route import Answer, Call, NotFound, Route
from scscf.control.shapes import LostView, PageView, RegistrationView, ResetView
from scscf.control.views import nothing_view, registration_view
from scscf.procedures.deregister import forget
from scscf.procedures.deregister import reset as lose
from scscf.procedures.state import Node
from scscf.promise import Promise


async def registrations(api: Api, call: Call) -> Answer:
    """Show a page of registrations in the order of their addresses of record; `next` continues it."""
    query: PageQuery = call.query
    now = api.node.now()
    # Names first: of a hundred thousand registrations only a page is looked at.
    kept = [each for record in api.node.store.records() for each in record.registrations]
    wanted = query.q.casefold()
    names = [
        each.aor
        for each in kept
        if (query.state is None or each.state.value == query.state) and (not wanted or is_named(each, wanted))
    ]
    page = nsmallest(query.limit + 1, (aor for aor in names if aor > query.after))
    shown = [(aor, await api.node.store.find(aor)) for aor in page[: query.limit]]
    gruus = api.node.gruus
    body: PageView = {
        "registrations": [registration_view(gruus, record, aor, now) for aor, record in shown if record is not None],
        "total": len(kept),
        "found": len(names),
        "next": shown[-1][0] if len(page) > query.limit else None,
    }
    return Answer(200, body)


async def registration(api: Api, call: Call) -> Answer:
    """Show an address of record; with `wait`, once its state is `state`, and 404 where it has not come to be so."""
    query: RegistrationQuery = call.query
    aor = api.aor(call.path[0])
    wanted = query.state or "active"
    if query.wait is not None and not await _until(api.node, aor, wanted, query.wait, call.gone):
        raise NotFound("not_so", f"{aor} is not {wanted} after {query.wait:g} s")
    record = await api.node.store.find(aor)
    if record is not None and record.contacts(aor):
        return Answer(200, registration_view(api.node.gruus, record, aor, api.node.now()))
    if query.wait is not None:
        return Answer(200, nothing_view(aor, wanted))
    raise NotFound("not_registered", f"{aor} is not registered")


async def lose_registration(api: Api, call: Call) -> Answer:
    """Lose an address of record and its implicit set; nobody is told. Count the addresses of record."""
    aor = api.aor(call.path[0])
    record = await api.node.store.find(aor)
    if not await forget(api.node, aor):
        raise NotFound("not_registered", f"{aor} is not registered")
    lost = [registration.aor for registration in record.registrations] if record else []
    _lost(api.node, lost)
    body: LostView = {"removed": len(lost)}
    return Answer(200, body)


async def reset(api: Api, call: Call) -> Answer:
    """Lose registrations, subscriptions, challenges or rules; nobody is told."""
    wanted: Reset = call.body
    records = list(api.node.store.records()) if wanted.registrations else []
    lost = await lose(api.node, wanted.registrations, wanted.subscriptions, wanted.challenges)
    _lost(api.node, [registration.aor for record in records for registration in record.registrations])
    body: ResetView = {
        "registrations": lost["registrations"],
        "subscriptions": lost["subscriptions"],
        "challenges": lost["challenges"],
        "rules": api.script.rules.clear() if wanted.rules and api.script is not None else 0,
    }
    return Answer(200, body)


def _lost(node: Node, aors: list[str]) -> None:
    for aor in aors if node.feed.listeners else ():
        node.feed.publish("registration", {"aor": aor, "state": "terminated", "cause": "lost"})


async def _until(node: Node, aor: str, state: str, seconds: float, gone: Promise[None]) -> bool:
    """Wait until an address of record is active, or is not, for so many seconds of wire time; tell whether so."""
    over: Promise[None] = Promise()

    def settle() -> None:
        if not over.done:
            over.keep(None)

    def look(kind: str, data: Mapping[str, object]) -> None:
        if kind == "registration" and data["aor"] == aor and (data["state"] == "active") == (state == "active"):
            settle()

    if await _is(node, aor, state):
        return True
    forget_listener = node.feed.listen(look)
    deadline = node.wire_deadlines.at(node.wire_now() + seconds, lambda _now: settle())
    gone.when_done(settle)
    try:
        await over
    finally:
        forget_listener()
        node.wire_deadlines.cancel(deadline)
    return await _is(node, aor, state)


async def _is(node: Node, aor: str, state: str) -> bool:
    record = await node.store.find(aor)
    active = record is not None and bool(record.contacts(aor))
    return active == (state == "active")


REGISTRATIONS: tuple[Route, ...] = (
    Route("GET", "/v1/registrations", registrations, 200, PageView, PageQuery),
    Route("GET", "/v1/registrations/{aor}", registration, 200, RegistrationView, RegistrationQuery, None, (404,)),
    Route("DELETE", "/v1/registrations/{aor}", lose_registration, 200, LostView, SilentQuery, None, (404,)),
    Route("POST", "/v1/reset", reset, 200, ResetView, NoQuery, Reset),
)
"""Calls of the S-CSCF's control API."""
