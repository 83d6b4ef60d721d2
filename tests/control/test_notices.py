"""What Microsoft's endpoints are told at an operator's command, by the API."""

from typing import Any

import pytest

from scscf.control.bodies import ENDPOINT_EVENTS, BadRequest, Deregistration, checked
from scscf.regevent.registration_notify import NOTICES
from scscf.sip.message import Request
from tests.control.browser import Browser, error
from tests.world import Client, World

CAROL = "sip:carol@home1.test"
DAVE = "sip:dave@home1.test"
POOL = "sip:pool2.fabrikam.com"
INSTANCE = "B43B3D1D-9F8F-5FDC-9F74-3CA273CADB97"
EPID = "492a7ce35f"
TWO = """
subscriptions:
  - private_identities: [{id: carol@home1.test, auth: {scheme: none}}]
    implicit_sets: [["sip:carol@home1.test"]]
  - private_identities: [{id: dave@home1.test, auth: {scheme: none}}]
    implicit_sets: [["sip:dave@home1.test"]]
  - private_identities: [{id: erin@other.test, auth: {scheme: none}}]
    implicit_sets: [["sip:erin@other.test"]]
"""


class Endpoint(Client):
    """An endpoint of Microsoft's: an epid in From, its instance, and the implicit subscription."""

    epid = EPID
    supported = "gruu-10, adhoclist"

    def arrive(self, **headers: str | None) -> int:
        fields: dict[str, str | None] = {
            "From": f"<{self.aor}>;tag=2d0be03279;epid={self.epid}",
            "Contact": f'<{self.uri}>;+sip.instance="<urn:uuid:{INSTANCE}>"',
            "Event": "registration",
            "Supported": self.supported,
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        response = self.send("REGISTER", f"sip:{self.domain}", fields)
        assert response is not None
        return response.status


def a_world(*, survives: bool = False, dialects: bool = False) -> tuple[World, Browser, Endpoint]:
    """Return a node at which carol's endpoint is registered."""
    domains = [{"name": "home1.test", "dialect": "siprege"}]
    if dialects:
        domains.append({"name": "other.test", "dialect": "rfc3261"})
    world = World({"domains": domains}, TWO)
    endpoint = Endpoint(world, "127.0.0.9", 5070, user="carol")
    if survives:
        endpoint.supported += ", ms-userservices-state-notification"
    assert endpoint.arrive() == 200
    return world, Browser(world), endpoint


def erin(world: World) -> None:
    phone = world.client("127.0.0.10", 5071, user="erin", domain="other.test")
    assert phone.register().status == 200


def told(notify: Request) -> tuple[bytes, str | None, str | None]:
    """Return body, diagnostics and the state of the subscription."""
    return notify.body, notify.get("ms-diagnostics-public"), notify.get("subscription-state")


def registered(browser: Browser, aor: str = CAROL) -> bool:
    return browser.get(f"/v1/registrations/{aor}").status == 200


@pytest.mark.clause("MS-SIPREGE §2.2.1.13")
@pytest.mark.parametrize(
    ("body", "event", "diagnostics"),
    [
        ({"event": "unregistered"}, "unregistered", "4140;reason="),
        ({"event": "rejected"}, "rejected", '4141;reason="User disabled"'),
        ({"event": "deactivated"}, "deactivated", "4142;reason="),
        ({"event": "probation", "retry_after": 30}, "deactivated", "4142;reason="),
        ({"event": "rejected", "error_id": 4141, "reason": 'Bob "left" us'}, "rejected", r'"Bob \"left\" us"'),
        ({"event": "probation", "retry_after": 5, "error_id": 4142, "reason": "x"}, "deactivated", '4142;reason="x"'),
        ({"event": "userservices-unavailable"}, "userservices-unavailable", "4165;reason="),
        (
            {"event": "userservices-unavailable", "reason": "Presence is down"},
            "userservices-unavailable",
            '4165;reason="Presence is down"',
        ),
    ],
)
def test_an_endpoint_hears_why_it_is_over(body: dict[str, Any], event: str, diagnostics: str) -> None:
    _, browser, endpoint = a_world()

    reply = browser.post("/v1/deregistrations", {"aor": CAROL, "wait": 2, **body})

    assert reply.status == 201
    assert [watcher["status"] for watcher in reply.json["watchers"]] == [200]
    (notify,) = endpoint.notifies
    assert notify.body == f"deregistered;event={event}".encode()
    assert diagnostics in (notify.get("ms-diagnostics-public") or "")
    assert notify.get("subscription-state") == "terminated;expires=0"
    assert not registered(browser)


@pytest.mark.clause("MS-SIPREGE §2.2.1.8", "MS-SIPREGE §2.2.1.13")
@pytest.mark.parametrize(("error_id", "told_id"), [(None, 4166), (4166, 4166), (4167, 4167)])
def test_an_endpoint_hears_of_another_registrar(error_id: int | None, told_id: int) -> None:
    _, browser, endpoint = a_world()
    body = {"aor": CAROL, "event": "preferred-registrar-change", "preferred_registrar": POOL, "reason": "Moved"}

    reply = browser.post("/v1/deregistrations", body | ({"error_id": error_id} if error_id else {}))

    assert reply.status == 201
    assert [row["event"] for row in reply.json["removed"]] == ["deactivated"]
    (notify,) = endpoint.notifies
    assert told(notify) == (
        b"deregistered;event=preferred-registrar-change",
        f'{told_id};reason="Moved"',
        "terminated;expires=0",
    )
    assert notify.get("p-preferred-registrar") == POOL


def test_watchers_of_the_registration_hear_when_an_endpoint_without_services_may_come_back() -> None:
    world, browser, endpoint = a_world()
    watcher = world.client("127.0.0.4", 5060, user="carol")
    assert watcher.subscribe(P_Asserted_Identity=f"<{CAROL}>").status == 200

    reply = browser.post("/v1/deregistrations", {"aor": CAROL, "event": "userservices-unavailable"})

    (row,) = reply.json["removed"]
    assert (row["event"], row["retry_after"]) == ("probation", 60)
    assert watcher.documents()[-1].contacts() == [(endpoint.uri, "terminated", "probation")]
    assert b'retry-after="60"' in watcher.notifies[-1].body


def test_who_says_when_to_come_back_to_services_is_heard() -> None:
    _, browser, _ = a_world()
    body = {"aor": CAROL, "event": "userservices-unavailable", "retry_after": 7}
    assert browser.post("/v1/deregistrations", body).json["removed"][0]["retry_after"] == 7


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"event": "preferred-registrar-change"}, "goes with preferred_registrar (a SIP URI)"),
        ({"event": "rejected", "preferred_registrar": POOL}, "goes with preferred_registrar (a SIP URI)"),
        (
            {"event": "preferred-registrar-change", "preferred_registrar": f"<{POOL}>"},
            "preferred_registrar: <sip:pool2.fabrikam.com>: must be a SIP URI",
        ),
        (
            {"event": "preferred-registrar-change", "preferred_registrar": f"{POOL}\r\nX: y"},
            "preferred_registrar:",
        ),
        ({"event": "preferred-registrar-change", "preferred_registrar": "tel:+1"}, "must be a SIP URI"),
        (
            {"event": "preferred-registrar-change", "preferred_registrar": POOL, "error_id": 4165},
            "error_id: preferred-registrar-change has 4166 or 4167",
        ),
        ({"event": "userservices-unavailable", "error_id": 4140}, "error_id: userservices-unavailable has 4165"),
        ({"event": "rejected", "error_id": 4140}, "error_id: rejected has 4141"),
        ({"event": "expired", "error_id": 4140}, "error_id: endpoints are told nothing of the event expired"),
        ({"event": "rejected", "error_id": 0}, "error_id: input should be greater than or equal to 1"),
        ({"event": "rejected", "error_id": "4141"}, "error_id: input should be a valid integer"),
        ({"event": "rejected", "reason": "User disabled"}, "reason: input should be 'deactivated'"),
        ({"event": "rejected", "error_id": 4141, "reason": "a\r\nX: y"}, "reason: string should match pattern"),
        ({"event": "rejected", "error_id": 4141, "reason": "a" * 201}, "reason: string should have at most 200"),
        ({"event": "preferred-registrar-change", "preferred_registrar": POOL, "retry_after": 3}, "retry_after"),
    ],
)
def test_what_cannot_be_told_is_refused_and_changes_nothing(body: dict[str, Any], said: str) -> None:
    _, browser, endpoint = a_world()

    reply = browser.post("/v1/deregistrations", {"aor": CAROL, **body})

    assert error(reply) == (400, "bad_body")
    assert said in reply.json["error"]["message"]
    assert endpoint.notifies == []
    assert registered(browser)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("deregistrations", {"event": "userservices-unavailable"}),
        ("deregistrations", {"event": "preferred-registrar-change", "preferred_registrar": POOL}),
        ("deregistrations", {"event": "rejected", "error_id": 4141}),
        ("user-services", {"available": False}),
        ("user-services", {"available": True}),
    ],
)
def test_a_domain_of_another_dialect_has_no_endpoints(path: str, body: dict[str, Any]) -> None:
    world, browser, endpoint = a_world(dialects=True)
    erin(world)

    for scope in ({"aor": "sip:erin@other.test"}, {"aor": "sip:nobody@other.test"}, {"all": True}):
        reply = browser.post(f"/v1/{path}", scope | body)
        assert error(reply) == (400, "wrong_dialect")
        assert "other.test has the dialect rfc3261" in reply.json["error"]["message"]
    assert error(browser.post(f"/v1/{path}", {"impi": "erin@other.test", **body})) == (400, "wrong_dialect")
    assert registered(browser, "sip:erin@other.test")
    assert registered(browser)
    assert endpoint.notifies == []


