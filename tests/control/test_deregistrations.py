"""The calls that take registrations away, or cut them short."""

import pytest

from tests.control.browser import Browser, Reply, error
from tests.control.phone import GAMES, TEL, TOBIAS, a_watcher, a_world, at
from tests.world import World


@pytest.mark.parametrize("event", ["unregistered", "deactivated", "rejected", "expired"])
def test_a_de_registration_tells_what_went_and_what_each_watcher_answered(event: str) -> None:
    world, browser, phone = a_world()
    watcher = a_watcher(world)
    deaf = a_watcher(world, 5061)
    deaf.answer = None

    reply = browser.post("/v1/deregistrations", {"aor": TEL, "event": event, "wait": 2}, seconds=2.5)

    assert reply.status == 201
    assert [(row["aor"], row["uri"], row["event"]) for row in reply.json["removed"]] == [
        (aor, phone.uri, event) for aor in (TOBIAS, TEL, GAMES)
    ]
    assert [(told["version"], told["status"]) for told in reply.json["watchers"]] == [(1, 200), (1, "timeout")]
    answered, silent = (told["ms"] for told in reply.json["watchers"])
    assert answered == pytest.approx(2.0, abs=1)
    assert silent is None
    assert {each for *_, each in watcher.documents()[-1].contacts()} == {event}


def test_without_wait_the_watchers_were_sent_to() -> None:
    world, browser, _ = a_world()
    a_watcher(world)

    reply = browser.post("/v1/deregistrations", {"impi": "phone@home1.test", "event": "deactivated"})

    assert [told["status"] for told in reply.json["watchers"]] == ["sent"]


def test_probation_says_when_to_come_back() -> None:
    world, browser, _ = a_world()
    watcher = a_watcher(world)

    body = {"all": True, "event": "probation", "retry_after": 45, "reason": "probation"}
    reply = browser.post("/v1/deregistrations", body)

    assert {row["retry_after"] for row in reply.json["removed"]} == {45}
    assert b'retry-after="45"' in watcher.notifies[-1].body
    assert watcher.documents()[-1].subscription_state.startswith("terminated;reason=probation")


def test_one_contact_of_several_may_go() -> None:
    world, browser, phone = a_world()
    pager = world.client("127.0.0.10", username="pager@home1.test")
    assert pager.register().status == 200

    reply = browser.post("/v1/deregistrations", {"aor": TOBIAS, "contact": pager.uri, "event": "rejected"})

    assert [row["uri"] for row in reply.json["removed"]] == [pager.uri]
    assert [contact["uri"] for contact in browser.get(at(TOBIAS)).json["contacts"]] == [phone.uri]


def test_everybody_may_be_nobody() -> None:
    browser = Browser(World())

    reply = browser.post("/v1/deregistrations", {"all": True, "event": "deactivated"})

    assert (reply.status, reply.json) == (201, {"removed": [], "changed": [], "watchers": []})


@pytest.mark.parametrize(
    "scope", [{"aor": "sip:dave@home1.test"}, {"impi": "nobody"}, {"aor": TOBIAS, "contact": "sip:x@192.0.2.1"}]
)
def test_who_has_no_binding_is_not_found(scope: dict[str, str]) -> None:
    _, browser, _ = a_world()

    assert error(browser.post("/v1/deregistrations", {**scope, "event": "expired"})) == (404, "not_registered")
    assert error(browser.post("/v1/reauthentications", {**scope, "expires": 60})) == (404, "not_registered")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"aor": TOBIAS}, "event: field required"),
        ({"event": "expired"}, "give one of aor, impi and all"),
        ({"aor": TOBIAS, "all": True, "event": "expired"}, "give one of aor, impi and all"),
        ({"aor": TOBIAS, "event": "probation"}, "probation needs retry_after (seconds)"),
        ({"aor": TOBIAS, "event": "expired", "retry_after": 3}, "retry_after goes with the event probation only"),
        ({"aor": TOBIAS, "event": "refreshed"}, "event: input should be 'unregistered', 'deactivated', 'rejected'"),
        ({"aor": TOBIAS, "event": "preferred-registrar-change"}, "goes with preferred_registrar (a SIP URI)"),
        ({"aor": TOBIAS, "event": "expired", "wiat": 3}, "wiat: unknown; allowed: aor, impi, contact, all, event"),
        ({"aor": TOBIAS, "event": "expired", "wait": "3"}, "wait: input should be a valid number"),
        ({"aor": TOBIAS, "event": "expired", "wait": 601}, "wait: input should be less than or equal to 600"),
        ({"aor": TOBIAS, "event": "expired", "rate": 0}, "rate: input should be greater than or equal to 0.001"),
        ({"all": "yes", "event": "expired"}, "all: input should be a valid boolean"),
        ({"aor": TOBIAS, "event": "expired", "reason": "bored"}, "reason: input should be 'deactivated'"),
    ],
)
def test_a_de_registration_that_means_nothing_is_refused_and_changes_nothing(body: object, said: str) -> None:
    _, browser, _ = a_world()

    reply = browser.post("/v1/deregistrations", body)

    assert error(reply) == (400, "bad_body")
    assert said in reply.json["error"]["message"]
    assert browser.get(at(TOBIAS)).status == 200


def test_many_mistakes_are_told_of_at_once() -> None:
    _, browser, _ = a_world()

    message = browser.post("/v1/deregistrations", {"event": "x", "wait": -1, "y": 1}).json["error"]["message"]

    assert [part.partition(":")[0] for part in message.split("; ")[:2]] == ["event", "wait"]
    assert "y: unknown" in message


def test_a_re_authentication_shortens_and_tells() -> None:
    world, browser, phone = a_world()
    watcher = a_watcher(world)

    reply = browser.post("/v1/reauthentications", {"aor": TOBIAS, "expires": 60, "wait": 1})

    assert reply.status == 201
    assert reply.json["removed"] == []
    assert [(row["event"], row["expires"]) for row in reply.json["changed"]] == [("shortened", 60)] * 3
    assert [told["status"] for told in reply.json["watchers"]] == [200]
    assert {event for *_, event in watcher.documents()[-1].contacts()} == {"shortened"}
    assert browser.get(at(TOBIAS)).json["contacts"][0]["expires"] == 60
    assert phone.register().status == 200


def test_a_drain_tells_everybody_at_its_rate_and_then_stops_the_node() -> None:
    world, browser, _ = a_world()
    assert world.client("127.0.0.11", user="dave").register().status == 200
    watcher = a_watcher(world)
    stopped: list[str] = []
    world.node.stop = lambda: stopped.append("stopped")

    connection = browser.open("POST", "/v1/drain", {"event": "deactivated", "rate": 2})
    world.run(0.4)
    assert connection.received() == b""
    world.run(0.2)

    reply = Reply(connection.received(), "POST")
    assert reply.status == 201
    assert {row["aor"] for row in reply.json["removed"]} == {TOBIAS, TEL, GAMES, "sip:dave@home1.test"}
    assert [told["status"] for told in reply.json["watchers"]] == [200]
    assert len(watcher.notifies) == 2
    assert stopped == []
    world.run(0.2)
    assert stopped == ["stopped"]


def test_a_drain_of_nobody_stops_too() -> None:
    world = World()
    stopped: list[str] = []
    world.node.stop = lambda: stopped.append("stopped")

    assert Browser(world).post("/v1/drain", seconds=0.5).status == 201
    assert stopped == ["stopped"]
