from urllib.parse import quote

import pytest

from scscf.cx import AssignmentAnswer, Result
from tests.control.browser import Browser, Reply
from tests.world import EPOCH, Client, World

TOBIAS = "sip:tobias@home1.test"
TEL = "tel:+44123456789"
GAMES = "sip:gameMaster@home1.test"
RANGE = """
subscriptions:
  - range: [1, 7]
    private_identities: [{id: "u{n}@home1.test", auth: {scheme: none}}]
    implicit_sets: [["sip:u{n}@home1.test"]]
"""


def at(aor: str, query: str = "") -> str:
    return f"/v1/registrations/{quote(aor, safe='')}{query}"


def a_world() -> tuple[World, Browser, Client]:
    """Return a node at which a phone is registered."""
    world = World({"domains": [{"name": "home1.test", "aliases": ["ss2.home1.test"]}]})
    phone = world.client(username="phone@home1.test")
    assert phone.register().status == 200
    return world, Browser(world), phone


def a_watcher(world: World, port: int = 5060) -> Client:
    watcher = world.client("127.0.0.4", port)
    assert watcher.subscribe(P_Asserted_Identity=f"<{TOBIAS}>").status == 200
    return watcher


def error(reply: Reply) -> tuple[int, str]:
    return reply.status, reply.json["error"]["code"]


def test_health_tells_what_runs_and_where() -> None:
    _, browser, _ = a_world()

    reply = browser.get("/v1/health")

    assert reply.status == 200
    assert reply.json["status"] == "up"
    assert (reply.json["version"], reply.json["commit"]) == ("1.2.3", "abc")
    assert reply.json["listeners"] == ["udp://127.0.0.1:5060", "tcp://127.0.0.1:5060"]
    assert reply.json["store"] == {"kind": "memory", "records": 1}
    assert reply.json["hss"] == {"kind": "embedded", "state": "up", "peers": []}


def test_an_address_of_record_is_shown_with_its_set_and_its_contacts() -> None:
    world, browser, phone = a_world()

    shown = browser.get(at(TEL)).json

    assert shown["state"] == "active"
    assert shown["barred"] is False
    assert shown["implicit_set"] == [TOBIAS, TEL, GAMES]
    (contact,) = shown["contacts"]
    assert contact["uri"] == phone.uri
    assert (contact["state"], contact["event"]) == ("active", "created")
    assert (contact["expires"], contact["granted"]) == (3600, 3600)
    assert contact["registered_at"] == pytest.approx(EPOCH, abs=1)
    assert contact["expires_at"] == contact["registered_at"] + 3600
    assert contact["private_identity"] == "phone@home1.test"
    assert (contact["source"], contact["transport"]) == ("127.0.0.9:5070", "udp")
    assert (contact["callid"], contact["cseq"]) == (phone.call_id, phone.cseq)
    assert world.node.now() < contact["expires_at"]


def test_contact_parameters_come_through_as_they_were_written() -> None:
    _, browser, phone = a_world()
    instance = '"<urn:uuid:00000000-0000-1000-8000-000A95A0E128>"'
    contact = f"<{phone.uri}>;q=0.5;+sip.instance={instance};audio;reg-id=1"

    assert phone.register(contact=contact, User_Agent="lab/1").status == 200

    (shown,) = browser.get(at(TOBIAS)).json["contacts"]
    assert shown["q"] == "0.5"
    assert shown["params"] == {"+sip.instance": instance, "audio": None, "reg-id": "1"}
    assert (shown["instance"], shown["reg_id"]) == (instance.strip('"'), "1")
    assert shown["user_agent"] == "lab/1"


@pytest.mark.parametrize(
    "aor", [TOBIAS, "sip:%74obias@HOME1.test;x=y", "sips:tobias@ss2.home1.test", "tel:+44-123-456-789"]
)
def test_an_address_of_record_may_be_written_in_any_way(aor: str) -> None:
    _, browser, _ = a_world()

    assert browser.get(at(aor)).status == 200


@pytest.mark.parametrize("aor", ["foo", "sip:", "sip:[::1", "%ff", "sip:a@b c", "<sip:a@b>"])
def test_what_is_no_uri_is_refused(aor: str) -> None:
    _, browser, _ = a_world()

    assert error(browser.get(at(aor))) == (400, "bad_aor")
    assert error(browser.post("/v1/deregistrations", {"aor": aor, "event": "expired"})) == (400, "bad_aor")