def test_without_a_domain_of_the_dialect_nobody_need_be_registered_for_the_refusal() -> None:
    browser = Browser(World())
    for scope in ({"all": True}, {"aor": "tel:+44123456789"}, {"impi": "nobody"}):
        body = {**scope, "event": "userservices-unavailable"}
        assert error(browser.post("/v1/deregistrations", body)) == (400, "wrong_dialect")
        assert error(browser.post("/v1/user-services", {**scope, "available": True})) == (400, "wrong_dialect")


def test_where_nobody_is_registered_there_is_nobody_to_tell() -> None:
    _, browser, _ = a_world()
    body = {"aor": DAVE, "event": "userservices-unavailable"}
    assert error(browser.post("/v1/deregistrations", body)) == (404, "not_registered")
    for scope in ({"impi": "dave@home1.test"}, {"aor": "sip:dave@elsewhere.test"}, {"aor": "tel:+15550100"}):
        reply = browser.post("/v1/user-services", {**scope, "available": False})
        assert error(reply) == (404, "not_registered")


def test_every_event_of_the_table_can_be_told() -> None:
    assert set(NOTICES) >= ENDPOINT_EVENTS
    for event, kind in NOTICES.items():
        more = {"preferred_registrar": POOL} if event == "preferred-registrar-change" else {}
        for error_id in kind.error_ids:
            checked(Deregistration, {"all": True, "event": event, "error_id": error_id, **more})
        with pytest.raises(BadRequest, match=event):
            checked(Deregistration, {"all": True, "event": event, "error_id": 4000, **more})


