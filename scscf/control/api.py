"""The calls of the control API: each takes a checked request and returns a status and JSON."""

from collections.abc import Callable, Mapping
from heapq import nsmallest

from scscf.control.bodies import (
    BadRequest,
    Deregistration,
    DocumentMode,
    Drain,
    Reauthentication,
    Reset,
)
from scscf.control.finding import is_named, is_watched
from scscf.control.measures import Measures
from scscf.control.notices import RETRY_AFTER, check_endpoints, told
from scscf.control.queries import (
    EndQuery,
    NotifyQuery,
    PageQuery,
    RegistrationQuery,
    SubscriptionsQuery,
)
from scscf.control.route import Answer, Call, Conflict, NotFound
from scscf.control.shapes import LostView, PageView, ResetView, SubscriptionsView
from scscf.control.views import (
    duties_view,
    health_view,
    nothing_view,
    registration_view,
    report_view,
    subscription_view,
    told_view,
)
from scscf.errors import SipError
from scscf.net.diameter import PeerView as Peer
from scscf.net.virtual_time import VirtualTime
from scscf.procedures.deregister import Report, Scope, answers, deregister, forget, reset
from scscf.procedures.reauthenticate import reauthenticate
from scscf.procedures.state import Node, NotRegisteredError
from scscf.promise import Promise
from scscf.regevent.reginfo import Documents
from scscf.regevent.subscription import State, Subscription
from scscf.registration.notice import Notice
from scscf.registration.registration import Event
from scscf.rules.script import Script
from scscf.sip.uri import parse_uri
from scscf.sip.uri_comparison import aor_of

STOP_AFTER = 0.2
"""Seconds between the answer to a drain and the end, so that the answer still gets out."""