def test_pages_hold_every_registration_once_in_order() -> None:
    world = World(subscribers=RANGE)
    for n in (3, 1, 7, 5, 2, 6, 4):
        assert world.client(f"127.0.1.{n}", user=f"u{n}").register().status == 200
    browser = Browser(world)
    found: list[str] = []
    after, pages = "", 0

    while after is not None:
        page = browser.get(f"/v1/registrations?limit=3&state=active&after={quote(after)}").json
        assert page["total"] == 7
        found += [registration["aor"] for registration in page["registrations"]]
        after, pages = page["next"], pages + 1

    assert found == [f"sip:u{n}@home1.test" for n in range(1, 8)]
    assert pages == 3
    assert browser.get("/v1/registrations?state=terminated").json["registrations"] == []


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "state=on", "sate=active", "limit=1&limit=2"])
def test_a_query_that_means_nothing_is_refused(query: str) -> None:
    _, browser, _ = a_world()

    assert error(browser.get(f"/v1/registrations?{query}")) == (400, "bad_query")


def test_an_unknown_query_key_is_answered_with_what_is_allowed() -> None:
    _, browser, _ = a_world()

    message = browser.get("/v1/registrations?sate=active").json["error"]["message"]

    assert message == "sate: unknown; allowed: state, limit, after, q (did you mean state?)"


def test_a_held_answer_comes_with_the_registration() -> None:
    world = World()
    browser = Browser(world)
    connection = browser.open("GET", at(TOBIAS, "?wait=30&state=active"))
    world.run(5)
    assert connection.received() == b""

    assert world.client(username="phone@home1.test").register().status == 200

    reply = Reply(connection.received(), "GET")
    assert (reply.status, reply.json["state"]) == (200, "active")
    assert world.node.feed.listeners == []


def test_a_held_answer_comes_with_the_end_of_a_registration() -> None:
    world, browser, _ = a_world()
    connection = browser.open("GET", at(GAMES, "?wait=600&state=terminated"))

    browser.post("/v1/deregistrations", {"aor": TOBIAS, "event": "rejected"})

    reply = Reply(connection.received(), "GET")
    assert (reply.status, reply.json["state"], reply.json["contacts"]) == (200, "terminated", [])
    world.run(600)
    assert world.node.feed.listeners == []


def test_a_state_that_does_not_come_is_not_found() -> None:
    world, browser, _ = a_world()
    connection = browser.open("GET", at(TOBIAS, "?wait=3&state=terminated"))
    world.run(2.9)
    assert connection.received() == b""
    world.run(0.2)

    assert error(Reply(connection.received(), "GET")) == (404, "not_so")
    assert world.node.feed.listeners == []


def test_nobody_is_waited_for_who_has_hung_up() -> None:
    world, browser, _ = a_world()
    pending = len(world.node.wire_deadlines)
    connection = browser.open("GET", at(TOBIAS, "?wait=600&state=terminated"))
    assert len(world.node.feed.listeners) == 1

    connection.close()

    assert world.node.feed.listeners == []
    assert len(world.node.wire_deadlines) == pending
    world.run(600)


def test_what_is_not_registered_is_not_found() -> None:
    _, browser, _ = a_world()

    assert error(browser.get(at("sip:dave@home1.test"))) == (404, "not_registered")
    assert error(browser.get(at("mailto:x@y"))) == (404, "not_registered")


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


def test_a_registration_is_lost_in_silence() -> None:
    world, browser, phone = a_world()
    watcher = a_watcher(world)
    told = len(watcher.notifies)
    held = browser.open("GET", at(TEL, "?wait=10&state=terminated"))

    reply = browser.call("DELETE", at(TOBIAS, "?silent=true"))

    assert (reply.status, reply.json) == (200, {"removed": 3})
    assert Reply(held.received(), "GET").status == 200
    assert browser.get(at(TEL)).status == 404
    assert len(watcher.notifies) == told
    assert error(browser.call("DELETE", at(TOBIAS, "?silent=true"))) == (404, "not_registered")
    assert phone.register().status == 200


@pytest.mark.parametrize("query", ["", "?silent=false", "?silent=1"])
def test_losing_a_registration_has_to_be_meant(query: str) -> None:
    _, browser, _ = a_world()

    reply = browser.call("DELETE", at(TOBIAS, query))

    assert error(reply) == (400, "bad_query")
    assert "POST /v1/deregistrations" in reply.json["error"]["message"]
    assert browser.get(at(TOBIAS)).status == 200


def test_a_reset_loses_what_it_names() -> None:
    world, browser, _ = a_world()
    watcher = a_watcher(world)
    told = len(watcher.notifies)

    assert browser.post("/v1/reset").json == {"registrations": 0, "subscriptions": 0, "challenges": 0, "rules": 0}
    assert browser.post("/v1/reset", {"subscriptions": True}).json["subscriptions"] == 1
    assert browser.get("/v1/subscriptions").json == {"subscriptions": [], "found": 0}
    assert browser.get(at(TOBIAS)).status == 200
    lost = browser.post("/v1/reset", {"registrations": True, "challenges": True}).json
    assert lost["registrations"] == 3
    assert lost["challenges"] >= 1
    assert browser.get(at(TOBIAS)).status == 404
    assert len(watcher.notifies) == told