@pytest.mark.clause("MS-SIPREGE §3.5")
def test_an_endpoint_that_survives_hears_that_its_services_are_gone_and_stays() -> None:
    _, browser, endpoint = a_world(survives=True)

    reply = browser.post("/v1/user-services", {"aor": CAROL, "available": False, "wait": 2})

    assert (reply.status, reply.json["removed"]) == (201, [])
    assert [watcher["status"] for watcher in reply.json["watchers"]] == [200]
    (notify,) = endpoint.notifies
    assert notify.body == b"registered;event=userservices-unavailable"
    assert (notify.get("ms-diagnostics-public") or "").startswith("4165;reason=")
    assert (notify.get("subscription-state") or "").startswith("active")
    assert registered(browser)


@pytest.mark.clause("MS-SIPREGE §3.5")
def test_an_endpoint_that_does_not_survive_is_over_until_the_services_are_back() -> None:
    _, browser, endpoint = a_world()

    reply = browser.post("/v1/user-services", {"impi": "carol@home1.test", "available": False})

    assert [row["uri"] for row in reply.json["removed"]] == [endpoint.uri]
    assert [notify.body for notify in endpoint.notifies] == [b"deregistered;event=userservices-unavailable"]
    assert not registered(browser)
    assert endpoint.arrive() == 503
    assert browser.post("/v1/user-services", {"aor": CAROL, "available": True}).json == {
        "removed": [],
        "changed": [],
        "watchers": [],
    }
    assert endpoint.arrive() == 200


