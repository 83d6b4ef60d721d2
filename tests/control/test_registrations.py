"""The calls about registrations."""

from urllib.parse import quote

import pytest

from tests.control.browser import Browser, Reply, error
from tests.control.phone import GAMES, RANGE, TEL, TOBIAS, a_watcher, a_world, at
from tests.world import EPOCH, World


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
