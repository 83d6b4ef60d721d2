"""The calls of the control API: each takes a request and returns a status and JSON."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from scscf.control.bodies import (
    BadRequest,
    Deregistration,
    DocumentMode,
    Drain,
    Reauthentication,
    Reset,
    aor_from,
    checked,
)
from scscf.control.views import health_view, registration_view, report_view, subscription_view
from scscf.errors import ScscfError
from scscf.procedures.deregister import Scope, answers, deregister, forget, reset
from scscf.procedures.reauthenticate import reauthenticate
from scscf.procedures.state import Node, NotRegisteredError
from scscf.promise import Promise
from scscf.regevent.reginfo import Documents
from scscf.regevent.subscription import Subscription
from scscf.registration.registration import Event

Json = dict[str, Any]
PAGE = 100
MOST = 1000


class NotFound(ScscfError):
    """Nothing is there under that name: 404."""


class Query(NamedTuple):
    """One call: path variables, query parameters (the last of each name), and the parsed body."""

    path: tuple[str, ...]
    query: dict[str, str]
    body: object


class Answer(NamedTuple):
    """HTTP status and JSON."""

    status: int
    body: Json


Handler = Callable[["Api", Query], Awaitable[Answer]]


class Api:
    """The control API of one node. `version` and `commit` say what runs; `listeners()` tells the bound addresses."""

    def __init__(self, node: Node, version: str, commit: str | None, listeners: Callable[[], list[str]]) -> None:
        self.node = node
        self._version = version
        self._commit = commit
        self._listeners = listeners

    async def health(self, call: Query) -> Answer:
        """GET /v1/health."""
        return Answer(200, health_view(self.node, self._version, self._commit, self._listeners()))

    async def registrations(self, call: Query) -> Answer:
        """GET /v1/registrations: a page in the order of the addresses of record; `next` continues it."""
        wanted = _one_of(call.query, "state", ("init", "active", "terminated"))
        limit = _number(call.query, "limit", PAGE, 1, MOST)
        after = call.query.get("after", "")
        now = self.node.now()
        found = sorted(
            (registration.aor, record)
            for record in self.node.store.records()
            for registration in record.registrations
            if registration.aor > after and wanted in (None, registration.state.value)
        )
        page = found[:limit]
        return Answer(
            200,
            {
                "registrations": [registration_view(record, aor, now) for aor, record in page],
                "total": sum(len(record.registrations) for record in self.node.store.records()),
                "next": page[-1][0] if len(found) > limit else None,
            },
        )

    async def registration(self, call: Query) -> Answer:
        """GET /v1/registrations/{aor}: with `wait` seconds, once its state is `state` (active where none is named)."""
        aor = aor_from(call.path[0])
        wanted = _one_of(call.query, "state", ("init", "active", "terminated"))
        wait = _seconds(call.query, "wait")
        if wait is not None:
            await self._until(aor, wanted or "active", wait)
        record = await self.node.store.find(aor)
        if record is not None and record.contacts(aor):
            return Answer(200, registration_view(record, aor, self.node.now()))
        if wait is not None and wanted in ("terminated", "init"):
            return Answer(200, {"aor": aor, "state": wanted, "contacts": []})
        raise NotFound(f"{aor} is not registered")

    async def lose_registration(self, call: Query) -> Answer:
        """DELETE /v1/registrations/{aor}?silent=true: the data are lost and nobody is told."""
        aor = aor_from(call.path[0])
        if call.query.get("silent") != "true":
            raise BadRequest("not_silent", "only silent=true is taken here; POST /v1/deregistrations tells the watchers")
        if not await forget(self.node, aor):
            raise NotFound(f"{aor} is not registered")
        return Answer(200, {"lost": aor})

    async def reset(self, call: Query) -> Answer:
        """POST /v1/reset: registrations, subscriptions or challenges are lost and nobody is told."""
        body = checked(Reset, call.body)
        return Answer(200, dict(await reset(self.node, body.registrations, body.subscriptions, body.challenges)))

    async def deregister(self, call: Query) -> Answer:
        """POST /v1/deregistrations."""
        body = checked(Deregistration, call.body)
        report = await deregister(
            self.node,
            _scope(body.aor, body.impi, body.contact, everybody=body.all),
            Event(body.event),
            body.retry_after,
            body.reason,
            body.rate,
            body.wait,
        )
        return Answer(201, report_view(report, self.node.now()))

    async def reauthenticate(self, call: Query) -> Answer:
        """POST /v1/reauthentications."""
        body = checked(Reauthentication, call.body)
        report = await reauthenticate(self.node, _scope(body.aor, body.impi, body.contact), body.expires, body.wait)
        return Answer(201, report_view(report, self.node.now()))

    async def drain(self, call: Query) -> Answer:
        """POST /v1/drain: de-registers everybody and shuts down once the watchers have answered or `wait` is over."""
        body = checked(Drain, call.body)
        try:
            report = await deregister(
                self.node, Scope(everybody=True), Event(body.event), body.retry_after, None, body.rate, body.wait
            )
            shown = report_view(report, self.node.now())
        except NotRegisteredError:
            shown = {"removed": [], "changed": [], "watchers": []}
        # A moment later, so that this answer still gets out.
        self.node.wire_deadlines.at(self.node.wire_now() + 0.2, lambda _now: self.node.stop())
        return Answer(201, shown)

    async def subscriptions(self, call: Query) -> Answer:
        """GET /v1/subscriptions: live ones, then those that ended of late."""
        notifier, now = self.node.notifier, self.node.now()
        found = [*notifier.subscriptions.values(), *reversed(notifier.ended)]
        if "aor" in call.query:
            aor = aor_from(call.query["aor"])
            found = [subscription for subscription in found if subscription.aor == aor]
        return Answer(200, {"subscriptions": [subscription_view(subscription, now) for subscription in found]})

    async def notify_now(self, call: Query) -> Answer:
        """POST /v1/subscriptions/{id}/notify: a full NOTIFY; with `wait` seconds, what the watcher answered."""
        subscription = self._subscription(call.path[0])
        telling = self.node.notifier.notify_now(subscription)
        (told,) = await answers(self.node, [telling], _seconds(call.query, "wait"))
        return Answer(
            201,
            {
                "subscription": told.subscription,
                "version": told.version,
                "status": told.status,
                "ms": told.milliseconds,
            },
        )

    async def set_documents(self, call: Query) -> Answer:
        """PATCH /v1/subscriptions/{id}: another document mode from the next NOTIFY on."""
        subscription = self._subscription(call.path[0])
        subscription.documents = Documents(checked(DocumentMode, call.body).documents)
        return Answer(200, subscription_view(subscription, self.node.now()))

    async def end_subscription(self, call: Query) -> Answer:
        """DELETE /v1/subscriptions/{id}?reason=: the network ends it."""
        subscription = self._subscription(call.path[0])
        allowed = ("deactivated", "probation", "rejected", "timeout", "giveup", "noresource", "invariant")
        reason = _one_of(call.query, "reason", allowed) or "noresource"
        self.node.notifier.end(subscription, reason)
        return Answer(200, subscription_view(subscription, self.node.now()))

    def _subscription(self, name: str) -> Subscription:
        subscription = self.node.notifier.subscriptions.get(name)
        if subscription is None:
            raise NotFound(f"there is no subscription {name[:100]}")
        return subscription

    async def _until(self, aor: str, state: str, seconds: float) -> None:
        """Wait until an address of record is active, or is not, but no longer than so many seconds of wire time."""
        node = self.node
        if await self._is(aor, state):
            return
        changed: Promise[bool] = Promise()

        def look(kind: str, data: Any) -> None:
            if kind == "registration" and data["aor"] == aor and not changed.done:
                if (data["state"] == "active") == (state == "active"):
                    changed.keep(True)

        end = node.feed.listen(look)
        deadline = node.wire_deadlines.at(
            node.wire_now() + seconds, lambda _now: None if changed.done else changed.keep(False)
        )
        try:
            came = await changed
        finally:
            end()
            node.wire_deadlines.cancel(deadline)
        if not came:
            raise NotFound(f"{aor} is not {state} after {seconds:g} s")

    async def _is(self, aor: str, state: str) -> bool:
        record = await self.node.store.find(aor)
        active = record is not None and bool(record.contacts(aor))
        return active == (state == "active")


ROUTES: dict[str, dict[str, Handler]] = {
    "/v1/health": {"GET": Api.health},
    "/v1/registrations": {"GET": Api.registrations},
    "/v1/registrations/{aor}": {"GET": Api.registration, "DELETE": Api.lose_registration},
    "/v1/reset": {"POST": Api.reset},
    "/v1/deregistrations": {"POST": Api.deregister},
    "/v1/reauthentications": {"POST": Api.reauthenticate},
    "/v1/drain": {"POST": Api.drain},
    "/v1/subscriptions": {"GET": Api.subscriptions},
    "/v1/subscriptions/{id}": {"PATCH": Api.set_documents, "DELETE": Api.end_subscription},
    "/v1/subscriptions/{id}/notify": {"POST": Api.notify_now},
}
"""Path → method → call; `/v1/events` and `/openapi.json` are streams and files, in scscf.control.http."""


def _scope(aor: str | None, impi: str | None, contact: str | None, *, everybody: bool = False) -> Scope:
    if contact is not None:
        aor_from(contact)
    return Scope(aor_from(aor) if aor is not None else None, impi, everybody, contact)


def _one_of(query: dict[str, str], name: str, allowed: tuple[str, ...]) -> str | None:
    value = query.get(name)
    if value is not None and value not in allowed:
        raise BadRequest("bad_query", f"{name}: must be one of {', '.join(allowed)}")
    return value


def _number(query: dict[str, str], name: str, default: int, low: int, high: int) -> int:
    text = query.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 9 or not low <= int(text) <= high:
        raise BadRequest("bad_query", f"{name}: must be a number from {low} to {high}")
    return int(text)


def _seconds(query: dict[str, str], name: str) -> float | None:
    text = query.get(name)
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 600:
        raise BadRequest("bad_query", f"{name}: must be seconds from 0 to 600")
    return seconds