def test_subscriptions_show_their_dialog_and_the_last_notify() -> None:
    world, browser, phone = a_world()
    assert phone.subscribe().status == 200
    watcher = a_watcher(world)

    shown = browser.get(f"/v1/subscriptions?aor={quote(TOBIAS)}").json["subscriptions"]

    assert [each["watcher"] for each in shown] == [TOBIAS, TOBIAS]
    mine = shown[1]
    notify = watcher.notifies[-1]
    assert (mine["aor"], mine["state"], mine["reason"], mine["version"]) == (TOBIAS, "active", None, 0)
    assert (mine["documents"], mine["outstanding"]) == ("full", False)
    assert mine["call_id"] == notify.call_id
    assert (mine["local_tag"], mine["remote_tag"]) == (notify.from_.tag, notify.to.tag)
    assert (mine["remote_target"], mine["route_set"]) == (watcher.uri, [])
    last = mine["last_notify"]
    assert (last["version"], last["cseq"], last["status"]) == (0, notify.cseq.number, 200)
    assert last["body"].encode() == notify.body
    assert browser.get("/v1/subscriptions?aor=sip%3Acarol%40home1.test").json == {"subscriptions": [], "found": 0}


def test_a_subscription_that_is_over_is_shown_where_asked_for() -> None:
    world, browser, _ = a_world()
    a_watcher(world)

    browser.post("/v1/deregistrations", {"aor": TOBIAS, "event": "rejected", "wait": 1})

    assert browser.get("/v1/subscriptions").json == {"subscriptions": [], "found": 0}
    (over,) = browser.get("/v1/subscriptions?ended=true").json["subscriptions"]
    assert (over["state"], over["reason"], over["version"]) == ("terminated", "noresource", 1)
    assert over["last_notify"]["status"] == 200


def test_a_notify_on_demand_is_full() -> None:
    world, browser, _ = a_world()
    watcher = a_watcher(world)
    (mine,) = browser.get("/v1/subscriptions").json["subscriptions"]
    assert browser.call("PATCH", f"/v1/subscriptions/{mine['id']}", {"documents": "delta"}).json["documents"] == "delta"

    told = browser.post(f"/v1/subscriptions/{mine['id']}/notify?wait=1")

    assert told.status == 201
    assert (told.json["subscription"], told.json["version"], told.json["status"]) == (mine["id"], 1, 200)
    document = watcher.documents()[-1]
    assert (document.version, document.state) == (1, "full")
    assert set(document.registrations()) == {TOBIAS, TEL, GAMES}


def test_the_network_ends_a_subscription() -> None:
    world, browser, _ = a_world()
    watcher = a_watcher(world)
    (mine,) = browser.get("/v1/subscriptions").json["subscriptions"]

    ended = browser.call("DELETE", f"/v1/subscriptions/{mine['id']}?reason=giveup")

    assert (ended.status, ended.json["state"]) == (200, "terminated")
    assert watcher.documents()[-1].subscription_state == "terminated;reason=giveup"
    for method, path in (("DELETE", ""), ("PATCH", ""), ("POST", "/notify")):
        body = {"documents": "full"} if method == "PATCH" else None
        again = browser.call(method, f"/v1/subscriptions/{mine['id']}{path}", body)
        assert error(again) == (404, "no_such_subscription")


def test_an_ended_subscription_is_over_for_commands_even_while_its_last_notify_is_out() -> None:
    world, browser, _ = a_world()
    watcher = a_watcher(world)
    watcher.answer = None
    (mine,) = browser.get("/v1/subscriptions").json["subscriptions"]
    browser.call("DELETE", f"/v1/subscriptions/{mine['id']}")

    assert error(browser.call("DELETE", f"/v1/subscriptions/{mine['id']}")) == (404, "no_such_subscription")
    (still,) = browser.get("/v1/subscriptions").json["subscriptions"]
    assert (still["state"], still["outstanding"]) == ("terminated", True)


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


def test_what_the_hss_may_not_have_heard_is_shown_until_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    world, browser, phone = a_world()

    async def silent(*_: object) -> AssignmentAnswer:
        return AssignmentAnswer(Result.TIMEOUT)

    with monkeypatch.context() as away:
        away.setattr(world.node.cx, "server_assignment", silent)
        assert phone.register(0).status == 200
        shown = browser.get("/v1/duties").json
    world.run(5)

    (duty,) = shown["duties"]
    assert (duty["private_identity"], duty["aor"]) == ("phone@home1.test", TOBIAS)
    assert (duty["assignment"], duty["result"], duty["attempts"]) == ("USER_DEREGISTRATION", "TIMEOUT", 1)
    assert duty["since"] == pytest.approx(EPOCH, abs=10)
    assert browser.get("/v1/duties").json == {"duties": [], "unregistered": []}