class Api:
    """The control API of one node. `version` and `commit` say what runs; `listeners()` tells the bound addresses."""

    def __init__(self, node: Node, version: str, commit: str | None, listeners: Callable[[], list[str]]) -> None:
        self.node = node
        self.version = version
        self.commit = commit
        self._listeners = listeners
        self.hss_peers: Callable[[], list[Peer] | None] = lambda: None
        """Tells the HSSs over Diameter; None: the HSS is embedded."""
        self.script: Script | None = None
        """Rules and quirks; None: nothing can be scripted."""
        self.measures: Measures | None = None
        """Reads the numbers of the node; None: there are none."""
        self.virtual_time: VirtualTime | None = None
        """What moves service time; None: it cannot be moved."""

    async def health(self, call: Call) -> Answer:
        """Tell what runs, and where; there is an answer once every listener is up."""
        return Answer(200, health_view(self.node, self.version, self.commit, self._listeners(), self.hss_peers()))

    async def registrations(self, call: Call) -> Answer:
        """Show a page of registrations in the order of their addresses of record; `next` continues it."""
        query: PageQuery = call.query
        now = self.node.now()
        # Names first: of a hundred thousand registrations only a page is looked at.
        kept = [each for record in self.node.store.records() for each in record.registrations]
        wanted = query.q.casefold()
        names = [
            each.aor
            for each in kept
            if (query.state is None or each.state.value == query.state) and (not wanted or is_named(each, wanted))
        ]
        page = nsmallest(query.limit + 1, (aor for aor in names if aor > query.after))
        shown = [(aor, await self.node.store.find(aor)) for aor in page[: query.limit]]
        gruus = self.node.gruus
        body: PageView = {
            "registrations": [
                registration_view(gruus, record, aor, now) for aor, record in shown if record is not None
            ],
            "total": len(kept),
            "found": len(names),
            "next": shown[-1][0] if len(page) > query.limit else None,
        }
        return Answer(200, body)

    async def registration(self, call: Call) -> Answer:
        """Show an address of record; with `wait`, once its state is `state`, and 404 where it has not come to be so."""
        query: RegistrationQuery = call.query
        aor = self._aor(call.path[0])
        wanted = query.state or "active"
        if query.wait is not None and not await self._until(aor, wanted, query.wait, call.gone):
            raise NotFound("not_so", f"{aor} is not {wanted} after {query.wait:g} s")
        record = await self.node.store.find(aor)
        if record is not None and record.contacts(aor):
            return Answer(200, registration_view(self.node.gruus, record, aor, self.node.now()))
        if query.wait is not None:
            return Answer(200, nothing_view(aor, wanted))
        raise NotFound("not_registered", f"{aor} is not registered")

    async def lose_registration(self, call: Call) -> Answer:
        """Lose an address of record and its implicit set; nobody is told. Count the addresses of record."""
        aor = self._aor(call.path[0])
        record = await self.node.store.find(aor)
        if not await forget(self.node, aor):
            raise NotFound("not_registered", f"{aor} is not registered")
        lost = [registration.aor for registration in record.registrations] if record else []
        self._lost(lost)
        body: LostView = {"removed": len(lost)}
        return Answer(200, body)

    async def reset(self, call: Call) -> Answer:
        """Lose registrations, subscriptions, challenges or rules; nobody is told."""
        wanted: Reset = call.body
        records = list(self.node.store.records()) if wanted.registrations else []
        lost = await reset(self.node, wanted.registrations, wanted.subscriptions, wanted.challenges)
        self._lost([registration.aor for record in records for registration in record.registrations])
        body: ResetView = {
            "registrations": lost["registrations"],
            "subscriptions": lost["subscriptions"],
            "challenges": lost["challenges"],
            "rules": self.script.rules.clear() if wanted.rules and self.script is not None else 0,
        }
        return Answer(200, body)

    async def deregister(self, call: Call) -> Answer:
        """End registrations from the network's side; tell what was removed and what each watcher answered."""
        wanted: Deregistration = call.body
        scope = self.scope(wanted.aor, wanted.impi, wanted.contact, everybody=wanted.all)
        if wanted.is_for_endpoints:
            await check_endpoints(self.node, scope)
        event, notice = told(wanted)
        retry_after = wanted.retry_after
        if event is Event.PROBATION and retry_after is None:
            retry_after = RETRY_AFTER
        reason = None if wanted.is_for_endpoints else wanted.reason
        report = await self._end(scope, event, retry_after, reason, wanted.rate, wanted.wait, notice)
        return Answer(201, report_view(report))

    async def reauthenticate(self, call: Call) -> Answer:
        """Cut registrations short so that the UE authenticates again."""
        wanted: Reauthentication = call.body
        scope = self.scope(wanted.aor, wanted.impi, wanted.contact)
        try:
            report = await reauthenticate(self.node, scope, wanted.expires, wanted.wait)
        except NotRegisteredError:
            raise nothing_bound(scope) from None
        return Answer(201, report_view(report))

    async def drain(self, call: Call) -> Answer:
        """De-register everybody, wait for the watchers' answers, and shut down."""
        wanted: Drain = call.body
        self.node.draining = True
        report = await self._end(
            Scope(everybody=True), Event(wanted.event), wanted.retry_after, None, wanted.rate, wanted.wait
        )
        self.node.wire_deadlines.at(self.node.wire_now() + STOP_AFTER, lambda _now: self.node.stop())
        return Answer(201, report_view(report))

    async def duties(self, call: Call) -> Answer:
        """Show what is owed to the HSS, which may not have heard of it, and who is served unregistered."""
        return Answer(200, duties_view(self.node))

    async def subscriptions(self, call: Call) -> Answer:
        """Show the live subscriptions; with `ended`, then those that ended of late, latest first."""
        query: SubscriptionsQuery = call.query
        notifier, now = self.node.notifier, self.node.now()
        found = [*notifier.subscriptions.values()]
        if query.ended:
            found += reversed(notifier.ended)
        if query.aor is not None:
            aor = self._aor(query.aor)
            found = [subscription for subscription in found if subscription.aor == aor]
        if query.q:
            wanted = query.q.casefold()
            found = [each for each in found if is_watched(each, wanted)]
        shown = found[query.skip :][: query.limit]
        body: SubscriptionsView = {
            "subscriptions": [subscription_view(each, now, bodies=query.bodies) for each in shown],
            "found": len(found),
        }
        return Answer(200, body)

    async def notify_now(self, call: Call) -> Answer:
        """Send a NOTIFY with the full state; with `wait`, tell what the watcher answered."""
        query: NotifyQuery = call.query
        telling = self.node.notifier.notify_now(self._subscription(call.path[0]))
        (answer,) = await answers(self.node, [telling], query.wait)
        return Answer(201, told_view(answer))

    async def set_documents(self, call: Call) -> Answer:
        """Choose another document mode, from the next NOTIFY on."""
        subscription = self._subscription(call.path[0])
        wanted: DocumentMode = call.body
        subscription.documents = Documents(wanted.documents)
        return Answer(200, subscription_view(subscription, self.node.now()))

    async def end_subscription(self, call: Call) -> Answer:
        """End a subscription from the network's side, with a last NOTIFY."""
        subscription = self._subscription(call.path[0])
        query: EndQuery = call.query
        self.node.notifier.end(subscription, query.reason or subscription.policy.terminated_reason)
        return Answer(200, subscription_view(subscription, self.node.now()))

    async def _end(
        self,
        scope: Scope,
        event: Event,
        retry_after: int | None,
        reason: str | None,
        rate: float | None,
        wait: float | None,
        notice: Notice | None = None,
    ) -> Report:
        """De-register; where everybody is meant and nobody is there, that is done too."""
        try:
            return await deregister(self.node, scope, event, retry_after, reason, rate, wait, notice)
        except NotRegisteredError:
            if scope.everybody:
                return Report((), ())
            raise nothing_bound(scope) from None

    def _aor(self, text: str) -> str:
        """Return the canonical address of record of a URI: a domain's alias stands for the domain."""
        try:
            uri = parse_uri(text)
        except SipError:
            raise BadRequest("bad_aor", f"{text[:200]!r} is no URI like sip:alice@home1.test") from None
        domain = self.node.domain_of(uri.host) if uri.is_sip else None
        return aor_of(uri) if domain is None else self.node.aor_in(domain, uri)

    def scope(self, aor: str | None, impi: str | None, contact: str | None = None, *, everybody: bool = False) -> Scope:
        """Return whom a command means. Raises BadRequest where that is no URI."""
        if contact is not None:
            try:
                parse_uri(contact)
            except SipError:
                raise BadRequest("bad_contact", f"{contact[:200]!r} is no URI like sip:alice@192.0.2.1") from None
        return Scope(None if aor is None else self._aor(aor), impi, everybody, contact)

    def _subscription(self, name: str) -> Subscription:
        subscription = self.node.notifier.subscriptions.get(name)
        if subscription is None or subscription.state is not State.ACTIVE:
            raise NotFound("no_such_subscription", f"there is no live subscription {name[:100]}")
        if subscription.package.implicit:
            message = "an endpoint is told notices, not documents: POST /v1/deregistrations sends one"
            raise Conflict("no_documents", message)
        return subscription

    def _lost(self, aors: list[str]) -> None:
        for aor in aors if self.node.feed.listeners else ():
            self.node.feed.publish("registration", {"aor": aor, "state": "terminated", "cause": "lost"})

    async def _until(self, aor: str, state: str, seconds: float, gone: Promise[None]) -> bool:
        """Wait until an address of record is active, or is not, for so many seconds of wire time; tell whether so."""
        node = self.node
        over: Promise[None] = Promise()

        def settle() -> None:
            if not over.done:
                over.keep(None)

        def look(kind: str, data: Mapping[str, object]) -> None:
            if kind == "registration" and data["aor"] == aor and (data["state"] == "active") == (state == "active"):
                settle()

        if await self._is(aor, state):
            return True
        forget_listener = node.feed.listen(look)
        deadline = node.wire_deadlines.at(node.wire_now() + seconds, lambda _now: settle())
        gone.when_done(settle)
        try:
            await over
        finally:
            forget_listener()
            node.wire_deadlines.cancel(deadline)
        return await self._is(aor, state)

    async def _is(self, aor: str, state: str) -> bool:
        record = await self.node.store.find(aor)
        active = record is not None and bool(record.contacts(aor))
        return active == (state == "active")


def nothing_bound(scope: Scope) -> NotFound:
    """Return the answer to a command about what is not registered."""
    contact = f" to {scope.contact}" if scope.contact else ""
    return NotFound("not_registered", f"{scope.aor or scope.private_identity} has no binding{contact}")