def test_services_of_everybody_may_be_those_of_nobody() -> None:
    browser = Browser(World({"domains": [{"name": "home1.test", "dialect": "siprege"}]}, TWO))
    assert browser.post("/v1/user-services", {"all": True, "available": False}).status == 201


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"aor": CAROL}, "available: field required"),
        ({"available": False}, "give one of aor, impi and all"),
        ({"aor": CAROL, "all": True, "available": False}, "give one of aor, impi and all"),
        ({"aor": CAROL, "available": "no"}, "available: input should be a valid boolean"),
        ({"aor": CAROL, "available": False, "wait": 601}, "wait: input should be less than or equal to 600"),
        ({"aor": CAROL, "available": False, "contact": "x"}, "contact: unknown; allowed: aor, impi, all, available"),
    ],
)
def test_services_that_nobody_has_are_refused(body: dict[str, Any], said: str) -> None:
    _, browser, endpoint = a_world()

    reply = browser.post("/v1/user-services", body)

    assert error(reply) == (400, "bad_body")
    assert said in reply.json["error"]["message"]
    assert endpoint.notifies == []


def test_the_event_stream_tells_whose_services_change() -> None:
    world, browser, _ = a_world(survives=True)
    heard: list[Any] = []
    world.node.feed.listen(lambda kind, data: heard.append((kind, dict(data))))

    for available in (False, False, True):
        assert browser.post("/v1/user-services", {"all": True, "available": available}).status == 201

    assert [data for kind, data in heard if kind == "user_services"] == [
        {"aor": CAROL, "available": False},
        {"aor": CAROL, "available": True},
    ]


@pytest.mark.clause("MS-SIPRE §3.4")
def test_an_endpoint_is_shown_with_its_epid_and_its_gruu() -> None:
    _, browser, _ = a_world()

    (contact,) = browser.get(f"/v1/registrations/{CAROL}").json["contacts"]

    assert contact["epid"] == EPID
    assert contact["gruu"] == f"{CAROL};opaque=user:epid:HT07tI-f3F-fdDyic8rblwAA;gruu"
    assert (contact["pub_gruu"], contact["temp_gruu"]) == (None, None)


def test_an_implicit_subscription_is_shown_with_its_package_and_endpoint() -> None:
    world, browser, _ = a_world()
    watcher = world.client("127.0.0.4", 5060, user="carol")
    assert watcher.subscribe(P_Asserted_Identity=f"<{CAROL}>").status == 200

    shown = browser.get("/v1/subscriptions").json["subscriptions"]

    assert [(each["event"], each["epid"]) for each in shown] == [("registration-notify", EPID), ("reg", None)]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("POST", "/notify", None), ("PATCH", "", {"documents": "delta"}), ("DELETE", "", None)],
)
def test_an_endpoint_s_own_subscription_is_no_watcher_s(method: str, path: str, body: dict[str, Any] | None) -> None:
    _world, browser, _endpoint = a_world()
    (subscription,) = browser.get("/v1/subscriptions").json["subscriptions"]

    reply = browser.call(method, f"/v1/subscriptions/{subscription['id']}{path}", body)

    assert (reply.status, reply.json["error"]["code"]) == (409, "no_documents")
    assert browser.get("/v1/subscriptions").json["subscriptions"] == [subscription]
