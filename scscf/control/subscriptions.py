"""The calls about subscriptions to the registration event package: who watches, and what the network does to them."""

from scscf.control.api import Api
from scscf.control.bodies import DocumentMode, NoQuery, Nothing
from scscf.control.finding import is_watched
from scscf.control.queries import EndQuery, NotifyQuery, SubscriptionsQuery
from scscf.control.route import Answer, Call, Conflict, NotFound, Route
from scscf.control.shapes import SubscriptionsView, SubscriptionView, ToldView
from scscf.control.views import subscription_view, told_view
from scscf.procedures.deregister import answers
from scscf.regevent.reginfo import Documents
from scscf.regevent.subscription import State, Subscription


async def subscriptions(api: Api, call: Call) -> Answer:
    """Show the live subscriptions; with `ended`, then those that ended of late, latest first."""
    query: SubscriptionsQuery = call.query
    notifier, now = api.node.notifier, api.node.now()
    found = [*notifier.subscriptions.values()]
    if query.ended:
        found += reversed(notifier.ended)
    if query.aor is not None:
        aor = api.aor(query.aor)
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


async def notify_now(api: Api, call: Call) -> Answer:
    """Send a NOTIFY with the full state; with `wait`, tell what the watcher answered."""
    query: NotifyQuery = call.query
    telling = api.node.notifier.notify_now(_subscription(api, call.path[0]))
    (answer,) = await answers(api.node, [telling], query.wait)
    return Answer(201, told_view(answer))


async def set_documents(api: Api, call: Call) -> Answer:
    """Choose another document mode, from the next NOTIFY on."""
    subscription = _subscription(api, call.path[0])
    wanted: DocumentMode = call.body
    subscription.documents = Documents(wanted.documents)
    return Answer(200, subscription_view(subscription, api.node.now()))


async def end_subscription(api: Api, call: Call) -> Answer:
    """End a subscription from the network's side, with a last NOTIFY."""
    subscription = _subscription(api, call.path[0])
    query: EndQuery = call.query
    api.node.notifier.end(subscription, query.reason or subscription.policy.terminated_reason)
    return Answer(200, subscription_view(subscription, api.node.now()))


def _subscription(api: Api, name: str) -> Subscription:
    subscription = api.node.notifier.subscriptions.get(name)
    if subscription is None or subscription.state is not State.ACTIVE:
        raise NotFound("no_such_subscription", f"there is no live subscription {name[:100]}")
    if subscription.package.implicit:
        message = "an endpoint is told notices, not documents: POST /v1/deregistrations sends one"
        raise Conflict("no_documents", message)
    return subscription


SUBSCRIPTIONS: tuple[Route, ...] = (
    Route("GET", "/v1/subscriptions", subscriptions, 200, SubscriptionsView, SubscriptionsQuery),
    Route("PATCH", "/v1/subscriptions/{id}", set_documents, 200, SubscriptionView, NoQuery, DocumentMode, (404, 409)),
    Route("DELETE", "/v1/subscriptions/{id}", end_subscription, 200, SubscriptionView, EndQuery, None, (404, 409)),
    Route("POST", "/v1/subscriptions/{id}/notify", notify_now, 201, ToldView, NotifyQuery, Nothing, (404, 409)),
)
"""Calls of the S-CSCF's control API."""
